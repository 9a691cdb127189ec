// The record of updates, `state.json`: which slot holds, which is on trial, what became of the last update. The image's own
// executable reads what any later version wrote, so the format only ever grows; what it does not know, it passes over.

import { isVersion } from './version-order.ts';

export type Slot = 'a' | 'b';
export type Running = 'factory' | Slot;

/** An executable in a slot. */
export interface Kept {
  readonly slot: Slot;
  readonly version: string;
  /** Older than what ran when it came, by the owner's word. */
  readonly older: boolean;
}

export interface Trial extends Kept {
  /** Boot ids of its starts. It is given one start in a boot, and few boots. */
  readonly starts: readonly string[];
}

export interface LastUpdate {
  readonly version: string;
  readonly outcome: 'holds' | 'rolled-back';
  /** A sentence for the owner. */
  readonly message: string;
  /** Undefined when the box did not know the time. */
  readonly atMs?: number;
}

export interface UpdateRecord {
  readonly format: 1;
  /** Was found healthy. Absent: the image's own executable. */
  readonly good?: Kept;
  /** What held before `good`: runs if that is damaged one day. */
  readonly previous?: Kept;
  readonly trial?: Trial;
  readonly last?: LastUpdate;
}

export const emptyRecord: UpdateRecord = { format: 1 };
export const MAX_RECORD_BYTES = 65_536;

export const writeRecord = (record: UpdateRecord): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`);

/** Undefined when it cannot be read as a whole: then the image's own executable runs. */
export function readRecord(bytes: Uint8Array): UpdateRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.format !== 1) return undefined;
  const good = readKept(value.good);
  const previous = readKept(value.previous);
  const trial = readTrial(value.trial);
  const last = readLast(value.last);
  return {
    format: 1,
    ...(good ? { good } : {}),
    ...(previous ? { previous } : {}),
    ...(trial ? { trial } : {}),
    ...(last ? { last } : {}),
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readKept(value: unknown): Kept | undefined {
  if (!isObject(value)) return undefined;
  const { slot, version, older } = value;
  if ((slot !== 'a' && slot !== 'b') || typeof version !== 'string' || !isVersion(version)) return undefined;
  return { slot, version, older: older === true };
}

function readTrial(value: unknown): Trial | undefined {
  const kept = readKept(value);
  const starts = isObject(value) ? value.starts : undefined;
  if (!kept || !Array.isArray(starts) || !starts.every((s): s is string => typeof s === 'string')) return undefined;
  return { ...kept, starts };
}

function readLast(value: unknown): LastUpdate | undefined {
  if (!isObject(value)) return undefined;
  const { version, outcome, message, atMs } = value;
  if (typeof version !== 'string' || typeof message !== 'string') return undefined;
  if (outcome !== 'holds' && outcome !== 'rolled-back') return undefined;
  return { version, outcome, message, ...(typeof atMs === 'number' ? { atMs } : {}) };
}

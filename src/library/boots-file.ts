// `boots.json` beside the recordings: when each boot was, as far as is known, so that a catalog made anew from the files dates
// them as the lost one did. About 150 bytes a boot; boots of which nothing is kept are forgotten by whoever knows that.

import { readFileSync } from 'node:fs';
import { DurableJsonFile } from '../base/durable-json.ts';
import type { Mark, Marks } from './boot-marks.ts';

export interface BootTime {
  readonly bootId: string;
  /** Since boot, when Nightjar first looked at its clock. */
  readonly firstMs: number;
  readonly marks: Marks;
  /** Since boot: its clock was far ahead of all that was recorded before, and nothing is too old by it until then. */
  readonly doubtedUntilMs?: number;
}

/** In the order in which they were first seen. */
export type BootTimes = readonly BootTime[];

export interface BootsFile {
  /** Empty when there is none, or none that can be read. */
  read(): BootTimes;
  /** Durable when it returns. Throws the system's error. */
  write(boots: BootTimes): void;
}

export function bootsFile(recordingsFolder: string): BootsFile {
  const file = new DurableJsonFile<{ readonly version: 1; readonly boots: BootTimes }>({
    path: `${recordingsFolder}/boots.json`,
    parse: (value) => ({ version: 1, boots: parseBoots(value) }),
  });
  return { read: () => file.read()?.boots ?? [], write: (boots) => file.write({ version: 1, boots }) };
}

/** For who only reads, beside a running box too. Empty when there is none, or none that can be read. */
export function readBoots(recordingsFolder: string): BootTimes {
  try {
    return parseBoots(JSON.parse(readFileSync(`${recordingsFolder}/boots.json`, 'utf8')));
  } catch {
    return [];
  }
}

function parseBoots(value: unknown): BootTimes {
  if (!isObject(value) || value.version !== 1 || !Array.isArray(value.boots) || !value.boots.every(isBootTime)) {
    throw new Error('these are not the times at which the machine was switched on');
  }
  return value.boots;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);

const isSinceBoot = (value: unknown): boolean => isWhole(value) && (value as number) >= 0;

/** The years 1 to 9999. Moments outside of a calendar would keep the box from recording: a file's day is in its name. */
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;
const isMoment = (ms: number): boolean => ms >= FIRST_MS && ms <= LAST_MS;

const isMark = (value: unknown): value is Mark =>
  isObject(value) &&
  isSinceBoot(value.fromMs) &&
  isWhole(value.offsetMs) &&
  isMoment((value.fromMs as number) + (value.offsetMs as number)) &&
  ['known', 'clock', 'placed'].includes(value.kind as string);

const isBootTime = (value: unknown): value is BootTime =>
  isObject(value) &&
  typeof value.bootId === 'string' &&
  isSinceBoot(value.firstMs) &&
  (value.doubtedUntilMs === undefined || isWhole(value.doubtedUntilMs)) &&
  Array.isArray(value.marks) &&
  value.marks.length > 0 &&
  value.marks.every(isMark);

// One frame of a sealed file: a chunk and what must stay readable about it, with a check that finds accidents without a key.
// Also the end's body: summary and table. `docs/reference/sealed-format.md` has the bytes.

import { join, readJsonObject, u32, utf8, viewOf } from './bytes.ts';
import { TAG_BYTES } from './cipher.ts';
import { CHECK_BYTES } from './head.ts';

export const FRAME_HEADER_BYTES = 32;
/** What a frame has besides its plaintext. */
export const FRAME_EXTRA_BYTES = FRAME_HEADER_BYTES + TAG_BYTES + CHECK_BYTES;
/** A second of the fastest camera is a few MiB. A length over this is damage, and is never allocated. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** 35 hours at two chunks a second: no table in memory is longer, whatever a file claims. */
export const MAX_FRAMES = 250_000;
const MARK = 0x4e4a4348; // NJCH
const ENTRY_BYTES = 24;
export const UNKNOWN_MOVED = 255;

const kinds = ['init', 'media', 'end'] as const;
export type FrameKind = (typeof kinds)[number];

export interface FrameHeader {
  readonly number: number;
  readonly kind: FrameKind;
  readonly last: boolean;
  /** It begins with a key frame: playing can start here. */
  readonly key: boolean;
  /** Most that moved while it lasts, 0–100; undefined when unknown. */
  readonly moved?: number;
  readonly bodyBytes: number;
  /** Since the file's first picture. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly plainBefore: number;
}

/** A line of the table: where a chunk lies, and what is readable about it. */
export interface ChunkEntry extends Omit<FrameHeader, 'bodyBytes' | 'plainBefore' | 'last'> {
  /** Where its frame begins in the file. */
  readonly at: number;
}

export interface SealedSummary {
  readonly durationMs: number;
  readonly reasons: readonly string[];
  readonly peakLevel: number;
  readonly events: readonly unknown[];
  /** It ended because of a fault, not because it was over. */
  readonly interrupted: boolean;
}

export const wholeFrameBytes = (header: Pick<FrameHeader, 'bodyBytes'>): number =>
  FRAME_HEADER_BYTES + header.bodyBytes + CHECK_BYTES;

const flagsOf = ({ last, key }: { readonly last?: boolean; readonly key: boolean }) => (last ? 1 : 0) | (key ? 2 : 0);

export function writeFrameHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, MARK);
  view.setUint32(4, header.number);
  bytes[8] = kinds.indexOf(header.kind);
  bytes[9] = flagsOf(header);
  bytes[10] = header.moved ?? UNKNOWN_MOVED;
  view.setUint32(12, header.bodyBytes);
  view.setUint32(16, header.fromMs);
  view.setUint32(20, header.toMs);
  view.setBigUint64(24, BigInt(header.plainBefore));
  return bytes;
}

/** Undefined when none can begin here. */
export function readFrameHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  const [kind, flags, moved] = [kinds[bytes[8]!], bytes[9]!, readMoved(bytes[10]!)];
  const [bodyBytes, fromMs, toMs] = [view.getUint32(12), view.getUint32(16), view.getUint32(20)];
  const plainBefore = Number(view.getBigUint64(24));
  const valid =
    view.getUint32(0) === MARK &&
    kind !== undefined &&
    (flags & ~3) === 0 &&
    moved !== false &&
    bytes[11] === 0 &&
    bodyBytes >= TAG_BYTES &&
    bodyBytes <= MAX_BODY_BYTES &&
    toMs >= fromMs &&
    Number.isSafeInteger(plainBefore);
  if (!valid) return undefined;
  const [last, key] = [(flags & 1) !== 0, (flags & 2) !== 0];
  const number = view.getUint32(4);
  return { number, kind, last, key, ...moved, bodyBytes, fromMs, toMs, plainBefore };
}

/** Where the mark of a frame stands in these bytes, from a place on; −1 when nowhere. */
export function findMark(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x4e, from); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0x4e, at + 1)) {
    if (bytes[at + 1] === 0x4a && bytes[at + 2] === 0x43 && bytes[at + 3] === 0x48) return at;
  }
  return -1;
}

/** False for what is neither a percentage nor "unknown". */
function readMoved(byte: number): { readonly moved?: number } | false {
  if (byte === UNKNOWN_MOVED) return {};
  return byte <= 100 ? { moved: byte } : false;
}

/** The part of the end that is readable without a key. */
export function writeEndBody(summary: SealedSummary, entries: readonly ChunkEntry[]): Uint8Array {
  const json = utf8(JSON.stringify(summary));
  const table = new Uint8Array(entries.length * ENTRY_BYTES);
  const view = viewOf(table);
  entries.forEach((entry, i) => {
    const at = i * ENTRY_BYTES;
    view.setUint32(at, entry.number);
    table[at + 4] = kinds.indexOf(entry.kind);
    table[at + 5] = flagsOf(entry);
    table[at + 6] = entry.moved ?? UNKNOWN_MOVED;
    view.setBigUint64(at + 8, BigInt(entry.at));
    view.setUint32(at + 16, entry.fromMs);
    view.setUint32(at + 20, entry.toMs);
  });
  return join(u32(json.length), json, u32(entries.length), table);
}

export interface ReadEnd {
  readonly summary: SealedSummary;
  readonly entries: readonly ChunkEntry[];
  /** How much of the body is readable; the rest is sealed. */
  readonly readableBytes: number;
}

/** Undefined when the body is not an end's. Whether it is true is only known with the data key. */
export function readEndBody(body: Uint8Array): ReadEnd | undefined {
  const view = viewOf(body);
  if (body.length < 8 + TAG_BYTES) return undefined;
  const jsonBytes = view.getUint32(0);
  if (jsonBytes > body.length - 8 - TAG_BYTES) return undefined;
  const count = view.getUint32(4 + jsonBytes);
  const tableAt = 8 + jsonBytes;
  if (count > MAX_FRAMES || count > (body.length - TAG_BYTES - tableAt) / ENTRY_BYTES) return undefined;
  const summary = readJsonObject(body.subarray(4, 4 + jsonBytes));
  if (!isSummary(summary)) return undefined;
  const entries: ChunkEntry[] = [];
  for (let at = tableAt; entries.length < count; at += ENTRY_BYTES) {
    const [kind, flags, moved] = [kinds[body[at + 4]!], body[at + 5]!, readMoved(body[at + 6]!)];
    const [number, fromMs, toMs] = [view.getUint32(at), view.getUint32(at + 16), view.getUint32(at + 20)];
    const place = Number(view.getBigUint64(at + 8));
    const before = entries.at(-1);
    const valid = kind !== undefined && (flags & ~3) === 0 && moved !== false && body[at + 7] === 0 && toMs >= fromMs;
    if (!valid || !Number.isSafeInteger(place)) return undefined;
    if (before && (number <= before.number || place <= before.at)) return undefined;
    entries.push({ number, kind, key: (flags & 2) !== 0, ...moved, at: place, fromMs, toMs });
  }
  return { summary, entries, readableBytes: tableAt + count * ENTRY_BYTES };
}

function isSummary(
  value: Readonly<Record<string, unknown>> | undefined,
): value is SealedSummary & Record<string, unknown> {
  return (
    value !== undefined &&
    Number.isFinite(value.durationMs) &&
    Number.isFinite(value.peakLevel) &&
    Array.isArray(value.reasons) &&
    Array.isArray(value.events) &&
    typeof value.interrupted === 'boolean'
  );
}

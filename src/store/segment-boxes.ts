// What a segment file says about itself, as MP4 boxes of type `uuid`, which every player skips:
//
//   ftyp moov | uuid header | (uuid mark, moof, mdat …) × n | uuid summary
//
// The header names the segment, so that a lost catalog can be rebuilt from the files alone. A mark stands before each
// append and holds its length, CRC-32 and how much of the segment is then on disk: after a power cut, what follows the last
// true mark is cut off, without understanding any codec. The summary is written at the end; its last four bytes are its
// own size, so that it is found from the end of the file.

/** Written when the file is made. Wall times are UTC ms. */
export interface SegmentHeader {
  readonly version: 1;
  readonly segmentId: string;
  readonly recordingId: string;
  readonly cameraId: string;
  readonly startMs: number;
  /** Since the machine was switched on: orders the segments of one boot even when its wall clock was wrong. */
  readonly startSinceBootMs: number;
  readonly bootId: string;
  /** Whether the wall clock was known to be right. null: nobody could say. */
  readonly wallSynchronised: boolean | null;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  /** Reasons of the recording so far. */
  readonly reasons: readonly string[];
}

export interface SummaryEvent {
  readonly id: string;
  readonly startMs: number;
  readonly peakMs: number;
  readonly endMs?: number;
  readonly level: number;
  readonly zones?: readonly string[];
  readonly confirmed?: boolean;
  readonly changed?: { readonly percent: number; readonly x: number; readonly y: number };
}

/** Written when the file is finished. */
export interface SegmentSummary {
  readonly durationMs: number;
  readonly reasons: readonly string[];
  readonly peakLevel: number;
  readonly events: readonly SummaryEvent[];
  /** It was finished by recovery, after a crash or a power cut. */
  readonly interrupted: boolean;
}

export interface Mark {
  /** How much of the segment is on disk once this append is. */
  readonly mediaMs: number;
  readonly bytes: number;
  readonly crc32: number;
}

export const MARK_BYTES = 40;
/** A summary is small; a larger size at the end of a file is not one. */
export const MAX_SUMMARY_BYTES = 256 * 1024;

const text = new TextEncoder();
const ids = {
  header: text.encode('nightjar.segment'),
  mark: text.encode('nightjar.measure'),
  summary: text.encode('nightjar.summary'),
} as const;
type Kind = keyof typeof ids;

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function uuidBox(kind: Kind, payloadBytes: number): { box: Uint8Array; payload: Uint8Array } {
  const box = new Uint8Array(24 + payloadBytes);
  view(box).setUint32(0, box.length);
  box.set(text.encode('uuid'), 4);
  box.set(ids[kind], 8);
  return { box, payload: box.subarray(24) };
}

/** Which of our boxes starts here, if any. Needs the first 24 bytes of it. */
export function boxKind(bytes: Uint8Array): Kind | undefined {
  if (bytes.length < 24 || String.fromCharCode(...bytes.subarray(4, 8)) !== 'uuid') return undefined;
  return (Object.keys(ids) as Kind[]).find((kind) => ids[kind].every((byte, i) => bytes[8 + i] === byte));
}

/** Size of the box that starts here. Needs its first 16 bytes. */
export function boxBytes(bytes: Uint8Array): number {
  const short = view(bytes).getUint32(0);
  return short === 1 ? Number(view(bytes).getBigUint64(8)) : short;
}

export function headerBox(header: SegmentHeader): Uint8Array {
  const json = text.encode(JSON.stringify(header));
  const { box, payload } = uuidBox('header', json.length);
  payload.set(json);
  return box;
}

/** The header, or undefined when the bytes are not one. */
export function readHeader(box: Uint8Array): SegmentHeader | undefined {
  if (boxKind(box) !== 'header') return undefined;
  const value = parse(box.subarray(24)) as Partial<SegmentHeader> | undefined;
  if (value?.version !== 1) return undefined;
  const words = [value.segmentId, value.recordingId, value.cameraId, value.bootId, value.mimeType];
  const numbers = [value.startMs, value.startSinceBootMs, value.width, value.height];
  const whole =
    words.every((w) => typeof w === 'string' && w !== '') &&
    numbers.every((n) => Number.isFinite(n)) &&
    Array.isArray(value.reasons);
  return whole ? (value as SegmentHeader) : undefined;
}

/** A mark and the fragments it speaks of, as one piece to write. */
export function markedFragment(fragment: Uint8Array, mediaMs: number): Uint8Array {
  const { box } = uuidBox('mark', MARK_BYTES - 24);
  const piece = new Uint8Array(MARK_BYTES + fragment.length);
  piece.set(box);
  piece.set(fragment, MARK_BYTES);
  const out = view(piece);
  out.setFloat64(24, mediaMs);
  out.setUint32(32, fragment.length);
  out.setUint32(36, Bun.hash.crc32(fragment));
  return piece;
}

/** The mark in these 40 bytes, or undefined. */
export function readMark(bytes: Uint8Array): Mark | undefined {
  if (bytes.length < MARK_BYTES || boxKind(bytes) !== 'mark' || boxBytes(bytes) !== MARK_BYTES) return undefined;
  const from = view(bytes);
  return { mediaMs: from.getFloat64(24), bytes: from.getUint32(32), crc32: from.getUint32(36) };
}

export const isTrueTo = (mark: Mark, fragment: Uint8Array): boolean => Bun.hash.crc32(fragment) === mark.crc32;

export function summaryBox(summary: SegmentSummary): Uint8Array {
  const json = text.encode(JSON.stringify(summary));
  const { box, payload } = uuidBox('summary', json.length + 4);
  payload.set(json);
  view(payload).setUint32(json.length, box.length);
  return box;
}

/** The summary, or undefined when the bytes are not a whole one. */
export function readSummary(box: Uint8Array): SegmentSummary | undefined {
  if (boxKind(box) !== 'summary' || boxBytes(box) !== box.length || box.length < 28) return undefined;
  const value = parse(box.subarray(24, -4)) as Partial<SegmentSummary> | undefined;
  const whole =
    Number.isFinite(value?.durationMs) &&
    Number.isFinite(value?.peakLevel) &&
    Array.isArray(value?.reasons) &&
    Array.isArray(value?.events) &&
    typeof value?.interrupted === 'boolean';
  return whole ? (value as SegmentSummary) : undefined;
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(json));
  } catch {
    return undefined;
  }
}

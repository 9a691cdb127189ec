// Finds the frames of a sealed file without a key, one after the other, and past damage: recovery, verification, and readers of a file
// that has no table use it. Holds one frame at a time.

import { sameBytes } from './bytes.ts';
import { sha256 } from './cipher.ts';
import {
  FRAME_HEADER_BYTES,
  type FrameHeader,
  findMark,
  MAX_FRAMES,
  readFrameHeader,
  wholeFrameBytes,
} from './frame.ts';
import { CHECK_BYTES, MAX_HEAD_BYTES, type ReadHead, readHead } from './head.ts';
import { type ReadRecord, readRecord } from './record.ts';
import { SIGNED_TAIL_BYTES, signedBytes } from './signed.ts';

/** Bytes that can be read in ranges: a file, an upload, a page's requests. */
export interface SealedSource {
  readonly bytes: number;
  /** `from` inclusive, `to` exclusive and at most `bytes`. Fewer bytes come only when the source has become shorter. */
  read(from: number, to: number): Promise<Uint8Array>;
}

export const sourceOf = (bytes: Uint8Array): SealedSource => ({
  bytes: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
});

export interface WalkedFrame {
  readonly kind: 'frame';
  readonly at: number;
  readonly header: FrameHeader;
  /** Header, body and check. */
  readonly raw: Uint8Array;
  /** SHA-256 of all but the check. */
  readonly digest: Uint8Array;
}

export type Walked =
  | WalkedFrame
  /** No frame counts in these bytes: damage, a torn tail, or something put in. */
  | { readonly kind: 'hole'; readonly at: number; readonly to: number };

const PEEK_BYTES = 4096;
const WINDOW_BYTES = 64 * 1024;

/** Reads as much of the start as the head needs. Throws as `readHead` does. */
export async function readHeadOf(source: SealedSource): Promise<ReadHead> {
  const start = await source.read(0, Math.min(PEEK_BYTES, source.bytes));
  try {
    return readHead(start);
  } catch (error) {
    if (source.bytes <= PEEK_BYTES) throw error;
    return readHead(await source.read(0, Math.min(MAX_HEAD_BYTES, source.bytes)));
  }
}

/** The record at the end of a file, if one stands there. */
export async function readRecordOf(source: SealedSource): Promise<ReadRecord | undefined> {
  if (source.bytes < SIGNED_TAIL_BYTES) return undefined;
  const bytes = signedBytes(await source.read(source.bytes - SIGNED_TAIL_BYTES, source.bytes));
  if (bytes === undefined || bytes > source.bytes) return undefined;
  return readRecord(await source.read(source.bytes - bytes, source.bytes));
}

/** Everything from the head to `to`, in order. Ends after the last frame; what follows that is a hole. */
export async function* walkFrames(source: SealedSource, from: number, to: number): AsyncGenerator<Walked> {
  // Somebody may have strewn marks so that each claims a large frame: looking behind all of them would take hours.
  const budget = { bytes: 4 * (to - from) + WINDOW_BYTES };
  let at = from;
  let number = -1;
  for (let frames = 0; at < to; frames++) {
    if (frames >= MAX_FRAMES) {
      yield { kind: 'hole', at, to };
      return;
    }
    const found =
      (await frameAt(source, at, to, number, budget)) ?? (await findFrame(source, at + 1, to, number, budget));
    if (!found) {
      yield { kind: 'hole', at, to };
      return;
    }
    if (found.at > at) yield { kind: 'hole', at, to: found.at };
    yield found;
    at = found.at + found.raw.length;
    number = found.header.number;
    if (found.header.last) {
      if (at < to) yield { kind: 'hole', at, to };
      return;
    }
  }
}

/** The frame that begins here, if it counts. */
async function frameAt(
  source: SealedSource,
  at: number,
  to: number,
  after: number,
  budget: { bytes: number },
): Promise<WalkedFrame | undefined> {
  if (at + FRAME_HEADER_BYTES > to) return undefined;
  const header = readFrameHeader(await source.read(at, at + FRAME_HEADER_BYTES));
  if (!header || header.number <= after || at + wholeFrameBytes(header) > to) return undefined;
  budget.bytes -= wholeFrameBytes(header);
  if (budget.bytes < 0) return undefined;
  const raw = await source.read(at, at + wholeFrameBytes(header));
  if (raw.length < wholeFrameBytes(header)) return undefined;
  const digest = await sha256(raw.subarray(0, raw.length - CHECK_BYTES));
  return sameBytes(digest.subarray(0, CHECK_BYTES), raw.subarray(raw.length - CHECK_BYTES))
    ? { kind: 'frame', at, header, raw, digest }
    : undefined;
}

/** The next frame that counts, from a place on. */
async function findFrame(source: SealedSource, from: number, to: number, after: number, budget: { bytes: number }) {
  for (let window = from; window < to && budget.bytes > 0; window += WINDOW_BYTES) {
    // marks may lie across two windows
    const bytes = await source.read(window, Math.min(window + WINDOW_BYTES + 3, to));
    for (let mark = findMark(bytes, 0); mark >= 0; mark = findMark(bytes, mark + 1)) {
      const found = await frameAt(source, window + mark, to, after, budget);
      if (found) return found;
    }
  }
  return undefined;
}

// What a sealed file says without a key, in few reads: its end where it was finished, its index for who plays it. Where a file is
// torn or damaged, the vault's survey has the last word.

import { sameBytes } from '../vault/bytes.ts';
import { sha256 } from '../vault/cipher.ts';
import {
  type ChunkEntry,
  FRAME_HEADER_BYTES,
  type ReadEnd,
  readEndBody,
  readFrameHeader,
  UNKNOWN_MOVED,
  wholeFrameBytes,
} from '../vault/frame.ts';
import { CHECK_BYTES, type ReadHead } from '../vault/head.ts';
import type { ReadRecord } from '../vault/record.ts';
import { bodyOf, entryOf, surveySealed } from '../vault/survey.ts';
import { readHeadOf, readRecordOf, type SealedSource } from '../vault/walk.ts';
import type { LayerFile } from './file-layer.ts';
import type { SegmentIndex } from './segment-store.ts';

export async function sourceOfFile(file: LayerFile): Promise<SealedSource> {
  return {
    bytes: await file.bytes(),
    async read(from, to) {
      const piece = new Uint8Array(Math.max(0, to - from));
      return piece.subarray(0, await file.read(piece, from));
    },
  };
}

/** The end of a file whose record says where it stands; undefined when there is none, or it is not whole. */
export async function readEndOf(
  source: SealedSource,
  head: ReadHead,
  record: ReadRecord,
): Promise<ReadEnd | undefined> {
  const { endAt, bytes } = record.record;
  const to = source.bytes - record.bytes.length;
  if (endAt === null || endAt < head.raw.length || bytes !== to) return undefined;
  const raw = await source.read(endAt, to);
  const frame = readFrameHeader(raw);
  if (frame?.kind !== 'end' || wholeFrameBytes(frame) !== raw.length) return undefined;
  const digest = await sha256(raw.subarray(0, raw.length - CHECK_BYTES));
  if (!sameBytes(digest.subarray(0, CHECK_BYTES), raw.subarray(raw.length - CHECK_BYTES))) return undefined;
  return readEndBody(bodyOf({ raw }));
}

/** Throws as `readHead` does. */
export async function readIndex(source: SealedSource): Promise<SegmentIndex> {
  const head = await readHeadOf(source);
  const record = await readRecordOf(source);
  const to = source.bytes - (record?.bytes.length ?? 0);
  const end = record && (await readEndOf(source, head, record));
  const entries = end?.entries ?? (await hop(source, head.raw.length, to)) ?? (await surveySealed(source)).entries;
  return indexView(entries, { bytes: source.bytes, headBytes: head.raw.length, finished: true });
}

/** From one frame's header to the next, bodies unread; undefined when that does not lead exactly to the end. */
async function hop(source: SealedSource, from: number, to: number): Promise<readonly ChunkEntry[] | undefined> {
  const entries: ChunkEntry[] = [];
  for (let at = from; at < to; ) {
    const frame = readFrameHeader(await source.read(at, Math.min(at + FRAME_HEADER_BYTES, to)));
    if (!frame || frame.number <= (entries.at(-1)?.number ?? -1)) return undefined;
    if (frame.kind !== 'end') entries.push(entryOf(frame, at));
    at += wholeFrameBytes(frame);
    if (at > to) return undefined;
  }
  return entries;
}

export function indexView(entries: readonly ChunkEntry[], file: Omit<SegmentIndex, 'entries'>): SegmentIndex {
  return {
    ...file,
    entries: entries.map(({ number, at, fromMs, toMs, kind, key, moved = UNKNOWN_MOVED }) => {
      return [number, at, fromMs, toMs, (kind === 'init' ? 1 : 0) | (key ? 2 : 0), moved] as const;
    }),
  };
}

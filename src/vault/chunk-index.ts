// Where the chunks of a sealed file lie, read quickly and without a key: from the table at its end, or by stepping from frame to
// frame in one that has none. For whoever hands out ranges; nothing here is proved, and only damage makes it look at every byte.

import { type ChunkEntry, FRAME_HEADER_BYTES, readEndBody, readFrameHeader, wholeFrameBytes } from './frame.ts';
import { CHECK_BYTES } from './head.ts';
import { entryOf } from './survey.ts';
import { readHeadOf, readRecordOf, type SealedSource, walkFrames } from './walk.ts';

export interface ChunkIndex {
  readonly headBytes: number;
  /** Whole up to here: behind the last frame, or the last that was found. */
  readonly bytes: number;
  readonly finished: boolean;
  /** Kinds init and media, in order. */
  readonly entries: readonly ChunkEntry[];
}

/** Throws as `readHead` does. `before`: what an earlier call found in the same file, which has grown since. */
export async function indexSealed(source: SealedSource, before?: ChunkIndex): Promise<ChunkIndex> {
  const headBytes = before?.headBytes ?? (await readHeadOf(source)).raw.length;
  const record = await readRecordOf(source);
  const to = record ? source.bytes - record.bytes.length : source.bytes;
  const endAt = record?.record.endAt;
  const table = typeof endAt === 'number' && endAt < to ? await tableAt(source, endAt, to) : undefined;
  if (table) return { headBytes, bytes: to, finished: true, entries: table };
  return await step(source, headBytes, to, before);
}

async function tableAt(source: SealedSource, at: number, to: number): Promise<readonly ChunkEntry[] | undefined> {
  const raw = await source.read(at, to);
  const frame = readFrameHeader(raw);
  if (frame?.kind !== 'end' || wholeFrameBytes(frame) !== raw.length) return undefined;
  return readEndBody(raw.subarray(FRAME_HEADER_BYTES, raw.length - CHECK_BYTES))?.entries;
}

async function step(source: SealedSource, headBytes: number, to: number, before?: ChunkIndex): Promise<ChunkIndex> {
  const entries = [...(before?.entries ?? [])];
  let at = before?.bytes ?? headBytes;
  let number = entries.at(-1)?.number ?? -1;
  let finished = false;
  const take = (frame: NonNullable<ReturnType<typeof readFrameHeader>>, place: number) => {
    if (frame.kind !== 'end') entries.push(entryOf(frame, place));
    finished ||= frame.last;
    number = frame.number;
    at = place + wholeFrameBytes(frame);
  };
  while (!finished && at + FRAME_HEADER_BYTES <= to) {
    const frame = readFrameHeader(await source.read(at, at + FRAME_HEADER_BYTES));
    if (!frame || frame.number <= number || at + wholeFrameBytes(frame) > to) break;
    take(frame, at);
  }
  // something is in the way: the slow search finds what follows it
  if (!finished && at < to) {
    for await (const found of walkFrames(source, at, to)) {
      if (found.kind === 'frame' && found.header.number > number) take(found.header, found.at);
    }
  }
  return { headBytes, bytes: at, finished, entries };
}

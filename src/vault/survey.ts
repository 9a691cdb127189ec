// Everything a sealed file says without a key, read from one end to the other: what recovery, a rebuilt catalog and
// `verify` go by. Holds one frame and the table, never the file.

import { hex } from './bytes.ts';
import { sha256Now, TAG_BYTES } from './cipher.ts';
import { type ChunkEntry, FRAME_HEADER_BYTES, type FrameHeader, type ReadEnd, readEndBody } from './frame.ts';
import { CHECK_BYTES, type ReadHead } from './head.ts';
import type { ReadRecord, RecordFacts } from './record.ts';
import { nextHash } from './seal.ts';
import { readHeadOf, readRecordOf, type SealedSource, type WalkedFrame, walkFrames } from './walk.ts';

export interface Hole {
  readonly at: number;
  readonly to: number;
}

export interface Survey {
  readonly head: ReadHead;
  /** Chunks that count, the end not among them. */
  readonly entries: readonly ChunkEntry[];
  readonly frames: number;
  /** Where no frame counts, between the head and the record or the end of the file. */
  readonly holes: readonly Hole[];
  /** Behind the last frame that counts. */
  readonly wholeBytes: number;
  /** Bytes of plaintext that the last chunk says are there with it. */
  readonly plainBytes: number;
  /** The last frame, when it is marked as such. */
  readonly last?: { readonly at: number; readonly frame: FrameHeader };
  /** What the end says; untrusted until opened with the key. */
  readonly end?: ReadEnd;
  /** Of head and the frames that count, hex. */
  readonly hash: string;
  readonly durationMs: number;
  readonly peakLevel: number;
  readonly record?: ReadRecord;
}

/** Throws as `readHead` does; whatever else is wrong is told. */
export async function surveySealed(source: SealedSource): Promise<Survey> {
  const head = await readHeadOf(source);
  const record = await readRecordOf(source);
  const to = record ? source.bytes - record.bytes.length : source.bytes;
  const entries: ChunkEntry[] = [];
  const holes: Hole[] = [];
  let hash = sha256Now(head.raw);
  let [frames, wholeBytes, plainBytes, durationMs, peakLevel] = [0, head.raw.length, 0, 0, 0];
  let last: Survey['last'];
  let end: ReadEnd | undefined;
  for await (const found of walkFrames(source, head.raw.length, to)) {
    if (found.kind === 'hole') {
      holes.push({ at: found.at, to: found.to });
      continue;
    }
    const { header: frame, at } = found;
    frames++;
    hash = nextHash(hash, found.digest);
    wholeBytes = at + found.raw.length;
    durationMs = Math.max(durationMs, frame.toMs);
    peakLevel = Math.max(peakLevel, frame.moved ?? 0);
    if (frame.last) last = { at, frame };
    if (frame.kind === 'end') end = readEndBody(bodyOf(found));
    else {
      entries.push(entryOf(frame, at));
      plainBytes = frame.plainBefore + frame.bodyBytes - TAG_BYTES;
    }
  }
  const found = { ...(last ? { last } : {}), ...(end ? { end } : {}), ...(record ? { record } : {}) };
  return { head, entries, frames, holes, wholeBytes, plainBytes, hash: hex(hash), durationMs, peakLevel, ...found };
}

export const bodyOf = ({ raw }: Pick<WalkedFrame, 'raw'>): Uint8Array =>
  raw.subarray(FRAME_HEADER_BYTES, raw.length - CHECK_BYTES);

export function entryOf({ number, kind, key, moved, fromMs, toMs }: FrameHeader, at: number): ChunkEntry {
  return { number, kind, key, ...(moved === undefined ? {} : { moved }), at, fromMs, toMs };
}

/**
 * What to sign for a file without record, once it is cut to `wholeBytes`: as finished when its end is there, else as recovered. Undefined
 * when nothing in it can be played.
 */
export function recoveredFacts(survey: Survey): RecordFacts | undefined {
  const { kind, fileId, cameraId, stream, bootId } = survey.head.header;
  if (!survey.entries.some((entry) => entry.kind === 'media')) return undefined;
  const { frames, hash, last, end } = survey;
  return {
    ...{ state: last ? 'finished' : 'recovered', fileId, kind, cameraId, stream, bootId },
    ...{ bytes: survey.wholeBytes, frames, endAt: last?.at ?? null, hash },
    durationMs: end?.summary.durationMs ?? survey.durationMs,
    peakLevel: end?.summary.peakLevel ?? survey.peakLevel,
  };
}

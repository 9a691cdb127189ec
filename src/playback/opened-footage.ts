// A sealed segment that its owner opens, as film: which samples of it can be shown, where they lie, and what is missing between them. Reads
// each chunk once to plan and once to copy, and never holds more than one. Joining several into a clip is `clip.ts`'s.

import { NightjarError } from '../base/errors.ts';
import { concatBytes } from '../media/boxes.ts';
import { indexSegment, type SampleRun, type SegmentIndex, videoTicks } from '../media/segment-index.ts';
import type { Gap, SealReader } from '../vault/open.ts';

/** Times since the segment's first picture. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface FootageGap extends Span {
  readonly fault: Gap['fault'];
}

export interface OpenedFootage {
  /** Places are those of a file in which the chunks that open stand one after the other. Absent when nothing can be shown. */
  readonly index?: SegmentIndex;
  /** What the film shows; from = to when nothing can be shown. */
  readonly shown: Span;
  /** In order. The picture stands still meanwhile. */
  readonly gaps: readonly FootageGap[];
  /** `from` inclusive, `to` exclusive, as in `index`. Throws `unavailable` when the disk no longer gives what it gave before. */
  bytes(from: number, to: number): AsyncGenerator<Uint8Array>;
}

interface KeptChunk {
  /** Line of the reader's table. */
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Plans what is to be shown of a time: from the key frame at or before it to the chunk that reaches its end. Behind a gap, pictures count
 * again from the next key frame on: those before it would be built on what is missing. Errors of the source pass through.
 */
export async function openFootage(
  reader: SealReader,
  asked: Span = { fromMs: 0, toMs: Number.POSITIVE_INFINITY },
): Promise<OpenedFootage> {
  const gaps: FootageGap[] = [];
  const init = await initOf(reader);
  const first = asked.fromMs > 0 ? Math.max(0, reader.seek(asked.fromMs)) : 0;
  const lines = new Map(reader.entries.map((entry, line) => [entry.number, line]));
  const chunks: KeptChunk[] = [];
  const runs: SampleRun[] = [];
  let video: SegmentIndex['video'] | undefined;
  let audio: SegmentIndex['audio'];
  let end = init?.length ?? 0;
  let shown: Span | undefined;
  let open: FootageGap | undefined;
  let needsKey = true;

  const missing = (gap: FootageGap) => {
    needsKey = true;
    open = open ? { ...open, fault: worse(open.fault, gap.fault), toMs: Math.max(open.toMs, gap.toMs) } : gap;
  };
  const close = (toMs: number) => {
    const gap = open && { ...open, fromMs: Math.max(open.fromMs, asked.fromMs), toMs: Math.min(toMs, asked.toMs) };
    // one without length was lost to a full disk, and is said all the same
    const isMoment = open?.fromMs === toMs && toMs >= asked.fromMs && toMs < asked.toMs;
    if (gap && (gap.toMs > gap.fromMs || isMoment)) gaps.push(gap);
    open = undefined;
  };

  for await (const piece of reader.pieces(first)) {
    if (piece.kind === 'gap') {
      missing({ fault: piece.fault, fromMs: piece.fromMs, toMs: piece.toMs });
      continue;
    }
    const { entry, bytes } = piece;
    if (entry.kind !== 'media') continue;
    if (entry.fromMs >= asked.toMs) break;
    const whole = { fromMs: entry.fromMs, toMs: entry.toMs };
    const film = init && (await indexSegment(memorySource(concatBytes([init, bytes]))));
    if (!film || film.torn || film.runs.length === 0) {
      missing({ fault: 'damaged-chunk', ...whole });
      continue;
    }
    const usable = needsKey ? fromFirstKey(film) : { runs: film.runs, lateMs: 0 };
    if (!usable) {
      missing({ fault: 'missing-chunk', ...whole });
      continue;
    }
    close(entry.fromMs + usable.lateMs);
    needsKey = false;
    const shift = end - init.length;
    for (const run of usable.runs) runs.push({ ...run, from: run.from + shift });
    chunks.push({ line: lines.get(entry.number)!, from: end, to: end + bytes.length });
    end += bytes.length;
    shown = { fromMs: shown?.fromMs ?? entry.fromMs + usable.lateMs, toMs: entry.toMs };
    video ??= film.video;
    audio ??= film.audio;
  }
  if (open) close(open.toMs);

  const index: SegmentIndex | undefined =
    init && video
      ? {
          ...{ init, video, runs, wholeBytes: end, torn: false },
          ...(audio ? { audio } : {}),
          durationMs: (videoTicks(runs) / video.timescale) * 1000,
        }
      : undefined;
  return {
    ...(index ? { index } : {}),
    shown: shown ?? { fromMs: asked.fromMs, toMs: asked.fromMs },
    gaps,
    bytes: (from, to) => plainBytes(reader, chunks, from, to),
  };
}

const worse = (a: Gap['fault'], b: Gap['fault']): Gap['fault'] =>
  a === 'damaged-chunk' || b === 'damaged-chunk' ? 'damaged-chunk' : 'missing-chunk';

async function initOf(reader: SealReader): Promise<Uint8Array | undefined> {
  const line = reader.entries.findIndex((entry) => entry.kind === 'init');
  return line < 0 ? undefined : await reader.chunk(line);
}

const memorySource = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  read: async (from: number, to: number) => bytes.subarray(from, to),
});

/** The runs of a chunk from its first key frame on, sound as it is; undefined without one. */
function fromFirstKey(
  film: SegmentIndex,
): { readonly runs: readonly SampleRun[]; readonly lateMs: number } | undefined {
  const firstTick = film.runs.find((run) => run.track === 'video')?.decodeTime ?? 0;
  const kept: SampleRun[] = [];
  let keyTick: number | undefined;
  for (const run of film.runs) {
    if (run.track !== 'video' || keyTick !== undefined) {
      kept.push(run);
      continue;
    }
    let [from, tick] = [run.from, run.decodeTime];
    for (const [i, sample] of run.samples.entries()) {
      if (sample.key) {
        keyTick = tick;
        kept.push({ ...run, from, decodeTime: tick, samples: run.samples.slice(i) });
        break;
      }
      from += sample.bytes;
      tick += sample.duration;
    }
  }
  if (keyTick === undefined) return undefined;
  return { runs: kept, lateMs: ((keyTick - firstTick) / film.video.timescale) * 1000 };
}

async function* plainBytes(
  reader: SealReader,
  chunks: readonly KeptChunk[],
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let i = chunkAt(chunks, from); i < chunks.length && chunks[i]!.from < to; i++) {
    const chunk = chunks[i]!;
    const plain = await reader.chunk(chunk.line);
    if (plain?.length !== chunk.to - chunk.from) {
      throw new NightjarError('unavailable', 'the disk does not give again what it gave a moment ago');
    }
    yield plain.subarray(Math.max(0, from - chunk.from), Math.min(plain.length, to - chunk.from));
  }
}

/** The first chunk that ends behind a place, by halving. */
function chunkAt(chunks: readonly KeptChunk[], at: number): number {
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunks[middle]!.to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

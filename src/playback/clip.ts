// Opened segments joined into one fast-start MP4, or into several where no player could go on in one. What is in a segment is
// `opened-footage.ts`'s; where the bytes go is the caller's.

import { planFastStart } from '../media/fast-start.ts';
import type { SegmentIndex } from '../media/segment-index.ts';
import type { OpenedFootage } from './opened-footage.ts';

/** The tables of a longer one would fill the memory, and no player likes it. */
const MAX_PART_MS = 6 * 3_600_000;

export interface ClipSegment {
  /** Wall time of the segment's first picture, UTC ms. */
  readonly startMs: number;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly footage: OpenedFootage;
}

export interface ClipPart {
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
  readonly durationMs: number;
  /** The whole file, piece by piece; the same bytes each time. */
  read(): AsyncGenerator<Uint8Array>;
}

/** Where the clip goes on at another time of day. */
export interface Jump {
  readonly fromMs: number;
  readonly toMs: number;
}

/** In order of time. Segments of which nothing can be shown are passed over; without any other there is no part. */
export function planClip(segments: readonly ClipSegment[]): readonly ClipPart[] {
  const parts: ClipSegment[][] = [];
  let partMs = 0;
  for (const segment of segments) {
    if (!segment.footage.index) continue;
    const before = parts.at(-1)?.[0];
    const { durationMs } = segment.footage.index;
    if (before && isLike(before, segment) && partMs + durationMs <= MAX_PART_MS) {
      parts.at(-1)!.push(segment);
      partMs += durationMs;
    } else {
      parts.push([segment]);
      partMs = durationMs;
    }
  }
  return parts.flatMap((members) => partOf(members) ?? []);
}

const isLike = (a: ClipSegment, b: ClipSegment): boolean =>
  a.mimeType === b.mimeType && a.width === b.width && a.height === b.height;

/** Wall times that lie between two segments, when they are `leastMs` or more apart. */
export function jumpsIn(segments: readonly ClipSegment[], leastMs: number): readonly Jump[] {
  const shown = segments.filter(({ footage }) => footage.index);
  return shown.slice(1).flatMap((segment, i) => {
    const [fromMs, toMs] = [endOf(shown[i]!), beginOf(segment)];
    return toMs - fromMs >= leastMs ? [{ fromMs, toMs }] : [];
  });
}

const beginOf = ({ startMs, footage }: ClipSegment): number => startMs + footage.shown.fromMs;
const endOf = ({ startMs, footage }: ClipSegment): number => startMs + footage.shown.toMs;

function partOf(members: readonly ClipSegment[]): ClipPart | undefined {
  const indexes = members.map(({ footage }) => footage.index).filter((index): index is SegmentIndex => !!index);
  const startMs = beginOf(members[0]!);
  const plan = planFastStart(indexes, { createdAtMs: startMs });
  if (!plan) return undefined;
  return {
    ...{ startMs, endMs: endOf(members.at(-1)!), bytes: plan.bytes, durationMs: plan.durationMs },
    async *read() {
      yield plan.header;
      for (const { source, from, to } of plan.ranges) yield* members[source]!.footage.bytes(from, to);
    },
  };
}

// The segments of a recording, or of a day, on one axis that only grows: the sum of their lengths. Wall time may step or overlap; this axis
// cannot, which is what lets the browser seek. Pure.

import type { EventView, SegmentView } from '../../src/http/api.ts';

export interface Stretch {
  readonly id: string;
  readonly mimeType: string;
  readonly startMs: number;
  /** Where it begins on the axis, in seconds. */
  readonly offsetS: number;
  readonly durationS: number;
  readonly bytes: number;
}
export interface Timeline {
  readonly stretches: readonly Stretch[];
  readonly totalS: number;
}

export function timelineOf(segments: readonly SegmentView[]): Timeline {
  let offsetS = 0;
  const stretches = [...segments]
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ id, mimeType, startMs, durationMs, bytes }) => {
      const stretch = { id, mimeType, startMs, offsetS, durationS: durationMs / 1000, bytes };
      offsetS += stretch.durationS;
      return stretch;
    });
  return { stretches, totalS: offsetS };
}

/** The stretch that is played at a place; the last one at the very end. */
export function stretchAt({ stretches }: Timeline, atS: number): Stretch | undefined {
  // by halving: a day has 1440, and this is asked with every picture
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { offsetS, durationS } = stretches[middle]!;
    if (atS < offsetS + durationS) high = middle;
    else low = middle + 1;
  }
  return stretches[low];
}

export function wallAt(timeline: Timeline, atS: number): number | undefined {
  const stretch = stretchAt(timeline, Math.max(0, atS));
  return stretch && stretch.startMs + (Math.max(0, atS) - stretch.offsetS) * 1000;
}

/** The place of a moment. A moment that was not recorded is the start of what was recorded next. */
export function secondsAt(timeline: Timeline, wallMs: number): number {
  const found = timeline.stretches.find((s) => wallMs < s.startMs + s.durationS * 1000);
  if (!found) return timeline.totalS;
  return found.offsetS + Math.max(0, wallMs - found.startMs) / 1000;
}

export interface Mark {
  readonly fromS: number;
  readonly toS: number;
  readonly peakS: number;
  readonly level: number;
}

/** Motion on the axis; what lies outside of the recording is left out. */
export function marksOf(timeline: Timeline, events: readonly EventView[]): readonly Mark[] {
  return events.flatMap(({ startMs, endMs, peakMs, level }) => {
    const fromS = secondsAt(timeline, startMs);
    const toS = endMs === undefined ? timeline.totalS : secondsAt(timeline, endMs);
    return toS > fromS ? [{ fromS, toS, peakS: secondsAt(timeline, peakMs), level }] : [];
  });
}

/** Rounding leaves small holes between stretches: the place to go on at when the play head stands before one. */
export function overHole(
  ranges: readonly (readonly [number, number])[],
  atS: number,
  widestS = 0.5,
): number | undefined {
  const next = ranges.find(([startS]) => startS > atS);
  const inside = ranges.some(([startS, endS]) => atS >= startS && atS < endS - 0.05);
  return !inside && next && next[0] - atS <= widestS ? next[0] + 0.001 : undefined;
}

/** Places on the axis at which nothing was recorded for a while, in seconds: the time of day jumps there. */
export function breaksOf({ stretches }: Timeline, leastMs = 2000): readonly number[] {
  return stretches.flatMap((stretch, i) => {
    const before = stretches[i - 1];
    if (!before) return [];
    return stretch.startMs - (before.startMs + before.durationS * 1000) > leastMs ? [stretch.offsetS] : [];
  });
}

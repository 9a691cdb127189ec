// A recording's segments on one axis that only grows: the sum of their lengths. Wall time may step or overlap; this axis
// cannot, which is what lets the browser seek. Pure.

import type { EventView, SegmentView } from '../../src/http/api.ts';

export interface Stretch {
  readonly id: string;
  readonly mimeType: string;
  readonly startMs: number;
  /** Where it begins on the axis, in seconds. */
  readonly offsetS: number;
  readonly durationS: number;
}
export interface Timeline {
  readonly stretches: readonly Stretch[];
  readonly totalS: number;
}

export function timelineOf(segments: readonly SegmentView[]): Timeline {
  let offsetS = 0;
  const stretches = [...segments]
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ id, mimeType, startMs, durationMs }) => {
      const stretch = { id, mimeType, startMs, offsetS, durationS: durationMs / 1000 };
      offsetS += stretch.durationS;
      return stretch;
    });
  return { stretches, totalS: offsetS };
}

/** The stretch that is played at a place; the last one at the very end. */
export function stretchAt(timeline: Timeline, atS: number): Stretch | undefined {
  return timeline.stretches.find((s) => atS < s.offsetS + s.durationS) ?? timeline.stretches.at(-1);
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

/** What to fetch next: the stretch under the play head, then those that begin within `aheadS`. undefined: enough is there. */
export function nextToLoad(
  timeline: Timeline,
  atS: number,
  isLoaded: (id: string) => boolean,
  aheadS = 45,
): Stretch | undefined {
  const current = stretchAt(timeline, atS);
  if (!current) return undefined;
  return timeline.stretches
    .slice(timeline.stretches.indexOf(current))
    .find((s) => !isLoaded(s.id) && (s === current || s.offsetS < atS + aheadS));
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

// The strip of the last minutes in numbers and words: where a moment stands, what was seen at it, and the sentence that
// compares draft and saved settings. Pure.

import type { TuningReplay, TuningStep, TuningVisit } from '../../src/http/api.ts';
import { count } from '../words.ts';

export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A longer time without pictures is a pause in the camera's stream. One that saves power has one every two seconds. */
export const pauseMs = 2500;
/** Shorter than this the strip would seem to run. */
const leastMs = 30_000;

export function axisOf({ fromMs, toMs }: Pick<TuningReplay, 'fromMs' | 'toMs'>): Axis | undefined {
  if (fromMs === undefined || toMs === undefined) return undefined;
  return { fromMs: Math.min(fromMs, toMs - leastMs), toMs };
}

export const shareOf = ({ fromMs, toMs }: Axis, atMs: number): number =>
  Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));

export const momentAt = ({ fromMs, toMs }: Axis, share: number): number =>
  Math.round(fromMs + Math.min(1, Math.max(0, share)) * (toMs - fromMs));

/** The last step at or before a moment; undefined before the first and in a long pause. */
export function stepAt(steps: readonly TuningStep[], atMs: number): TuningStep | undefined {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]!.atMs <= atMs) low = middle + 1;
    else high = middle;
  }
  const step = steps[low - 1];
  return step && atMs - step.atMs < pauseMs ? step : undefined;
}

/** A person far away is a level of 5: what is small must be seen on a low strip, and noise must not look like much. */
const leastTop = 20;

/** Of the level, in a box of 1000 × 100: an SVG path, closed along the bottom. A pause leaves a hole. */
export function levelPath(steps: readonly TuningStep[], axis: Axis): string {
  const top = steps.reduce((most, { level }) => Math.max(most, level * 1.1), leastTop);
  let path = '';
  let last: TuningStep | undefined;
  const x = (step: TuningStep) => (shareOf(axis, step.atMs) * 1000).toFixed(1);
  for (const step of steps) {
    if (step.atMs < axis.fromMs || step.atMs > axis.toMs) continue;
    if (!last || step.atMs - last.atMs > pauseMs) path += `${last ? `L${x(last)} 100Z` : ''}M${x(step)} 100`;
    path += `L${x(step)} ${(100 - (step.level / top) * 100).toFixed(0)}`;
    last = step;
  }
  return last ? `${path}L${x(last)} 100Z` : '';
}

const lasted = (visits: readonly TuningVisit[]) => {
  const s = Math.round(visits.reduce((sum, v) => sum + Math.max(0, v.endMs - v.startMs), 0) / 1000);
  return s < 120 ? `${s} s` : `${Math.round(s / 60)} min`;
};

const visitsInWords = (visits: readonly TuningVisit[]) =>
  visits.length === 0 ? 'no visits' : `${count(visits.length, 'visit')}, ${lasted(visits)} of motion`;

/** "With these settings: 2 visits, 14 s of motion. Saved settings: 5 visits, 40 s of motion." */
export function compared({ draft, saved }: Pick<TuningReplay, 'draft' | 'saved'>, changed: boolean): string {
  const own = `With these settings: ${visitsInWords(draft)}.`;
  return changed ? `${own} Saved settings: ${visitsInWords(saved)}.` : own;
}

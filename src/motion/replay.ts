// What would have been seen, and which visits there would have been, had other settings been in force: kept pictures through
// a detector and a watcher of their own. A step at a time, so that whoever asks decides how long to go on at a stretch.

import type { LumaFrame } from '../media/types.ts';
import { createWatcher, type MotionParams, type MotionSignal } from './watcher.ts';

export interface ReplayStep {
  readonly atMs: number;
  readonly signal: MotionSignal;
}

export interface ReplayEvent {
  /** When the thing was first seen. */
  readonly startMs: number;
  /** When something last moved. */
  readonly endMs: number;
  /** Highest level, 0–100. */
  readonly level: number;
  /** The pictures ended before the visit did. */
  readonly goesOn: boolean;
}

/**
 * One step per picture, in order; the visits are returned at the end. The schedule is left out: what would move is asked,
 * not when one looks. The model learns from the first picture on, so that the first 1.6 s say nothing.
 */
export function* replay(
  frames: Iterable<LumaFrame>,
  params: MotionParams,
): Generator<ReplayStep, readonly ReplayEvent[], void> {
  const watcher = createWatcher({ params, isOn: () => true, newId: () => 'replay' });
  const visits: ReplayEvent[] = [];
  const keep = ({ events }: { readonly events: ReturnType<typeof watcher.flush> }, goesOn: boolean) => {
    for (const event of events) {
      if (event.kind !== 'end') continue;
      const { startMs, endMs, level } = event;
      visits.push({ startMs, endMs, level, goesOn });
    }
  };
  for (const frame of frames) {
    const watched = watcher.step(frame);
    keep(watched, false);
    yield { atMs: frame.atMs, signal: watched.signal };
  }
  keep({ events: watcher.flush() }, true);
  return visits;
}

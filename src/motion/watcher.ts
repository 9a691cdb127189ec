// Makes visits out of moving pictures: when one starts (and is worth telling), its best moment, when it ended. Knows the
// schedule only as a question it asks. Recording and telling are left to whoever listens.

import type { LumaFrame } from '../media/types.ts';
import { createDetector, type DetectorView, type MotionSignal, quietSignal } from './detector.ts';
import type { MotionParams } from './params.ts';

export type { MotionSignal } from './detector.ts';
export type { MotionParams } from './params.ts';

export type MotionEvent =
  /** `atMs` is when the thing was first seen, some hundred milliseconds before this event. */
  | { readonly kind: 'start'; readonly id: string; readonly atMs: number; readonly level: number }
  /** A better moment for a picture than all before in this visit: the frame that was just given. `level` is the most so far. */
  | { readonly kind: 'peak'; readonly id: string; readonly atMs: number; readonly level: number }
  | {
      readonly kind: 'end';
      readonly id: string;
      readonly startMs: number;
      readonly peakMs: number;
      /** When something last moved; the event itself comes a merge gap later. */
      readonly endMs: number;
      readonly level: number;
    };

export interface Watched {
  readonly signal: MotionSignal;
  readonly events: readonly MotionEvent[];
}

export interface Watcher {
  /** Call with every picture, in order. Never throws because of a picture. */
  step(frame: LumaFrame): Watched;
  /** The detector's grid after the last picture it saw, as a copy: for the tuning page. */
  view(): DetectorView | undefined;
  /** New settings from the next picture on; a visit in progress goes on. */
  apply(params: MotionParams): void;
  /** Ends the visit in progress, if there is one: the camera stops, or is lost. */
  flush(): readonly MotionEvent[];
}

export interface WatcherOptions {
  readonly params: MotionParams;
  /** The schedule, asked with a frame's monotonic time. */
  readonly isOn: (atMs: number) => boolean;
  readonly newId: () => string;
}

/** Motion that pauses for longer than this before it was announced begins anew. */
const PENDING_GAP_MS = 700;
/** A slightly better moment is told at most this often; a much better one at once. */
const PEAK_EVERY_MS = 1000;

interface Visit {
  readonly startMs: number;
  /** Undefined until it has lasted long enough to be announced. */
  id: string | undefined;
  lastMovingMs: number;
  peakMs: number;
  level: number;
  /** Level weighed by how well the thing stands in the picture, at its best and as last told. */
  worth: number;
  toldWorth: number;
  toldMs: number;
}

export function createWatcher({ params: initial, isOn, newId }: WatcherOptions): Watcher {
  let params = initial;
  let visit: Visit | undefined;
  const detector = createDetector(initial);

  const end = (): MotionEvent[] => {
    const ended = visit;
    visit = undefined;
    if (ended?.id === undefined) return [];
    const { id, startMs, peakMs, lastMovingMs, level } = ended;
    return [{ kind: 'end', id, startMs, peakMs, endMs: lastMovingMs, level }];
  };

  return {
    apply(next) {
      params = next;
      detector.apply(next);
    },
    view: () => detector.view(),
    flush: end,
    step(frame) {
      const { atMs } = frame;
      if (!params.enabled || !isOn(atMs)) return { signal: quietSignal, events: end() };
      const signal = detector.step(frame);
      const events: MotionEvent[] = [];
      if (visit && isOver(visit, signal, atMs, params)) events.push(...end());
      if (signal.moving) {
        visit ??= newVisit(signal.sinceMs ?? atMs);
        events.push(...moved(visit, signal.level, signal.level * viewOf(signal, frame), atMs, params, newId));
      }
      return { signal, events };
    },
  };
}

const newVisit = (startMs: number): Visit => ({
  startMs,
  id: undefined,
  lastMovingMs: startMs,
  peakMs: startMs,
  level: 0,
  worth: 0,
  toldWorth: 0,
  toldMs: 0,
});

/** Also when the clock of the pictures went back: what follows is another connection. */
function isOver(visit: Visit, { moving, sinceMs }: MotionSignal, atMs: number, params: MotionParams): boolean {
  const stillMs = atMs - visit.lastMovingMs;
  if (stillMs < 0) return true;
  if (visit.id === undefined) return stillMs > PENDING_GAP_MS;
  if (!moving) return stillMs > 0 && stillMs >= params.mergeGapS * 1000;
  // What moves now was there before it was believed; and two pictures lie some time apart even without a merge gap.
  const pauseMs = Math.min(stillMs, Math.max(0, (sinceMs ?? atMs) - visit.lastMovingMs));
  return pauseMs > Math.max(PENDING_GAP_MS, params.mergeGapS * 1000);
}

/** 0.5 for a thing at the edge of the picture, half of it still outside, to 1 for one that stands well inside. */
function viewOf({ blobs }: MotionSignal, { width, height }: LumaFrame): number {
  let most = 0;
  let inside = 1;
  for (const blob of blobs) {
    if (blob.area <= most) continue;
    most = blob.area;
    const centreX = blob.x + blob.width / 2;
    const centreY = blob.y + blob.height / 2;
    const fromSide = Math.min(centreX, width - centreX) / (width / 4);
    const fromEdge = Math.min(centreY, height - centreY) / (height / 8);
    inside = Math.max(0, Math.min(1, fromSide, fromEdge));
  }
  return 0.5 + 0.5 * inside;
}

function moved(
  visit: Visit,
  level: number,
  worth: number,
  atMs: number,
  params: MotionParams,
  newId: () => string,
): MotionEvent[] {
  visit.lastMovingMs = atMs;
  visit.level = Math.max(visit.level, level);
  if (worth > visit.worth) {
    visit.worth = worth;
    visit.peakMs = atMs;
  }
  if (visit.id === undefined) {
    if (atMs - visit.startMs < params.smallestDurationMs) return [];
    visit.id = newId();
    visit.toldWorth = worth;
    visit.toldMs = atMs;
    return [{ kind: 'start', id: visit.id, atMs: visit.startMs, level }];
  }
  const better = worth - visit.toldWorth;
  const much = better >= Math.max(3, visit.toldWorth * 0.25);
  if (!much && !(better > 0 && atMs - visit.toldMs >= PEAK_EVERY_MS)) return [];
  visit.toldWorth = worth;
  visit.toldMs = atMs;
  return [{ kind: 'peak', id: visit.id, atMs, level: visit.level }];
}

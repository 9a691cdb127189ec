// Makes visits out of moving pictures: when one may start, its best moment, when it is over. Knows the schedule only as a question
// it asks. What one visit remembers is in visit.ts; recording and telling are left to whoever listens.

import type { LumaFrame } from '../media/types.ts';
import { createDetector, type Detector, type DetectorView, type MotionSignal, quietSignal } from './detector.ts';
import type { MotionParams } from './params.ts';
import { Visit } from './visit.ts';

export type { MotionSignal } from './detector.ts';
export type { MotionParams } from './params.ts';

export type MotionEvent =
  /** `atMs` is when the thing was first seen, some hundred milliseconds before this event. */
  | {
      readonly kind: 'start';
      readonly id: string;
      readonly atMs: number;
      readonly level: number;
      /** Names of the zones in which it moved so far; absent without zones. */
      readonly zones?: readonly string[];
    }
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
      /** Names of all zones in which it moved, in that order; absent without zones. */
      readonly zones?: readonly string[];
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
  /** Default: one with these params. */
  readonly detector?: Detector;
}

/** The time before the first picture, and before anything was over. */
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * One visit is one event. It starts when a thing that lasts long enough was first seen, and is over when nothing has moved for the
 * merge gap. Time in which nothing could be seen (a lamp, a camera that was away for some seconds and is learnt anew) is not a
 * pause, up to ten seconds. Where the schedule or the watching ends, the visit ends, too. In the cool-down after a visit none
 * begins, and what moves belongs to none; what still moves when it has passed is a new visit, which starts then.
 */
export function createWatcher({
  params: initial,
  isOn,
  newId,
  detector = createDetector(initial),
}: WatcherOptions): Watcher {
  let params = initial;
  let visit: Visit | undefined;
  let lastFrameMs = NEVER;
  /** Of the last visit: when something last moved in it, and when that it was over was known. */
  let endedMs = NEVER;
  let overMs = NEVER;

  const end = (atMs: number): MotionEvent[] => {
    const ended = visit;
    visit = undefined;
    if (ended?.id === undefined) return [];
    endedMs = ended.lastMovingMs;
    overMs = atMs;
    return [ended.ended(ended.id)];
  };
  /** Times of another connection's clock say nothing about this one's. */
  const begin = (): MotionEvent[] => {
    const events = end(NEVER);
    endedMs = overMs = NEVER;
    return events;
  };

  return {
    apply(next) {
      params = next;
      detector.apply(next);
    },
    view: () => detector.view(),
    flush: () => end(visit?.lastMovingMs ?? NEVER),
    step(frame) {
      const { atMs } = frame;
      const sinceFrameMs = atMs - lastFrameMs;
      const events = sinceFrameMs < 0 ? begin() : [];
      lastFrameMs = atMs;
      if (!params.enabled || !isOn(atMs)) return { signal: quietSignal, events: [...events, ...end(atMs)] };
      const signal = detector.step(frame);
      if (visit) {
        const mergeGapMs = params.mergeGapS * 1000;
        visit.passed(signal, sinceFrameMs);
        if (visit.isOver(signal, atMs, mergeGapMs)) {
          events.push(...end(Math.min(atMs, visit.lastMovingMs + visit.blindMs + mergeGapMs)));
        }
      }
      if (signal.moving) {
        const coolUntilMs = overMs + params.coolDownS * 1000;
        visit ??= new Visit(Math.max(signal.sinceMs ?? atMs, endedMs + 1));
        events.push(...visit.moved(signal, signal.level * viewOf(signal, frame), atMs, coolUntilMs, params, newId));
      }
      return { signal, events };
    },
  };
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

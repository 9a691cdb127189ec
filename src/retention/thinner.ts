// Goes through a camera's continuous recordings from the oldest on, one at a time, and remembers how far it came: what stays
// because something moved is not looked at again and again. What goes is the plan's to say. Begins anew every six hours, as a
// star may have been taken away, and a removal may have failed.

import type { Clock } from '../base/clock.ts';
import type { Going, KeptSegment, Span } from './plan.ts';
import { THINNING_MARGIN_MS } from './plan.ts';

export interface ThinningLibrary {
  nextContinuous(cameraId: string, after: Place): (Place & ContinuousFacts) | undefined;
  keptSegmentsOf(recordingId: string): readonly Omit<KeptSegment, 'starred' | 'isOpen' | 'ageIsKnown'>[];
  /** Events of a camera that overlap a span. */
  movedBetween(cameraId: string, fromMs: number, toMs: number): readonly Span[];
}
interface ContinuousFacts {
  readonly endMs: number | null;
  /** False: something moved in it and nobody knows when. Such a recording stays whole. */
  readonly knowsItsEvents: boolean;
  readonly ageIsKnown: boolean;
}
/** In the order of recordings' starts. */
interface Place {
  readonly startMs: number;
  readonly id: string;
}

export interface Thinner {
  /** Whether what `next` would give before this moment has been gone through once: what is due since then is a matter of minutes. */
  isThrough(cameraId: string, beforeMs: number): boolean;
  /** The segments of the next recording that ended before a moment and has any, and what moved around it. */
  next(
    cameraId: string,
    beforeMs: number,
  ): { readonly segments: ReturnType<ThinningLibrary['keptSegmentsOf']>; readonly events: readonly Span[] } | undefined;
  /** What the plan made of it. Recordings of which nothing goes are done. Answers whether any was passed, so that another may follow. */
  seen(plan: { readonly going: readonly Going[]; readonly isWhole: boolean }): boolean;
}

const BEGINNING: Place = { startMs: Number.MIN_SAFE_INTEGER, id: '' };
const AGAIN_AFTER_MS = 6 * 3_600_000;
/** As a quota waits until thinning is through, one that begins anew or has little to do must not hold it up each time. */
const THROUGH_MS = 3_600_000;
/** Recordings looked at in a turn; each takes about a millisecond. */
const RECORDINGS_PER_TURN = 8;

export function createThinner({ library, clock }: { library: ThinningLibrary; clock: Clock }): Thinner {
  const places = new Map<string, { place: Place; begunAtMs: number }>();
  const offered = new Map<string, Place>();
  /** By camera: before which moment nothing was left. */
  const throughMs = new Map<string, number>();
  let isAnyPassed = false;

  return {
    isThrough: (cameraId, beforeMs) => beforeMs - (throughMs.get(cameraId) ?? Number.NEGATIVE_INFINITY) <= THROUGH_MS,

    next(cameraId, beforeMs) {
      let at = places.get(cameraId);
      if (!at || clock.monotonicMs() - at.begunAtMs > AGAIN_AFTER_MS) {
        at = { place: BEGINNING, begunAtMs: clock.monotonicMs() };
        places.set(cameraId, at);
      }
      offered.delete(cameraId);
      for (let looked = 0; looked < RECORDINGS_PER_TURN; looked++) {
        const recording = library.nextContinuous(cameraId, at.place);
        // later ones are younger still
        if (!recording || recording.endMs === null || recording.endMs >= beforeMs) {
          throughMs.set(cameraId, beforeMs);
          return undefined;
        }
        const { startMs, endMs, id } = recording;
        const segments = recording.knowsItsEvents && recording.ageIsKnown ? library.keptSegmentsOf(id) : [];
        if (segments.length > 0) {
          offered.set(cameraId, { startMs, id });
          const events = library.movedBetween(cameraId, startMs - THINNING_MARGIN_MS, endMs + THINNING_MARGIN_MS);
          return { segments, events };
        }
        at.place = { startMs, id };
      }
      isAnyPassed = true;
      return undefined;
    },

    seen({ going, isWhole }) {
      let isAnyDone = isAnyPassed;
      isAnyPassed = false;
      for (const [cameraId, place] of offered) {
        // a step that was full may have had more to take
        if (!isWhole || going.some((one) => one.cameraId === cameraId && one.why === 'thinned')) continue;
        places.get(cameraId)!.place = place;
        isAnyDone = true;
      }
      offered.clear();
      return isAnyDone;
    },
  };
}

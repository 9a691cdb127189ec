// What the owner can set about motion, and what the numbers mean for the detector. Where settings live and how they are
// edited is `config/`'s business: its MotionSettings without the schedule has this shape.

import type { Point } from '../media/types.ts';

export interface MotionParams {
  readonly enabled: boolean;
  /** 1 almost blind … 100 notices everything. */
  readonly sensitivity: number;
  /** Smallest moving thing that counts, as a share of the picture in percent. */
  readonly smallestAreaPercent: number;
  /** Motion must last this long before it is announced. */
  readonly smallestDurationMs: number;
  /** A visit ends when nothing has moved for this long. */
  readonly coolDownS: number;
  readonly ignoreGlobalChange: boolean;
  readonly zones: readonly { readonly name: string; readonly points: readonly Point[] }[];
  readonly masks: readonly { readonly name: string; readonly points: readonly Point[] }[];
}

export const defaultMotionParams: MotionParams = {
  enabled: true,
  sensitivity: 50,
  smallestAreaPercent: 0.05,
  smallestDurationMs: 400,
  coolDownS: 5,
  ignoreGlobalChange: true,
  zones: [],
  masks: [],
};

export interface Thresholds {
  /** Per grey level of the background: how far a pixel must differ at least, in 1/256 level. */
  readonly floor: Int32Array;
  /** Times its own usual flicker that a pixel must differ, in 1/16. */
  readonly noiseTimes16: number;
}

/**
 * Sensitivity is a contrast: 50 asks for 12 grey levels in daylight, every 25 steps halve or double it (1: 47, 100: 3). The
 * multiple of the usual flicker falls with it, but never below 3: under that, plain noise would count as things.
 *
 * In the dark less is asked for, down to half: what a coat reflects is a share of the light that falls on it, so that at
 * night the same coat differs by fewer grey levels. Flicker, which is larger in the dark, is measured and not guessed.
 */
export function thresholdsFor(sensitivity: number): Thresholds {
  const s = Number.isFinite(sensitivity) ? Math.min(100, Math.max(1, sensitivity)) : 50;
  const factor = 2 ** ((50 - s) / 25);
  const floor = Int32Array.from({ length: 256 }, (_, grey) => 12 * factor * 256 * Math.min(1, 0.5 + grey / 200));
  return { floor, noiseTimes16: Math.round(16 * (3 + 1.5 * factor)) };
}

// What the owner can set about motion, and what the numbers mean for the detector. Where settings live and how they are
// edited is `config/`'s business: its MotionSettings without the schedule has this shape.

import type { Point } from '../media/types.ts';

/** What a moving thing must be like to count. Shares of the picture's area, width and height in percent; aspect = width / height. */
export interface ThingLimits {
  readonly smallestAreaPercent: number;
  readonly largestAreaPercent: number;
  readonly smallestWidthPercent: number;
  readonly largestWidthPercent: number;
  readonly smallestHeightPercent: number;
  readonly largestHeightPercent: number;
  readonly narrowestAspect: number;
  readonly widestAspect: number;
}

interface Polygon {
  readonly name: string;
  readonly points: readonly Point[];
  /** 1–100. A zone's own, instead of the camera's; a mask's: without one nothing counts there. */
  readonly sensitivity?: number | undefined;
}

export interface MotionZone extends Polygon {
  readonly limits?: { readonly [K in keyof ThingLimits]?: ThingLimits[K] | undefined } | undefined;
}

export type MotionMask = Polygon;

export interface MotionParams extends ThingLimits {
  readonly enabled: boolean;
  /** 1 almost blind … 100 notices everything. */
  readonly sensitivity: number;
  /** Motion must last this long before it is announced. */
  readonly smallestDurationMs: number;
  /** Pauses shorter than this belong to the same visit. */
  readonly mergeGapS: number;
  /** After a visit, how long none can begin. */
  readonly coolDownS: number;
  readonly ignoreGlobalChange: boolean;
  readonly zones: readonly MotionZone[];
  readonly masks: readonly MotionMask[];
}

export const defaultMotionParams: MotionParams = {
  enabled: true,
  sensitivity: 50,
  smallestAreaPercent: 0.05,
  largestAreaPercent: 100,
  smallestWidthPercent: 0,
  largestWidthPercent: 100,
  smallestHeightPercent: 0,
  largestHeightPercent: 100,
  narrowestAspect: 0,
  widestAspect: 100,
  smallestDurationMs: 400,
  mergeGapS: 5,
  coolDownS: 0,
  ignoreGlobalChange: true,
  zones: [],
  masks: [],
};

export interface Thresholds {
  /** How far a pixel must differ at least, in 1/256 level: `min(most, base + slope · grey level of the background)`. */
  readonly floorBase: number;
  readonly floorSlope: number;
  readonly floorMost: number;
  /** Times its own usual flicker that a pixel must differ, in 1/16. */
  readonly noiseTimes16: number;
}

/**
 * How much more contrast than at 50 a sensitivity asks for: 1 at 50, and above it half as much every 25 steps (0.5 at 75, 0.25
 * at 100). Below 50 it rises faster and faster (25: 2.4, 10: 5.8, 1: 11): the contrast of things with what is behind them spreads
 * over a wide range, and an even scale would still find most people at its very end.
 */
export function contrastFactor(sensitivity: number): number {
  const s = Number.isFinite(sensitivity) ? Math.min(100, Math.max(1, sensitivity)) : 50;
  const below = Math.max(0, 50 - s) / 49;
  return s >= 50 ? 2 ** ((50 - s) / 25) : 2 ** (1.3 * below + 2.2 * below * below);
}

/**
 * Sensitivity is a contrast. 50 asks for 10 of the 219 grey levels of video in daylight; 75 for 5; 100 for 2.5, which is what a
 * codec leaves of the noise of a good camera, so that it notices everything that can be told from noise at all; 25 for 24, a
 * dark coat before a wall; 1 for 113, black on white: almost blind. The multiple of the usual flicker falls with it, but never
 * below 3: under that, plain noise would count as things. Faint things are asked for an eighth of this contrast in the mean of
 * a cell (faint.ts), by the same factor.
 *
 * In the dark less is asked for, down to half: what a coat reflects is a share of the light that falls on it, so that at
 * night the same coat differs by fewer grey levels. Flicker, which is larger in the dark, is measured and not guessed.
 */
export function thresholdsFor(sensitivity: number): Thresholds {
  const factor = contrastFactor(sensitivity);
  const most = 10 * factor * 256;
  return {
    floorBase: Math.round(most / 2),
    floorSlope: Math.round(most / 200),
    floorMost: Math.round(most),
    noiseTimes16: Math.round(16 * (3 + 1.5 * factor)),
  };
}

/** How far a pixel before a background of this grey level (0–255) must differ at least, in grey levels. */
export const floorAt = ({ floorBase, floorSlope, floorMost }: Thresholds, grey: number): number =>
  Math.min(floorMost, floorBase + floorSlope * grey) / 256;

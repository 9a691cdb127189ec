// Where motion counts, and how much it must stand out there: zones and masks, drawn once into a byte per pixel. Which zone a
// thing lies in is asked in filters.ts; editing polygons is the web page's business.

import type { Point } from '../media/types.ts';
import { contrastFactor, type MotionMask, type MotionParams, type MotionZone } from './params.ts';

type Polygon = { readonly points: readonly Point[] };

/** The camera's own sensitivity, as a byte of the sensitivity map. */
export const SAME = 16;

/**
 * A byte per pixel, for the pixel loop. 0: does not count. Otherwise the contrast that is asked for there, in sixteenths of the
 * camera's: 16 as for the camera, less in a zone that is more sensitive, more in one that is less so, 1 to 255.
 *
 * The factor belongs to what `sensitivity` decides. The three times the flicker that every pixel must differ whatever the setting
 * (`thresholdsFor`) are not to be multiplied: a pixel's limit is `3 * flicker + (floor + (noiseTimes - 3) * flicker) * factor / 16`,
 * which is then that of a camera with the zone's sensitivity. Otherwise plain noise would count in a very sensitive zone.
 *
 * Where zones overlap the most sensitive one holds. A mask only ever takes away: without a sensitivity all of it, with one it
 * asks for at least that much, also where a zone is more sensitive; of several masks the strictest holds.
 */
export function sensitivityMap(
  width: number,
  height: number,
  { sensitivity, zones, masks }: Pick<MotionParams, 'sensitivity' | 'zones' | 'masks'>,
): Uint8Array {
  const map = new Uint8Array(width * height);
  if (zones.length === 0) map.fill(SAME);
  for (const zone of zones) {
    const factor = factorOf(sensitivity, zone);
    eachSpan(width, height, zone.points, (from, to) => {
      for (let i = from; i < to; i++) if (map[i] === 0 || factor < map[i]!) map[i] = factor;
    });
  }
  for (const mask of masks) {
    const factor = mask.sensitivity === undefined ? 0 : factorOf(sensitivity, mask);
    eachSpan(width, height, mask.points, (from, to) => {
      if (factor === 0) map.fill(0, from, to);
      else for (let i = from; i < to; i++) if (map[i] !== 0 && factor > map[i]!) map[i] = factor;
    });
  }
  return map;
}

function factorOf(camera: number, own: MotionZone | MotionMask): number {
  const factor = contrastFactor(own.sensitivity ?? camera) / contrastFactor(camera);
  return Math.min(255, Math.max(1, Math.round(SAME * factor)));
}

/** Which zones hold a pixel: bit n for the n-th zone. The settings have at most sixteen. */
export function zoneBits(width: number, height: number, zones: readonly Polygon[]): Uint16Array {
  const bits = new Uint16Array(width * height);
  zones.slice(0, 16).forEach(({ points }, zone) => {
    eachSpan(width, height, points, (from, to) => {
      for (let i = from; i < to; i++) bits[i]! |= 1 << zone;
    });
  });
  return bits;
}

/**
 * Even-odd filling at pixel centres, a span of pixels `from` (inclusive) to `to` (exclusive) at a time; points are shares of width
 * and height. Points that are no numbers draw nothing.
 */
function eachSpan(
  width: number,
  height: number,
  points: readonly Point[],
  paint: (from: number, to: number) => void,
): void {
  const crossings: number[] = [];
  for (let y = 0; y < height; y++) {
    const at = (y + 0.5) / height;
    crossings.length = 0;
    for (let i = 0; i < points.length; i++) {
      const a = points[i]!;
      const b = points[(i + 1) % points.length]!;
      if (a.y <= at !== b.y <= at) crossings.push((a.x + ((at - a.y) / (b.y - a.y)) * (b.x - a.x)) * width);
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i]! - 0.5));
      const to = Math.min(width, Math.ceil(crossings[i + 1]! - 0.5));
      if (from < to) paint(y * width + from, y * width + to);
    }
  }
}

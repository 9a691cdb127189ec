// Where motion counts: zones minus masks, drawn once into a byte per pixel. Editing polygons is the web page's business.

import type { Point } from '../media/types.ts';

type Polygon = { readonly points: readonly Point[] };

/** 255 where motion counts, 0 elsewhere. Without zones the whole picture counts. */
export function rasterise(
  width: number,
  height: number,
  zones: readonly Polygon[],
  masks: readonly Polygon[],
): Uint8Array {
  const region = new Uint8Array(width * height);
  if (zones.length === 0) region.fill(255);
  for (const zone of zones) fillPolygon(region, width, height, zone.points, 255);
  for (const mask of masks) fillPolygon(region, width, height, mask.points, 0);
  return region;
}

/** Even-odd filling at pixel centres; points are shares of width and height. Points that are no numbers draw nothing. */
function fillPolygon(region: Uint8Array, width: number, height: number, points: readonly Point[], value: number): void {
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
      if (from < to) region.fill(value, y * width + from, y * width + to);
    }
  }
}

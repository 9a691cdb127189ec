// Polygons over a picture, as shares of its width and height: where a new point goes, what moving one means, what a finger
// is on. Pure.

import type { Point } from '../../src/http/api.ts';

export const minPoints = 3;
export const maxPoints = 64;

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const round = (value: number) => Math.round(clamp(value) * 1000) / 1000;
/** Inside the picture, to a thousandth of it. */
export const asPoint = (x: number, y: number): Point => ({ x: round(x), y: round(y) });

/** A rectangle in the middle, not hiding the one before. */
export function startPolygon(index: number): readonly Point[] {
  const shift = (index % 5) * 0.04;
  return [
    asPoint(0.3 + shift, 0.3 + shift),
    asPoint(0.7 + shift, 0.3 + shift),
    asPoint(0.7 + shift, 0.7 + shift),
    asPoint(0.3 + shift, 0.7 + shift),
  ];
}

/** Puts a point behind the `index`-th. A full polygon stays as it is. */
export const insertAfter = (points: readonly Point[], index: number, point: Point): readonly Point[] =>
  points.length >= maxPoints ? points : [...points.slice(0, index + 1), point, ...points.slice(index + 1)];

/** The middle of the edge behind the `index`-th point. */
export function middleAfter(points: readonly Point[], index: number): Point {
  const a = points[index]!;
  const b = points[(index + 1) % points.length]!;
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

export const movePoint = (points: readonly Point[], index: number, to: Point): readonly Point[] =>
  points.map((point, i) => (i === index ? asPoint(to.x, to.y) : point));

/** Moves all of it, as far as it stays inside the picture. */
export function moveAll(points: readonly Point[], dx: number, dy: number): readonly Point[] {
  const within = (by: number, all: readonly number[]) =>
    Math.max(-Math.min(...all), Math.min(1 - Math.max(...all), by));
  const [x, y] = [
    within(
      dx,
      points.map((p) => p.x),
    ),
    within(
      dy,
      points.map((p) => p.y),
    ),
  ];
  return points.map((p) => asPoint(p.x + x, p.y + y));
}

/** Three points are the least a polygon has. */
export const removePoint = (points: readonly Point[], index: number): readonly Point[] =>
  points.length <= minPoints ? points : points.filter((_, i) => i !== index);

/** Whether the point lies in it; where it crosses itself, as the box fills it (even-odd). */
export function isInside(points: readonly Point[], { x, y }: Point): boolean {
  let inside = false;
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length]!;
    if (a.y <= y !== b.y <= y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside;
  });
  return inside;
}

export type Grip =
  | { readonly kind: 'point'; readonly index: number }
  /** The middle of the edge behind the `index`-th point. */
  | { readonly kind: 'middle'; readonly index: number }
  | { readonly kind: 'inside' };

/** What of a polygon a finger at `at` holds: the nearest point or middle of an edge in reach, else all of it. Lengths in pixels. */
export function gripAt(
  points: readonly Point[],
  at: Point,
  picture: { readonly width: number; readonly height: number },
  reach: number,
): Grip | undefined {
  const away = (p: Point) => Math.hypot((p.x - at.x) * picture.width, (p.y - at.y) * picture.height);
  let best: Grip | undefined;
  let nearest = reach;
  points.forEach((point, index) => {
    // Of two in reach the point wins over the middle beside it: moving is commoner than adding.
    if (away(point) <= nearest) [best, nearest] = [{ kind: 'point', index }, away(point)];
  });
  if (best) return best;
  points.forEach((_, index) => {
    const middle = middleAfter(points, index);
    if (points.length < maxPoints && away(middle) < nearest)
      [best, nearest] = [{ kind: 'middle', index }, away(middle)];
  });
  return best ?? (isInside(points, at) ? { kind: 'inside' } : undefined);
}

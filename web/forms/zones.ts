// Polygons over a picture, as shares of its width and height: where a new point goes, and what moving one means. Pure.

import type { Point } from '../../src/http/api.ts';

export const minPoints = 3;
export const maxPoints = 64;

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const round = (value: number) => Math.round(clamp(value) * 1000) / 1000;
/** Inside the picture, to a thousandth of it. */
export const asPoint = (x: number, y: number): Point => ({ x: round(x), y: round(y) });

/** A new polygon in the middle, not hiding the one before. */
export function startPolygon(index: number): readonly Point[] {
  const shift = (index % 5) * 0.04;
  return [
    asPoint(0.3 + shift, 0.3 + shift),
    asPoint(0.7 + shift, 0.3 + shift),
    asPoint(0.7 + shift, 0.7 + shift),
    asPoint(0.3 + shift, 0.7 + shift),
  ];
}

/** Adds a point on the edge that it is nearest to, so that the outline never crosses itself by adding. */
export function insertPoint(points: readonly Point[], point: Point): readonly Point[] {
  if (points.length >= maxPoints) return points;
  let best = points.length - 1;
  let bestDistance = Number.POSITIVE_INFINITY;
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length]!;
    const distance = distanceToEdge(point, a, b);
    if (distance < bestDistance) [best, bestDistance] = [i, distance];
  });
  return [...points.slice(0, best + 1), point, ...points.slice(best + 1)];
}

export const movePoint = (points: readonly Point[], index: number, to: Point): readonly Point[] =>
  points.map((point, i) => (i === index ? asPoint(to.x, to.y) : point));

/** Three points are the least a polygon has. */
export const removePoint = (points: readonly Point[], index: number): readonly Point[] =>
  points.length <= minPoints ? points : points.filter((_, i) => i !== index);

function distanceToEdge(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const lengthSquared = dx * dx + dy * dy;
  const t = lengthSquared === 0 ? 0 : clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / lengthSquared);
  return Math.hypot(p.x - (a.x + t * dx), p.y - (a.y + t * dy));
}

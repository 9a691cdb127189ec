import { expect, test } from 'bun:test';
import { asPoint, insertPoint, movePoint, removePoint, startPolygon } from './zones.ts';

const square = [asPoint(0, 0), asPoint(1, 0), asPoint(1, 1), asPoint(0, 1)];

test('a tapped point joins the edge that is nearest to it', () => {
  expect(insertPoint(square, asPoint(0.5, 0.1))[1]).toEqual({ x: 0.5, y: 0.1 });
  expect(insertPoint(square, asPoint(0.95, 0.5))[2]).toEqual({ x: 0.95, y: 0.5 });
  expect(insertPoint(square, asPoint(0.05, 0.5))[4]).toEqual({ x: 0.05, y: 0.5 });
});

test('a point that is dragged out of the picture stays at its border', () => {
  expect(movePoint(square, 1, { x: 1.4, y: -0.2 })[1]).toEqual({ x: 1, y: 0 });
});

test('a polygon keeps three points at least and 64 at most', () => {
  const triangle = square.slice(0, 3);
  expect(removePoint(triangle, 0)).toEqual(triangle);
  expect(removePoint(square, 0)).toHaveLength(3);
  let many: readonly { x: number; y: number }[] = square;
  for (let i = 0; i < 100; i++) many = insertPoint(many, asPoint(0.5, i / 100));
  expect(many).toHaveLength(64);
});

test('new polygons lie inside the picture, each a little aside', () => {
  const all = [0, 1, 2, 3, 4, 5].flatMap(startPolygon);
  expect(all.every((p) => p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1)).toBe(true);
  expect(startPolygon(0)).not.toEqual(startPolygon(1));
});

import { expect, test } from 'bun:test';
import {
  type Areas,
  noHistory,
  remembered,
  withArea,
  withLimit,
  withNewArea,
  withoutArea,
  withSensitivity,
} from './areas.ts';
import {
  asPoint,
  gripAt,
  insertAfter,
  isInside,
  maxPoints,
  moveAll,
  movePoint,
  removePoint,
  startPolygon,
} from './zones.ts';

const square = [asPoint(0, 0), asPoint(1, 0), asPoint(1, 1), asPoint(0, 1)];
const small = [asPoint(0.2, 0.2), asPoint(0.4, 0.2), asPoint(0.4, 0.4), asPoint(0.2, 0.4)];
const picture = { width: 1000, height: 500 };

test('a point that is dragged out of the picture stays at its border', () => {
  expect(movePoint(square, 1, { x: 1.4, y: -0.2 })[1]).toEqual({ x: 1, y: 0 });
});

test('a polygon that is dragged keeps its shape at the border', () => {
  expect(moveAll(small, 0.9, -0.9)).toEqual([asPoint(0.8, 0), asPoint(1, 0), asPoint(1, 0.2), asPoint(0.8, 0.2)]);
  expect(moveAll(small, 0.1, 0.1)[0]).toEqual(asPoint(0.3, 0.3));
});

test('a polygon keeps three points at least and 64 at most', () => {
  const triangle = square.slice(0, 3);
  expect(removePoint(triangle, 0)).toEqual(triangle);
  expect(removePoint(square, 0)).toHaveLength(3);
  let many: readonly { x: number; y: number }[] = square;
  for (let i = 0; i < 100; i++) many = insertAfter(many, 0, asPoint(0.5, i / 100));
  expect(many).toHaveLength(maxPoints);
  expect(gripAt(many, asPoint(0.5, 0.505), picture, 22)?.kind).not.toBe('middle');
});

test('a finger holds the nearest point in reach, then the middle of an edge, then all of it', () => {
  expect(gripAt(small, asPoint(0.21, 0.23), picture, 22)).toEqual({ kind: 'point', index: 0 });
  // 30 pixels away in height, not 15: the picture is wider than high.
  expect(gripAt(small, asPoint(0.2, 0.26), picture, 22)).not.toEqual({ kind: 'point', index: 0 });
  expect(gripAt(small, asPoint(0.3, 0.21), picture, 22)).toEqual({ kind: 'middle', index: 0 });
  expect(gripAt(small, asPoint(0.3, 0.3), picture, 22)).toEqual({ kind: 'inside' });
  expect(gripAt(small, asPoint(0.6, 0.6), picture, 22)).toBeUndefined();
  const narrow = [asPoint(0.2, 0.2), asPoint(0.21, 0.2), asPoint(0.2, 0.9)];
  expect(gripAt(narrow, asPoint(0.212, 0.2), picture, 22)).toEqual({ kind: 'point', index: 1 });
});

test('inside is what the box counts as inside, also where an outline crosses itself', () => {
  const bow = [asPoint(0, 0), asPoint(1, 1), asPoint(1, 0), asPoint(0, 1)];
  expect([asPoint(0.1, 0.5), asPoint(0.5, 0.1), asPoint(0.9, 0.5)].map((p) => isInside(bow, p))).toEqual([
    true,
    false,
    true,
  ]);
});

test('new polygons lie inside the picture, each a little aside', () => {
  const all = [0, 1, 2, 3, 4, 5].flatMap(startPolygon);
  expect(all.every((p) => p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1)).toBe(true);
  expect(startPolygon(0)).not.toEqual(startPolygon(1));
});

const none: Areas = { zones: [], masks: [] };

test('a new zone gets a name that none has', () => {
  const two = withNewArea(withNewArea(none, 'zones', square), 'zones', small);
  expect(two.zones.map((z) => z.name)).toEqual(['Zone 1', 'Zone 2']);
  const again = withNewArea(withoutArea(two, { kind: 'zones', index: 0 }), 'zones', square);
  expect(again.zones.map((z) => z.name)).toEqual(['Zone 2', 'Zone 3']);
  expect(withNewArea(again, 'masks', small).masks[0]?.name).toBe('Mask 1');
});

test('what a zone no longer says for itself leaves nothing behind', () => {
  const [zone] = withNewArea(none, 'zones', square).zones;
  expect(withSensitivity(withSensitivity(zone!, 80), undefined)).toEqual(zone!);
  const limited = withLimit(withLimit(zone!, 'smallestAreaPercent', 2), 'widestAspect', 1);
  expect(limited.limits).toEqual({ smallestAreaPercent: 2, widestAspect: 1 });
  expect(withLimit(withLimit(limited, 'widestAspect', undefined), 'smallestAreaPercent', undefined)).toEqual(zone!);
});

test('one drag is one step back, the next drag another', () => {
  let areas = withNewArea(none, 'zones', square);
  let history = noHistory;
  const rename = (name: string, stroke: string) => {
    history = remembered(history, areas, stroke);
    areas = withArea(areas, { kind: 'zones', index: 0 }, { ...areas.zones[0]!, name });
  };
  for (const name of ['a', 'ab', 'abc']) rename(name, 'drag 1');
  for (const name of ['x', 'xy']) rename(name, 'drag 2');
  expect(history.steps.map((step) => step.zones[0]!.name)).toEqual(['Zone 1', 'abc']);
  for (let n = 0; n < 300; n++) rename(`${n}`, `drag ${n + 3}`);
  expect(history.steps).toHaveLength(100);
});

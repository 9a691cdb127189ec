import { expect, test } from 'bun:test';
import { rasterise } from './region.ts';

const draw = (region: Uint8Array, width: number) =>
  Array.from({ length: region.length / width }, (_, y) =>
    [...region.subarray(y * width, (y + 1) * width)].map((v) => (v === 255 ? '#' : v === 0 ? '.' : '?')).join(''),
  );
const box = (x0: number, y0: number, x1: number, y1: number) => ({
  points: [
    { x: x0, y: y0 },
    { x: x1, y: y0 },
    { x: x1, y: y1 },
    { x: x0, y: y1 },
  ],
});

test('without zones everything counts; masks cut out', () => {
  expect(draw(rasterise(4, 2, [], []), 4)).toEqual(['####', '####']);
  expect(draw(rasterise(4, 2, [], [box(0, 0, 0.5, 1)]), 4)).toEqual(['..##', '..##']);
});

test('zones add up, masks win over zones', () => {
  expect(draw(rasterise(6, 2, [box(0, 0, 0.5, 0.5), box(0.5, 0.5, 1, 1)], [box(0, 0, 1 / 6, 1)]), 6)).toEqual([
    '.##...',
    '...###',
  ]);
});

test('slanted and concave outlines are filled at pixel centres', () => {
  const triangle = {
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 0, y: 1 },
    ],
  };
  expect(draw(rasterise(4, 4, [triangle], []), 4)).toEqual(['###.', '##..', '#...', '....']);
});

test('points outside the picture or that are no numbers do no harm', () => {
  expect(draw(rasterise(3, 1, [box(-5, -5, 9, 9)], []), 3)).toEqual(['###']);
  expect(draw(rasterise(3, 1, [box(Number.NaN, 0, 1, Number.NaN)], []), 3).length).toBe(1);
  expect(draw(rasterise(3, 1, [{ points: [] }], []), 3)).toEqual(['...']);
});

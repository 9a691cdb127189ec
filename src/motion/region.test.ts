import { expect, test } from 'bun:test';
import { defaultMotionParams, type MotionParams, thresholdsFor } from './params.ts';
import { sensitivityMap, zoneBits } from './region.ts';

type Outline = Pick<MotionParams['zones'][number], 'points'>;
/** 255 where motion counts at all. */
const rasterise = (width: number, height: number, zones: readonly Outline[], masks: readonly Outline[]) => {
  const named = (outlines: readonly Outline[]) => outlines.map((outline) => ({ ...outline, name: 'Gate' }));
  return sensitivityMap(width, height, { sensitivity: 50, zones: named(zones), masks: named(masks) }).map((factor) =>
    factor > 0 ? 255 : 0,
  );
};
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

const settings = (change: Partial<MotionParams>) => ({ ...defaultMotionParams, ...change });
const left = { name: 'Left', ...box(0, 0, 0.5, 1) };
const right = { name: 'Right', ...box(0.5, 0, 1, 1) };
const whole = { name: 'Whole', ...box(0, 0, 1, 1) };

test('without zones and masks the whole picture is watched as the camera is', () => {
  expect([...sensitivityMap(4, 1, defaultMotionParams)]).toEqual([16, 16, 16, 16]);
});

test.each([
  [50, 50, 16],
  [50, 75, 8],
  [50, 25, 38],
  [100, 1, 255],
  [1, 100, 1],
  [80, undefined, 16],
])('camera %p, zone %p: %p sixteenths of the contrast are asked for', (sensitivity, own, factor) => {
  const zones = [{ ...left, ...(own === undefined ? {} : { sensitivity: own }) }];
  expect([...sensitivityMap(4, 1, settings({ sensitivity, zones }))]).toEqual([factor, factor, 0, 0]);
});

test('a zone asks for what a camera with its sensitivity asks for, at every step of the scale', () => {
  for (let own = 1; own <= 100; own++) {
    const camera = thresholdsFor(50);
    const [factor] = sensitivityMap(1, 1, settings({ zones: [{ ...whole, sensitivity: own }] }));
    const asked = (camera.floorMost * factor!) / 16;
    // A sixteenth is the grain of the map.
    expect(Math.abs(asked - thresholdsFor(own).floorMost)).toBeLessThanOrEqual(camera.floorMost / 32 + 1);
  }
});

test('more sensitivity never asks for more', () => {
  let before = 255;
  for (let own = 1; own <= 100; own++) {
    const [factor] = sensitivityMap(1, 1, settings({ zones: [{ ...whole, sensitivity: own }] }));
    expect(factor!).toBeLessThanOrEqual(before);
    before = factor!;
  }
});

test('where zones overlap the most sensitive one holds, in whichever order they were drawn', () => {
  const zones = [
    { ...whole, sensitivity: 25 },
    { ...right, sensitivity: 75 },
  ];
  for (const order of [zones, zones.toReversed()])
    expect([...sensitivityMap(4, 1, settings({ zones: order }))]).toEqual([38, 38, 8, 8]);
});

test('a mask with a sensitivity damps, one without blinds, and neither opens what no zone watches', () => {
  const damped = { ...right, sensitivity: 25 };
  expect([...sensitivityMap(4, 1, settings({ masks: [damped] }))]).toEqual([16, 16, 38, 38]);
  expect([...sensitivityMap(4, 1, settings({ masks: [right] }))]).toEqual([16, 16, 0, 0]);
  expect([...sensitivityMap(4, 1, settings({ masks: [damped, right] }))]).toEqual([16, 16, 0, 0]);
  expect([...sensitivityMap(4, 1, settings({ masks: [right, damped] }))]).toEqual([16, 16, 0, 0]);
  expect([...sensitivityMap(4, 1, settings({ zones: [left], masks: [damped] }))]).toEqual([16, 16, 0, 0]);
});

test('a mask never makes a place more sensitive, and of several the strictest holds', () => {
  expect([...sensitivityMap(2, 1, settings({ masks: [{ ...right, sensitivity: 90 }] }))]).toEqual([16, 16]);
  const zones = [{ ...whole, sensitivity: 75 }];
  const masks = [
    { ...right, sensitivity: 25 },
    { ...right, sensitivity: 50 },
  ];
  expect([...sensitivityMap(2, 1, settings({ zones, masks }))]).toEqual([8, 38]);
});

test('each pixel knows the zones that hold it', () => {
  expect([...zoneBits(4, 1, [left, whole, { name: 'Nothing', points: [] }])]).toEqual([3, 3, 2, 2]);
});

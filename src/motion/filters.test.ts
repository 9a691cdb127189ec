import { expect, test } from 'bun:test';
import { createDetector } from './detector.ts';
import { Filter, judgeThing, limitsIn, type Measured, smallestAnywhere, tightBox, zonesOf } from './filters.ts';
import { defaultMotionParams, type MotionParams, type ThingLimits } from './params.ts';
import { zoneBits } from './region.ts';
import { Scene } from './scene.test-data.ts';
import type { Believed } from './tracks.ts';

const picture = { width: 100, height: 100 };
const thing = (width: number, height: number, moving = width * height, area = width * height): Measured => ({
  width,
  height,
  area,
  moving,
});
const box = (x0: number, y0: number, x1: number, y1: number) => [
  { x: x0, y: y0 },
  { x: x1, y: y0 },
  { x: x1, y: y1 },
  { x: x0, y: y1 },
];
const settings = (change: Partial<MotionParams>): MotionParams => ({ ...defaultMotionParams, ...change });

test.each<[string, Partial<ThingLimits>, Measured]>([
  ['too small', { smallestAreaPercent: 1 }, thing(9, 11)],
  ['fits', { smallestAreaPercent: 1 }, thing(10, 10)],
  ['too small', { smallestAreaPercent: 1 }, thing(20, 20, 99)],
  ['fits', { largestAreaPercent: 1 }, thing(10, 10)],
  ['too large', { largestAreaPercent: 1 }, thing(20, 20, 50, 101)],
  ['too small', { smallestWidthPercent: 10 }, thing(9, 50)],
  ['fits', { smallestWidthPercent: 10 }, thing(10, 50)],
  ['too large', { largestWidthPercent: 10 }, thing(11, 5)],
  ['too small', { smallestHeightPercent: 10 }, thing(50, 9)],
  ['too large', { largestHeightPercent: 10 }, thing(5, 11)],
  ['other shape', { narrowestAspect: 1 }, thing(9, 10)],
  ['fits', { narrowestAspect: 1 }, thing(10, 10)],
  ['other shape', { widestAspect: 0.5 }, thing(6, 10)],
  ['fits', { widestAspect: 0.5 }, thing(5, 10)],
  ['fits', {}, thing(100, 100)],
])('%s with %j: %j', (verdict, limits, measured) => {
  expect(judgeThing(measured, { ...defaultMotionParams, ...limits }, picture)).toBe(verdict as never);
});

test('a zone’s limits take the place of the camera’s one by one', () => {
  const limits = limitsIn(settings({ smallestAreaPercent: 1, largestWidthPercent: 50 }), {
    limits: { smallestAreaPercent: 3, largestAreaPercent: undefined },
  });
  expect(limits).toMatchObject({ smallestAreaPercent: 3, largestWidthPercent: 50, largestAreaPercent: 100 });
  expect(Object.keys(limits).length).toBe(8);
});

test('what is small enough for no zone need not be followed', () => {
  expect(smallestAnywhere(settings({ smallestAreaPercent: 2 }))).toBe(2);
  const points = box(0, 0, 1, 1);
  const zones = [
    { name: 'a', points, limits: { smallestAreaPercent: 0.5 } },
    { name: 'b', points },
  ];
  expect(smallestAnywhere(settings({ smallestAreaPercent: 2, zones }))).toBe(0.5);
  expect(smallestAnywhere(settings({ smallestAreaPercent: 2, zones: zones.slice(1) }))).toBe(2);
});

const blob = (x: number, y: number, width: number, height: number, part: Partial<Believed['blob']> = {}) => ({
  x,
  y,
  width,
  height,
  area: width * height,
  moving: width * height,
  centreX: x + width / 2,
  centreY: y + height / 2,
  ...part,
});
const left = { name: 'Left', points: box(0, 0, 0.5, 1) };
const right = { name: 'Right', points: box(0.5, 0, 1, 1) };

test('a thing lies in the zone of its centre, and in each that holds a third of it', () => {
  const bits = zoneBits(100, 100, [left, right]);
  const zones = (x: number, width: number, centreX?: number) =>
    zonesOf(blob(x, 10, width, 20, centreX === undefined ? {} : { centreX }), bits, 100, 100);
  expect(zones(10, 20)).toEqual([0]);
  expect(zones(38, 20)).toEqual([0, 1]);
  expect(zones(34, 20)).toEqual([0]);
  expect(zones(34, 20, 53)).toEqual([0, 1]);
});

test('a thing lies in the zone that holds most of it when none holds its centre, and in none outside all', () => {
  const legs = [
    { name: 'a', points: box(0, 0, 0.1, 1) },
    { name: 'b', points: box(0.8, 0, 1, 1) },
  ];
  const bits = zoneBits(100, 100, legs);
  expect(zonesOf(blob(0, 0, 100, 100), bits, 100, 100)).toEqual([1]);
  expect(zonesOf(blob(40, 40, 10, 10), bits, 100, 100)).toEqual([]);
});

test('a box of cells is measured by its pixels, and specks beside the thing do not count', () => {
  const mask = new Uint8Array(32 * 32);
  for (let y = 9; y < 29; y++) mask.fill(1, y * 32 + 12, y * 32 + 18);
  mask[2 * 32 + 30] = 1;
  expect(tightBox({ x: 0, y: 0, width: 32, height: 32 }, { mask, stride: 32 })).toEqual({
    x: 12,
    y: 9,
    width: 6,
    height: 20,
  });
  const empty = { x: 8, y: 8, width: 8, height: 8 };
  expect(tightBox(empty, { mask: new Uint8Array(32 * 32), stride: 32 })).toEqual(empty);
});

const marks = { mask: new Uint8Array(10_000), stride: 100 };
/** What is let through, frame by frame, of one thing that has these sides; it is believed from the first frame on. */
function follow(params: Partial<MotionParams>, sides: readonly number[], x = 10): string[] {
  const filter = new Filter(100, 100, settings(params));
  return sides.map((side, frame) => {
    const seen = side === 0 ? [] : [{ blob: blob(x, 10, side, side), id: 7, sinceMs: -400 }];
    const [admitted] = filter.step(seen, frame * 200, marks);
    return admitted ? `${admitted.sinceMs}${admitted.zones.map((z) => ` ${z}`)}` : '–';
  });
}

test('a thing that fits counts from when it was first seen', () => {
  expect(follow({}, [10, 10])).toEqual(['-400', '-400']);
});

test('a thing that grows into its limits counts at once, from then on', () => {
  expect(follow({ smallestAreaPercent: 1 }, [4, 6, 8, 10, 12])).toEqual(['–', '–', '–', '600', '600']);
});

test('a thing that is small for a moment stays the same; for longer, it begins anew', () => {
  expect(follow({ smallestAreaPercent: 1 }, [10, 8, 10])).toEqual(['-400', '–', '-400']);
  expect(follow({ smallestAreaPercent: 1 }, [10, 8, 8, 8, 8, 10])).toEqual(['-400', '–', '–', '–', '–', '1000']);
});

test('what was too large must fit as often as a new thing before it counts: the tail of a lorry does not', () => {
  expect(follow({ largestAreaPercent: 4 }, [30, 30, 15, 10, 0, 0])).toEqual(['–', '–', '–', '–', '–', '–']);
  expect(follow({ largestAreaPercent: 4 }, [30, 15, 15, 15, 15])).toEqual(['–', '–', '–', '200', '200']);
});

test('each zone judges by its own limits, and one that lets it count is enough', () => {
  const zones = [{ ...left, limits: { largestAreaPercent: 1 } }, right];
  expect(follow({ zones }, [20], 10)).toEqual(['–']);
  expect(follow({ zones }, [20], 70)).toEqual(['-400 Right']);
  expect(follow({ zones }, [20], 40)).toEqual(['-400 Right']);
  expect(follow({ zones }, [8], 10)).toEqual(['-400 Left']);
  expect(follow({ zones: [right] }, [10], 10)).toEqual(['–']);
});

const WIDTH = 160;
const HEIGHT = 90;
/** Zones in which something moved while a thing of this size walked from left to right, and when, in seconds. */
function walk(params: Partial<MotionParams>, width: number, height: number, contrast = 60) {
  const scene = new Scene(WIDTH, HEIGHT, 7);
  const detector = createDetector(settings(params));
  const moving: number[] = [];
  const zones = new Set<string>();
  for (let frame = 0; frame < 75; frame++) {
    scene.restore();
    if (frame >= 25 && frame < 65) scene.add((frame - 25) * 4 - width, 30, width, height, contrast);
    const signal = detector.step({ width: WIDTH, height: HEIGHT, data: scene.picture(2), atMs: frame * 200 });
    if (signal.moving) moving.push(frame / 5);
    for (const zone of signal.zones ?? []) zones.add(zone);
  }
  return { seconds: moving.length / 5, fromS: moving[0], zones: [...zones] };
}

test('upright things and flat things are told apart in the picture', () => {
  const upright = { widestAspect: 0.8 };
  const flat = { narrowestAspect: 1.25 };
  expect(walk(upright, 8, 24).seconds).toBeGreaterThan(4);
  expect(walk(flat, 8, 24).seconds).toBeLessThan(0.5);
  expect(walk(flat, 30, 10).seconds).toBeGreaterThan(4);
  // Six pixels wide in cells of eight: its box of cells is too wide more often than not.
  expect(walk({ widestAspect: 0.6 }, 6, 16).seconds).toBeGreaterThan(4);
  expect(walk({ largestWidthPercent: 4 }, 20, 12).seconds).toBeLessThan(1.2);
});

test('who walks through two zones is seen in both, and in one of them only as far as its limits go', () => {
  const zones = [
    { name: 'Gate', points: box(0, 0, 0.5, 1) },
    { name: 'Path', points: box(0.5, 0, 1, 1) },
  ];
  expect(walk({ zones }, 10, 20).zones).toEqual(['Gate', 'Path']);
  const small = [{ ...zones[0]!, limits: { smallestAreaPercent: 10 } }, zones[1]!];
  const seen = walk({ zones: small }, 10, 20);
  expect(seen.zones).toEqual(['Path']);
  expect(seen.fromS).toBeGreaterThan(8);
});

test('a zone that is less sensitive misses what another finds, and a mask that damps lets only what stands out', () => {
  const at = (sensitivity: number) =>
    walk({ zones: [{ name: 'Z', points: box(0, 0, 1, 1), sensitivity }] }, 12, 20, 30);
  const masked = (sensitivity?: number) =>
    walk({ masks: [{ name: 'M', points: box(0, 0, 1, 1), ...(sensitivity ? { sensitivity } : {}) }] }, 12, 20, 30);
  expect(at(50).seconds).toBeGreaterThan(4);
  expect(at(1).seconds).toBe(0);
  expect(masked().seconds).toBe(0);
  expect(masked(1).seconds).toBe(0);
  expect(masked(40).seconds).toBeGreaterThan(4);
});

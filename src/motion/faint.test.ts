import { describe, expect, test } from 'bun:test';
import { FaintThings, leadsSomewhere } from './faint.ts';
import { sameLight } from './light.ts';

const COLUMNS = 40;
const ROWS = 23;
const grid = { width: 320, height: 180, shift: 3, columns: COLUMNS, rows: ROWS };
const everywhere = new Float32Array(COLUMNS * ROWS).fill(1);

/** Feeds cell means, 0.2 s apart; `draw` adds to a flat picture. Gives the frames in which something faint is believed. */
function watch(
  frames: number,
  draw: (add: (x: number, y: number, levels: number) => void, frame: number) => void,
  { factor = 1, noise = 0.3, factors = everywhere } = {},
): number[] {
  const faint = new FaintThings(grid);
  const usual = new Float32Array(COLUMNS * ROWS).fill(90);
  const past: Float32Array[] = [];
  let seed = 9;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) / 0x7fffff - 0.5;
  };
  return Array.from({ length: frames }, (_, frame) => {
    const now = usual.map((v) => v + (random() + random() + random()) * 2 * noise);
    // A thing of one cell's size, anywhere: each cell gets its share.
    draw((x, y, levels) => {
      for (let row = Math.floor(y); row <= Math.floor(y) + 1; row++) {
        for (let column = Math.floor(x); column <= Math.floor(x) + 1; column++) {
          const share = Math.max(0, 1 - Math.abs(column - x)) * Math.max(0, 1 - Math.abs(row - y));
          if (column >= 0 && column < COLUMNS && row >= 0 && row < ROWS) now[row * COLUMNS + column]! += share * levels;
        }
      }
    }, frame);
    past.push(now);
    faint.mark(now, usual, sameLight, past[Math.max(0, frame - 2)]!, sameLight, factors, factor);
    return faint.step(frame * 200).length > 0 ? [frame] : [];
  }).flat();
}

test.each([
  [6, 0.4],
  [-6, 0.4],
  [10, 0.25],
  [8, 1],
])('something of %p levels that goes %p cells a picture is believed within 2 s', (levels, speed) => {
  const found = watch(80, (add, frame) => {
    if (frame >= 50) add(8 + (frame - 50) * speed, 10, levels);
  });
  expect(found[0]).toBeGreaterThan(50);
  expect(found[0]).toBeLessThanOrEqual(60);
});

describe('goes nowhere and is not believed:', () => {
  const flakes =
    (count: number): Parameters<typeof watch>[1] =>
    (add, frame) => {
      for (let k = 0; k < count; k++)
        add((k * 7.3 + frame * 0.3) % 39, (k * 5.1 + frame * (0.4 + (k % 5) * 0.1)) % 22, 7);
    };
  test.each<[string, Parameters<typeof watch>[1]]>([
    ['snow', flakes(25)],
    ['a single flake now and then', flakes(2)],
    ['noise', () => {}],
    ['a branch that swings', (add, frame) => add(12 + Math.sin(frame) * 0.8, 9, 7)],
    ['a lamp that blinks', (add, frame) => add(12, 9, frame % 7 < 3 ? 7 : 0)],
    ['an insect that crosses in three pictures', (add, frame) => add((frame % 40) * 5, 6 + (frame % 3) * 4, 12)],
    [
      'rain',
      (add, frame) => {
        for (let k = 0; k < 40; k++)
          add(
            (Math.imul(frame * 64 + k, 0x9e3779b1) >>> 8) % 39,
            (Math.imul(frame * 64 + k, 0x85ebca6b) >>> 9) % 22,
            8,
          );
      },
    ],
    [
      'a patch of light that wanders',
      (add, frame) => {
        for (let y = 0; y < 8; y++) for (let x = 0; x < 10; x++) add(4 + frame * 0.3 + x, 6 + y, 6);
      },
    ],
    ['what only sticks in at the edge', (add, frame) => add(3 + frame * 0.4, 0, 8)],
  ])('%s', (_, draw) => {
    expect(watch(80, draw)).toEqual([]);
  });
});

test('less sensitivity soon sees nothing faint, and what is not watched is not seen', () => {
  const walk: Parameters<typeof watch>[1] = (add, frame) => {
    if (frame >= 50) add(8 + (frame - 50) * 0.4, 10, 7);
  };
  expect(watch(80, walk).length).toBeGreaterThan(5);
  expect(watch(80, walk, { factor: 3 })).toEqual([]);
  expect(watch(80, walk, { factors: everywhere.map(() => 0) })).toEqual([]);
});

test('a path leads somewhere when it is much longer than it wavers', () => {
  const path = (at: (i: number) => [number, number], n = 8) =>
    leadsSomewhere(
      Array.from({ length: n }, (_, i) => ({ atMs: i * 200, x: at(i)[0], y: at(i)[1] })),
      8,
      16,
    );
  expect(path((i) => [i * 3, 50])).toBe(true);
  expect(path((i) => [i * 3, 50], 4)).toBe(false);
  expect(path((i) => [i * 0.5, 50])).toBe(false);
  expect(path((i) => [(i % 2) * 20, 50])).toBe(false);
  expect(path((i) => [i * 3, 50 + (i % 2) * 20])).toBe(false);
  // A flake falls; somebody who walks towards the camera goes down no faster than half his height in a second.
  expect(path((i) => [50, i * 3])).toBe(false);
  expect(path((i) => [50, 50 - i * 3])).toBe(true);
  expect(path((i) => [50, i * 1.4], 10)).toBe(true);
  expect(path(() => [Number.NaN, 50])).toBe(false);
});

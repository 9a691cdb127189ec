import { expect, test } from 'bun:test';
import { Levels } from './levels.ts';

test('each chunk says the most that moved while it lasted, also when it was recorded from before the motion', () => {
  const levels = new Levels();
  for (const [atMs, level] of [
    [0, 0],
    [400, 3],
    [600, 40],
    [900, 10],
    [1600, 20],
  ] as const) {
    levels.note('door', level, atMs);
  }
  levels.note('yard', 90, 700);
  const until = levels.follow('door', 0);
  expect([500, 1000, 1500, 2000].map(until)).toEqual([3, 40, undefined, 20]);
});

test('what the detector was late with counts for the next chunk; what was before the recording, for none', () => {
  const levels = new Levels();
  levels.note('door', 80, 900);
  const until = levels.follow('door', 1000);
  levels.note('door', 1, 1100);
  expect(until(1500)).toBe(1);
  levels.note('door', 50, 1400);
  levels.note('door', 2, 1600);
  expect(until(2000)).toBe(50);
});

test('nobody looked: nobody says that nothing moved', () => {
  expect(new Levels().follow('door', 0)(500)).toBeUndefined();
});

test('memory does not grow with the hours', () => {
  const levels = new Levels();
  const until = levels.follow('door', 0);
  for (let atMs = 0; atMs < 3_600_000; atMs += 200) {
    levels.note('door', atMs % 100, atMs);
    if (atMs % 500 === 0) until(atMs);
  }
  expect(levels.size).toBeLessThan(1000);
});

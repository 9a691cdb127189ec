import { expect, test } from 'bun:test';
import { activePart, moved, scaleMarks, zoomed } from './day-zoom.ts';

const hour = 3_600_000;
const midnight = new Date(2026, 10, 21).getTime();
const day = { fromMs: midnight, toMs: midnight + 24 * hour };
const hours = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [
  (fromMs - midnight) / hour,
  (toMs - midnight) / hour,
];
const part = (from: number, to: number) => ({ fromMs: midnight + from * hour, toMs: midnight + to * hour });

test('a day opens at the hours in which something was recorded', () => {
  expect(hours(activePart(day, part(3.25, 3.3)))).toEqual([3, 4]);
  expect(hours(activePart(day, part(2.9, 3.1)))).toEqual([2, 4]);
  expect(hours(activePart(day, part(23.5, 24)))).toEqual([23, 24]);
  expect(hours(activePart(day, part(6.5, 19.2)))).toEqual([6, 20]);
  expect(hours(activePart(day, part(0, 24)))).toEqual([0, 24]);
});

test('zooming keeps the moment in its place, and ends at ten minutes and at the whole day', () => {
  expect(hours(zoomed(day, part(2, 6), 0.5, midnight + 3 * hour))).toEqual([2.5, 4.5]);
  const closest = zoomed(day, part(2, 2.2), 0.1, midnight + 2 * hour);
  expect(closest.toMs - closest.fromMs).toBe(600_000);
  expect(hours(zoomed(day, part(2, 20), 4, midnight + 3 * hour))).toEqual([0, 24]);
});

test('moving stops at midnight', () => {
  expect(hours(moved(day, part(2, 6), 0.5))).toEqual([4, 8]);
  expect(hours(moved(day, part(2, 6), -1))).toEqual([0, 4]);
  expect(hours(moved(day, part(18, 22), 1))).toEqual([20, 24]);
});

test('the scale has round times, nine at most, whatever is shown', () => {
  expect(scaleMarks(day, day).map((ms) => (ms - midnight) / hour)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24]);
  expect(scaleMarks(day, part(2, 5)).map((ms) => (ms - midnight) / hour)).toEqual([2, 2.5, 3, 3.5, 4, 4.5, 5]);
  for (const length of [0.2, 0.5, 1, 2, 7, 13]) {
    expect(scaleMarks(day, part(5, 5 + length)).length).toBeLessThanOrEqual(9);
  }
});

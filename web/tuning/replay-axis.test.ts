import { expect, test } from 'bun:test';
import type { TuningStep, TuningVisit } from '../../src/http/api.ts';
import { axisOf, compared, levelPath, momentAt, shareOf, stepAt } from './replay-axis.ts';

const step = (atMs: number, level = 0): TuningStep => ({ atMs, level, moving: level > 0, global: false, blobs: [] });
const visit = (startMs: number, endMs: number): TuningVisit => ({ startMs, endMs, level: 10, goesOn: false });

test('a strip of a few seconds is as long as half a minute, its right end is now', () => {
  expect(axisOf({ fromMs: 100_000, toMs: 104_000 })).toEqual({ fromMs: 74_000, toMs: 104_000 });
  expect(axisOf({ fromMs: 100_000, toMs: 200_000 })).toEqual({ fromMs: 100_000, toMs: 200_000 });
  expect(axisOf({})).toBeUndefined();
});

test('a moment and its place on the strip are the same thing', () => {
  const axis = { fromMs: 100_000, toMs: 200_000 };
  for (const at of [100_000, 123_456, 200_000]) expect(momentAt(axis, shareOf(axis, at))).toBe(at);
  expect([shareOf(axis, 0), shareOf(axis, 9e9)]).toEqual([0, 1]);
});

test('at a moment stands what was seen last, but nothing in a pause', () => {
  const steps = [step(1000), step(1200), step(1400), step(9000)];
  expect([999, 1000, 1300, 3800, 5000, 9000].map((at) => stepAt(steps, at)?.atMs)).toEqual([
    undefined,
    1000,
    1200,
    1400,
    undefined,
    9000,
  ]);
});

test('the curve is closed along the bottom, and broken where pictures are missing', () => {
  const axis = { fromMs: 0, toMs: 10_000 };
  expect(levelPath([step(0, 5), step(1000, 10), step(5000, 4), step(5200, 0)], axis)).toBe(
    'M0.0 100L0.0 75L100.0 50L100.0 100ZM500.0 100L500.0 80L520.0 100L520.0 100Z',
  );
  expect(levelPath([], axis)).toBe('');
  // The highest level of large things nearly fills it.
  expect(levelPath([step(0, 80)], axis)).toContain('L0.0 9L');
});

test('draft and saved settings are compared in one sentence each', () => {
  const both = { draft: [visit(0, 14_000)], saved: [visit(0, 90_000), visit(100_000, 160_000)] };
  expect(compared(both, true)).toBe(
    'With these settings: 1 visit, 14 s of motion. Saved settings: 2 visits, 3 min of motion.',
  );
  expect(compared({ draft: [], saved: [] }, false)).toBe('With these settings: no visits.');
});

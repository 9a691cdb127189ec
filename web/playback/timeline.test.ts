import { expect, test } from 'bun:test';
import type { SegmentView } from '../../src/http/api.ts';
import { breaksOf, marksOf, overHole, secondsAt, stretchAt, timelineOf, wallAt } from './timeline.ts';

const t0 = 1_763_690_000_000;
const segment = (id: string, startMs: number, durationMs: number): SegmentView => ({
  id,
  startMs,
  durationMs,
  bytes: 1,
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  width: 640,
  height: 360,
});
// b follows a at once; between b and c the camera was lost for a minute.
const timeline = timelineOf([
  segment('c', t0 + 80_000, 5000),
  segment('a', t0, 10_000),
  segment('b', t0 + 10_000, 10_000),
]);

test('the axis is the sum of lengths, in order of time, without the gaps', () => {
  expect(timeline.stretches.map((s) => [s.id, s.offsetS])).toEqual([
    ['a', 0],
    ['b', 10],
    ['c', 20],
  ]);
  expect(timeline.totalS).toBe(25);
});

test('each place has its wall time, behind a gap too', () => {
  expect([0, 12, 21, 25].map((s) => (wallAt(timeline, s) ?? 0) - t0)).toEqual([0, 12_000, 81_000, 85_000]);
  expect(wallAt(timelineOf([]), 0)).toBeUndefined();
});

test('a moment that was not recorded leads to what was recorded next', () => {
  expect([-5000, 3000, 40_000, 82_000, 999_000].map((ms) => secondsAt(timeline, t0 + ms))).toEqual([0, 3, 20, 22, 25]);
});

test('a clock that stepped back between segments does not bend the axis', () => {
  const stepped = timelineOf([segment('a', t0, 10_000), segment('b', t0 + 4000, 10_000)]);
  expect(stepped.totalS).toBe(20);
  expect(stretchAt(stepped, 10)?.id).toBe('b');
});

test('motion is marked where it was; an event that still goes on reaches the end', () => {
  const event = { id: 'e', cameraId: 'x', startMs: t0 + 5000, peakMs: t0 + 6000, endMs: t0 + 8000, level: 40 };
  expect(marksOf(timeline, [event])).toEqual([{ fromS: 5, toS: 8, peakS: 6, level: 40 }]);
  const { endMs: _, ...running } = event;
  expect(marksOf(timeline, [running])[0]?.toS).toBe(25);
  expect(marksOf(timeline, [{ ...event, startMs: t0 + 30_000, peakMs: t0 + 31_000, endMs: t0 + 32_000 }])).toEqual([]);
});

test('where the time of day jumps, the axis says so', () => {
  expect(breaksOf(timeline)).toEqual([20]);
});

test('a small hole between segments is stepped over, a large one is not', () => {
  const ranges = [
    [0, 9.96],
    [10.02, 20],
  ] as const;
  expect(overHole(ranges, 9.95)).toBeCloseTo(10.021);
  expect(overHole(ranges, 5)).toBeUndefined();
  expect(
    overHole(
      [
        [0, 9.96],
        [30, 40],
      ],
      9.95,
    ),
  ).toBeUndefined();
});

import { expect, test } from 'bun:test';
import { holdEdge, reconnectMs } from './edge.ts';

test('the first pictures of a stream that has run for long start at its edge, not at zero', () => {
  expect(holdEdge({ nowS: 0, ranges: [[300, 302]], rate: 1 })).toEqual({ seekToS: 301.95, rate: 1 });
});

test('a viewer at the edge is left alone', () => {
  expect(holdEdge({ nowS: 9.9, ranges: [[0, 10]], rate: 1 })).toEqual({ rate: 1 });
});

test('a small lag is caught up by playing a little faster, until it is small again', () => {
  expect(holdEdge({ nowS: 9.8, ranges: [[0, 10]], rate: 1 })).toEqual({ rate: 1.12 });
  expect(holdEdge({ nowS: 9.9, ranges: [[0, 10]], rate: 1.12 })).toEqual({ rate: 1.12 });
  expect(holdEdge({ nowS: 9.95, ranges: [[0, 10]], rate: 1.12 })).toEqual({ rate: 1 });
});

test('a large lag is jumped over', () => {
  expect(holdEdge({ nowS: 8, ranges: [[0, 10]], rate: 1 }).seekToS).toBeCloseTo(9.95);
});

test('after a gap the picture goes on behind the gap, never inside it', () => {
  expect(
    holdEdge({
      nowS: 4.99,
      ranges: [
        [0, 5],
        [6, 6.02],
      ],
      rate: 1,
    }).seekToS,
  ).toBe(6);
});

test('a clock that ran ahead of a restarted stream comes back', () => {
  expect(holdEdge({ nowS: 100, ranges: [[0, 3]], rate: 1 }).seekToS).toBeCloseTo(2.95);
});

test('what was seen is forgotten in steps, so that memory stays flat', () => {
  expect(holdEdge({ nowS: 19.9, ranges: [[0, 20]], rate: 1 }).removeBeforeS).toBeUndefined();
  expect(holdEdge({ nowS: 20.9, ranges: [[0, 21]], rate: 1 }).removeBeforeS).toBe(13);
});

test('nothing buffered asks for nothing', () => {
  expect(holdEdge({ nowS: 0, ranges: [], rate: 1.5 })).toEqual({ rate: 1 });
});

test('pauses before connecting again grow, and stay under a fixed time', () => {
  expect([0, 1, 2, 3, 9, 99].map((n) => reconnectMs(n, () => 0.5))).toEqual([500, 1000, 2000, 4000, 10_000, 10_000]);
  expect(reconnectMs(99, () => 1)).toBeLessThanOrEqual(12_500);
});

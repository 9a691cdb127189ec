import { expect, test } from 'bun:test';
import { afterLook, type Forecast, type Look, nextLookMs, noForecast, wantFreeBytes } from './forecast.ts';

const looks = (...all: readonly (readonly [atS: number, freeMB: number, removedMB?: number])[]): Forecast =>
  all.reduce<Forecast>((before, [atS, freeMB, removedMB = 0]) => {
    const look: Look = { atMs: atS * 1000, freeBytes: freeMB * 1e6, removedBytes: removedMB * 1e6 };
    return afterLook(before, look);
  }, noForecast);
const MBps = (forecast: Forecast) => Math.round(forecast.bytesPerS / 1e4) / 100;

test.each([
  ['one look says nothing', [[0, 1000]], 0],
  [
    '8 MB/s',
    [
      [0, 1000],
      [10, 920],
    ],
    8,
  ],
  [
    '8 MB/s, though as much was removed meanwhile',
    [
      [0, 1000],
      [10, 1000, 80],
    ],
    8,
  ],
  [
    'the disk became emptier',
    [
      [0, 1000],
      [10, 1200],
    ],
    0,
  ],
  [
    'looks within a second are one',
    [
      [0, 1000],
      [0.1, 900],
      [1, 990],
    ],
    10,
  ],
  [
    'it falls by half in ten minutes',
    [
      [0, 1000],
      [10, 920],
      [610, 920],
    ],
    4,
  ],
  [
    'it rises at once',
    [
      [0, 1000],
      [10, 990],
      [20, 790],
    ],
    20,
  ],
] as const)('the rate: %s', (_, given, expected) => {
  expect(MBps(looks(...given))).toBe(expected);
});

test('a minute of what comes is free before the floor is reached, but at most twice the floor', () => {
  expect(wantFreeBytes(2e9, noForecast)).toBe(2e9);
  expect(wantFreeBytes(2e9, { bytesPerS: 8e6 })).toBe(2.48e9);
  expect(wantFreeBytes(50e6, { bytesPerS: 8e6 })).toBe(100e6);
});

test.each([
  ['nothing is written', 0, 1000, 30],
  ['nothing is written, and little is free: who begins at once is seen in time', 0, 60, 2.5],
  ['far from the floor', 8, 2000, 30],
  ['ten seconds from it', 8, 180, 3.333],
  ['at it', 8, 100, 0.5],
  ['below it', 8, 20, 0.5],
] as const)('looks three times before the floor is met, or the disk full: %s', (_, rateMB, freeMB, seconds) => {
  const wait = nextLookMs(freeMB * 1e6, 100e6, { bytesPerS: rateMB * 1e6 });
  expect(wait / 1000).toBeCloseTo(seconds, 2);
});

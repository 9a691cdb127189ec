import { expect, test } from 'bun:test';
import { nextOrderMs, renewFromMs, type Tries, warnFromMs } from './schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 2, 1);
const days = (life: number) => ({ fromMs: NOW, untilMs: NOW + life * DAY_MS });
const failed = (failures: number, more: Partial<Tries> = {}): Tries => ({ failures, lastMs: NOW, ...more });

test.each([
  [398, 368, 384],
  [90, 60, 76],
  [45, 30, 33.75],
  [6, 4, 4.5],
])('of a life of %d days, it is renewed from day %d on, and complained about from day %d on', (life, renew, warn) => {
  expect((renewFromMs(days(life)) - NOW) / DAY_MS).toBeCloseTo(renew, 6);
  expect((warnFromMs(days(life)) - NOW) / DAY_MS).toBeCloseTo(warn, 6);
});

test('without a certificate one is ordered at once, with one when it is due', () => {
  expect(nextOrderMs(undefined, undefined, NOW, 0.5)).toBeLessThanOrEqual(NOW);
  expect(nextOrderMs(days(90), undefined, NOW, 0.5)).toBe(NOW + 60 * DAY_MS);
});

test('after failures it is tried again after 1, 2, 4 … 24 hours', () => {
  const hours = [1, 2, 3, 4, 5, 6, 7, 1e6].map((n) => (nextOrderMs(undefined, failed(n), NOW, 0.5) - NOW) / HOUR_MS);
  expect(hours).toEqual([1, 2, 4, 8, 16, 24, 24, 24]);
});

test('boxes that failed together do not come back together', () => {
  const minutes = [0, 0.5, 1].map((random) => (nextOrderMs(undefined, failed(1), NOW, random) - NOW) / MINUTE_MS);
  expect(minutes).toEqual([55, 60, 65]);
});

test('the authority’s own time is kept where it is later, and never by coming early', () => {
  const at = (notBeforeMs: number, random = 0.5) => nextOrderMs(undefined, failed(1, { notBeforeMs }), NOW, random);
  expect(at(NOW + 10 * MINUTE_MS)).toBe(NOW + HOUR_MS);
  expect(at(NOW + 3 * DAY_MS, 0)).toBe(NOW + 3 * DAY_MS);
  expect(at(NOW + 3 * DAY_MS, 1)).toBe(NOW + 3 * DAY_MS + 5 * MINUTE_MS);
  // no limit is that long
  expect(at(NOW + 4000 * DAY_MS, 0)).toBe(NOW + 8 * DAY_MS);
});

test('a renewal that failed is not put off beyond the pause, nor done before it is due', () => {
  const due = NOW - DAY_MS;
  const life = { fromMs: due - 60 * DAY_MS, untilMs: due + 30 * DAY_MS };
  expect(nextOrderMs(life, failed(2), NOW, 0.5)).toBe(NOW + 2 * HOUR_MS);
  expect(nextOrderMs(days(90), failed(2), NOW, 0.5)).toBe(NOW + 60 * DAY_MS);
});

test('a try in the future, from before the clock was set right, holds nothing back', () => {
  const ahead = { lastMs: NOW + 365 * DAY_MS, notBeforeMs: NOW + 366 * DAY_MS };
  expect(nextOrderMs(undefined, { failures: 1, lastMs: ahead.lastMs }, NOW, 0.5)).toBe(NOW + HOUR_MS);
  expect(nextOrderMs(undefined, { failures: 1, ...ahead }, NOW, 0)).toBe(NOW + 8 * DAY_MS);
});

test('a new certificate that looks as if it were due again, or is lost at once, does not become a circle', () => {
  const old = { fromMs: NOW - 80 * DAY_MS, untilMs: NOW + 10 * DAY_MS };
  expect(nextOrderMs(old, failed(0), NOW, 0.5)).toBe(NOW + DAY_MS);
  expect(nextOrderMs(undefined, failed(0), NOW, 0.5)).toBe(NOW + HOUR_MS);
});

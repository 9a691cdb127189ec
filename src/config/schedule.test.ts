import { expect, test } from 'bun:test';
import { isScheduled } from './schedule.ts';

const at = (text: string) => Date.parse(text);
const night = [{ days: ['mon' as const], from: '22:00', to: '06:00' }];

test.each([
  ['2026-01-05T22:00:00Z', true], // Monday
  ['2026-01-05T21:59:59Z', false],
  ['2026-01-06T05:59:59Z', true], // runs into Tuesday
  ['2026-01-06T06:00:00Z', false],
  ['2026-01-06T23:00:00Z', false], // Tuesday has no entry of its own
])('a span past midnight belongs to the day it starts on: %s → %p', (moment, on) => {
  expect(isScheduled(night, at(moment), 'UTC')).toBe(on);
});

test('without entries it is always on; equal times mean the whole day', () => {
  expect(isScheduled([], 0, 'UTC')).toBe(true);
  const tuesday = [{ days: ['tue' as const], from: '00:00', to: '00:00' }];
  expect(isScheduled(tuesday, at('2026-01-06T12:00:00Z'), 'UTC')).toBe(true);
  expect(isScheduled(tuesday, at('2026-01-07T12:00:00Z'), 'UTC')).toBe(false);
});

test('the owner’s zone decides, also across daylight saving', () => {
  const day = [{ days: ['sun' as const], from: '02:30', to: '03:30' }];
  // Berlin, 2026-03-29: 02:00 local does not exist; 03:15 local is 01:15 UTC.
  expect(isScheduled(day, at('2026-03-29T01:15:00Z'), 'Europe/Berlin')).toBe(true);
  expect(isScheduled(day, at('2026-03-29T00:45:00Z'), 'Europe/Berlin')).toBe(false);
  // 2026-10-25: 02:45 local happens twice; both are inside.
  expect(isScheduled(day, at('2026-10-25T00:45:00Z'), 'Europe/Berlin')).toBe(true);
  expect(isScheduled(day, at('2026-10-25T01:45:00Z'), 'Europe/Berlin')).toBe(true);
});

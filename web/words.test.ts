import { expect, test } from 'bun:test';
import { count, dayName, length, movedShare, movedWords, size, span } from './words.ts';

test('lengths read like a clock', () => {
  expect([0, 65_000, 720_000, 3_723_000].map(length)).toEqual(['0:00', '1:05', '12:00', '1:02:03']);
});

test('spans are words, with the number in the right form', () => {
  expect([1000, 59_000, 120_000, 3_600_000, 5_460_000, 86_400_000, 277_200_000].map(span)).toEqual([
    '1 second',
    '59 seconds',
    '2 minutes',
    '1 hour',
    '1 hour 31 minutes',
    '1 day',
    '3 days 5 hours',
  ]);
});

test('sizes use three digits at most', () => {
  expect([0, 999, 1500, 12_300_000, 999_600_000, 2_500_000_000_000].map(size)).toEqual([
    '0 B',
    '999 B',
    '1.5 kB',
    '12 MB',
    '1.0 GB',
    '2.5 TB',
  ]);
});

test('the last two days have names', () => {
  const now = new Date(2026, 10, 21, 0, 10).getTime();
  expect([dayName('2026-11-21', now), dayName('2026-11-20', now)]).toEqual(['Today', 'Yesterday']);
  expect(dayName('2026-11-19', now)).toContain('19');
});

test('a motion level is said as what an owner sees', () => {
  expect([4, 11, 20, 60].map(movedWords)).toEqual([
    'something small',
    'something small',
    'something of medium size',
    'something large',
  ]);
  expect([5, 11, 100].map(movedShare)).toEqual(['0.3 % of the picture', '1 % of the picture', '100 % of the picture']);
});

test('one thing is one thing', () => {
  expect([count(1, 'recording'), count(2, 'recording')]).toEqual(['1 recording', '2 recordings']);
});

import { expect, test } from 'bun:test';
import { readMoment, showMoment, showSpan } from './moment.ts';

const local = (...parts: readonly [number, number, number, number?, number?, number?, number?]) =>
  new Date(parts[0], parts[1], parts[2], parts[3] ?? 0, parts[4] ?? 0, parts[5] ?? 0, parts[6] ?? 0).getTime();

test.each([
  ['2026-11-21 18:04', local(2026, 10, 21, 18, 4)],
  ['2026-11-21T18:04:09', local(2026, 10, 21, 18, 4, 9)],
  ['2026-11-21_18-04-09'.replace('_18-04-09', '_18.04.09'), local(2026, 10, 21, 18, 4, 9)],
  [' 2026-11-21 8:04:09.5 ', local(2026, 10, 21, 8, 4, 9, 500)],
  ['2026-11-21T17:04:09Z', Date.UTC(2026, 10, 21, 17, 4, 9)],
  ['2026-11-21T18:04+01:00', Date.UTC(2026, 10, 21, 17, 4)],
  ['2026-11-21 11:34 -0530', Date.UTC(2026, 10, 21, 17, 4)],
  ['2028-02-29', local(2028, 1, 29)],
])('%j is a time', (text, expected) => {
  expect(readMoment(text, '--from')).toBe(expected);
});

test('a day alone is all of it, also the last of a month', () => {
  expect(readMoment('2026-11-30', '--from')).toBe(local(2026, 10, 30));
  expect(readMoment('2026-11-30', '--to')).toBe(local(2026, 11, 1));
  expect(readMoment('2026-11-30Z', '--to')).toBe(Date.UTC(2026, 11, 1));
});

test.each([
  '',
  'yesterday',
  '2026-13-01',
  '2026-02-29',
  '2026-11-21 24:00',
  '2026-11-21 18:60',
  '21.11.2026',
  '1700000000',
])('%j is refused with an example', (text) => {
  expect(() => readMoment(text, '--to')).toThrow('--to must be a time such as "2026-11-21 18:04"');
});

test('times are shown as they are read, and the day once', () => {
  const at = local(2026, 10, 21, 18, 4, 9, 700);
  expect(showMoment(at)).toBe('2026-11-21 18:04:09');
  expect(readMoment(showMoment(at), '--from')).toBe(at - 700);
  expect(showSpan(at, at + 61_000)).toBe('2026-11-21 18:04:09 – 18:05:10');
  expect(showSpan(at, at + 86_400_000)).toBe('2026-11-21 18:04:09 – 2026-11-22 18:04:09');
});

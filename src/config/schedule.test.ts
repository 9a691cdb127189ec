import { expect, test } from 'bun:test';
import { isScheduled, type WeekSchedule } from './schedule.ts';

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

const every = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** Minutes of a schedule in a stretch of real time, and how often it turned on. */
function during(schedule: WeekSchedule, fromText: string, hours: number, zone: string) {
  let [minutes, turns, before] = [0, 0, false];
  for (let minute = 0; minute < hours * 60; minute++) {
    const on = isScheduled(schedule, at(fromText) + minute * 60_000, zone);
    if (on) minutes++;
    if (on && !before) turns++;
    before = on;
  }
  return { minutes, turns };
}
const spans = (from: string, to: string, ...days: (typeof every)[number][]): WeekSchedule => [
  { days: days.length > 0 ? days : [...every], from, to },
];

// In spring Berlin goes from 02:00 to 03:00 at 01:00 UTC on 29 March, New York from 02:00 to 03:00 at 07:00 UTC on 8 March 2026; in
// autumn Berlin goes from 03:00 back to 02:00 at 01:00 UTC on 25 October, New York from 02:00 back to 01:00 at 06:00 UTC on 1 November.
test.each<[string, string, string, string, string, number]>([
  ['a night that loses an hour', 'Europe/Berlin', '2026-03-28T11:00:00Z', '22:00', '06:00', 7 * 60],
  ['a night that gains one', 'Europe/Berlin', '2026-10-24T11:00:00Z', '22:00', '06:00', 9 * 60],
  ['a night that loses an hour', 'America/New_York', '2026-03-07T17:00:00Z', '22:00', '06:00', 7 * 60],
  ['a night that gains one', 'America/New_York', '2026-10-31T17:00:00Z', '22:00', '06:00', 9 * 60],
  ['a span inside the hour that is not there', 'Europe/Berlin', '2026-03-28T11:00:00Z', '02:10', '02:50', 0],
  ['a span that begins in it begins where it is over', 'Europe/Berlin', '2026-03-28T11:00:00Z', '02:30', '04:00', 60],
  ['a span that ends in it ends where it begins', 'America/New_York', '2026-03-07T17:00:00Z', '01:00', '02:30', 60],
  ['a whole day of 23 hours', 'Europe/Berlin', '2026-03-28T23:00:00Z', '00:00', '00:00', 23 * 60],
])('%s (%s, from %s): %s–%s is %p minutes', (_, zone, from, start, end, minutes) => {
  const hours = start === end ? 23 : 24;
  expect(during(spans(start, end), from, hours, zone)).toEqual({ minutes, turns: minutes > 0 ? 1 : 0 });
});

test.each([
  ['Europe/Berlin', '2026-10-24T11:00:00Z', '02:15', '02:45'],
  ['America/New_York', '2026-10-31T17:00:00Z', '01:15', '01:45'],
])('a span inside the hour that comes twice is on twice: %s', (zone, from, start, end) => {
  expect(during(spans(start, end), from, 24, zone)).toEqual({ minutes: 60, turns: 2 });
});

test.each(['Europe/Berlin', 'America/New_York'])(
  'a span over the whole double hour is on without a break: %s',
  (zone) => {
    const from = zone === 'Europe/Berlin' ? '2026-10-24T11:00:00Z' : '2026-10-31T17:00:00Z';
    expect(during(spans('00:30', '03:30'), from, 24, zone)).toEqual({ minutes: 4 * 60, turns: 1 });
  },
);

test('a night belongs to the weekday it starts on, also when the clock changes in it', () => {
  const saturday = spans('22:00', '06:00', 'sat');
  const sunday = spans('22:00', '06:00', 'sun');
  // 05:30 on Sunday morning, summer time: still Saturday's night; 06:00 is over.
  expect(isScheduled(saturday, at('2026-03-29T03:30:00Z'), 'Europe/Berlin')).toBe(true);
  expect(isScheduled(saturday, at('2026-03-29T04:00:00Z'), 'Europe/Berlin')).toBe(false);
  expect(isScheduled(sunday, at('2026-03-29T03:30:00Z'), 'Europe/Berlin')).toBe(false);
  expect(isScheduled(sunday, at('2026-03-29T20:00:00Z'), 'Europe/Berlin')).toBe(true);
  // The week turns, too: Sunday's night ends on Monday.
  expect(isScheduled(sunday, at('2026-03-30T03:59:00Z'), 'Europe/Berlin')).toBe(true);
  expect(isScheduled(spans('22:00', '06:00', 'mon'), at('2026-03-30T03:59:00Z'), 'Europe/Berlin')).toBe(false);
});

test('two spans that meet or overlap are on without a break', () => {
  const meet = [...spans('20:00', '00:00'), ...spans('00:00', '06:00')];
  expect(during(meet, '2026-06-01T11:00:00Z', 24, 'Europe/Berlin')).toEqual({ minutes: 10 * 60, turns: 1 });
});

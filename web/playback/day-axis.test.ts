import { expect, test } from 'bun:test';
import { bars, dayAxis, dayOf, joinedSpans, momentAt } from './day-axis.ts';

const hour = 3_600_000;
const midnight = new Date(2026, 10, 21).getTime();
const axis = dayAxis('2026-11-21');

test('a day goes from midnight to midnight where the viewer is', () => {
  expect(axis).toEqual({ fromMs: midnight, toMs: new Date(2026, 10, 22).getTime() });
});

test('a box in another zone widens the strip, it never hides a recording', () => {
  expect(dayAxis('2026-11-21', { fromMs: midnight - hour, toMs: midnight + 23 * hour }).fromMs).toBe(midnight - hour);
});

test('recordings are bars in proportion, short ones still wide enough to hit', () => {
  const [long, short] = bars(axis, [
    { id: 'a', startMs: midnight + 6 * hour, endMs: midnight + 12 * hour },
    { id: 'b', startMs: midnight + 18 * hour, endMs: midnight + 18 * hour + 1000 },
  ]);
  expect(long).toEqual({ id: 'a', left: 0.25, width: 0.25 });
  expect(short?.width).toBe(0.0025);
  expect(bars(axis, [{ id: 'c', startMs: midnight - hour, endMs: midnight }])).toEqual([]);
});

test('a tap means that moment, else the nearest recording within ten minutes, from where there is something to see', () => {
  const recorded = [{ id: 'a', startMs: midnight + hour, endMs: midnight + hour + 60_000 }];
  const tap = (atMs: number) => momentAt(recorded, midnight + atMs);
  expect(tap(hour + 30_000)).toBe(midnight + hour + 30_000);
  expect(tap(hour - 5 * 60_000)).toBe(midnight + hour);
  expect(tap(hour + 6 * 60_000)).toBe(midnight + hour);
  expect(tap(2 * hour)).toBeUndefined();
  expect(momentAt([], midnight)).toBeUndefined();
});

test('what was recorded without a break is one bar', () => {
  const minute = (n: number) => ({ id: `s${n}`, startMs: midnight + n * 60_000, endMs: midnight + (n + 1) * 60_000 });
  expect(joinedSpans([minute(1), minute(0), minute(2), minute(9)])).toEqual([
    { id: 's0', startMs: midnight, endMs: midnight + 180_000 },
    minute(9),
  ]);
});

test('a moment belongs to the day that the viewer’s clock shows', () => {
  expect([dayOf(midnight), dayOf(midnight - 1)]).toEqual(['2026-11-21', '2026-11-20']);
});

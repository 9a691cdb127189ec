import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { createThinner, type ThinningLibrary } from './thinner.ts';

const HOUR_MS = 3_600_000;

/** Recordings of an hour each, of one camera; `empty` ones have no segments left. */
function hours(count: number, empty: (hour: number) => boolean = () => false) {
  const recordings = Array.from({ length: count }, (_, i) => ({
    id: `r${String(i).padStart(3, '0')}`,
    startMs: i * HOUR_MS,
    endMs: (i + 1) * HOUR_MS - 1,
    knowsItsEvents: true,
    ageIsKnown: true,
    isEmpty: empty(i),
  }));
  const library: ThinningLibrary = {
    nextContinuous: (_, after) => recordings.find((r) => r.startMs > after.startMs),
    keptSegmentsOf: (id) => {
      const { startMs, isEmpty } = recordings.find((r) => r.id === id)!;
      return isEmpty ? [] : [{ id: `s-${id}`, cameraId: 'a', startMs, durationMs: 1000, bytes: 1 }];
    },
    movedBetween: () => [],
  };
  return library;
}
const nothing = { going: [], isWhole: true };

test('it is through when everything before a moment was passed, and no more when that moment leaps ahead', () => {
  const thinner = createThinner({ library: hours(8), clock: new ManualClock() });
  const offered = () => thinner.next('a', 3 * HOUR_MS)?.segments.map((s) => s.id);
  const seen: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    seen.push([offered(), thinner.isThrough('a', 3 * HOUR_MS)]);
    thinner.seen(nothing);
  }
  expect(seen).toEqual([
    [['s-r000'], false],
    [['s-r001'], false],
    [['s-r002'], false],
    [undefined, true],
  ]);
  // what has come due since then is little
  expect([4, 5].map((hour) => thinner.isThrough('a', hour * HOUR_MS))).toEqual([true, false]);
  expect(thinner.next('a', 5 * HOUR_MS)?.segments.map((s) => s.id)).toEqual(['s-r003']);
  expect(thinner.isThrough('a', 5 * HOUR_MS)).toBe(false);
});

test('beginning anew after six hours does not undo that it is through', async () => {
  const clock = new ManualClock();
  const thinner = createThinner({ library: hours(2), clock });
  const pass = () => {
    const given = thinner.next('a', 2 * HOUR_MS)?.segments.map((s) => s.id);
    thinner.seen(nothing);
    return [given, thinner.isThrough('a', 2 * HOUR_MS)];
  };
  expect([pass(), pass(), pass()]).toEqual([
    [['s-r000'], false],
    [['s-r001'], false],
    [undefined, true],
  ]);
  await clock.advance(6 * HOUR_MS + 1);
  expect(pass()).toEqual([['s-r000'], true]);
});

test('where many recordings in a row are empty it says that it goes on', () => {
  const thinner = createThinner({ library: hours(20, (hour) => hour < 19), clock: new ManualClock() });
  const turns: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    const given = thinner.next('a', 20 * HOUR_MS)?.segments.length;
    turns.push([given, thinner.seen(nothing)]);
  }
  expect(turns).toEqual([
    [undefined, true],
    [undefined, true],
    [1, true],
    [undefined, false],
  ]);
  expect(thinner.isThrough('a', 20 * HOUR_MS)).toBe(true);
});

import { describe, expect, test } from 'bun:test';
import { type ClockLook, EARLIEST_MS, type Mark, type Marks, noted, spanAt, spansOf } from './boot-marks.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
/** The right offset: the machine was switched on in the middle of 2026. */
const ON = Date.UTC(2026, 6, 1);

const look = (sinceBootMs: number, offsetMs: number, more: Partial<ClockLook> = {}): ClockLook => ({
  ...{ sinceBootMs, offsetMs, synchronised: null, firstMs: 1000, notBeforeMs: Number.NEGATIVE_INFINITY },
  ...more,
});
const after = (...looks: readonly ClockLook[]): Marks => looks.reduce(noted, []);
const mark = (kind: Mark['kind'], fromMs: number, offsetMs: number): Mark => ({ fromMs, offsetMs, kind });
const known = { synchronised: true };
const unset = { synchronised: false };

test.each<[string, readonly ClockLook[], Marks]>([
  ['a clock that is right from the beginning', [look(1000, ON, known)], [mark('known', 1000, ON)]],
  ['1970, then somebody knows the time', [look(1000, 0), look(9000, ON, known)], [mark('known', 9000, ON)]],
  ['1970 for ever', [look(1000, 0, unset), look(9000, 0, unset)], [mark('placed', 1000, 0)]],
  ['a clock that nobody vouches for', [look(1000, ON), look(9000, ON)], [mark('clock', 1000, ON)]],
  [
    'a restored clock that says less than what was recorded before, put behind it',
    [look(2000, ON, { firstMs: 2000, notBeforeMs: ON + HOUR })],
    [mark('placed', 2000, ON + HOUR - 2000)],
  ],
  ['… until somebody sets it', [look(1000, 0), look(9000, ON)], [mark('clock', 9000, ON)]],
  [
    'known once: what is done to the clock later does not count',
    [look(1, ON, known), look(9, 0)],
    [mark('known', 1, ON)],
  ],
  [
    'known, and forward: as after a sleep, what came before stays',
    [look(1000, ON, known), look(9000, ON + HOUR, known)],
    [mark('known', 1000, ON), mark('known', 9000, ON + HOUR)],
  ],
  [
    'forward and back again had been wrong in between',
    [look(1000, ON, known), look(9000, ON + HOUR, known), look(19_000, ON + 200, known)],
    [mark('known', 1000, ON)],
  ],
  [
    'a clock that is said to be unset, and steps, was wrong since boot',
    [look(1000, ON, unset), look(9000, ON + HOUR, unset)],
    [mark('clock', 9000, ON + HOUR)],
  ],
  ['slewing is no step', [look(1000, ON, known), look(9000, ON + 700, known)], [mark('known', 1000, ON)]],
  [
    'back to a time that cannot be is not believed',
    [look(1000, ON), look(9000, ON - 10 * YEAR)],
    [mark('clock', 1000, ON)],
  ],
])('%s', (_, looks, marks) => expect(after(...looks)).toEqual(marks));

describe('spans', () => {
  const spans = (...offsets: readonly number[]) =>
    spansOf(offsets.map((offsetMs, i) => mark('known', i * 1000, offsetMs))).map((span) => span.offsetMs);

  test('a step forward leaves what came before, a step back takes it along', () => {
    expect(spans(100, 200)).toEqual([100, 200]);
    expect(spans(300, 200)).toEqual([200, 200]);
    expect(spans(100, 300, 200)).toEqual([100, 200, 200]);
  });

  test('the first counts for what came before it, the last for all that follows', () => {
    const marks = [mark('known', 5000, 1), mark('known', 9000, 2)];
    expect([0, 5000, 8999, 9000, 1e9].map((ms) => spanAt(marks, ms)?.offsetMs)).toEqual([1, 1, 1, 2, 2]);
    expect(spanAt([], 5)).toBeUndefined();
  });
});

test('whatever a clock does, dates never run against the order in one boot', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % below;
  };
  for (let round = 0; round < 500; round++) {
    let marks: Marks = [];
    for (let i = 0, since = 1000; i < 20; i++, since += 1 + random(HOUR)) {
      const offsetMs = [0, ON, ON + random(YEAR), ON - random(YEAR), EARLIEST_MS + random(50)][random(5)]!;
      marks = noted(marks, look(since, offsetMs, { synchronised: [true, false, null][random(3)]! }));
      const offsets = spansOf(marks).map((span) => span.offsetMs);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      expect(new Set(marks.map((one) => one.kind)).size).toBe(1);
    }
  }
});

import { expect, test } from 'bun:test';
import { afterCardLook, type CardLedger, type CardLook, cardRate, parseCardLedger } from './card-ledger.ts';

const HOUR = 3_600_000;
const GB = 1e9;

const look = (bootId: string, hours: number, counterGB: number, more: Partial<CardLook> = {}): CardLook => ({
  ...{ card: 'a card', bootId, sinceBootMs: hours * HOUR, counterBytes: counterGB * GB, ownBytes: 0, ownMs: 0 },
  ...more,
});
const after = (...looks: readonly CardLook[]): CardLedger =>
  looks.reduce<CardLedger | null>(afterCardLook, null) as CardLedger;
const perDay = (...looks: readonly CardLook[]) =>
  Math.round((cardRate(after(...looks))?.cardBytesPerDay ?? Number.NaN) / GB);

test.each<[string, readonly CardLook[], number]>([
  ['what was written before we came is not counted', [look('a', 100, 900), look('a', 124, 912)], 12],
  ['a restart of the program goes on counting', [look('a', 1, 1), look('a', 13, 7), look('a', 25, 13)], 12],
  ['a new boot counts from zero, and whole', [look('a', 1, 1), look('a', 13, 7), look('b', 12, 6)], 12],
  ['a new boot that has counted more already', [look('a', 0, 0), look('a', 2, 1), look('b', 24, 12)], 12],
  [
    'a boot that was never seen to end counts up to the last look',
    [look('a', 1, 1), look('a', 7, 4), look('b', 6, 3)],
    12,
  ],
  ['a card that was taken out and put in again', [look('a', 1, 500), look('a', 25, 12)], 12],
  ['the last week counts', [look('a', 0, 0), look('a', 240, 9000), ...weekOf(12)], 12],
])('%s', (_, looks, expected) => expect(perDay(...looks)).toBe(expected));

function weekOf(gbPerDay: number): readonly CardLook[] {
  return Array.from({ length: 28 }, (_, i) => look('a', 240 + (i + 1) * 6, 9000 + ((i + 1) * gbPerDay) / 4));
}

test('nothing is said before an hour was seen', () => {
  expect(cardRate(after(look('a', 1, 1)))).toBeUndefined();
  expect(cardRate(after(look('a', 1, 1), look('a', 1.9, 2)))).toBeUndefined();
  expect(cardRate(after(look('a', 1, 1), look('a', 2, 2)))).toBeDefined();
});

test('our own part has its own time, so that a crash does not make it smaller', () => {
  const crashed = after(
    look('a', 0, 0),
    look('a', 12, 6, { ownBytes: 5 * GB, ownMs: 12 * HOUR }),
    // killed and started again: what came in between is the card's, and known to nobody as ours
    look('a', 24, 12),
  );
  expect(cardRate(crashed)).toEqual({ cardBytesPerDay: 12 * GB, ownBytesPerDay: 10 * GB });
});

test('all that was seen is summed for the life of the card; another card begins anew', () => {
  const seen = [look('a', 1, 1), look('a', 13, 7), look('b', 12, 6)];
  expect(after(...seen).totalBytes).toBe(12 * GB);
  expect(after(...seen, look('b', 13, 7, { card: 'another' }))).toMatchObject({ totalBytes: 0, days: [] });
});

test('a month is kept, in days of running', () => {
  const looks = Array.from({ length: 400 }, (_, i) => look('a', i * 6, i));
  const { days } = after(...looks);
  expect(days).toHaveLength(30);
  expect(new Set(days.slice(0, -1).map((day) => day.cardMs / HOUR))).toEqual(new Set([24]));
});

test('what is kept is read again, and what is no ledger is refused', () => {
  const ledger = after(look('a', 1, 1), look('a', 13, 7), look('b', 12, 6));
  expect(parseCardLedger(JSON.parse(JSON.stringify(ledger)))).toEqual(ledger);
  for (const wrong of [
    null,
    [],
    {},
    { ...ledger, totalBytes: '7' },
    { ...ledger, days: [null] },
    { ...ledger, card: 7 },
  ]) {
    expect(() => parseCardLedger(wrong)).toThrow();
  }
});

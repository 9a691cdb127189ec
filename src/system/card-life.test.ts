import { expect, test } from 'bun:test';
import type { Card, CardKind } from './card.ts';
import { cardLife, saysItsEndIsNear } from './card-life.ts';

const DAY_MS = 86_400_000;
const card = (kind: CardKind, more: Partial<Card> = {}): Card => ({
  ...{ device: 'x', kind, bytes: 32e9, writtenBytes: 0 },
  ...more,
});
/** 16 GB a day, 12 of them ours. */
const ledger = (totalBytes = 0) => ({
  totalBytes,
  days: [{ cardBytes: 16e9, cardMs: DAY_MS, ownBytes: 6e9, ownMs: DAY_MS / 2 }],
});
const years = (...given: Parameters<typeof cardLife>) => {
  const { yearsLeft } = cardLife(...given);
  return yearsLeft === undefined ? undefined : Math.round(yearsLeft * 100) / 100;
};

test('a card of 32 GB stands 16 TB: at 16 GB a day 1000 days', () => {
  expect(cardLife(card('sd', { name: 'SC32G' }), ledger())).toEqual({
    kind: 'sd',
    name: 'SC32G',
    bytesPerDay: 16e9,
    ownBytesPerDay: 12e9,
    enduranceBytes: 16e12,
    yearsLeft: 1000 / 365.25,
  });
});

test('what it has taken is gone from its life, and more than all of it leaves nothing', () => {
  expect(years(card('sd'), ledger(8e12))).toBe(1.37);
  expect(years(card('sd'), ledger(17e12))).toBe(0);
});

test('what an eMMC says of itself counts where it is more than was counted', () => {
  expect(years(card('emmc', { usedPercent: [40, 60] }), ledger())).toBe(2.74);
  expect(years(card('emmc', { usedPercent: [0, 10] }), ledger(16e12))).toBe(2.74);
  expect(years(card('emmc', { usedPercent: [100, 110] }), ledger())).toBe(0);
});

test.each(['hard-disk', 'other'] as const)('of a %s nothing is promised', (kind) => {
  expect(cardLife(card(kind), ledger())).toEqual({ kind, bytesPerDay: 16e9, ownBytesPerDay: 12e9 });
});

test('without a rate, or when nothing is written, there is no forecast', () => {
  expect(cardLife(card('sd'), null)).toEqual({ kind: 'sd', enduranceBytes: 16e12 });
  expect(years(card('sd'), { totalBytes: 0, days: [{ ...ledger().days[0]!, cardBytes: 0 }] })).toBeUndefined();
});

test.each([
  [{}, false],
  [{ reserve: 'normal', usedPercent: [80, 90] }, false],
  [{ reserve: 'normal', usedPercent: [90, 100] }, true],
  [{ reserve: 'warning' }, true],
  [{ reserve: 'urgent' }, true],
] as const)('the owner is warned when the memory itself says so: %j', (says, isNear) => {
  expect(saysItsEndIsNear(says)).toBe(isNear);
});

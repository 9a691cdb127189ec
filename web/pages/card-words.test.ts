import { expect, test } from 'bun:test';
import { cardNotes, cardWords } from './card-words.ts';

const sd = { kind: 'sd', bytesPerDay: 12e9, ownBytesPerDay: 11e9, enduranceBytes: 16e12, yearsLeft: 3.6 } as const;

test('the owner reads what the card takes, how long it lasts, and on what assumption', () => {
  expect(cardWords(sd)).toBe(
    'The card takes 12 GB a day, 11 GB of it recordings. At that rate it lasts about 4 years.',
  );
  expect(cardNotes(sd)).toBe('This assumes that one of this size takes about 16 TB in its life; makers seldom say.');
});

test.each([
  [0, 'It has taken more than it is made for: have a new one ready.'],
  [0.02, 'At that rate it lasts less than a month.'],
  [0.09, 'At that rate it lasts about 1 month.'],
  [1.5, 'At that rate it lasts about 18 months.'],
  [80, 'At that rate it lasts more than 20 years.'],
])('%d years left are said in words', (yearsLeft, words) => {
  expect(cardWords({ ...sd, yearsLeft })).toEndWith(words);
});

test('nothing is promised of what is not known', () => {
  const unknown = { kind: 'other', bytesPerDay: 12e9, ownBytesPerDay: 12e9 } as const;
  expect([cardWords(unknown), cardNotes(unknown)]).toEqual(['The disk takes 12 GB a day.', undefined]);
  expect(cardWords({ kind: 'sd', enduranceBytes: 16e12 })).toBeUndefined();
  expect(cardNotes({ kind: 'sd', enduranceBytes: 16e12 })).toBe('What the card takes a day is known after an hour.');
});

test.each([
  [
    [40, 50],
    'This assumes that one of this size takes about 32 TB in its life; makers seldom say. It says itself that 40 to 50 % of its life is used.',
  ],
  [
    [100, 110],
    'This assumes that one of this size takes about 32 TB in its life; makers seldom say. It says itself that its life is used up.',
  ],
] as const)('what an eMMC says of itself is passed on: %p', (usedPercent, notes) => {
  expect(cardNotes({ kind: 'emmc', bytesPerDay: 1e9, enduranceBytes: 32e12, usedPercent })).toBe(notes);
});

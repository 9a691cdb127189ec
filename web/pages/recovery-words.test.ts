import { expect, test } from 'bun:test';
import { newRecoveryKey, readRecoveryKey, recoveryText, recoveryWords } from '../../src/vault/recovery.ts';
import { isKnown, readTyped, suggestionsFor, suggestPassphrase, withWord } from './recovery-words.ts';

test('words count in any case, with numbers, commas and line ends between them', () => {
  expect(readTyped('1. Acid  2) ACORN,\n3: acrobat ')).toEqual({ kind: 'words', count: 3, unknown: [] });
});

test('an unknown word is named by its place, with what it may have been', () => {
  expect(readTyped('acid acron acrobat ')).toEqual({
    kind: 'words',
    count: 3,
    unknown: [{ place: 2, typed: 'acron', suggestions: expect.arrayContaining(['acorn']) }],
  });
  expect(suggestionsFor('acron')[0]).toBe('acorn');
  expect(suggestionsFor('zebrra')[0]).toBe('zebra');
  expect(suggestionsFor('xyzzyplugh')).toEqual([]);
});

test('a word that is still being typed is not called unknown yet', () => {
  expect(readTyped('acid ac')).toEqual({ kind: 'words', count: 2, unknown: [] });
  expect(readTyped('acid ac ')).toMatchObject({ unknown: [{ place: 2, typed: 'ac' }] });
  expect(readTyped('acid qq')).toMatchObject({ unknown: [{ place: 2, typed: 'qq' }] });
});

test('a suggestion takes the place of the word and of nothing else', () => {
  expect(withWord('1. acid 2. acron 3. acrobat', 2, 'acorn')).toBe('1. acid 2. acorn 3. acrobat');
});

test('what this page calls known is what the vault reads, on many sheets', () => {
  for (let n = 0; n < 50; n++) {
    const key = newRecoveryKey();
    const sheet = recoveryWords(key);
    const typed = sheet.map((word, i) => (i % 2 ? word.slice(0, Math.max(4, word.length - 2)) : word.toUpperCase()));
    expect(readTyped(`${typed.join(' ')} `)).toEqual({ kind: 'words', count: 15, unknown: [] });
    expect(readRecoveryKey(typed.join(' '))).toEqual(key);
  }
});

test('the text of the QR code is not taken for words', () => {
  expect(readTyped(recoveryText(newRecoveryKey()))).toEqual({ kind: 'code' });
  expect(readTyped(' nightjar1:00ff')).toEqual({ kind: 'code' });
  expect(readTyped('  ')).toEqual({ kind: 'nothing' });
});

test('a suggested passphrase has five words of the list', () => {
  const suggested = suggestPassphrase().split(' ');
  expect(suggested).toHaveLength(5);
  expect(suggested.every(isKnown)).toBe(true);
  expect(suggestPassphrase(() => 65_535)).toBe('zoology zoology zoology zoology zoology');
});

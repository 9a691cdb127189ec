import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { hex } from './bytes.ts';
import { SealError } from './fault.ts';
import { fixedRandom } from './fixture-file.ts';
import { readRecoveryKey, recoveryPair, recoveryText, recoveryWords } from './recovery.ts';
import { PREFIX_LETTERS, words } from './words.ts';

setDefaultTimeout(30_000);

const key = fixedRandom('recovery')(16);
const printed = recoveryWords(key);
function wrong(typed: string): string {
  try {
    readRecoveryKey(typed);
  } catch (error) {
    if (error instanceof SealError) return error.message;
    throw error;
  }
  return 'right';
}

describe('the list of words', () => {
  test('has 1024, each told from the others by its first four letters, and is the one that is published', () => {
    expect(words.length).toBe(1024);
    expect(new Set(words.map((word) => word.slice(0, PREFIX_LETTERS))).size).toBe(1024);
    expect(words.filter((word) => !/^[a-z]{4,8}$/.test(word))).toEqual([]);
    const file = new URL('../../docs/reference/sealed-vectors/words.txt', import.meta.url);
    expect(words.join('\n')).toBe(readFileSync(file, 'utf8').trim());
  });

  test('no word becomes another by a letter that is wrong, missing or doubled, or by two that are swapped', () => {
    const known = new Set(words);
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const slips = (word: string) =>
      [...word].flatMap((_, i) => [
        word.slice(0, i) + word.slice(i + 1),
        word.slice(0, i) + (word[i + 1] ?? '') + word[i] + word.slice(i + 2),
        ...[...letters].map((letter) => word.slice(0, i) + letter + word.slice(i + 1)),
      ]);
    expect(words.flatMap((word) => slips(word).filter((slip) => slip !== word && known.has(slip)))).toEqual([]);
  });
});

describe('the recovery key', () => {
  test('comes back from its words, as people type them', () => {
    expect(printed).toHaveLength(15);
    const typed = [
      printed.join(' '),
      printed.join('  ').toUpperCase(),
      ` ${printed.map((word, i) => `${i + 1}. ${word}`).join('\n')}, `,
      printed.map((word) => word.slice(0, 4)).join('-'),
    ];
    for (const text of typed) expect(hex(readRecoveryKey(text))).toBe(hex(key));
  });

  test('comes back from its code', () => {
    expect(recoveryText(key)).toMatch(/^NIGHTJAR1:[0-9A-F]{40}$/);
    for (const text of [
      recoveryText(key),
      recoveryText(key)
        .toLowerCase()
        .replace(/(....)/g, '$1-'),
      ` ${recoveryText(key)}\n`,
    ]) {
      expect(hex(readRecoveryKey(text))).toBe(hex(key));
    }
    expect(wrong(`${recoveryText(key).slice(0, -1)}Z`)).toBe(
      'The recovery code is not right. It has 40 letters and digits after the colon.',
    );
    const last = recoveryText(key).at(-1) === '0' ? '1' : '0';
    expect(wrong(recoveryText(key).slice(0, -1) + last)).toBe('The recovery code is not right. A digit is wrong.');
  });

  test('one wrong word is noticed for certain, whichever it is, and pointed at', () => {
    for (let i = 0; i < 15; i++) {
      const others = [...words.keys()].filter((n) => words[n] !== printed[i] && n % 7 === 0);
      for (const n of others)
        expect(wrong(printed.with(i, words[n]!).join(' '))).toContain(`Look at word ${i + 1} again.`);
    }
  });

  test('two wrong words, and two in the wrong order, are noticed for certain', () => {
    const random = fixedRandom('slips');
    for (let n = 0; n < 500; n++) {
      const [a, b, c, d, e] = random(5) as unknown as [number, number, number, number, number];
      const [i, j] = [a % 15, b % 15];
      const slipped = printed.with(i, words[(c * 4 + e) % 1024]!).with(j, words[(d * 4) % 1024]!);
      if (slipped.join() !== printed.join())
        expect(wrong(slipped.join(' '))).toStartWith('The recovery words are not right.');
      const swapped = printed.with(i, printed[j]!).with(j, printed[i]!);
      if (swapped.join() !== printed.join())
        expect(wrong(swapped.join(' '))).toStartWith('The recovery words are not right.');
    }
  });

  test('two wrong words of which one hides the other from the first check are found by the second', () => {
    // in GF(2¹⁰) modulo x¹⁰+x³+1: an error e in word i and e·x in word i + 1 cancel out in the first sum
    const timesX = (e: number) => ((e << 1) ^ (e & 0x200 ? 0b100_0000_1001 : 0)) & 0x3ff;
    for (let i = 0; i < 14; i++) {
      for (let e = 1; e < 1024; e += 13) {
        const [one, two] = [words.indexOf(printed[i]!) ^ e, words.indexOf(printed[i + 1]!) ^ timesX(e)];
        const slipped = printed.with(i, words[one]!).with(i + 1, words[two]!);
        expect(wrong(slipped.join(' '))).toContain('Two or more of them are wrong');
      }
    }
  });

  test('a word that is none, and a wrong number of words, are said, without repeating the key', () => {
    expect(wrong(printed.with(6, 'xylophon').join(' '))).toBe(
      'The recovery words are not right. Word 7 is not one of the list.',
    );
    expect(wrong(printed.slice(1).join(' '))).toBe(
      'The recovery words are not right. There are 14 words; it must be 15.',
    );
    expect(wrong('')).toContain('There are 0 words');
  });

  test('is one key pair, and any other key another', () => {
    expect(hex(recoveryPair(key).publicKey)).toBe(hex(recoveryPair(readRecoveryKey(printed.join(' '))).publicKey));
    expect(hex(recoveryPair(fixedRandom('other')(16)).publicKey)).not.toBe(hex(recoveryPair(key).publicKey));
  });
});

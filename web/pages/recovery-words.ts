// Judging recovery words while they are typed: which are on the list, and what an unknown one may have been. Whether all fifteen are the
// right ones is the vault's to say (`src/vault/recovery.ts`), which also forgives as much as this does.

import { PREFIX_LETTERS, words } from '../../src/vault/words.ts';

export const wordsOnSheet = 15;

export interface UnknownWord {
  /** Counted from 1, as on the sheet. */
  readonly place: number;
  readonly typed: string;
  /** Nearest first, three at most. */
  readonly suggestions: readonly string[];
}
export type TypedRecovery =
  | { readonly kind: 'nothing' }
  /** What a phone reads from the QR code. */
  | { readonly kind: 'code' }
  | { readonly kind: 'words'; readonly count: number; readonly unknown: readonly UnknownWord[] };

const lettersOf = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/\p{L}+/gu) ?? [];

export function readTyped(text: string): TypedRecovery {
  if (/^\s*nightjar1\s*:/i.test(text)) return { kind: 'code' };
  const typed = lettersOf(text);
  if (typed.length === 0) return { kind: 'nothing' };
  // The last word may still be growing.
  const growing = /\p{L}$/u.test(text) && typed.length < wordsOnSheet ? typed.length : 0;
  const unknown = typed.flatMap((word, i) =>
    isKnown(word) || (i + 1 === growing && beginsAWord(word))
      ? []
      : [{ place: i + 1, typed: word, suggestions: suggestionsFor(word) }],
  );
  return { kind: 'words', count: typed.length, unknown };
}

/** The text with its word at `place` replaced, and the rest as it was typed. */
export function withWord(text: string, place: number, word: string): string {
  let seen = 0;
  return text.normalize('NFKC').replace(/\p{L}+/gu, (old) => {
    seen += 1;
    return seen === place ? word : old;
  });
}

/** In full, or by so many letters that it can be no other. */
export const isKnown = (typed: string): boolean =>
  words.includes(typed) || (typed.length >= PREFIX_LETTERS && words.some((word) => word.startsWith(typed)));

const beginsAWord = (typed: string) => words.some((word) => word.startsWith(typed));

export function suggestionsFor(typed: string): readonly string[] {
  const near = words
    .map((word) => ({ word, slips: slipsBetween(typed, word) }))
    .filter(({ word, slips }) => slips <= (Math.max(typed.length, word.length) > 4 ? 2 : 1));
  const begun = typed.length >= 2 && near.length === 0 ? words.filter((word) => word.startsWith(typed)) : [];
  return [...near.sort((a, b) => a.slips - b.slips).map(({ word }) => word), ...begun].slice(0, 3);
}

/** Letters added, left out, exchanged, or swapped with their neighbour (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let [older, old] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const now = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = old[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(change, old[j]! + 1, now[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, older[j - 2]! + 1);
      now.push(best);
    }
    [older, old] = [old, now];
  }
  return old[b.length]!;
}

/** A first passphrase for somebody: five words of the list, 50 bits behind the slow stretching. `random` gives numbers below 65536. */
export function suggestPassphrase(random = () => crypto.getRandomValues(new Uint16Array(1))[0]!): string {
  // 1024 divides 65536: no word is likelier than another.
  return Array.from({ length: 5 }, () => words[random() % words.length]!).join(' ');
}

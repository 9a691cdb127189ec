// Which words are asked for to see that a recovery sheet was kept, and the sheet as a file.

/** Two places, counted from 1, the lower first. `random` gives numbers from 0 to below 1. */
export function pickPlaces(words: number, random: () => number = Math.random): readonly [number, number] {
  const first = Math.floor(random() * words);
  const second = (first + 1 + Math.floor(random() * (words - 1))) % words;
  return [Math.min(first, second) + 1, Math.max(first, second) + 1];
}

/** Numbered words and nothing else, so that `nightjar export --recovery-key-file` reads it as it is. */
export const sheetFile = (words: readonly string[]): string => words.map((word, i) => `${i + 1}. ${word}\n`).join('');

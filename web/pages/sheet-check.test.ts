import { expect, test } from 'bun:test';
import { newRecoveryKey, readRecoveryKey, recoveryWords } from '../../src/vault/recovery.ts';
import { pickPlaces, sheetFile } from './sheet-check.ts';

test('two different words of the sheet are asked for, whatever the chance', () => {
  for (let a = 0; a < 15; a++) {
    for (let b = 0; b < 14; b++) {
      const chances = [(a + 0.5) / 15, (b + 0.5) / 14];
      const [first, second] = pickPlaces(15, () => chances.shift() ?? 0);
      expect(first).toBeGreaterThanOrEqual(1);
      expect(second).toBeGreaterThan(first);
      expect(second).toBeLessThanOrEqual(15);
    }
  }
});

test('a saved sheet is read back as the key it was made of', () => {
  const key = newRecoveryKey();
  expect(readRecoveryKey(sheetFile(recoveryWords(key)))).toEqual(key);
});

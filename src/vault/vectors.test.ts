import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { readingOf, vectorsPath, vectorsText } from '../../scripts/sealed-vectors.ts';
import { SealError } from './fault.ts';
import { vaultKeys } from './fixture-file.ts';
import { readRecoveryKey } from './recovery.ts';

setDefaultTimeout(30_000);

interface Vectors {
  readonly files: readonly { readonly name: string; readonly base64: string; readonly expect: object }[];
  readonly recoveryTyped: readonly { readonly typed: string; readonly key: string | null }[];
}
const published = readFileSync(vectorsPath, 'utf8');
const vectors = JSON.parse(published) as Vectors;

test('the published vectors are what is made today (bun scripts/sealed-vectors.ts)', async () => {
  expect(await vectorsText()).toBe(published);
});

test('every published file opens to what is published, and what cannot be opened fails as published', async () => {
  expect(vectors.files.length).toBeGreaterThan(20);
  for (const { name, base64, expect: expected } of vectors.files) {
    const found = await readingOf(Uint8Array.from(Buffer.from(base64, 'base64')), vaultKeys);
    expect({ name, ...found }).toEqual({ name, ...expected });
  }
});

test('published recovery keys are read as people type them, and wrong ones are refused', () => {
  for (const { typed, key } of vectors.recoveryTyped) {
    if (key === null) expect(() => readRecoveryKey(typed)).toThrow(SealError);
    else expect(Buffer.from(readRecoveryKey(typed)).toString('hex')).toBe(key);
  }
});

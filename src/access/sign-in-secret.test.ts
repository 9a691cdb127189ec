import { expect, test } from 'bun:test';
import { madePerson, madeUp } from './fixture-keyring.ts';
import { isRightSecret, signInHash, standInParameters } from './sign-in-secret.ts';

const secret = Buffer.from(madeUp('secret', 32), 'hex');

const forms: readonly [string, string, RegExp][] = [
  ['of the page', 'p-0123456789abcdef', /^p-[0-9a-f]{16}$/],
  [
    'random',
    '5f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5',
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  ],
  ['plain hex', '00112233445566778899aabbccddeeff', /^[0-9a-f]{32}$/],
  ['words', 'ada-l', /^[a-z0-9]{3}-[a-z0-9]$/],
];
test.each(forms)('an id made up for nobody looks like those that are %s', (_what, model, form) => {
  expect(model).toMatch(form);
  const ids = ['eve', 'mallory', 'x'].map(
    (name) => standInParameters(name, secret, madePerson(model, 'owner', [])).personId,
  );
  for (const id of ids) expect(id).toMatch(form);
  expect(new Set([...ids, model]).size).toBe(4);
});

test('a box without an owner answers the same way as one with', () => {
  const { personId, ...rest } = standInParameters('eve', secret, undefined);
  expect(personId).toMatch(/^p-[0-9a-f]{16}$/);
  expect(rest).toEqual({ n: 32_768, r: 8, p: 3, salt: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

test('only the very secret is right, and nobody’s never', () => {
  const mine = madeUp('mine', 32);
  expect(isRightSecret(mine, signInHash(mine))).toBe(true);
  for (const other of [madeUp('other', 32), '', mine.toUpperCase(), `${mine}00`, '0'.repeat(64)]) {
    expect(isRightSecret(other, signInHash(mine))).toBe(false);
    expect(isRightSecret(other, undefined)).toBe(false);
  }
  expect(isRightSecret('no secret', signInHash('0'.repeat(64)))).toBe(false);
});

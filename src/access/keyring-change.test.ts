import { expect, test } from 'bun:test';
import type { Keyring, Person } from '../vault/keyring.ts';
import {
  keyIdsOf,
  madeKeyring,
  madePerson,
  madeUp,
  rotated,
  sealedTo,
  withoutPerson,
  withPerson,
  withReset,
} from './fixture-keyring.ts';
import { type KeyringChange, keyringProblem, tidyKeyring } from './keyring-change.ts';

const deviceKey = madeUp('device', 32);
const judge = (change: KeyringChange, before: Keyring | undefined, after: Keyring) =>
  keyringProblem(change, before && tidyKeyring(before), tidyKeyring(after), deviceKey);

const one = madeKeyring(deviceKey);
const home = withPerson(withPerson(rotated(one), 'bob', 'viewer'), 'guest', 'live-only');
const changed = (id: string, change: (person: Person) => Partial<Person>, of = home): Keyring => ({
  ...of,
  people: of.people.map((person) => (person.id === id ? { ...person, ...change(person) } : person)),
});
const [firstKey] = keyIdsOf(home) as [string];
const onlyLast = (person: Person) => ({ sealed: sealedTo(person.publicKey, keyIdsOf(home).slice(1)) });

const refused: readonly [string, KeyringChange, Keyring | undefined, Keyring][] = [
  ['a claim for another box', { kind: 'claim' }, undefined, madeKeyring(madeUp('another', 32))],
  ['a claim with two people', { kind: 'claim' }, undefined, withPerson(one, 'bob', 'viewer')],
  ['a claim by a viewer', { kind: 'claim' }, undefined, changed('ada', () => ({ role: 'viewer' }), one)],
  [
    'a claim whose recovery key opens nothing',
    { kind: 'claim' },
    undefined,
    { ...one, recovery: { ...one.recovery, sealed: {} } },
  ],
  ['another box’s key in a change', { kind: 'keys' }, home, { ...rotated(home), deviceKey: madeUp('another', 32) }],
  [
    'two people added as one',
    { kind: 'add', personId: 'cid' },
    home,
    withPerson(withPerson(home, 'cid', 'viewer'), 'dan', 'viewer'),
  ],
  ['another added than was said', { kind: 'add', personId: 'cid' }, home, withPerson(home, 'dan', 'viewer')],
  ['somebody added who is there', { kind: 'add', personId: 'bob' }, home, home],
  [
    'an owner added who holds not every key',
    { kind: 'add', personId: 'cid' },
    home,
    { ...home, people: [...home.people, madePerson('cid', 'owner', [firstKey])] },
  ],
  [
    'a viewer added without the newest key',
    { kind: 'add', personId: 'cid' },
    home,
    { ...home, people: [...home.people, madePerson('cid', 'viewer', [firstKey])] },
  ],
  [
    'a live-only person with a key',
    { kind: 'add', personId: 'cid' },
    home,
    { ...home, people: [...home.people, { ...madePerson('cid', 'viewer', keyIdsOf(home)), role: 'live-only' }] },
  ],
  [
    'adding with a changed role of another',
    { kind: 'add', personId: 'cid' },
    home,
    withPerson(
      changed('bob', () => ({ role: 'owner' })),
      'cid',
      'viewer',
    ),
  ],
  [
    'adding that takes a key from another',
    { kind: 'add', personId: 'cid' },
    home,
    withPerson(changed('bob', onlyLast), 'cid', 'viewer'),
  ],
  [
    'adding that changes another’s passphrase',
    { kind: 'add', personId: 'cid' },
    home,
    withPerson(
      changed('bob', (p) => ({ wrapped: { ...p.wrapped, salt: madeUp('x', 16) } })),
      'cid',
      'viewer',
    ),
  ],
  ['removing another than was said', { kind: 'remove', personId: 'bob' }, home, withoutPerson(home, 'guest')],
  ['removing two', { kind: 'remove', personId: 'bob' }, home, withoutPerson(withoutPerson(home, 'guest'), 'bob')],
  [
    'removing a viewer without a new key',
    { kind: 'remove', personId: 'bob' },
    home,
    { ...home, people: home.people.filter((p) => p.id !== 'bob') },
  ],
  ['removing the last owner', { kind: 'remove', personId: 'ada' }, home, withoutPerson(home, 'ada')],
  ['removing nobody', { kind: 'remove', personId: 'zoe' }, home, home],
  [
    'a reset that keeps the key',
    { kind: 'reset', personId: 'bob' },
    home,
    changed('bob', (p) => ({ wrapped: { ...p.wrapped, salt: madeUp('x', 16) } })),
  ],
  [
    'a reset that takes the past away',
    { kind: 'reset', personId: 'bob' },
    home,
    changed('bob', onlyLast, withReset(home, 'bob', 'new')),
  ],
  [
    'a reset of two',
    { kind: 'reset', personId: 'bob' },
    home,
    withReset(withReset(home, 'guest', 'new'), 'bob', 'new'),
  ],
  [
    'a reset that makes an owner',
    { kind: 'reset', personId: 'bob' },
    home,
    changed('bob', () => ({ role: 'owner' }), withReset(home, 'bob', 'new')),
  ],
  ['a new passphrase with another key', { kind: 'rewrap', personId: 'bob' }, home, withReset(home, 'bob', 'new')],
  ['a new passphrase that is not', { kind: 'rewrap', personId: 'bob' }, home, home],
  ['new keys with one person less', { kind: 'keys' }, home, withoutPerson(home, 'guest')],
  [
    'a vault key less',
    { kind: 'keys' },
    home,
    {
      ...one,
      people: [...one.people, madePerson('bob', 'viewer', keyIdsOf(one)), madePerson('guest', 'live-only', [])],
    },
  ],
  ['vault keys in another order', { kind: 'keys' }, home, { ...home, vaultKeys: [...home.vaultKeys].reverse() }],
  [
    'another recovery key with something else',
    { kind: 'remove', personId: 'guest' },
    home,
    {
      ...withoutPerson(home, 'guest'),
      recovery: { publicKey: madeUp('other recovery', 32), sealed: sealedTo('other', keyIdsOf(home)) },
    },
  ],
  [
    'a recovery key that opens less',
    { kind: 'keys' },
    home,
    { ...home, recovery: { publicKey: madeUp('other recovery', 32), sealed: sealedTo('other', [firstKey]) } },
  ],
];
test.each(refused)('%s is refused in a sentence', (_what, change, before, after) => {
  expect(judge(change, before, after)).toMatch(/^[A-Z].*\.$/);
});

test('what is no keyring is not read, nor one of a newer version', () => {
  for (const value of [
    undefined,
    null,
    'x',
    {},
    { ...one, vaultKeys: [] },
    { ...one, people: [{ ...one.people[0], id: 'A b' }] },
  ]) {
    expect(() => tidyKeyring(value)).toThrow('damaged');
  }
  expect(() => tidyKeyring({ ...one, version: 2 })).toThrow('newer version');
});

test('what has no meaning is left out, and the order of keys makes no other keyring', () => {
  const [owner] = home.people as [Person];
  const strange = {
    ...owner,
    note: 'x'.repeat(1000),
    sealed: Object.fromEntries(Object.entries(owner.sealed).reverse()),
  };
  const tidy = tidyKeyring({ ...home, extra: 1, people: [strange, ...home.people.slice(1)] });
  expect(JSON.stringify(tidy)).toBe(JSON.stringify(tidyKeyring(home)));
});

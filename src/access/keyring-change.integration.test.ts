import { beforeAll, expect, test } from 'bun:test';
import { hex } from '../vault/bytes.ts';
import { fixedRandom } from '../vault/fixture-file.ts';
import type { Keyring } from '../vault/keyring.ts';
import {
  addPerson,
  changePassphrase,
  claimVault,
  removePerson,
  replaceRecovery,
  resetPerson,
  rotate,
  type Unlocked,
  unlock,
} from '../vault/people.ts';
import { deviceKeyOf } from '../vault/signed.ts';
import { type KeyringChange, keyringProblem, tidyKeyring } from './keyring-change.ts';

// Real keyrings, made as the page makes them, with the slow stretching of real passphrases.

const device = deviceKeyOf(fixedRandom('device')(32));
const judge = (change: KeyringChange, before: Keyring | undefined, after: Keyring) =>
  keyringProblem(change, before && tidyKeyring(before), tidyKeyring(after), hex(device.publicKey));
const cost = { n: 16_384, r: 8, p: 1 };
const random = fixedRandom('page');
let claimed: Keyring;
let ada: Unlocked;
let withBob: Keyring;

beforeAll(async () => {
  const made = await claimVault({ id: 'ada', passphrase: 'seven quiet herons' }, device.publicKey, 1, random, cost);
  claimed = made.keyring;
  ada = await unlock(claimed, 'ada', 'seven quiet herons');
  const bob = { id: 'bob', role: 'viewer', passphrase: 'eleven loud geese' } as const;
  withBob = (await addPerson(claimed, ada, bob, true, random, cost)).keyring;
}, 60_000);

test('what the page makes is accepted: claiming, adding, removing', async () => {
  expect(judge({ kind: 'claim' }, undefined, claimed)).toBeUndefined();
  expect(judge({ kind: 'add', personId: 'bob' }, claimed, withBob)).toBeUndefined();
  const without = removePerson(withBob, ada, 'bob', 2, random);
  expect(judge({ kind: 'remove', personId: 'bob' }, withBob, without)).toBeUndefined();
  const guest = { id: 'guest', role: 'live-only', passphrase: 'three small owls' } as const;
  const withGuest = (await addPerson(withBob, ada, guest, false, random, cost)).keyring;
  expect(judge({ kind: 'add', personId: 'guest' }, withBob, withGuest)).toBeUndefined();
  expect(
    judge({ kind: 'remove', personId: 'guest' }, withGuest, removePerson(withGuest, ada, 'guest', 3)),
  ).toBeUndefined();
}, 60_000);

test('what the page makes is accepted: new passphrases, new keys', async () => {
  const reset = (await resetPerson(withBob, ada, 'bob', 'nine wet foxes', random, cost)).keyring;
  expect(judge({ kind: 'reset', personId: 'bob' }, withBob, reset)).toBeUndefined();
  const changed = await changePassphrase(withBob, 'bob', 'eleven loud geese', 'nine wet foxes', random, cost);
  expect(judge({ kind: 'rewrap', personId: 'bob' }, withBob, changed.keyring)).toBeUndefined();
  expect(judge({ kind: 'keys' }, withBob, rotate(withBob, ada, 4, random))).toBeUndefined();
  expect(judge({ kind: 'keys' }, withBob, replaceRecovery(withBob, ada, random).keyring)).toBeUndefined();
}, 60_000);

test('somebody added without the past, and then reset, still has it not', async () => {
  const later = rotate(withBob, ada, 5, random);
  const both = await unlock(later, 'ada', 'seven quiet herons');
  const cid = { id: 'cid', role: 'viewer', passphrase: 'three small owls' } as const;
  const withCid = (await addPerson(later, both, cid, false, random, cost)).keyring;
  expect(judge({ kind: 'add', personId: 'cid' }, later, withCid)).toBeUndefined();
  const reset = (await resetPerson(withCid, both, 'cid', 'nine wet foxes', random, cost)).keyring;
  expect(judge({ kind: 'reset', personId: 'cid' }, withCid, reset)).toBeUndefined();
}, 60_000);

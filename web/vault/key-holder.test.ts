// What people do with their keys in a tab, as the worker does it: one box, its keyring as the box would keep it.

import { expect, setDefaultTimeout, test } from 'bun:test';
import type { Keyring } from '../../src/http/api.ts';
import { hex, unhex } from '../../src/vault/bytes.ts';
import { SealError } from '../../src/vault/fault.ts';
import { device, fixedRandom, sampleHeader } from '../../src/vault/fixture-file.ts';
import { sealFor } from '../../src/vault/key-pair.ts';
import { boxIdOf, sealingKey } from '../../src/vault/keyring.ts';
import { openSealed } from '../../src/vault/open.ts';
import { sealPicture } from '../../src/vault/seal.ts';
import { sourceOf } from '../../src/vault/walk.ts';
import { KeyHolder } from './key-holder.ts';

setDefaultTimeout(30_000);

const cost = { n: 16_384, r: 8, p: 1 };
const tab = () => new KeyHolder({ nowMs: () => 1, cost });
const faultOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
  return 'fine';
};

/** A still as the box seals it now, opened with what this tab holds. */
async function opens(holder: KeyHolder, keyring: Keyring): Promise<string> {
  const header = sampleHeader({ kind: 'still', boxId: boxIdOf(keyring) });
  const { bytes } = await sealPicture(header, Uint8Array.of(1, 2, 3), { publicKeys: [sealingKey(keyring)] });
  return await faultOf(async () => {
    if (!holder.keys) throw new SealError('forgotten');
    await openSealed(sourceOf(bytes), holder.keys);
  });
}

const owner = tab();
const claimed = await owner.claim('three old owls', hex(device.publicKey));
const ownerId = claimed.keyring.people[0]!.id;
const parametersOf = (keyring: Keyring, id: string) => ({
  ...keyring.people.find((person) => person.id === id)!.wrapped,
  personId: id,
});

async function signedIn(keyring: Keyring, id: string, passphrase: string): Promise<KeyHolder> {
  const holder = tab();
  await holder.stretch(passphrase, parametersOf(keyring, id));
  holder.open(keyring, id);
  return holder;
}

test('whoever claims holds the keys at once, and gets them again by signing in', async () => {
  expect([owner.state, await opens(owner, claimed.keyring)]).toEqual(['open', 'fine']);
  const later = tab();
  expect(later.state).toBe('locked');
  expect(await later.stretch('three old owls', parametersOf(claimed.keyring, ownerId))).toBe(claimed.signIn);
  expect(later.state).toBe('locked');
  later.open(claimed.keyring, ownerId);
  expect([later.state, await opens(later, claimed.keyring)]).toEqual(['open', 'fine']);
  later.lock();
  expect([later.state, later.keys]).toEqual(['locked', undefined]);
});

test('a wrong passphrase stretches, but opens nothing; so does opening without one', async () => {
  const holder = tab();
  expect(await faultOf(() => holder.open(claimed.keyring, ownerId))).toBe('wrong-passphrase');
  await holder.stretch('three old cats', parametersOf(claimed.keyring, ownerId));
  expect(await faultOf(() => holder.open(claimed.keyring, ownerId))).toBe('wrong-passphrase');
  expect(holder.state).toBe('locked');
});

test('a box that asks for a cheap passphrase is refused', async () => {
  const cheap = { ...parametersOf(claimed.keyring, ownerId), n: 1024 };
  expect(await faultOf(() => tab().stretch('three old owls', cheap))).toBe('weak-parameters');
});

test('a viewer opens recordings, somebody live-only nothing; both may not add people', async () => {
  const viewer = await owner.addPerson(claimed.keyring, { role: 'viewer', passphrase: 'ben can look', earlier: true });
  const ben = await signedIn(viewer.keyring, viewer.personId, 'ben can look');
  expect([ben.state, await opens(ben, viewer.keyring)]).toEqual(['open', 'fine']);
  const newcomer = { role: 'live-only', passphrase: 'only live now', earlier: false } as const;
  expect(await faultOf(() => ben.addPerson(viewer.keyring, newcomer))).toBe('not-allowed');
  const added = await owner.addPerson(viewer.keyring, newcomer);
  const kid = await signedIn(added.keyring, added.personId, 'only live now');
  expect([kid.state, await opens(kid, added.keyring)]).toEqual(['nothing', 'wrong-key']);
});

test('a viewer who may not see the past opens nothing of it, and everything from then on; the others go on as before', async () => {
  const ben = await owner.addPerson(claimed.keyring, { role: 'viewer', passphrase: 'ben can look', earlier: true });
  const added = await owner.addPerson(ben.keyring, { role: 'viewer', passphrase: 'zoe is new here', earlier: false });
  const zoe = await signedIn(added.keyring, added.personId, 'zoe is new here');
  expect([await opens(zoe, ben.keyring), await opens(zoe, added.keyring)]).toEqual(['wrong-key', 'fine']);
  const sinceThen = await signedIn(added.keyring, ben.personId, 'ben can look');
  expect([await opens(sinceThen, ben.keyring), await opens(sinceThen, added.keyring)]).toEqual(['fine', 'fine']);
  expect([await opens(owner, ben.keyring), await opens(owner, added.keyring)]).toEqual(['fine', 'fine']);
});

test('removing somebody turns the lock: this tab holds the new key, the one of the removed person does not', async () => {
  const added = await owner.addPerson(claimed.keyring, { role: 'viewer', passphrase: 'ben can look', earlier: true });
  const ben = await signedIn(added.keyring, added.personId, 'ben can look');
  const elsewhere = await signedIn(added.keyring, ownerId, 'three old owls');
  const keyring = owner.removePerson(added.keyring, added.personId);
  expect(await opens(owner, keyring)).toBe('fine');
  expect([await opens(ben, keyring), await opens(elsewhere, keyring)]).toEqual(['wrong-key', 'wrong-key']);
  elsewhere.refresh(keyring);
  expect(await opens(elsewhere, keyring)).toBe('fine');
  expect(await faultOf(() => ben.refresh(keyring))).toBe('no-person');
});

test('a new passphrase proves the one before, and opens the same', async () => {
  const holder = await signedIn(claimed.keyring, ownerId, 'three old owls');
  const changed = await holder.changePassphrase(claimed.keyring, ownerId, 'three old owls', 'four new owls');
  expect(changed.current).toBe(claimed.signIn);
  const [me] = claimed.keyring.people;
  const keyring = { ...claimed.keyring, people: [{ ...me!, wrapped: changed.wrapped }] };
  expect(await opens(await signedIn(keyring, ownerId, 'four new owls'), keyring)).toBe('fine');
  expect(await faultOf(() => holder.changePassphrase(keyring, ownerId, 'three old owls', 'x'))).toBe(
    'wrong-passphrase',
  );
});

test('the recovery words answer the challenge, open the vault, and give a forgotten passphrase anew', async () => {
  const secret = fixedRandom('challenge')(32);
  const challenge = hex(sealFor(unhex(claimed.keyring.recovery.publicKey)!, secret));
  const holder = tab();
  const typed = claimed.recovery.words.join('  ').toUpperCase();
  expect(holder.answerChallenge(typed, challenge)).toBe(hex(secret));
  expect(tab().answerChallenge(claimed.recovery.text.toLowerCase(), challenge)).toBe(hex(secret));
  holder.openWithRecovery(claimed.keyring);
  expect(holder.state).toBe('open');
  const reset = await holder.resetPerson(claimed.keyring, ownerId, 'remembered now');
  expect(await opens(await signedIn(reset.keyring, ownerId, 'remembered now'), reset.keyring)).toBe('fine');

  const replaced = owner.replaceRecovery(claimed.keyring);
  expect(replaced.recovery.text).not.toBe(claimed.recovery.text);
  const now = hex(sealFor(unhex(replaced.keyring.recovery.publicKey)!, secret));
  expect(await faultOf(() => tab().answerChallenge(claimed.recovery.text, now))).toBe('wrong-recovery');
  expect(tab().answerChallenge(replaced.recovery.text, now)).toBe(hex(secret));
});

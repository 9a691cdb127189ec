// What people do with the keyring, each as a function from one keyring to the next: claim, unlock, change a passphrase, add and remove
// people, rotate, recover. A secret is handed on only to those whom that secret itself vouches for.

import nacl from 'tweetnacl';
import { hex, join, type Random, sameBytes, systemRandom, unhex } from './bytes.ts';
import { SealError } from './fault.ts';
import { type KeyPair, keyIdHex, keyPairOf, newKeyPair, openSealedFor, sealFor } from './key-pair.ts';
import {
  isVouched,
  type Keyring,
  mayOpenRecordings,
  type Person,
  personId,
  type Role,
  type SealedSecrets,
  type VaultKey,
  type VaultSecrets,
  vouched,
  type Wrapped,
} from './keyring.ts';
import { chosenCost, newParameters, passphraseSecrets, type ScryptCost } from './passphrase.ts';
import { newRecoveryKey, recoveryPair } from './recovery.ts';

export interface Newcomer {
  readonly id: string;
  readonly role: Role;
  readonly passphrase: string;
}

/** Somebody who typed the right passphrase, or holds the recovery key. Lives in a browser's memory, nowhere else. */
export interface Unlocked {
  readonly secrets: VaultSecrets;
  /** To which those secrets were sealed: the person's, or the recovery key's. */
  readonly pair: KeyPair;
  /** Absent with the recovery key. */
  readonly personId?: string;
}

export interface SignIn {
  readonly personId: string;
  /** What the server checks from now on; it keeps a hash. */
  readonly signIn: Uint8Array;
}

export interface Claimed {
  readonly keyring: Keyring;
  readonly owner: SignIn;
  /** As after `unlock`, so that the passphrase need not be stretched again. */
  readonly unlocked: Unlocked;
  /** Shown once, as words and as a code to print. */
  readonly recoveryKey: Uint8Array;
}

const NO_SECRETS: VaultSecrets = new Map();

/** Makes the vault of a new box: its first key pair, its owner, its recovery key. */
export async function claimVault(
  owner: Omit<Newcomer, 'role'>,
  devicePublicKey: Uint8Array,
  nowMs: number,
  random: Random = systemRandom,
  cost = chosenCost,
): Promise<Claimed> {
  const recoveryKey = newRecoveryKey(random);
  const empty: Keyring = {
    version: 1,
    deviceKey: hex(devicePublicKey),
    vaultKeys: [],
    people: [],
    recovery: { publicKey: hex(recoveryPair(recoveryKey).publicKey), sealed: {} },
  };
  const { person, pair, signIn } = await newPerson({ ...owner, role: 'owner' }, NO_SECRETS, random, cost);
  const keyring = withNewVaultKey({ ...empty, people: [person] }, NO_SECRETS, nowMs, random);
  const secrets = openSecrets(keyring, personOf(keyring, owner.id).sealed, pair);
  return { keyring, owner: signIn, unlocked: { personId: owner.id, pair, secrets }, recoveryKey };
}

/** Throws `no-person`, `wrong-passphrase`, `weak-parameters` or `damaged-keyring`. Somebody live-only unlocks nothing, and that is fine. */
export async function unlock(keyring: Keyring, id: string, passphrase: string): Promise<Unlocked & SignIn> {
  const person = personOf(keyring, id);
  const { pair, signIn } = await openPerson(person, passphrase);
  return { personId: id, signIn, pair, secrets: openSecrets(keyring, person.sealed, pair) };
}

/** The same with a passphrase that was stretched already, as for signing in. `unwrap` is the caller's to zero. Throws as `unlock` does. */
export function unlockWith(keyring: Keyring, id: string, unwrap: Uint8Array): Unlocked {
  const person = personOf(keyring, id);
  const pair = unwrapPerson(person, unwrap);
  return { personId: id, pair, secrets: openSecrets(keyring, person.sealed, pair) };
}

/** The keyring has changed, perhaps by another key: what the same person holds in it now. Throws `no-person`, `damaged-keyring`. */
export function refreshed(keyring: Keyring, by: Unlocked): Unlocked {
  const { sealed } = by.personId === undefined ? keyring.recovery : personOf(keyring, by.personId);
  return { ...by, secrets: openSecrets(keyring, sealed, by.pair) };
}

/** Throws `wrong-recovery` when it is not this box's, or no longer. */
export function unlockWithRecovery(keyring: Keyring, recoveryKey: Uint8Array): Unlocked {
  const pair = recoveryPair(recoveryKey);
  if (hex(pair.publicKey) !== keyring.recovery.publicKey) throw new SealError('wrong-recovery');
  return { pair, secrets: openSecrets(keyring, keyring.recovery.sealed, pair) };
}

/** The same key under a new passphrase: nothing is sealed anew, and nobody else notices. Throws as `unlock` does. */
export async function changePassphrase(
  keyring: Keyring,
  id: string,
  before: string,
  after: string,
  random: Random = systemRandom,
  cost = chosenCost,
): Promise<{
  readonly keyring: Keyring;
  readonly person: SignIn;
  readonly wrapped: Wrapped;
  /** The sign-in secret until now: proof for the server that whoever asks knows the passphrase. */
  readonly current: Uint8Array;
}> {
  const person = personOf(keyring, id);
  const { pair, signIn: current } = await openPerson(person, before);
  const { wrapped, signIn } = await wrap(pair.secretKey, id, after, random, cost);
  pair.secretKey.fill(0);
  return { keyring: withPerson(keyring, { ...person, wrapped }), person: { personId: id, signIn }, wrapped, current };
}

/** A forgotten passphrase: the person gets a new key, and with it what they could open before. */
export async function resetPerson(
  keyring: Keyring,
  by: Unlocked,
  id: string,
  passphrase: string,
  random: Random = systemRandom,
  cost = chosenCost,
): Promise<{ readonly keyring: Keyring; readonly person: SignIn }> {
  const before = personOf(keyring, id);
  const handed = new Map([...vouchedSecrets(keyring, by)].filter(([key]) => key in before.sealed));
  const { person, pair, signIn } = await newPerson({ id, role: before.role, passphrase }, handed, random, cost);
  pair.secretKey.fill(0);
  return { keyring: vouched(withPerson(keyring, person), by.secrets), person: signIn };
}

/**
 * `earlier`: they may also open what was recorded before; an owner always may, as only who holds every secret can vouch for a changed list. Throws
 * `changed-keyring` when somebody else changed the list of people.
 */
export async function addPerson(
  keyring: Keyring,
  by: Unlocked,
  newcomer: Newcomer,
  earlier: boolean,
  random: Random = systemRandom,
  cost = chosenCost,
): Promise<{ readonly keyring: Keyring; readonly newcomer: SignIn }> {
  if (!personId.test(newcomer.id) || keyring.people.some((person) => person.id === newcomer.id)) {
    throw new RangeError('not the id of a new person');
  }
  const secrets = vouchedSecrets(keyring, by);
  const newest = keyring.vaultKeys.at(-1)!.id;
  const all = earlier || newcomer.role === 'owner';
  const handed = new Map([...secrets].filter(([id]) => all || id === newest));
  const { person, pair, signIn } = await newPerson(
    newcomer,
    mayOpenRecordings(newcomer.role) ? handed : NO_SECRETS,
    random,
    cost,
  );
  pair.secretKey.fill(0);
  return { keyring: vouched(withPerson(keyring, person), by.secrets), newcomer: signIn };
}

/**
 * What is recorded from now on is sealed to a new key, which this person does not get. What they could open before they may have copied: that cannot
 * be undone. Throws `last-owner`, `changed-keyring`.
 */
export function removePerson(
  keyring: Keyring,
  by: Unlocked,
  id: string,
  nowMs: number,
  random: Random = systemRandom,
): Keyring {
  const { role } = personOf(keyring, id);
  const people = keyring.people.filter((person) => person.id !== id);
  if (!people.some((person) => person.role === 'owner')) throw new SealError('last-owner');
  const secrets = vouchedSecrets(keyring, by);
  const without = { ...keyring, people };
  return mayOpenRecordings(role) ? withNewVaultKey(without, secrets, nowMs, random) : vouched(without, secrets);
}

/** A new vault key for what follows. */
export function rotate(keyring: Keyring, by: Unlocked, nowMs: number, random: Random = systemRandom): Keyring {
  return withNewVaultKey(keyring, vouchedSecrets(keyring, by), nowMs, random);
}

/** A new recovery key; the one before opens this keyring no more (a copy of an older keyring it still does). */
export function replaceRecovery(
  keyring: Keyring,
  by: Unlocked,
  random: Random = systemRandom,
): { readonly keyring: Keyring; readonly recoveryKey: Uint8Array } {
  const secrets = vouchedSecrets(keyring, by);
  const recoveryKey = newRecoveryKey(random);
  const publicKey = recoveryPair(recoveryKey).publicKey;
  const recovery = { publicKey: hex(publicKey), sealed: sealAll(secrets, publicKey, random) };
  return { keyring: vouched({ ...keyring, recovery }, secrets), recoveryKey };
}

/** The pairs for `openSealed`. */
export function pairsOf({ secrets }: Unlocked): (keyId: string) => KeyPair | undefined {
  const pairs = new Map([...secrets].map(([id, secret]) => [id, keyPairOf(secret)]));
  return (id) => pairs.get(id);
}

/** Secrets that may be handed on: their holder made the list of people what it is. */
function vouchedSecrets(keyring: Keyring, { secrets, personId: id }: Unlocked): VaultSecrets {
  if (secrets.size === 0) throw new SealError('not-allowed');
  if (id !== undefined && personOf(keyring, id).role !== 'owner') throw new SealError('not-allowed');
  for (const [key, secret] of secrets) {
    if (!isVouched(keyring, key, secret)) throw new SealError('changed-keyring');
  }
  return secrets;
}

function withNewVaultKey(keyring: Keyring, before: VaultSecrets, nowMs: number, random: Random): Keyring {
  const pair = newKeyPair(random);
  const id = keyIdHex(pair.publicKey);
  const key: VaultKey = { id, publicKey: hex(pair.publicKey), createdAtMs: nowMs, vouch: '' };
  const secret = new Map([[id, pair.secretKey]]);
  const people = keyring.people.map((person) =>
    mayOpenRecordings(person.role)
      ? { ...person, sealed: { ...person.sealed, ...sealAll(secret, unhex(person.publicKey, 32)!, random) } }
      : person,
  );
  const { publicKey, sealed } = keyring.recovery;
  const recovery = { publicKey, sealed: { ...sealed, ...sealAll(secret, unhex(publicKey, 32)!, random) } };
  const next = { ...keyring, vaultKeys: [...keyring.vaultKeys, key], people, recovery };
  return vouched(next, new Map([...before, ...secret]));
}

const sealAll = (secrets: VaultSecrets, publicKey: Uint8Array, random: Random): SealedSecrets =>
  Object.fromEntries([...secrets].map(([id, secret]) => [id, hex(sealFor(publicKey, secret, random))]));

function openSecrets(keyring: Keyring, sealed: SealedSecrets, pair: KeyPair): VaultSecrets {
  const secrets = new Map<string, Uint8Array>();
  for (const { id, publicKey } of keyring.vaultKeys) {
    const box = sealed[id];
    if (box === undefined) continue;
    const secret = openSealedFor(pair, unhex(box)!);
    const matches = secret && sameBytes(keyPairOf(secret).publicKey, unhex(publicKey, 32)!);
    if (!matches) throw new SealError('damaged-keyring');
    secrets.set(id, secret);
  }
  return secrets;
}

/** The pair is the caller's to zero. */
async function newPerson({ id, role, passphrase }: Newcomer, secrets: VaultSecrets, random: Random, cost: ScryptCost) {
  if (!personId.test(id)) throw new RangeError('not the id of a person');
  const pair = newKeyPair(random);
  const { wrapped, signIn } = await wrap(pair.secretKey, id, passphrase, random, cost);
  const sealed = sealAll(secrets, pair.publicKey, random);
  const person: Person = { id, role, publicKey: hex(pair.publicKey), wrapped, sealed };
  return { person, pair, signIn: { personId: id, signIn } };
}

async function wrap(secretKey: Uint8Array, id: string, passphrase: string, random: Random, cost: ScryptCost) {
  const parameters = newParameters(random, cost);
  const { unwrap, signIn } = await passphraseSecrets(passphrase, parameters, id);
  const nonce = random(nacl.secretbox.nonceLength);
  const wrapped: Wrapped = { ...parameters, box: hex(join(nonce, nacl.secretbox(secretKey, nonce, unwrap))) };
  unwrap.fill(0);
  return { wrapped, signIn };
}

async function openPerson(
  person: Person,
  passphrase: string,
): Promise<{ readonly pair: KeyPair; readonly signIn: Uint8Array }> {
  const { unwrap, signIn } = await passphraseSecrets(passphrase, person.wrapped, person.id);
  try {
    return { pair: unwrapPerson(person, unwrap), signIn };
  } finally {
    unwrap.fill(0);
  }
}

function unwrapPerson(person: Person, unwrap: Uint8Array): KeyPair {
  const box = unhex(person.wrapped.box)!;
  const nonceBytes = nacl.secretbox.nonceLength;
  const secretKey = nacl.secretbox.open(box.subarray(nonceBytes), box.subarray(0, nonceBytes), unwrap);
  if (!secretKey) throw new SealError('wrong-passphrase');
  return keyPairOf(secretKey);
}

function personOf(keyring: Keyring, id: string): Person {
  const person = keyring.people.find((one) => one.id === id);
  if (!person) throw new SealError('no-person');
  return person;
}

/** In the place of whoever had this id, or last. */
function withPerson(keyring: Keyring, person: Person): Keyring {
  const place = keyring.people.findIndex((one) => one.id === person.id);
  const people = place < 0 ? [...keyring.people, person] : keyring.people.with(place, person);
  return { ...keyring, people };
}

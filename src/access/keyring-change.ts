// Whether a keyring that a browser sent may take the place of the one that is kept. The box holds no key, so it judges form
// only: nobody loses what they had, nobody's role changes, and nothing but what was asked for is different.

import {
  type Keyring,
  mayOpenRecordings,
  type Person,
  readKeyring,
  type SealedSecrets,
  type VaultKey,
} from '../vault/keyring.ts';

export type KeyringChange =
  | { readonly kind: 'claim' }
  | { readonly kind: 'add'; readonly personId: string }
  | { readonly kind: 'remove'; readonly personId: string }
  /** A new key and passphrase. */
  | { readonly kind: 'reset'; readonly personId: string }
  /** A new passphrase for the same key. */
  | { readonly kind: 'rewrap'; readonly personId: string }
  /** Another vault key or recovery key, the same people. */
  | { readonly kind: 'keys' };

/**
 * The keyring in what a browser or a file says, with nothing in it that has no meaning, and in one order: equal keyrings are
 * equal texts. Throws `newer-version` or `damaged-keyring`.
 */
export function tidyKeyring(value: unknown): Keyring {
  const { deviceKey, vaultKeys, people, recovery } = readKeyring(value);
  return {
    version: 1,
    deviceKey,
    vaultKeys: vaultKeys.map(({ id, publicKey, createdAtMs, vouch }) => ({ id, publicKey, createdAtMs, vouch })),
    people: people.map(({ id, role, publicKey, wrapped: { n, r, p, salt, box }, sealed }) => ({
      id,
      role,
      publicKey,
      wrapped: { n, r, p, salt, box },
      sealed: inOrder(sealed),
    })),
    recovery: { publicKey: recovery.publicKey, sealed: inOrder(recovery.sealed) },
  };
}

const inOrder = (sealed: SealedSecrets): SealedSecrets =>
  Object.fromEntries(Object.entries(sealed).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Why it may not, in a sentence; undefined when it may. Both are tidy; `before` is undefined for a claim. */
export function keyringProblem(
  change: KeyringChange,
  before: Keyring | undefined,
  after: Keyring,
  deviceKey: string,
): string | undefined {
  if (after.deviceKey !== deviceKey) return 'This keyring was made for another box.';
  const ill = illFormed(after);
  if (ill) return ill;
  if (change.kind === 'claim' || !before) {
    const isOneOwner = after.people.length === 1 && after.people[0]?.role === 'owner';
    return isOneOwner ? undefined : 'A new box has one person, its owner.';
  }
  return peopleProblem(change, before, after) ?? keysProblem(change, before, after);
}

/** What is true of every keyring that the page makes. */
function illFormed({ vaultKeys, people, recovery }: Keyring): string | undefined {
  const all = vaultKeys.map((key) => key.id);
  const newest = all.at(-1)!;
  if (!people.some((person) => person.role === 'owner')) return 'One owner must remain.';
  const fits = people.every(({ role, sealed }) => {
    const holds = Object.keys(sealed);
    if (!holds.every((id) => all.includes(id))) return false;
    if (!mayOpenRecordings(role)) return holds.length === 0;
    return role === 'owner' ? holds.length === all.length : holds.includes(newest);
  });
  const recovers = all.every((id) => id in recovery.sealed) && Object.keys(recovery.sealed).length === all.length;
  return fits && recovers ? undefined : 'In this keyring somebody lacks a key that is theirs, or has one that is not.';
}

function peopleProblem(change: KeyringChange, before: Keyring, after: Keyring): string | undefined {
  const expected = new Set(before.people.map((person) => person.id));
  if (change.kind === 'add' && expected.size === expected.add(change.personId).size) {
    return 'This person is in the list already.';
  }
  if (change.kind === 'remove' && !expected.delete(change.personId)) return 'There is no such person.';
  const isThem = after.people.length === expected.size && after.people.every((person) => expected.has(person.id));
  if (!isThem) return 'This changes other people than it says.';
  for (const person of after.people) {
    const was = before.people.find((one) => one.id === person.id);
    if (was && !isLikeBefore(change, was, person, before.vaultKeys))
      return 'This takes from people what they had, or changes more than it says.';
  }
  return undefined;
}

function isLikeBefore(change: KeyringChange, was: Person, is: Person, keysBefore: readonly VaultKey[]): boolean {
  const isMeant = 'personId' in change && change.personId === was.id;
  if (was.role !== is.role) return false;
  if (isMeant && change.kind === 'reset') {
    const couldOpen = keysBefore.filter((key) => key.id in was.sealed).length;
    const canOpen = keysBefore.filter((key) => key.id in is.sealed && key.id in was.sealed).length;
    const gained = keysBefore.some((key) => key.id in is.sealed && !(key.id in was.sealed));
    return was.publicKey !== is.publicKey && was.wrapped.salt !== is.wrapped.salt && couldOpen === canOpen && !gained;
  }
  if (was.publicKey !== is.publicKey || !keeps(was.sealed, is.sealed)) return false;
  const grew = keysBefore.some((key) => key.id in is.sealed && !(key.id in was.sealed));
  if (grew) return false;
  if (isMeant && change.kind === 'rewrap') return was.wrapped.salt !== is.wrapped.salt;
  return JSON.stringify(was.wrapped) === JSON.stringify(is.wrapped);
}

const keeps = (was: SealedSecrets, is: SealedSecrets): boolean =>
  Object.entries(was).every(([id, box]) => is[id] === box);

function keysProblem(change: KeyringChange, before: Keyring, after: Keyring): string | undefined {
  const same = before.vaultKeys.every((key, i) => {
    const now = after.vaultKeys[i];
    return now?.id === key.id && now.publicKey === key.publicKey && now.createdAtMs === key.createdAtMs;
  });
  if (!same) return 'A key of the vault is missing: what was sealed to it could not be opened any more.';
  const added = after.vaultKeys.length - before.vaultKeys.length;
  const isNewRecovery = before.recovery.publicKey !== after.recovery.publicKey;
  if (isNewRecovery ? change.kind !== 'keys' : !keeps(before.recovery.sealed, after.recovery.sealed)) {
    return 'This changes the recovery key without saying so.';
  }
  if (change.kind === 'remove') {
    const { role } = before.people.find((person) => person.id === change.personId)!;
    if (mayOpenRecordings(role) && added === 0)
      return 'Whoever could open recordings is removed with a new key for what follows.';
  }
  if (change.kind === 'rewrap' && added > 0) return 'A new passphrase needs no new key.';
  return undefined;
}

// Keyrings that have the form of real ones, for tests of what the box judges by form alone: quick to make, and nothing opens
// with them. That those which the page really makes are accepted, `keyring-change.test.ts` shows.

import { createHash } from 'node:crypto';
import { unhex } from '../vault/bytes.ts';
import { keyIdHex } from '../vault/key-pair.ts';
import { type Keyring, mayOpenRecordings, type Person, type Role, type SealedSecrets } from '../vault/keyring.ts';

/** Always the same for a name. Hex. */
export function madeUp(name: string, length: number): string {
  let out = '';
  for (let i = 0; out.length < length * 2; i++) out += createHash('sha256').update(`${name} ${i}`).digest('hex');
  return out.slice(0, length * 2);
}

/** What signs a person in, in tests: of their id and passphrase. */
export const signInOf = (id: string, passphrase = 'first') => madeUp(`sign-in ${id} ${passphrase}`, 32);

export function madePerson(id: string, role: Role, keyIds: readonly string[], passphrase = 'first'): Person {
  const publicKey = madeUp(`public ${id} ${passphrase}`, 32);
  const wrapped = {
    n: 16_384,
    r: 8,
    p: 1,
    salt: madeUp(`salt ${id} ${passphrase}`, 16),
    box: madeUp(`box ${id} ${passphrase}`, 72),
  };
  return { id, role, publicKey, wrapped, sealed: sealedTo(publicKey, mayOpenRecordings(role) ? keyIds : []) };
}

export const sealedTo = (publicKey: string, keyIds: readonly string[]): SealedSecrets =>
  Object.fromEntries(keyIds.map((id) => [id, madeUp(`sealed ${publicKey} ${id}`, 80)]));

export function madeKeyring(deviceKey: string, ownerId = 'ada'): Keyring {
  const publicKey = madeUp('recovery', 32);
  const people = [madePerson(ownerId, 'owner', [])];
  return rotated({ version: 1, deviceKey, vaultKeys: [], people, recovery: { publicKey, sealed: {} } });
}

/** With one vault key more, held by everybody who may open recordings. */
export function rotated(keyring: Keyring): Keyring {
  const publicKey = madeUp(`vault ${keyring.vaultKeys.length} ${keyring.people[0]?.id}`, 32);
  const id = keyIdHex(unhex(publicKey, 32)!);
  const key = { id, publicKey, createdAtMs: 1000 + keyring.vaultKeys.length, vouch: madeUp(`vouch ${id}`, 32) };
  const { recovery } = keyring;
  return {
    ...keyring,
    vaultKeys: [...keyring.vaultKeys, key],
    people: keyring.people.map((person) =>
      mayOpenRecordings(person.role)
        ? { ...person, sealed: { ...person.sealed, ...sealedTo(person.publicKey, [id]) } }
        : person,
    ),
    recovery: { ...recovery, sealed: { ...recovery.sealed, ...sealedTo(recovery.publicKey, [id]) } },
  };
}

export const keyIdsOf = (keyring: Keyring): readonly string[] => keyring.vaultKeys.map(({ id }) => id);

export const withPerson = (keyring: Keyring, id: string, role: Role): Keyring => ({
  ...keyring,
  people: [...keyring.people, madePerson(id, role, keyIdsOf(keyring))],
});

export const withoutPerson = (keyring: Keyring, id: string): Keyring => {
  const role = keyring.people.find((person) => person.id === id)?.role ?? 'live-only';
  const left = { ...keyring, people: keyring.people.filter((person) => person.id !== id) };
  return mayOpenRecordings(role) ? rotated(left) : left;
};

export const withReset = (keyring: Keyring, id: string, passphrase: string): Keyring => ({
  ...keyring,
  people: keyring.people.map((person) =>
    person.id === id ? madePerson(id, person.role, Object.keys(person.sealed), passphrase) : person,
  ),
});

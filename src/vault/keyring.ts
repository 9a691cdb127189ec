// Who can open what: the vault's keys, each sealed to the people who may, and to the recovery key. As kept in `vault.json`; nothing in it
// is readable without a passphrase or the recovery key. Everything here happens in a browser, or in `nightjar export`; the box only keeps the file.

import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hex, sameBytes, unhex, utf8 } from './bytes.ts';
import { SealError } from './fault.ts';
import { keyIdHex } from './key-pair.ts';
import { areSafe, type PassphraseParameters, SALT_BYTES } from './passphrase.ts';

export type Role = 'owner' | 'viewer' | 'live-only';
export const mayOpenRecordings = (role: Role): boolean => role !== 'live-only';

/** All bytes hex. */
export interface VaultKey {
  readonly id: string;
  readonly publicKey: string;
  readonly createdAtMs: number;
  readonly vouch: string;
}

export interface Wrapped extends PassphraseParameters {
  readonly box: string;
}

export type SealedSecrets = Readonly<Record<string, string>>;

export interface Person {
  readonly id: string;
  readonly role: Role;
  readonly publicKey: string;
  readonly wrapped: Wrapped;
  readonly sealed: SealedSecrets;
}

export interface Keyring {
  readonly version: 1;
  readonly deviceKey: string;
  /** The last one is what new files are sealed to. */
  readonly vaultKeys: readonly VaultKey[];
  readonly people: readonly Person[];
  readonly recovery: { readonly publicKey: string; readonly sealed: SealedSecrets };
}

/** Vault secrets by key id. */
export type VaultSecrets = ReadonlyMap<string, Uint8Array>;

/** What new files are sealed to. */
export function sealingKey(keyring: Keyring): Uint8Array {
  return unhex(keyring.vaultKeys.at(-1)!.publicKey, 32)!;
}

export const boxIdOf = (keyring: Keyring): string => keyIdHex(unhex(keyring.deviceKey, 32)!);

/** By code unit, the same in every language and browser. */
const byId = (a: Person, b: Person) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** What a vault secret vouches for: who was to hold it, by the will of somebody who held it. */
export function vouchOf(secret: Uint8Array, keyring: Omit<Keyring, 'version'>): string {
  const lines = [
    'nightjar roster v1',
    `device ${keyring.deviceKey}`,
    `recovery ${keyring.recovery.publicKey}`,
    ...[...keyring.people].sort(byId).map(({ id, role, publicKey }) => `person ${id} ${role} ${publicKey}`),
    ...keyring.vaultKeys.map(({ id, publicKey, createdAtMs }) => `vault ${id} ${publicKey} ${createdAtMs}`),
  ];
  const key = hkdf(sha256, secret, undefined, utf8('nightjar roster v1\n'), 32);
  return hex(hmac(sha256, key, utf8(lines.map((line) => `${line}\n`).join(''))));
}

/** The same keyring, vouched for by every secret at hand. A key whose secret we do not hold keeps its old vouch, which then tells it apart. */
export function vouched(keyring: Keyring, secrets: VaultSecrets): Keyring {
  const vaultKeys = keyring.vaultKeys.map((key) => {
    const secret = secrets.get(key.id);
    return secret ? { ...key, vouch: vouchOf(secret, keyring) } : key;
  });
  return { ...keyring, vaultKeys };
}

/** Whether this secret's holder made the list what it is. */
export function isVouched(keyring: Keyring, id: string, secret: Uint8Array): boolean {
  const vouch = unhex(keyring.vaultKeys.find((key) => key.id === id)?.vouch, 32);
  return vouch !== undefined && sameBytes(vouch, unhex(vouchOf(secret, keyring))!);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Judges what came from a file or a server. Throws `newer-version` or `damaged-keyring`. */
export function readKeyring(value: unknown): Keyring {
  if (!isObject(value)) throw new SealError('damaged-keyring');
  if (typeof value.version === 'number' && value.version > 1) throw new SealError('newer-version');
  const { vaultKeys, people, recovery } = value;
  const whole =
    value.version === 1 &&
    unhex(value.deviceKey, 32) &&
    Array.isArray(vaultKeys) &&
    vaultKeys.length > 0 &&
    vaultKeys.every(isVaultKey) &&
    Array.isArray(people) &&
    people.every(isPerson) &&
    isObject(recovery) &&
    unhex(recovery.publicKey, 32) &&
    areSecrets(recovery.sealed) &&
    isEachOnce(vaultKeys.map((key) => key.id)) &&
    isEachOnce(people.map((person) => person.id));
  if (!whole) throw new SealError('damaged-keyring');
  return value as unknown as Keyring;
}

const isEachOnce = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

function isVaultKey(value: unknown): value is VaultKey {
  if (!isObject(value)) return false;
  const publicKey = unhex(value.publicKey, 32);
  const id = publicKey && keyIdHex(publicKey);
  return (
    id !== undefined && value.id === id && Number.isFinite(value.createdAtMs) && unhex(value.vouch, 32) !== undefined
  );
}

/** Nothing in an id can look like another line of the roster. */
export const personId = /^[a-z0-9-]{1,80}$/;

function isPerson(value: unknown): value is Person {
  return (
    isObject(value) &&
    typeof value.id === 'string' &&
    personId.test(value.id) &&
    ['owner', 'viewer', 'live-only'].includes(value.role as string) &&
    unhex(value.publicKey, 32) !== undefined &&
    areSecrets(value.sealed) &&
    isWrapped(value.wrapped)
  );
}

function isWrapped(value: unknown): value is Wrapped {
  if (!isObject(value) || unhex(value.salt, SALT_BYTES) === undefined || unhex(value.box, 72) === undefined)
    return false;
  return areSafe(value as unknown as Wrapped);
}

const areSecrets = (value: unknown): value is SealedSecrets =>
  isObject(value) && Object.entries(value).every(([id, box]) => unhex(id, 8) && unhex(box, 80));

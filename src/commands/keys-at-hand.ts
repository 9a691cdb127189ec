// Finds the keyring that belongs to a folder of recordings and opens it with the recovery key. A claim leaves the keyrings of earlier
// owners beside the newest one: all that this key opens are used.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { NightjarError } from '../base/errors.ts';
import { unhex } from '../vault/bytes.ts';
import { SealError } from '../vault/fault.ts';
import type { KeyPair } from '../vault/key-pair.ts';
import { boxIdOf, isVouched, type Keyring, readKeyring } from '../vault/keyring.ts';
import type { Keys } from '../vault/open.ts';
import { pairsOf, unlockWithRecovery } from '../vault/people.ts';

export interface FoundKeyring {
  readonly path: string;
  readonly keyring: Keyring;
}

export interface KeysAtHand {
  readonly keys: Extract<Keys, { kind: 'vault' }>;
  /** The box's public key; absent when the keyring that names it was changed by somebody who holds no key. */
  readonly deviceKey?: Uint8Array;
}

/** How far above a folder the keyring may lie: `recordings/<camera>/<day>`. */
const LEVELS_UP = 4;

/** Those beside the recordings first, then those above. Throws `missing` when there is none, or the vault's `damaged-keyring`. */
export function keyringsNear(folder: string): readonly FoundKeyring[] {
  const found: FoundKeyring[] = [];
  const faults: unknown[] = [];
  let at = resolve(folder);
  for (let level = 0; level <= LEVELS_UP; level++) {
    for (const path of [...keyringPaths(at), ...keyringPaths(join(at, 'recordings'))]) {
      try {
        const one = keyringFrom(path);
        if (!found.some(({ keyring }) => JSON.stringify(keyring) === JSON.stringify(one))) {
          found.push({ path, keyring: one });
        }
      } catch (error) {
        faults.push(error);
      }
    }
    if (found.length > 0) return found;
    at = dirname(at);
  }
  if (faults.length > 0) throw faults[0];
  throw new NightjarError(
    'missing',
    `there is no keyring.json in ${folder}. It lies in the box's recordings folder; copy it here, or name it with --keyring`,
  );
}

function keyringPaths(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const named = ['keyring.json', 'vault.json', 'vault.json.last-good'].map((name) => join(folder, name));
  try {
    const earlier = readdirSync(folder).filter((name) => /^keyring-.*\.json$/.test(name));
    return [...named.filter((path) => existsSync(path)), ...earlier.sort().map((name) => join(folder, name))];
  } catch {
    return [];
  }
}

/** Throws `damaged-keyring` or `newer-version` of the vault, or `missing`. */
export function keyringFrom(path: string): Keyring {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new NightjarError('missing', `cannot read ${path}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SealError('damaged-keyring', `(${path})`, { cause });
  }
  try {
    return readKeyring(value);
  } catch (error) {
    if (error instanceof SealError && error.fault === 'newer-version') {
      throw new NightjarError('invalid', `${path} was made by a newer version of Nightjar. Update, and try again.`);
    }
    throw error instanceof SealError ? new SealError(error.fault, `(${path})`, { cause: error }) : error;
  }
}

/** Throws the vault's `wrong-recovery` when this key opens none of them, or `damaged-keyring`. */
export function unlockWith(keyrings: readonly FoundKeyring[], recoveryKey: Uint8Array): KeysAtHand {
  const pairs = new Map<string, KeyPair>();
  let deviceKey: Uint8Array | undefined;
  let opened: Keyring | undefined;
  let refusal: unknown;
  for (const { keyring } of keyrings) {
    try {
      const unlocked = unlockWithRecovery(keyring, recoveryKey);
      const pairOf = pairsOf(unlocked);
      for (const id of unlocked.secrets.keys()) pairs.set(id, pairOf(id)!);
      opened ??= keyring;
      // who holds the vault's secret has vouched for the box's key, too
      const vouching = [...unlocked.secrets].every(([id, secret]) => isVouched(keyring, id, secret));
      if (vouching && unlocked.secrets.size > 0) deviceKey ??= unhex(keyring.deviceKey, 32);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      refusal ??= error;
    }
  }
  if (!opened) throw refusal ?? new SealError('wrong-recovery');
  return {
    keys: { kind: 'vault', pair: (id) => pairs.get(id), boxId: boxIdOf(opened) },
    ...(deviceKey ? { deviceKey } : {}),
  };
}

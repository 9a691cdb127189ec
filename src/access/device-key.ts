// The box's own signing key: `device.key`, the 32-byte Ed25519 seed, made at the first start. What is signed with it is
// `store/`'s business. A box that has an owner never gets another by itself: the keyring names the one it was claimed with.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../base/durable.ts';
import { NightjarError } from '../base/errors.ts';
import { type DeviceKey, deviceKeyOf } from '../vault/signed.ts';

const SEED_BYTES = 32;

export const deviceKeyPath = (dataDir: string): string => join(dataDir, 'device.key');

/** The key, or undefined when none was made yet. Throws `unavailable` when the file is damaged or cannot be read. */
export function readDeviceKey(dataDir: string): DeviceKey | undefined {
  const path = deviceKeyPath(dataDir);
  if (!existsSync(path)) return undefined;
  let seed: Uint8Array;
  try {
    chmodSync(path, 0o600);
    seed = new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new NightjarError('unavailable', 'device.key in the data folder cannot be read', { cause });
  }
  // A card that lost power while it wrote leaves zeros behind.
  if (seed.length !== SEED_BYTES || seed.every((byte) => byte === 0)) {
    throw new NightjarError('unavailable', `device.key in the data folder is damaged. ${whatToDo}`);
  }
  return deviceKeyOf(seed);
}

/**
 * The key, made durably when there is none. `isOwned`: somebody has claimed the box with the key it had. Throws `unavailable`
 * when it is damaged, or gone although the box is owned: nothing could be signed, so nothing is recorded under a false name.
 */
export function openDeviceKey(
  dataDir: string,
  isOwned: () => boolean,
  random: (length: number) => Uint8Array = randomBytes,
): DeviceKey {
  const kept = readDeviceKey(dataDir);
  if (kept) return kept;
  if (isOwned()) {
    throw new NightjarError(
      'unavailable',
      `device.key is gone from the data folder, but this box has an owner. ${whatToDo}`,
    );
  }
  const seed = random(SEED_BYTES);
  replaceFile(deviceKeyPath(dataDir), seed);
  return deviceKeyOf(seed);
}

const whatToDo =
  'Put it back from a copy. Without one, remove device.key, access.json and vault.json with their .last-good copies, and claim ' +
  'the box anew; what was recorded opens with the recovery key.';

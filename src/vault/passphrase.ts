// From a passphrase to two secrets that tell nothing about each other: one unwraps the person's key and never leaves the browser, the
// other signs in. What makes a passphrase acceptable is `access/`'s to say.

import { hkdf } from '@noble/hashes/hkdf.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hex, type Random, systemRandom, unhex, utf8 } from './bytes.ts';
import { SealError } from './fault.ts';

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** As kept in the keyring. */
export interface PassphraseParameters extends ScryptCost {
  /** 16 bytes, hex. */
  readonly salt: string;
}

export interface PassphraseSecrets {
  /** Opens the person's key. Never leaves the browser. */
  readonly unwrap: Uint8Array;
  /** What the server checks. */
  readonly signIn: Uint8Array;
}

/**
 * 32 MiB, three passes: as hard to guess as OWASP's first choice for scrypt (128 MiB, one pass), with memory that a cheap phone has.
 * Pure JavaScript takes about 0.4 s on a desktop, 1–2 s on a phone.
 */
export const chosenCost: ScryptCost = { n: 32_768, r: 8, p: 3 };
export const SALT_BYTES = 16;

export const newParameters = (random: Random = systemRandom, cost = chosenCost): PassphraseParameters => ({
  ...cost,
  salt: hex(random(SALT_BYTES)),
});

/** White space as the format names it; the same everywhere, unlike `\s`. */
const SPACES = /[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** The bytes of a passphrase: phones and keyboards write the same letters differently, and add spaces. */
export const passphraseBytes = (passphrase: string): Uint8Array =>
  utf8(passphrase.normalize('NFKC').replace(SPACES, ' ').replace(/^ | $/g, ''));

/** Throws `weak-parameters`: a box that asks for less may want to guess. `yieldMs`: how long the page may stand still. */
export async function passphraseSecrets(
  passphrase: string,
  parameters: PassphraseParameters,
  personId: string,
  yieldMs = 20,
): Promise<PassphraseSecrets> {
  const salt = unhex(parameters.salt, SALT_BYTES);
  const { n, r, p } = parameters;
  if (!salt || !areSafe(parameters)) throw new SealError('weak-parameters');
  const bytes = passphraseBytes(passphrase);
  const stretched = await scryptAsync(bytes, salt, { N: n, r, p, dkLen: 32, asyncTick: yieldMs });
  try {
    const secret = (purpose: string) =>
      hkdf(sha256, stretched, undefined, utf8(`nightjar ${purpose} v1\n${personId}`), 32);
    return { unwrap: secret('unwrap'), signIn: secret('sign-in') };
  } finally {
    bytes.fill(0);
    stretched.fill(0);
  }
}

export function areSafe({ n, r, p }: PassphraseParameters): boolean {
  const power = Number.isInteger(n) && n >= 16_384 && n <= 1_048_576 && (n & (n - 1)) === 0;
  return power && r === 8 && Number.isInteger(p) && p >= 1 && p <= 16 && 128 * n * r <= 256 * 1024 * 1024;
}

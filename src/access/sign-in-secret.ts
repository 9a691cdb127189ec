// What signs in: 32 bytes that the browser stretched out of a passphrase. The box keeps a SHA-256 only; hashing it slowly
// again would protect nothing, as 256 random-looking bits cannot be guessed.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Person, Wrapped } from '../vault/keyring.ts';
import { chosenCost, type PassphraseParameters, SALT_BYTES } from '../vault/passphrase.ts';
import { foldName } from './people.ts';

const SECRET = /^[0-9a-f]{64}$/;

export const isSignInSecret = (text: string): boolean => SECRET.test(text);

/** Hex. Throws RangeError when it is no secret. */
export function signInHash(secret: string): string {
  if (!isSignInSecret(secret)) throw new RangeError('a sign-in secret has 32 bytes, in hex');
  return createHash('sha256').update(Buffer.from(secret, 'hex')).digest('hex');
}

const NOBODYS = '0'.repeat(64);

/** Takes the same time for a person who does not exist (`hash` undefined), who is never right. */
export function isRightSecret(secret: string, hash: string | undefined): boolean {
  const isOne = isSignInSecret(secret);
  const given = Buffer.from(signInHash(isOne ? secret : NOBODYS), 'hex');
  const same = timingSafeEqual(given, Buffer.from(hash ?? NOBODYS, 'hex'));
  return same && isOne && hash !== undefined;
}

export interface NamedParameters extends PassphraseParameters {
  readonly personId: string;
}

export const parametersOf = ({ id, wrapped: { n, r, p, salt } }: Pick<Person, 'id' | 'wrapped'>): NamedParameters => ({
  n,
  r,
  p,
  salt,
  personId: id,
});

/** What a name gets that nobody has: the same each time, and like that of somebody (`like`) in all that can be seen. */
export function standInParameters(
  name: string,
  secret: Uint8Array,
  like: { readonly id: string; readonly wrapped: Wrapped } | undefined,
): NamedParameters {
  const derive = (what: string) =>
    createHmac('sha256', secret)
      .update(`nightjar ${what} v1\n${foldName(name)}`)
      .digest();
  const { n, r, p } = like?.wrapped ?? chosenCost;
  const salt = derive('stand-in salt').subarray(0, SALT_BYTES).toString('hex');
  return { n, r, p, salt, personId: idLike(like?.id ?? USUAL_ID, derive) };
}

/** As the page makes them. */
const USUAL_ID = `p-${'0'.repeat(16)}`;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HEX_PART = /(?<=^|-)[0-9a-f]{4,}(?=-|$)/g;

/** Another id of the same form: what is hex between dashes is other hex, what is not stays; without any hex all letters are others. */
function idLike(model: string, derive: (what: string) => Buffer): string {
  const bytes = Buffer.concat([derive('stand-in id'), derive('stand-in id 2'), derive('stand-in id 3')]);
  const others = (letters: string) => (part: string, at: number) =>
    [...part].map((letter, i) => (letter === '-' ? letter : letters[bytes[at + i]! % letters.length])).join('');
  const hasHex = model.search(HEX_PART) >= 0;
  const id = hasHex
    ? model.replace(HEX_PART, others('0123456789abcdef'))
    : others('abcdefghijklmnopqrstuvwxyz0123456789')(model, 0);
  return UUID_V4.test(model) ? `${id.slice(0, 14)}4${id.slice(15, 19)}${'89ab'[bytes[19]! % 4]}${id.slice(20)}` : id;
}

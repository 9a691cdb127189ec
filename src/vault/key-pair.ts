// X25519 key pairs, and boxes that anybody can make for a public key and only its secret half opens: libsodium's
// `crypto_box_seal`, byte for byte.

import { blake2b } from '@noble/hashes/blake2.js';
import nacl from 'tweetnacl';
import { hex, join, type Random, systemRandom } from './bytes.ts';
import { sha256Now } from './cipher.ts';

export const PUBLIC_KEY_BYTES = 32;
export const KEY_ID_BYTES = 8;
/** An ephemeral public key and a tag. */
const SEAL_BYTES = 48;
export const SEALED_KEY_BYTES = SEAL_BYTES + 32;

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

export const newKeyPair = (random: Random = systemRandom): KeyPair => keyPairOf(random(32));

/** The pair of a 32-byte secret key. */
export const keyPairOf = (secretKey: Uint8Array): KeyPair => nacl.box.keyPair.fromSecretKey(secretKey);

export const keyId = (publicKey: Uint8Array): Uint8Array => sha256Now(publicKey).subarray(0, KEY_ID_BYTES);
export const keyIdHex = (publicKey: Uint8Array): string => hex(keyId(publicKey));

const nonceOf = (ephemeral: Uint8Array, publicKey: Uint8Array) => blake2b(join(ephemeral, publicKey), { dkLen: 24 });

/** 48 bytes longer than the message. */
export function sealFor(publicKey: Uint8Array, message: Uint8Array, random: Random = systemRandom): Uint8Array {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError(`a public key has ${PUBLIC_KEY_BYTES} bytes`);
  const ephemeral = newKeyPair(random);
  const nonce = nonceOf(ephemeral.publicKey, publicKey);
  const sealed = join(ephemeral.publicKey, nacl.box(message, nonce, publicKey, ephemeral.secretKey));
  ephemeral.secretKey.fill(0);
  return sealed;
}

/** Undefined when it was not sealed for this pair, or is damaged. */
export function openSealedFor(pair: KeyPair, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const ephemeral = sealed.subarray(0, PUBLIC_KEY_BYTES);
  const nonce = nonceOf(ephemeral, pair.publicKey);
  return nacl.box.open(sealed.subarray(PUBLIC_KEY_BYTES), nonce, ephemeral, pair.secretKey) ?? undefined;
}

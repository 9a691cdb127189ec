// Bulk sealing and hashing: ChaCha20-Poly1305 and SHA-256 from WebCrypto where it has them, else from noble. A page on a plain
// http address has no `crypto.subtle`, and some browsers' has no ChaCha: the bytes are the same either way.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { SealError } from './fault.ts';

export const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** One data key, in use. */
export interface ChunkCipher {
  /** Ciphertext, then the tag. */
  seal(nonce: Uint8Array, associated: Uint8Array, plain: Uint8Array): Promise<Uint8Array>;
  /** Undefined when the tag is not true. */
  open(nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined>;
  /** The key is gone from our memory; later calls throw `forgotten`. */
  forget(): void;
}

export type Engine = 'webcrypto' | 'noble';

/** What the vault needs of `crypto.subtle`; types of browsers and Bun do not know ChaCha20-Poly1305 yet. */
interface Subtle {
  digest(name: string, bytes: Uint8Array): Promise<ArrayBuffer>;
  importKey(form: string, key: Uint8Array, name: string, out: boolean, uses: readonly string[]): Promise<object>;
  encrypt(how: object, key: object, bytes: Uint8Array): Promise<ArrayBuffer>;
  decrypt(how: object, key: object, bytes: Uint8Array): Promise<ArrayBuffer>;
}
const subtle = (globalThis as { readonly crypto?: { readonly subtle?: unknown } }).crypto?.subtle as Subtle | undefined;

/** Takes a copy of the key: the caller zeroes its own. `engine` is for tests and measurements. */
export async function chunkCipher(dataKey: Uint8Array, engine?: Engine): Promise<ChunkCipher> {
  if (dataKey.length !== KEY_BYTES) throw new RangeError(`a data key has ${KEY_BYTES} bytes`);
  if (engine !== 'noble' && subtle) {
    const key = await subtle
      .importKey('raw-secret', dataKey, 'ChaCha20-Poly1305', false, ['encrypt', 'decrypt'])
      .catch(() => undefined);
    if (key) return webCipher(subtle, key);
  }
  if (engine === 'webcrypto') throw new RangeError('there is no ChaCha20-Poly1305 in WebCrypto here');
  return nobleCipher(dataKey.slice());
}

function webCipher(web: Subtle, imported: object): ChunkCipher {
  let key: object | undefined = imported;
  const how = (iv: Uint8Array, additionalData: Uint8Array) => ({ name: 'ChaCha20-Poly1305', iv, additionalData });
  return {
    async seal(nonce, associated, plain) {
      if (!key) throw new SealError('forgotten');
      return new Uint8Array(await web.encrypt(how(nonce, associated), key, plain));
    },
    async open(nonce, associated, sealed) {
      if (!key) throw new SealError('forgotten');
      if (sealed.length < TAG_BYTES) return undefined;
      const plain = await web.decrypt(how(nonce, associated), key, sealed).catch(() => undefined);
      return plain && new Uint8Array(plain);
    },
    forget() {
      // not extractable: with the last reference it goes
      key = undefined;
    },
  };
}

function nobleCipher(copy: Uint8Array): ChunkCipher {
  let key: Uint8Array | undefined = copy;
  const using = (nonce: Uint8Array, associated: Uint8Array) => {
    if (!key) throw new SealError('forgotten');
    return chacha20poly1305(key, nonce, associated);
  };
  return {
    seal: async (nonce, associated, plain) => using(nonce, associated).encrypt(plain),
    async open(nonce, associated, sealed) {
      const cipher = using(nonce, associated);
      if (sealed.length < TAG_BYTES) return undefined;
      try {
        return cipher.decrypt(sealed);
      } catch {
        return undefined;
      }
    },
    forget() {
      key?.fill(0);
      key = undefined;
    },
  };
}

/** Bun's own: four fifths of what `digest` takes of 250 KB, a sixth of 4 KB, as nothing goes to another thread and back. */
interface NativeHash {
  update(bytes: Uint8Array): NativeHash;
  digest(): Uint8Array;
}
const NativeHasher = (globalThis as { readonly Bun?: { readonly CryptoHasher?: new (name: string) => NativeHash } }).Bun
  ?.CryptoHasher;

/** For large pieces; native where that is to be had. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  if (NativeHasher) return new Uint8Array(new NativeHasher('sha256').update(bytes).digest());
  return subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : nobleSha256(bytes);
}

/** For small ones. */
export const sha256Now = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

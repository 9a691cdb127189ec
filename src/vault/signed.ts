// What the box signs: JSON in a small envelope that can be found from either end, with its Ed25519 key. What the JSON says is
// `record.ts`'s to know.

import nacl from 'tweetnacl';
import { join, readJsonObject, u32, unhex, utf8, viewOf } from './bytes.ts';
import { sha256Now } from './cipher.ts';

/** The first bytes of each. */
export const START = utf8('NJRC');
const END = utf8('NJEN');
const SIGNATURE_BYTES = 64;
const MAX_JSON_BYTES = 65_536;
const EXTRA_BYTES = 80;
export const MAX_SIGNED_BYTES = MAX_JSON_BYTES + EXTRA_BYTES;
/** How much of a file's end tells whether a signed record stands there, and how long it is. */
export const SIGNED_TAIL_BYTES = 8;

/** The box's own key pair for signing. */
export interface DeviceKey {
  readonly publicKey: Uint8Array;
  /** 64 bytes, as tweetnacl has it: seed, then public key. */
  readonly secretKey: Uint8Array;
}

export const deviceKeyOf = (seed: Uint8Array): DeviceKey => nacl.sign.keyPair.fromSeed(seed);

export type SignedWhat = 'record' | 'removal';
const domain = (what: SignedWhat | 'link') => utf8(`nightjar ${what} v1\n`);

export interface Signed {
  readonly bytes: Uint8Array;
  readonly json: Readonly<Record<string, unknown>>;
  /** Hash of this record and its signature, hex bytes: what the next one names. */
  readonly link: Uint8Array;
}

export function writeSigned(what: SignedWhat, value: object, key: DeviceKey): Signed {
  const json = utf8(JSON.stringify(value));
  const parsed = readJsonObject(json);
  if (json.length > MAX_JSON_BYTES || !parsed) throw new RangeError('not a record');
  const signature = nacl.sign.detached(join(domain(what), json), key.secretKey);
  const bytes = join(START, u32(json.length), json, signature, u32(json.length + EXTRA_BYTES), END);
  return { bytes, json: parsed, link: linkOf(json, signature) };
}

const linkOf = (json: Uint8Array, signature: Uint8Array) => sha256Now(join(domain('link'), json, signature));

/** Length of the record whose last eight bytes these are; undefined when they are not. */
export function signedBytes(tail: Uint8Array): number | undefined {
  if (tail.length !== SIGNED_TAIL_BYTES || END.some((byte, i) => tail[4 + i] !== byte)) return undefined;
  const bytes = viewOf(tail).getUint32(0);
  return bytes > EXTRA_BYTES && bytes <= MAX_SIGNED_BYTES ? bytes : undefined;
}

/** Undefined when these bytes are not exactly one record; `isTrue` asks whether the key named in it has signed it (milliseconds). */
export function readSigned(what: SignedWhat, bytes: Uint8Array): (Signed & { isTrue(): boolean }) | undefined {
  if (signedBytes(bytes.subarray(-SIGNED_TAIL_BYTES)) !== bytes.length) return undefined;
  if (START.some((byte, i) => bytes[i] !== byte) || viewOf(bytes).getUint32(4) !== bytes.length - EXTRA_BYTES) {
    return undefined;
  }
  const raw = bytes.subarray(8, bytes.length - EXTRA_BYTES + 8);
  const signature = bytes.subarray(raw.length + 8, raw.length + 8 + SIGNATURE_BYTES);
  const json = readJsonObject(raw);
  if (!json) return undefined;
  const publicKey = unhex(json.deviceKey, 32);
  const isTrue = () =>
    publicKey !== undefined && nacl.sign.detached.verify(join(domain(what), raw), signature, publicKey);
  return { bytes, json, link: linkOf(raw, signature), isTrue };
}

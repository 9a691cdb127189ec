// What a release says of itself, and who signed it: the manifest and its Ed25519 signature. Pure. Nothing of a manifest is
// looked at before a known key is found to have signed it. Written down in docs/reference/update-format.md.

import nacl from 'tweetnacl';
import { isVersion } from './version-order.ts';

export type Machine = 'amd64' | 'arm64';

export interface Manifest {
  readonly format: 1;
  readonly version: string;
  readonly machine: Machine;
  /** Of the executable as it is run. */
  readonly bytes: number;
  /** Of the same; lower-case hex. */
  readonly sha256: string;
  readonly packing: 'zstd';
  /** Of what follows in the file. */
  readonly packedBytes: number;
  readonly releasedAtMs: number;
  /** Plain text for the owner. */
  readonly notes: string;
}

/** A manifest, the very bytes that were signed, and the signature. */
export interface SignedManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

export const MAX_MANIFEST_BYTES = 65_536;
export const SIGNATURE_BYTES = 64;
export const MAX_NOTES = 4000;
/** More than twice what an executable has today. */
export const MAX_EXECUTABLE_BYTES = 256 * 1024 * 1024;

const domain = new TextEncoder().encode('nightjar update v1\n');

export type Judged =
  | { readonly ok: true; readonly signed: SignedManifest }
  | { readonly ok: false; readonly reason: 'no-keys' | 'not-signed' | 'newer-format' | 'malformed' };

/** Whether one of the keys has signed these bytes, and what they say. */
export function judgeManifest(bytes: Uint8Array, signature: Uint8Array, keys: readonly Uint8Array[]): Judged {
  if (keys.length === 0) return { ok: false, reason: 'no-keys' };
  if (bytes.length > MAX_MANIFEST_BYTES || signature.length !== SIGNATURE_BYTES) {
    return { ok: false, reason: 'malformed' };
  }
  const said = signedText(bytes);
  if (!keys.some((key) => nacl.sign.detached.verify(said, signature, key))) return { ok: false, reason: 'not-signed' };
  const value = readJson(bytes);
  if (typeof value?.format === 'number' && value.format > 1) return { ok: false, reason: 'newer-format' };
  const manifest = value && readManifest(value);
  return manifest ? { ok: true, signed: { manifest, bytes, signature } } : { ok: false, reason: 'malformed' };
}

/** `secretKey` is 64 bytes, as tweetnacl has it. Throws RangeError for a manifest that no box would take. */
export function signManifest(manifest: Manifest, secretKey: Uint8Array): SignedManifest {
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  if (bytes.length > MAX_MANIFEST_BYTES || !readManifest({ ...manifest })) {
    throw new RangeError('no box would take this manifest');
  }
  return { manifest, bytes, signature: nacl.sign.detached(signedText(bytes), secretKey) };
}

/** Public keys of a text: 64 hex digits a line; empty lines and what follows a `#` count for nothing. Lines that are no key are left out. */
export const readReleaseKeys = (text: string): readonly Uint8Array[] =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().toLowerCase())
    .filter((line) => /^[0-9a-f]{64}$/.test(line))
    .map((line) => Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(line.slice(i * 2, i * 2 + 2), 16)));

function signedText(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(domain.length + bytes.length);
  whole.set(domain);
  whole.set(bytes, domain.length);
  return whole;
}

function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MAX_EXECUTABLE_BYTES;

function readManifest(v: Readonly<Record<string, unknown>>): Manifest | undefined {
  const { version, machine, bytes, sha256, packedBytes, releasedAtMs, notes } = v;
  if (v.format !== 1 || v.packing !== 'zstd') return undefined;
  if (typeof version !== 'string' || !isVersion(version)) return undefined;
  if (machine !== 'amd64' && machine !== 'arm64') return undefined;
  if (!isSize(bytes) || !isSize(packedBytes)) return undefined;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  if (!Number.isSafeInteger(releasedAtMs) || typeof notes !== 'string' || notes.length > MAX_NOTES) return undefined;
  const at = releasedAtMs as number;
  return { format: 1, version, machine, bytes, sha256, packing: 'zstd', packedBytes, releasedAtMs: at, notes };
}

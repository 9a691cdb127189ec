// A small release for tests: a key pair, an executable of a few kilobytes, and the file that carries it.

import nacl from 'tweetnacl';
import type { Machine } from './manifest.ts';
import { type PackedRelease, packRelease } from './pack.ts';

export const releaseKey = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(7));
export const strangersKey = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(8));

/** Bytes that do not pack well, different for each version. */
export function executableOfVersion(version: string, bytes = 9000): Uint8Array {
  let state = [...version].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) >>> 0;
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

export const release = (
  version: string,
  parts: { readonly machine?: Machine; readonly secretKey?: Uint8Array; readonly notes?: string } = {},
): Promise<PackedRelease> =>
  packRelease({
    executable: executableOfVersion(version),
    version,
    machine: parts.machine ?? 'arm64',
    notes: parts.notes ?? 'Better at night.',
    releasedAtMs: Date.UTC(2026, 5, 1),
    secretKey: parts.secretKey ?? releaseKey.secretKey,
    level: 3,
  });

/** The pieces in which bytes come over a network. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

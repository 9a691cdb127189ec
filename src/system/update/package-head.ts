// The beginning of an update file: mark, length, manifest, signature; the packed executable follows. A release's head by itself is
// what the release address is asked for. Reads bytes as they come and never more than a head may have.

import { MAX_MANIFEST_BYTES, SIGNATURE_BYTES, type SignedManifest } from './manifest.ts';

const MARK = new TextEncoder().encode('NJUP');
const FIXED_BYTES = MARK.length + 4;
export const MAX_HEAD_BYTES = FIXED_BYTES + MAX_MANIFEST_BYTES + SIGNATURE_BYTES;

export interface Head {
  readonly manifest: Uint8Array;
  readonly signature: Uint8Array;
}

export function writeHead({ bytes, signature }: SignedManifest): Uint8Array {
  const head = new Uint8Array(FIXED_BYTES + bytes.length + SIGNATURE_BYTES);
  head.set(MARK);
  new DataView(head.buffer).setUint32(MARK.length, bytes.length);
  head.set(bytes, FIXED_BYTES);
  head.set(signature, FIXED_BYTES + bytes.length);
  return head;
}

/** A head and what follows it. `foreign`: this is something else; `cut`: it ends within the head. */
export type HeadRead =
  | { readonly ok: true; readonly head: Head; readonly bytes: number; readonly rest: AsyncIterable<Uint8Array> }
  | { readonly ok: false; readonly reason: 'foreign' | 'cut' };

export async function readHead(chunks: AsyncIterable<Uint8Array>): Promise<HeadRead> {
  const source = chunks[Symbol.asyncIterator]();
  let held = new Uint8Array();
  const hold = async (bytes: number): Promise<boolean> => {
    while (held.length < bytes) {
      const next = await source.next();
      if (next.done) return false;
      held = Buffer.concat([held, next.value]);
    }
    return true;
  };
  const isWhole = await hold(FIXED_BYTES);
  if (MARK.some((byte, i) => i < held.length && held[i] !== byte)) return { ok: false, reason: 'foreign' };
  if (!isWhole) return { ok: false, reason: 'cut' };
  const manifestBytes = new DataView(held.buffer, held.byteOffset).getUint32(MARK.length);
  if (manifestBytes === 0 || manifestBytes > MAX_MANIFEST_BYTES) return { ok: false, reason: 'foreign' };
  const end = FIXED_BYTES + manifestBytes + SIGNATURE_BYTES;
  if (!(await hold(end))) return { ok: false, reason: 'cut' };
  const head = {
    manifest: held.slice(FIXED_BYTES, FIXED_BYTES + manifestBytes),
    signature: held.slice(FIXED_BYTES + manifestBytes, end),
  };
  const beginning = held.slice(end);
  const rest = async function* () {
    if (beginning.length > 0) yield beginning;
    for (;;) {
      const next = await source.next();
      if (next.done) return;
      yield next.value;
    }
  };
  return { ok: true, head, bytes: end, rest: rest() };
}

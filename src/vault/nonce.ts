// The nonces of one data key. Each is used once: a number is never given out twice, the last chunk's differs from one that is
// not last, and the head's tag has one that no chunk can have.

import { viewOf } from './bytes.ts';

/** No chunk has this number. */
export const MAX_CHUNK_NUMBER = 0xffff_fffe;

export function chunkNonce(number: number, last: boolean): Uint8Array {
  return nonce(number, last ? 1 : 0);
}

export const HEADER_TAG_NONCE = nonce(0xffff_ffff, 2);

function nonce(number: number, mark: number): Uint8Array {
  const bytes = new Uint8Array(12);
  viewOf(bytes).setUint32(7, number);
  bytes[11] = mark;
  return bytes;
}

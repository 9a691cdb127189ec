// What the process that is killed records, so that whoever looks afterwards can tell it is that and nothing else.

import { sampleFragment, sampleStream } from '../../src/library/sample-footage.ts';

export const killCameras = ['door', 'yard', 'gate'] as const;
/** How often a camera says what it has seen. */
export const killTickMs = 50;
/** What is handed over at once, at 4 Mb/s. */
export const killFragmentMs = 300;
const FRAGMENT_BYTES = 150_000;

export const killFragment = (cameraId: string, number: number): Uint8Array =>
  sampleFragment((killCameras.indexOf(cameraId as 'door') * 64 + number) % 256, FRAGMENT_BYTES);

export const isKillFootage = ([init, ...media]: readonly Uint8Array[], { cameraId }: { readonly cameraId: string }) =>
  init !== undefined &&
  Buffer.compare(init, sampleStream.init) === 0 &&
  media.length > 0 &&
  media.every((piece, i) => Buffer.compare(piece, killFragment(cameraId, i + 1)) === 0);

/** Numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

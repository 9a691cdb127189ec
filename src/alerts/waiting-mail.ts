// A mail while it waits, and the pictures that go with it.

import type { Entry } from './outbox-files.ts';

export interface MailPictures {
  /** JPEG */
  readonly picture?: Uint8Array;
  /** PNG: what differs from the picture before. */
  readonly difference?: Uint8Array;
}

export const bytesOfPictures = ({ picture, difference }: MailPictures): number =>
  (picture?.length ?? 0) + (difference?.length ?? 0);

export interface Waiting {
  entry: Entry;
  /** Of all its pictures. */
  pictureBytes: number;
  /** Monotonic time since which this run has counted its waiting. */
  sinceMs: number;
  /** Not before this (monotonic); infinite while its picture is awaited. */
  notBeforeMs: number;
  /** A mail from before the restart waits this long (monotonic), also when it is released earlier. */
  readonly pausedUntilMs?: number;
  /** Its last try ended in silence: the server's fault, as far as one can tell. */
  silent?: boolean;
  /** Pictures that are not on the disk yet, or cannot be because the disk is full. */
  pictures?: MailPictures;
}

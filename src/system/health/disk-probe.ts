// Whether what is written reaches the disk. Recordings prove it by themselves; while nothing is recorded, one small file is
// written and flushed once a minute: often enough to notice, and nothing that a card feels (6 KB with the
// journal, measured on ext4: 9 MB a day). A full disk is an ordinary day: it has answered.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Clock, sleep } from '../../base/clock.ts';
import { type Proof, proven, unproven } from './proof.ts';

export interface DiskProbeOptions {
  readonly folder: string;
  /** Bytes that the store has written since the program was started. */
  readonly writtenBytes?: () => number;
  readonly clock: Clock;
  /** Writes and flushes. For tests. */
  readonly write?: (path: string) => Promise<void>;
}

const PROVES_FOR_MS = 60_000;
const ANSWER_MS = 5000;

export function createDiskProbe(options: DiskProbeOptions): () => Promise<Proof> {
  const { folder, writtenBytes = () => 0, clock, write = writeAndFlush } = options;
  let known = writtenBytes();
  let provenAtMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<Proof> | undefined;

  return async () => {
    const bytes = writtenBytes();
    if (bytes !== known) [known, provenAtMs] = [bytes, clock.monotonicMs()];
    if (clock.monotonicMs() - provenAtMs < PROVES_FOR_MS) return proven;
    // A write that hangs is waited for, never joined by a second one.
    pending ??= write(`${folder}/alive`)
      .then(
        () => proven,
        (error) => (isFull(error) ? proven : unproven('the disk can no longer be written')),
      )
      .then((proof) => {
        pending = undefined;
        if (proof.ok) provenAtMs = clock.monotonicMs();
        return proof;
      });
    const waiting = new AbortController();
    const tooLate = sleep(clock, ANSWER_MS, waiting.signal).then(() => unproven('the disk does not answer'));
    const proof = await Promise.race([pending, tooLate]);
    waiting.abort();
    return proof;
  };
}

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as { code?: string })?.code ?? '');

/** In place: the same block again and again, so that no folder has to be flushed. */
async function writeAndFlush(path: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    await file.write(new TextEncoder().encode(`${crypto.randomUUID()}\n`), 0, 37, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}

// Makes what was kept unreadable, key material first: every file that is not a sealed recording is overwritten where it lies
// (keys, people, settings with their passwords, the wrapped vault key beside the recordings, Wi-Fi profiles). The recordings need no overwriting:
// without the keys nobody opens them. What a card keeps of blocks it has moved is beyond any program; the discard that follows asks it to forget.

import { closeSync, constants, fstatSync, fsyncSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';

export interface Destroyed {
  readonly files: number;
  readonly bytes: number;
  /** Paths that could not be overwritten, or were not reached in time. */
  readonly left: readonly string[];
}

/** Sealed segments and stills; what their ending means is the store's business (`docs/reference/sealed-format.md`). */
const SEALED = /\.nj$/;
/** Keys and settings are small and go first; the catalog of times may be large. */
const SMALL_BYTES = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const FLUSH_BYTES = 16 * 1024 * 1024;

/** Overwrites every file under the folders, small ones first, until done or `withinMs` have passed. Folders that do not exist are passed over. */
export function overwriteKeyMaterial(
  folders: readonly string[],
  options: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly withinMs?: number },
): Destroyed {
  const endMs = options.clock.monotonicMs() + (options.withinMs ?? 60_000);
  const paths = folders.flatMap((folder) => filesUnder(folder)).filter((p) => !SEALED.test(p));
  const large: string[] = [];
  const left: string[] = [];
  let files = 0;
  let bytes = 0;
  const overwrite = (path: string, atMostBytes: number): boolean => {
    if (options.clock.monotonicMs() >= endMs) {
      left.push(path);
      return true;
    }
    try {
      const size = overwriteFile(path, atMostBytes, () => options.clock.monotonicMs() >= endMs);
      if (size === undefined) return false;
      if (size === 'cut-short') {
        left.push(path);
        return true;
      }
      files++;
      bytes += size;
    } catch {
      left.push(path);
    }
    return true;
  };
  for (const path of paths) if (!overwrite(path, SMALL_BYTES)) large.push(path);
  for (const path of large) overwrite(path, Number.MAX_SAFE_INTEGER);
  return { files, bytes, left };
}

/**
 * Returns its size, or undefined when it is larger than `atMostBytes` and was left. Links are not followed. Time is looked at
 * within a file, too: one with holes says to be larger than the card, and would keep the boot busy until it is killed, each time.
 */
function overwriteFile(path: string, atMostBytes: number, isTimeUp: () => boolean): number | 'cut-short' | undefined {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) return 0;
    if (found.size > atMostBytes) return undefined;
    const zeros = new Uint8Array(Math.min(CHUNK_BYTES, found.size));
    let at = 0;
    do {
      const end = Math.min(found.size, at + FLUSH_BYTES);
      while (at < end) at += writeSync(fd, zeros, 0, Math.min(zeros.length, end - at), at);
      // Often enough that the time limit is about the card and not about memory.
      fsyncSync(fd);
    } while (at < found.size && !isTimeUp());
    return at < found.size ? 'cut-short' : found.size;
  } finally {
    closeSync(fd);
  }
}

/** Regular files below a folder, those in the folder itself before those of its folders. */
function filesUnder(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const here = entries.filter((e) => e.isFile()).map((e) => join(folder, e.name));
    return [...here, ...entries.filter((e) => e.isDirectory()).flatMap((e) => filesUnder(join(folder, e.name)))];
  } catch {
    return [];
  }
}

/** Where a card cannot forget on request: zeros over the beginning of a partition, where ext4 keeps small files, for at most `withinMs`. Returns the bytes. */
export function overwriteBeginning(
  partition: string,
  options: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly bytes: number; readonly withinMs?: number },
): number {
  const endMs = options.clock.monotonicMs() + (options.withinMs ?? 30_000);
  const zeros = new Uint8Array(4 * 1024 * 1024);
  const fd = openSync(partition, 'r+');
  try {
    let at = 0;
    while (at < options.bytes && options.clock.monotonicMs() < endMs) {
      at += writeSync(fd, zeros, 0, Math.min(zeros.length, options.bytes - at), at);
      // Often enough that the time limit is about the card and not about memory.
      if (at % (64 * 1024 * 1024) === 0) fsyncSync(fd);
    }
    fsyncSync(fd);
    return at;
  } finally {
    closeSync(fd);
  }
}

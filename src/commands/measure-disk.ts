// How long the disk takes to really have what was written to it.

import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Times of `runs` writes of 256 KiB with fsync, sorted, in milliseconds. Throws what the system says. */
export function syncTimesMs(folder: string, runs: number): readonly number[] {
  const path = join(folder, `.measure-${process.pid}`);
  const fd = openSync(path, 'wx', 0o600);
  try {
    const block = new Uint8Array(256 * 1024);
    return Array.from({ length: runs }, () => {
      const startMs = performance.now();
      writeSync(fd, block);
      fsyncSync(fd);
      return performance.now() - startMs;
    }).sort((a, b) => a - b);
  } finally {
    closeSync(fd);
    unlinkSync(path);
  }
}

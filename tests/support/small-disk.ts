// A small file system of its own, for tests of a disk that runs full.

import { expect } from 'bun:test';
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (...argv: string[]) => Bun.spawnSync(argv, { stdio: ['ignore', 'pipe', 'pipe'] });

export interface SmallDisk extends Disposable {
  readonly folder: string;
}

const mounted = (folder: string): SmallDisk => ({
  folder,
  [Symbol.dispose]() {
    run('umount', '-l', folder);
    rmSync(folder, { recursive: true, force: true });
  },
});

/** A tmpfs, or `/dev/shm` where nothing may be mounted and that is small (containers: 64 MB). */
export function smallDisk(sizeMB = 64): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-small-'));
  if (run('mount', '-t', 'tmpfs', '-o', `size=${sizeMB}m`, 'tmpfs', folder).exitCode === 0) return mounted(folder);
  rmSync(folder, { recursive: true });
  const { blocks, bsize } = statfsSync('/dev/shm');
  expect(blocks * bsize).toBeLessThanOrEqual(256 * 1024 * 1024);
  const inMemory = mkdtempSync('/dev/shm/nightjar-small-');
  return { folder: inMemory, [Symbol.dispose]: () => rmSync(inMemory, { recursive: true, force: true }) };
}

/** As on the card: ext4, with its journal, in blocks of 4 KB. A `smallDisk` for who may not use loop devices. */
export function smallExt4(sizeMB: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-small-'));
  const image = `${folder}.img`;
  try {
    writeFileSync(image, '');
    truncateSync(image, sizeMB << 20);
    const made = run('mkfs.ext4', '-q', '-F', '-b', '4096', '-m', '0', image).exitCode === 0;
    // The device goes with the mount, and the file with its last user.
    if (made && run('mount', '-o', 'loop', image, folder).exitCode === 0) return mounted(folder);
  } finally {
    rmSync(image, { force: true });
  }
  rmSync(folder, { recursive: true });
  return smallDisk(sizeMB);
}

/** Takes what is free, down to the last block. */
export function fill(folder: string): void {
  for (let bytes = 4 << 20; bytes >= 512; bytes >>= 1) {
    for (let i = 0; i < 64; i++) {
      try {
        writeFileSync(join(folder, `filler-${bytes}-${i}`), new Uint8Array(bytes));
      } catch {
        rmSync(join(folder, `filler-${bytes}-${i}`), { force: true });
        break;
      }
    }
  }
}

export const unfill = (folder: string) => run('sh', '-c', 'rm -f "$0"/filler-*', folder);

/** Only the owner of a namespace may mount here: then a test runs its own file in one. */
export const mountsInNamespaceOnly = (): boolean =>
  run('sh', '-c', 'd=$(mktemp -d) && mount -t tmpfs tmpfs $d; c=$?; umount $d 2>&1; rmdir $d; exit $c').exitCode !==
    0 && run('unshare', '-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()).exitCode === 0;

/** Expects the tests of a file to hold there. */
export function expectInNamespace(path: string): void {
  const { exitCode, stderr } = run('unshare', '-Urm', process.execPath, 'test', path, '--timeout', '90000');
  expect({ exitCode, said: exitCode === 0 ? '' : stderr.toString() }).toEqual({ exitCode: 0, said: '' });
}

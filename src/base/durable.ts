// File writes that survive a power cut: write a temporary file beside the target, fsync it, rename, fsync the folder.
// The file system is an argument, so that every step can be made to fail in tests.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The system calls a durable write is made of, in the order in which they must reach the disk. */
export interface FileSteps {
  open(path: string, flags: string, mode: number): number;
  write(fd: number, bytes: Uint8Array): void;
  fsync(fd: number): void;
  close(fd: number): void;
  rename(from: string, to: string): void;
}

export const systemFileSteps: FileSteps = {
  open: (path, flags, mode) => openSync(path, flags, mode),
  write(fd, bytes) {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
  },
  fsync: (fd) => fsyncSync(fd),
  close: (fd) => closeSync(fd),
  rename: (from, to) => renameSync(from, to),
};

/** Flushes a folder's entries: a rename or a new file in it is then on the disk. */
export function syncFolder(path: string, steps: FileSteps = systemFileSteps): void {
  const fd = steps.open(path, 'r', 0);
  try {
    steps.fsync(fd);
  } finally {
    steps.close(fd);
  }
}

/** Replaces a file whole, readable by its owner only. After it returns, a power cut finds the new content; before, the old. */
export function replaceFile(path: string, bytes: Uint8Array | string, steps: FileSteps = systemFileSteps): void {
  const temporary = `${path}.new`;
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const fd = steps.open(temporary, 'w', 0o600);
  try {
    steps.write(fd, data);
    steps.fsync(fd);
  } finally {
    steps.close(fd);
  }
  steps.rename(temporary, path);
  syncFolder(dirname(path), steps);
}

/** Makes a folder (and those above it) that only its owner may enter. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

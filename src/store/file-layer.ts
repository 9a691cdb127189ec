// The system calls the store is made of, off the event loop, as an argument: tests make each one fail or stop in turn.
// Knows nothing of segments. Errors are the system's own; `ioError` gives them Nightjar's words.

import fs from 'node:fs';
import { mkdir, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { NightjarError } from '../base/errors.ts';

export interface LayerFile {
  /** Writes all of the bytes at this place. May leave some of them behind when it throws. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Fills `into` from this place; the number of bytes read is smaller only at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** After it resolves, content and size are on the disk. The name is not: see `syncFolder`. */
  sync(): Promise<void>;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

export interface FileLayer {
  /** Makes one folder, 0700. False when it was there already. */
  makeFolder(path: string): Promise<boolean>;
  /** Makes a new file, 0600, for writing and reading. Throws EEXIST when there is one of that name. */
  create(path: string): Promise<LayerFile>;
  /** Opens an existing file; `update` may write too. Throws ENOENT when there is none. */
  open(path: string, how: 'read' | 'update'): Promise<LayerFile>;
  rename(from: string, to: string): Promise<void>;
  /** False when there was none. */
  unlink(path: string): Promise<boolean>;
  /** False when it is missing or not empty. */
  removeFolder(path: string): Promise<boolean>;
  /** After it resolves, names made, renamed and removed in this folder are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** Names in a folder, sorted; none when it is missing. */
  list(path: string): Promise<readonly string[]>;
  /** Size of a file, or undefined when it is missing. */
  bytes(path: string): Promise<number | undefined>;
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string } | undefined)?.code;

/** Whether a system call failed with one of these codes. */
export const failedWith = (error: unknown, ...codes: readonly string[]): boolean => codes.includes(codeOf(error) ?? '');

/** The error to throw when a step on a recording's file failed: `no-space` for a full disk or quota, else `internal`. */
export function ioError(doing: string, cause: unknown): NightjarError {
  if (cause instanceof NightjarError) return cause;
  if (failedWith(cause, 'ENOSPC', 'EDQUOT'))
    return new NightjarError('no-space', `${doing}: the disk is full`, { cause });
  return new NightjarError(failedWith(cause, 'ENOENT') ? 'missing' : 'internal', doing, { cause });
}

const unless = async <T>(action: Promise<unknown>, codes: readonly string[], done: T, otherwise: T): Promise<T> => {
  try {
    await action;
    return done;
  } catch (error) {
    if (failedWith(error, ...codes)) return otherwise;
    throw error;
  }
};

// Plain descriptors, not `FileHandle`s: Bun throws, outside any call, when one of those is collected unclosed.
async function openFile(path: string, flags: string): Promise<LayerFile> {
  const fd = await call<number>((done) => fs.open(path, flags, 0o600, done));
  return {
    async write(bytes, at) {
      for (let done = 0; done < bytes.length; ) {
        const from = done;
        done += await call<number>((end) => fs.write(fd, bytes, from, bytes.length - from, at + from, end));
      }
    },
    async read(into, at) {
      let done = 0;
      while (done < into.length) {
        const from = done;
        const bytes = await call<number>((end) => fs.read(fd, into, from, into.length - from, at + from, end));
        if (bytes === 0) break;
        done += bytes;
      }
      return done;
    },
    truncate: (bytes) => call((done) => fs.ftruncate(fd, bytes, done)),
    // the size is flushed with the content; the modification time need not be
    sync: () => call((done) => fs.fdatasync(fd, done)),
    bytes: async () => (await call<fs.Stats>((done) => fs.fstat(fd, done))).size,
    close: () => call((done) => fs.close(fd, done)),
  };
}

const call = <T = void>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });

export const systemFileLayer: FileLayer = {
  makeFolder: (path) => unless(mkdir(path, { mode: 0o700 }), ['EEXIST'], true, false),
  create: (path) => openFile(path, 'wx+'),
  open: (path, how) => openFile(path, how === 'read' ? 'r' : 'r+'),
  rename: (from, to) => rename(from, to),
  unlink: (path) => unless(unlink(path), ['ENOENT'], true, false),
  removeFolder: (path) => unless(rmdir(path), ['ENOENT', 'ENOTEMPTY', 'EEXIST'], true, false),
  async syncFolder(path) {
    const fd = await call<number>((done) => fs.open(path, 'r', done));
    try {
      await call((done) => fs.fsync(fd, done));
    } finally {
      await call((done) => fs.close(fd, done));
    }
  },
  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (failedWith(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  },
  async bytes(path) {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return undefined;
      throw error;
    }
  },
};

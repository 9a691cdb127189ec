// The system calls the store is made of, off the event loop, as an argument: tests make each one fail or stop in turn.
// Knows nothing of segments. Errors are the system's own; `ioError` gives them Nightjar's words. A symbolic link, a folder or a
// device where a file should be is none of ours: it is not followed, not read, not written and not removed.

import fs from 'node:fs';
import { lstat, mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
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
  /** Opens an existing file; `update` may write too. Throws ENOENT when there is none, and for what is no plain file. */
  open(path: string, how: 'read' | 'update'): Promise<LayerFile>;
  rename(from: string, to: string): Promise<void>;
  /** False when there was none, or a folder. A link itself goes, never what it leads to. */
  unlink(path: string): Promise<boolean>;
  /** False when it is missing or not empty. */
  removeFolder(path: string): Promise<boolean>;
  /** After it resolves, names made, renamed and removed in this folder are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** Names in a folder, sorted, without symbolic links; none when it is missing. */
  list(path: string): Promise<readonly string[]>;
  /** Size of a plain file, or undefined when there is none. */
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
async function openFile(path: string, flags: string | number): Promise<LayerFile> {
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

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = fs.constants;

async function openPlainFile(path: string, how: 'read' | 'update'): Promise<LayerFile> {
  const noFile = () => Object.assign(new Error(`there is no plain file at ${path}`), { code: 'ENOENT' });
  try {
    // without O_NONBLOCK opening a pipe waits for whoever writes into it
    const file = await openFile(path, (how === 'read' ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK);
    const isPlain = await lstat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isPlain) return file;
    await file.close();
  } catch (error) {
    if (failedWith(error, 'ELOOP', 'EISDIR', 'ENXIO')) throw noFile();
    throw error;
  }
  throw noFile();
}

const call = <T = void>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });

export const systemFileLayer: FileLayer = {
  makeFolder: (path) => unless(mkdir(path, { mode: 0o700 }), ['EEXIST'], true, false),
  create: (path) => openFile(path, 'wx+'),
  open: openPlainFile,
  rename: (from, to) => rename(from, to),
  unlink: (path) => unless(unlink(path), ['ENOENT', 'EISDIR'], true, false),
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
      const all = await readdir(path, { withFileTypes: true });
      return all.flatMap((one) => (one.isSymbolicLink() ? [] : [one.name])).sort();
    } catch (error) {
      if (failedWith(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  },
  async bytes(path) {
    try {
      const found = await lstat(path);
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return undefined;
      throw error;
    }
  },
};

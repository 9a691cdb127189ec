// Writes a file that is there whole or not at all: under another name first, flushed, then renamed. What a stopped or failed command leaves behind
// is nothing.

import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from '../base/durable.ts';
import { NightjarError } from '../base/errors.ts';

/** Throws `conflict` when something of this name is there and may not be replaced, `missing` when its folder is not. */
export function mayWrite(path: string, mayReplace: boolean): void {
  if (!existsSync(dirname(path))) throw new NightjarError('missing', `there is no folder ${dirname(path)}`);
  if (existsSync(path) && !mayReplace) {
    throw new NightjarError('conflict', `${path} is there already. Choose another name, or add --force to replace it.`);
  }
}

/** Durable when it resolves. Throws as `mayWrite`, `no-space` and `unavailable`; the file is then as it was before. */
export async function writeWhole(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  { mayReplace = false, onBytes = (_bytes: number) => {} } = {},
): Promise<void> {
  mayWrite(path, mayReplace);
  const temporary = `${path}.part`;
  const drop = () => rmSync(temporary, { force: true });
  const stopped = () => {
    drop();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopped);
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'w');
    let bytes = 0;
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at, piece.length - at);
      bytes += piece.length;
      onBytes(bytes);
    }
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    mayWrite(path, mayReplace);
    renameSync(temporary, path);
    settle(dirname(path));
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    drop();
    throw asFault(path, cause);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stopped);
  }
}

/** Flushes a folder that was just filled, the files before the names. */
export function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      syncTree(path);
      continue;
    }
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
  settle(folder);
}

/** Some file systems of sticks and shares have no such flush; the file itself is flushed by then. */
function settle(folder: string): void {
  try {
    syncFolder(folder);
  } catch {}
}

function asFault(path: string, cause: unknown): unknown {
  if (cause instanceof NightjarError) return cause;
  const code = (cause as { code?: unknown }).code;
  if (code === 'ENOSPC' || code === 'EFBIG' || code === 'EDQUOT') {
    return new NightjarError('no-space', `there is not enough room to write ${path}`, { cause });
  }
  return new NightjarError('unavailable', `cannot write ${path}`, { cause });
}

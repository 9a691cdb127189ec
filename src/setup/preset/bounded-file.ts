// Reading a file that somebody else wrote: not through links, no devices, and no more than a preset may have.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { MAX_PRESET_BYTES } from './read.ts';

/** At most one byte more than a preset may have; undefined where there is none. */
export function readBounded(path: string): Uint8Array | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = new Uint8Array(MAX_PRESET_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(fd, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

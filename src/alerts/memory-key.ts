// The key under which pictures of waiting mails lie in the outbox. It is kept in a folder that is in memory: it outlives
// Nightjar itself, so that a crash or an update loses no picture, but not the power, so that a stolen card has none.

import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statfsSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';

const KEY_BYTES = 32;
/** Of file systems that live in memory, as `statfs` names them: tmpfs and ramfs. */
const MEMORY_TYPES: readonly number[] = [0x01021994, 0x858458f6];

export interface MemoryKeyPlace {
  /** Tried in this order. */
  readonly folders: readonly string[];
  /** Whether what is written there is gone without power. */
  readonly isInMemory: (folder: string) => boolean;
}

/** systemd's folder for the service, the user's, and the one every Linux has. */
export const systemPlace = (env: Readonly<Record<string, string | undefined>>): MemoryKeyPlace => ({
  folders: [env.RUNTIME_DIRECTORY?.split(':')[0] ?? '', env.XDG_RUNTIME_DIR ?? '', '/run', '/dev/shm'].filter(
    (folder) => folder.startsWith('/'),
  ),
  isInMemory(folder) {
    try {
      return MEMORY_TYPES.includes(statfsSync(folder).type);
    } catch {
      return false;
    }
  },
});

/** 32 bytes, the same at each start since the machine was switched on. Where no folder serves, new ones: then a restart loses pictures. */
export function memoryKey(dataDir: string, place: MemoryKeyPlace): Uint8Array {
  const name = `nightjar-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)}.key`;
  for (const folder of place.folders.filter(place.isInMemory)) {
    const key = keyAt(join(folder, name));
    if (key) return key;
  }
  return new Uint8Array(randomBytes(KEY_BYTES));
}

/** Undefined when the folder is not ours to write, or what lies there is not ours to trust. */
function keyAt(path: string): Uint8Array | undefined {
  try {
    // O_NOFOLLOW: everybody may write to /dev/shm, and so could lay a link there
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    const fd = openSync(path, flags, 0o600);
    try {
      const { uid, mode, size } = fstatSync(fd);
      if (uid !== process.getuid?.() || (mode & 0o177) !== 0) return undefined;
      const key = new Uint8Array(randomBytes(KEY_BYTES));
      const done = size === KEY_BYTES ? readSync(fd, key, 0, KEY_BYTES, 0) : writeSync(fd, key, 0, KEY_BYTES, 0);
      return done === KEY_BYTES ? key : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

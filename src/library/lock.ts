// One Nightjar per data folder. The lock is an exclusive SQLite transaction on a small file: the kernel drops it when the
// process ends, however it ends, so that no stale lock file ever keeps a box from starting. (A file with a process id was
// tried and dropped: after a power cut the same id may belong to another program.)

import { Database, SQLiteError } from 'bun:sqlite';
import { NightjarError } from '../base/errors.ts';

export interface DataFolderLock extends Disposable {
  release(): void;
}

/** Throws `conflict` while another process, or another part of this one, holds the folder. */
export function lockDataFolder(folder: string): DataFolderLock {
  const db = new Database(`${folder}/lock.db`, { create: true });
  try {
    db.run('PRAGMA busy_timeout = 0');
    // in memory: taking the lock writes nothing, also on a full disk
    db.run('PRAGMA journal_mode = MEMORY');
    db.run('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (cause instanceof SQLiteError && /^SQLITE_(BUSY|LOCKED)/.test(cause.code ?? '')) {
      throw new NightjarError('conflict', `another Nightjar is using ${folder}; stop it first`, { cause });
    }
    throw new NightjarError('internal', `cannot lock ${folder}`, { cause });
  }
  let held = true;
  const release = () => {
    if (held) db.close();
    held = false;
  };
  return { release, [Symbol.dispose]: release };
}

// Opens the catalog's SQLite file: WAL, version and migrations, and what its errors mean. Knows no table by name.
//
// synchronous=FULL: a row is on the disk when its transaction returns. The order of the library's steps rests on that (a file
// exists only after its row, a row goes only after its file). NORMAL would lose the last rows at a power cut, and a
// start would have to look through every folder. It costs one fsync (5–50 ms on an SD card) for each of the few
// transactions a minute.

import { Database, SQLiteError } from 'bun:sqlite';
import { closeSync, openSync } from 'node:fs';
import { NightjarError } from '../base/errors.ts';
import { migrations } from './schema.ts';

/** Throws `internal` with a damaged file (see `isDamage`), `conflict` with one that a newer Nightjar wrote. */
export function openDatabase(path: string, how: 'read' | 'write' = 'write'): Database {
  // made by us and not by SQLite, whose files others may read; its log takes over the mode
  if (how === 'write') closeSync(openSync(path, 'a', 0o600));
  const db =
    how === 'read'
      ? new Database(path, { readonly: true, strict: true })
      : new Database(path, { create: true, strict: true });
  try {
    db.run('PRAGMA busy_timeout = 5000');
    if (how === 'write') {
      db.run('PRAGMA journal_mode = WAL');
      db.run('PRAGMA synchronous = FULL');
      // the log keeps its blocks, so that a row can still be marked as garbage on a full disk
      db.run('PRAGMA journal_size_limit = -1');
    }
    const version = versionOf(db);
    if (version > migrations.length) {
      throw new NightjarError('conflict', `the catalog was written by a newer Nightjar (version ${version})`);
    }
    if (how === 'read' && version < migrations.length) {
      throw new NightjarError('conflict', 'the catalog is from an older Nightjar; start Nightjar once to update it');
    }
    if (!isCatalog(db, version)) throw new NotACatalog('it is a database, but no catalog of recordings');
    for (let from = version; from < migrations.length; from++) {
      db.transaction(() => {
        db.run(migrations[from]!);
        db.run(`PRAGMA user_version = ${from + 1}`);
      })();
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const versionOf = (db: Database) => db.query<{ user_version: number }, []>('PRAGMA user_version').get()!.user_version;

/** Somebody else's database lies where the catalog should. */
class NotACatalog extends Error {}

function isCatalog(db: Database, version: number): boolean {
  const tables = db.query<{ name: string }, []>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  if (version === 0) return tables.length === 0;
  return ['meta', 'recordings', 'segments', 'stills', 'events'].every((name) => tables.some((t) => t.name === name));
}

/** Whether the file itself is damaged, or no catalog at all, so that it must be rebuilt. */
export function isDamage(error: unknown): boolean {
  if (error instanceof NotACatalog) return true;
  return error instanceof SQLiteError && /^SQLITE_(CORRUPT|NOTADB|FORMAT|SCHEMA)/.test(error.code ?? '');
}

/** The catalog's errors as Nightjar's: a full disk is `no-space`. */
export function catalogError(error: unknown): unknown {
  if (!(error instanceof SQLiteError)) return error;
  // SQLite reports a full disk as FULL, or as a failed write or growth of its shared memory
  if (/^SQLITE_(FULL|IOERR_WRITE|IOERR_SHMSIZE|IOERR_FSYNC)/.test(error.code ?? '')) {
    return new NightjarError('no-space', 'cannot write the catalog: the disk is full', { cause: error });
  }
  return new NightjarError('internal', 'the catalog failed', { cause: error });
}

// Opens the catalog, whatever state it is in. A damaged one is moved aside, never deleted; a missing or new one is filled from
// the files.

import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { Catalog } from '../catalog/catalog.ts';
import { isDamage } from '../catalog/database.ts';

export interface OpenCatalogOptions {
  readonly path: string;
  readonly log: Log;
  readonly clock: { wallMs(): number };
  readonly beforeWrite?: (what: string) => void;
}

/** Throws only what moving the damaged file aside cannot mend: no space, no permission, a newer version. */
export function openCatalog({ path, log, clock, beforeWrite }: OpenCatalogOptions): Catalog {
  const options = { path, ...(beforeWrite ? { beforeWrite } : {}) };
  // SQLite removes its log when it is closed properly: one with content means the last stop was a crash or power cut,
  // and only then, or when the stop itself found damage, is the whole file looked through.
  const wasCut = (sizeOf(`${path}-wal`) ?? 0) > 0 || sizeOf(markOf(path)) !== undefined;
  try {
    const catalog = new Catalog(options);
    const damage = wasCut ? catalog.damage() : undefined;
    if (damage === undefined) return catalog;
    catalog.close();
    log.warn('the catalog is damaged', { found: damage });
  } catch (error) {
    if (!isDamage(error)) throw error;
    log.warn('the catalog is damaged', { found: describeError(error) });
  }
  moveCatalogAside(path, clock.wallMs(), log);
  return new Catalog(options);
}

/**
 * Closes it after a last look through the whole file (0.2 s per 100,000 segments, which a stop has and a start has not): a card that went bad
 * is noticed by the next start, though nothing crashed.
 */
export function closeCatalog(catalog: Catalog, path: string, log: Log): void {
  let damage: string | undefined;
  try {
    damage = catalog.damage();
  } finally {
    catalog.close();
  }
  if (damage === undefined) return;
  log.warn('the catalog is damaged; the next start makes a new one', { found: damage });
  closeSync(openSync(markOf(path), 'a', 0o600));
}

const markOf = (path: string): string => `${path}-suspect`;

/** Puts the catalog's files out of the way, under a name with the time. */
export function moveCatalogAside(path: string, wallMs: number, log: Log): void {
  for (const suffix of ['', '-wal', '-shm', '-suspect']) {
    if (sizeOf(path + suffix) !== undefined) renameSync(path + suffix, `${path}.damaged-${wallMs}${suffix}`);
  }
  log.warn('a new catalog is made from the recordings themselves; the old one is kept beside it');
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

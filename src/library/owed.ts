// Catalog changes that a completely full disk has refused, though what they tell has already happened: files that are gone,
// recordings that have ended. They are made as soon as there is room, so that no page shows until the next start what is
// not there any more. Power that goes before that is the start's business (see recovery).

import type { Log } from '../base/log.ts';
import { isNoSpace } from './shelf.ts';

export class OwedChanges {
  readonly #changes = new Map<string, () => void>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Makes the change, or remembers it under a name; the same name again replaces it. Throws what failed either way. */
  make(name: string, change: () => void): void {
    try {
      change();
      this.#changes.delete(name);
    } catch (error) {
      if (isNoSpace(error)) this.remember(name, change);
      throw error;
    }
  }

  remember(name: string, change: () => void): void {
    this.#changes.set(name, change);
  }

  /** Makes what is owed, oldest first, until the disk refuses again. */
  settle(): void {
    if (this.#changes.size === 0) return;
    for (const [name, change] of [...this.#changes]) {
      try {
        change();
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        return;
      }
      this.#changes.delete(name);
    }
    this.#log.info('the catalog knows again of everything that happened while the disk was full');
  }
}

// One timer for the fsyncs of all files that are being written: cameras that record at the same time share the disk's flush. Knows
// nothing of what is in the files.

import type { Clock } from '../base/clock.ts';

export class SyncRounds {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #everyMs: number;
  #waiting = new Set<() => void>();
  #cancel: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after'>, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Calls back with the next round, `everyMs` after the first byte of anybody that waits for one. Asking twice is asking once. */
  join(sync: () => void): void {
    this.#waiting.add(sync);
    this.#cancel ??= this.#clock.after(this.#everyMs, () => {
      this.#cancel = undefined;
      const round = this.#waiting;
      this.#waiting = new Set();
      for (const each of round) each();
    });
  }

  leave(sync: () => void): void {
    this.#waiting.delete(sync);
    if (this.#waiting.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

// What must be stopped, in which order. Every part gets its turn, also when one before it fails.

import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export class StopList {
  readonly #log: Log;
  readonly #parts: { readonly name: string; readonly stop: () => Promise<unknown> }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Stops before everything that was added so far: parts that use others. */
  add(name: string, stop: () => Promise<unknown>): void {
    this.#parts.unshift({ name, stop });
  }

  async all(): Promise<void> {
    for (const { name, stop } of this.#parts.splice(0)) {
      try {
        await stop();
      } catch (error) {
        this.#log.error(`${name} did not stop cleanly: ${describeError(error)}`);
      }
    }
  }
}

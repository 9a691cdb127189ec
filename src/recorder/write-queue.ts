// What one recorder still has to write, in order, one thing at a time. It only counts: whoever adds decides what to leave
// out when too many bytes are waiting.

import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export class WriteQueue {
  readonly #log: Log;
  #tail: Promise<void> = Promise.resolve();
  #bytes = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Bytes of media that wait, including what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Does the task after all before it, whether those worked or not. Expected failures are the task's own to handle. */
  add(bytes: number, task: () => Promise<void>): void {
    this.#bytes += bytes;
    this.#tail = this.#tail
      .then(task)
      .catch((error) => this.#log.error(`writing a recording failed: ${describeError(error)}`))
      .finally(() => {
        this.#bytes -= bytes;
      });
  }

  /** Resolves when everything added so far is done. */
  done(): Promise<void> {
    return this.#tail;
  }
}

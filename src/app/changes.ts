// What changed, told to every open page. Camera changes come in bursts (state, level, recording), so they are gathered for a
// moment and sent as one.

import type { Clock } from '../base/clock.ts';
import type { Changes } from '../http/api.ts';
import type { ChangesPort } from '../http/ports.ts';

const GATHER_MS = 200;

type Listener = Parameters<ChangesPort['listen']>[0];

export class ChangeBoard implements ChangesPort {
  readonly #listeners = new Set<Listener>();
  readonly #clock: Clock;
  #gathering = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell<K extends keyof Changes>(name: K, data: Changes[K]): void {
    for (const listener of this.#listeners) listener(name, data);
  }

  /** Sends the list of cameras soon; costs nothing while nobody listens. */
  camerasChanged(list: () => Changes['cameras']): void {
    if (this.#gathering || this.#listeners.size === 0) return;
    this.#gathering = true;
    this.#clock.after(GATHER_MS, () => {
      this.#gathering = false;
      this.tell('cameras', list());
    });
  }
}

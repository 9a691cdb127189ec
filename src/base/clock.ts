// Time as an argument. Monotonic time orders what happens and measures lengths; wall time is only for names, rows
// and people. Tests pass a clock they move by hand, so that nothing sleeps.

export interface Clock {
  /** Milliseconds since an arbitrary fixed moment. Never steps, in either direction. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z. May step when the system's clock is set. */
  wallMs(): number;
  /** Calls back once after the time has passed on the monotonic clock; returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after the time has passed, or as soon as the signal aborts (without throwing). */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

const MOST_AT_ONCE = 10_000;

/** A clock that stands still until it is moved: for tests. `stepWallMs` plays somebody setting the system's clock. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #offset: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#offset = wallMs;
  }

  monotonicMs = () => this.#monotonic;
  wallMs = () => this.#monotonic + this.#offset;

  after = (delayMs: number, callback: () => void) => {
    const timer = { at: this.#monotonic + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  };

  stepWallMs(byMs: number): void {
    this.#offset += byMs;
  }

  /**
   * Moves time on and runs what is due, in order. Awaits microtasks between callbacks so that promises settle. Throws when
   * something keeps asking to be called back at once: no test's time limit would ever get a turn.
   */
  async advance(byMs: number): Promise<void> {
    const until = this.#monotonic + byMs;
    for (let atOnce = 0; ; ) {
      const due = this.#timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((t) => t !== due);
      atOnce = due.at > this.#monotonic ? 0 : atOnce + 1;
      if (atOnce > MOST_AT_ONCE) throw new Error(`called back ${atOnce} times without any time passing`);
      this.#monotonic = Math.max(this.#monotonic, due.at);
      due.callback();
      for (let i = 0; i < 10; i++) await Promise.resolve();
    }
    this.#monotonic = until;
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}

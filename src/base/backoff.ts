// Growing pauses between tries, for ever, with jitter so that several cameras behind one dead switch do not all come
// back in the same instant.

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Each pause is this many times the one before. */
  readonly factor?: number;
  /** Share of the pause that is random, 0–1: 0.2 means ±20 %. */
  readonly jitter?: number;
  readonly random?: () => number;
}

export class Backoff {
  readonly #o: Required<BackoffOptions>;
  #tries = 0;

  constructor(options: BackoffOptions) {
    this.#o = { factor: 2, jitter: 0.2, random: Math.random, ...options };
  }

  /** The pause before the next try, in milliseconds, never over `maxMs`. */
  nextMs(): number {
    const { firstMs, maxMs, factor, jitter, random } = this.#o;
    const base = Math.min(maxMs, firstMs * factor ** Math.min(this.#tries++, 60));
    return Math.min(maxMs, Math.round(base * (1 + jitter * (2 * random() - 1))));
  }

  /** Call when it worked: the next failure starts with the short pause again. */
  reset(): void {
    this.#tries = 0;
  }

  get tries(): number {
    return this.#tries;
  }
}

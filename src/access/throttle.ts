// How often somebody may guess. Token buckets on the monotonic clock, bounded in number. Who is counted (an address, a
// person) is decided by the caller; what a guess costs to check is not known here.

export interface ThrottleOptions {
  /** Guesses that are free at first. */
  readonly burst: number;
  /** One more guess is earned in this time. */
  readonly refillMs: number;
  /** Most keys that are remembered; the ones with the most guesses left are forgotten first. */
  readonly maxKeys: number;
}

export type Taken = { readonly ok: true } | { readonly ok: false; readonly retryAfterS: number };

interface Bucket {
  left: number;
  atMs: number;
}

export class Throttle {
  readonly #o: ThrottleOptions;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: ThrottleOptions, monotonicMs: () => number) {
    this.#o = options;
    this.#nowMs = monotonicMs;
  }

  /** Uses up one guess of this key. Taken before the check, so that guesses sent at the same time are all counted. */
  take(key: string): Taken {
    const bucket = this.#bucket(key);
    if (bucket.left < 1) return { ok: false, retryAfterS: Math.max(1, Math.ceil(this.#waitMs(bucket) / 1000)) };
    bucket.left -= 1;
    return { ok: true };
  }

  /** Gives back what a right answer, or one that was not looked at, had used up. */
  refund(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.left = Math.min(this.#o.burst, bucket.left + 1);
  }

  /** Forgets a key's wrong guesses. */
  forgive(key: string): void {
    this.#buckets.delete(key);
  }

  /** Whether the next `take` would succeed. */
  hasLeft(key: string): boolean {
    return this.#bucket(key).left >= 1;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #waitMs(bucket: Bucket): number {
    return (1 - bucket.left) * this.#o.refillMs;
  }

  #bucket(key: string): Bucket {
    const nowMs = this.#nowMs();
    let bucket = this.#buckets.get(key);
    if (bucket) {
      bucket.left = Math.min(this.#o.burst, bucket.left + (nowMs - bucket.atMs) / this.#o.refillMs);
      bucket.atMs = nowMs;
    } else {
      if (this.#buckets.size >= this.#o.maxKeys) this.#makeRoom(nowMs);
      bucket = { left: this.#o.burst, atMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** Full buckets hold nothing worth remembering. If none is full, the fullest goes: it forgives the fewest guesses. */
  #makeRoom(nowMs: number): void {
    let fullest: string | undefined;
    let most = -1;
    for (const [key, { left, atMs }] of this.#buckets) {
      const now = left + (nowMs - atMs) / this.#o.refillMs;
      if (now >= this.#o.burst) this.#buckets.delete(key);
      else if (now > most) {
        most = now;
        fullest = key;
      }
    }
    if (this.#buckets.size >= this.#o.maxKeys && fullest !== undefined) this.#buckets.delete(fullest);
  }
}

/** What somebody is told who has to wait. */
export const throttled = ({ retryAfterS }: { readonly retryAfterS: number }) =>
  ({ ok: false, reason: 'throttled', retryAfterS }) as const;

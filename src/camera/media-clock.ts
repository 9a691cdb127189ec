// Maps a connection's media time to the box's monotonic clock. A packet cannot arrive before it was captured, so the
// smallest delay seen is the truth and everything above it is jitter. The smallest delay is let go slowly, so that a camera
// whose clock runs slow is followed; one that runs fast lowers it by itself.

export interface MediaClockOptions {
  /** How fast the estimate may rise, in ms per second. Cheap cameras drift by up to 200 ppm; 1 follows five times that. */
  readonly riseMsPerS?: number;
  /** A delay this much above the estimate… */
  readonly jumpMs?: number;
  /** …for this long is no stall that will be caught up, but a jump of the camera's clock. */
  readonly jumpAfterMs?: number;
}

export class MediaClock {
  readonly #riseMsPerS: number;
  readonly #jumpMs: number;
  readonly #jumpAfterMs: number;
  #offset: number | undefined;
  #updatedAt = 0;
  #lateSince: number | undefined;
  #smallestLate = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor({ riseMsPerS = 1, jumpMs = 2000, jumpAfterMs = 2000 }: MediaClockOptions = {}) {
    this.#riseMsPerS = riseMsPerS;
    this.#jumpMs = jumpMs;
    this.#jumpAfterMs = jumpAfterMs;
  }

  get anchored(): boolean {
    return this.#offset !== undefined;
  }

  /** Takes an arrival and returns when it was captured, on the monotonic clock. Never less than the time before. */
  arrive(mediaMs: number, arrivedAtMs: number): number {
    this.#adapt(arrivedAtMs - mediaMs, arrivedAtMs);
    this.#last = Math.max(this.#last, this.at(mediaMs));
    return this.#last;
  }

  /** The monotonic time of a media time, without learning from it. For other tracks of the same connection. */
  at(mediaMs: number): number {
    return mediaMs + (this.#offset ?? 0);
  }

  #adapt(offset: number, nowMs: number): void {
    if (this.#offset === undefined || offset <= this.#offset) {
      this.#offset = offset;
      this.#lateSince = undefined;
    } else if (offset - this.#offset > this.#jumpMs) {
      // After a stall a burst follows that brings the delay down again: only a lasting rise is believed.
      this.#smallestLate = this.#lateSince === undefined ? offset : Math.min(this.#smallestLate, offset);
      this.#lateSince ??= nowMs;
      if (nowMs - this.#lateSince >= this.#jumpAfterMs) {
        this.#offset = this.#smallestLate;
        this.#lateSince = undefined;
      }
    } else {
      this.#lateSince = undefined;
      const rise = ((nowMs - this.#updatedAt) / 1000) * this.#riseMsPerS;
      this.#offset += Math.min(offset - this.#offset, Math.max(0, rise));
    }
    this.#updatedAt = nowMs;
  }
}

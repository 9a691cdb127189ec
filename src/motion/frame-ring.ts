// The small grey pictures of the last minutes, for trying settings on them. Bounded in bytes and in time, and meant to exist
// only while somebody does; who that is, is the caller's business.

import type { LumaFrame } from '../media/types.ts';

export interface FrameRingLimits {
  readonly maxMs: number;
  readonly maxBytes: number;
}

export class FrameRing {
  readonly #limits: FrameRingLimits;
  #frames: LumaFrame[] = [];
  #bytes = 0;

  constructor(limits: FrameRingLimits) {
    this.#limits = limits;
  }

  /** Bytes of pictures held. Never over `maxBytes`. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#frames.length;
  }

  /** When the oldest picture held was made, monotonic; undefined while there is none. */
  get sinceMs(): number | undefined {
    return this.#frames[0]?.atMs;
  }

  /** Keeps a copy: a picture is only lent to those who listen. Times that went back belong to another connection: what was held is let go. */
  push(frame: LumaFrame): void {
    const last = this.#frames.at(-1);
    if (last && frame.atMs < last.atMs) this.clear();
    this.#frames.push(copyOf(frame));
    this.#bytes += frame.data.length;
    while (this.#frames.length > 0 && this.#isOver(frame.atMs)) this.#bytes -= this.#frames.shift()!.data.length;
  }

  /** Puts pictures before the oldest one, newest first, as far as the limits allow. Those that are not older are left out. */
  prefill(frames: readonly LumaFrame[]): void {
    const { maxMs, maxBytes } = this.#limits;
    const newestMs = this.#frames.at(-1)?.atMs ?? frames.at(-1)?.atMs ?? 0;
    const older: LumaFrame[] = [];
    let beforeMs = this.sinceMs ?? Number.POSITIVE_INFINITY;
    for (const frame of frames.toReversed()) {
      if (frame.atMs >= beforeMs) continue;
      if (this.#bytes + frame.data.length > maxBytes || newestMs - frame.atMs > maxMs) break;
      older.push(copyOf(frame));
      this.#bytes += frame.data.length;
      beforeMs = frame.atMs;
    }
    this.#frames = [...older.reverse(), ...this.#frames];
  }

  /** The pictures held now, oldest first. What comes later does not change the answer. */
  frames(): readonly LumaFrame[] {
    return [...this.#frames];
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
  }

  #isOver(newestMs: number): boolean {
    return this.#bytes > this.#limits.maxBytes || newestMs - this.#frames[0]!.atMs > this.#limits.maxMs;
  }
}

const copyOf = (frame: LumaFrame): LumaFrame => ({ ...frame, data: frame.data.slice() });

// The last seconds of a camera, still compressed, so that a recording can begin before what set it off. Whole groups of
// pictures only: what it gives out always begins with a key frame. Who asks for how much is the recorder's business.

import type { Packet } from './types.ts';

export interface GopRingLimits {
  /** At least this much is kept, as far as whole groups and `maxBytes` allow. 0 keeps the group being received. */
  readonly maxMs: number;
  readonly maxBytes: number;
}

interface Gop {
  readonly startMs: number;
  readonly packets: Packet[];
  bytes: number;
}

export class GopRing {
  #limits: GopRingLimits;
  #gops: Gop[] = [];
  #bytes = 0;
  #oversizedGops = 0;

  constructor(limits: GopRingLimits) {
    this.#limits = limits;
  }

  /** Bytes of media held. Never over `maxBytes`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Groups that were larger than the whole ring, and were dropped while they came in. */
  get oversizedGops(): number {
    return this.#oversizedGops;
  }

  get isEmpty(): boolean {
    return this.#gops.length === 0;
  }

  /** Takes the next packet. Before the first key frame, and after an oversized group until the next, packets are let go. */
  push(packet: Packet): void {
    const opens = packet.track === 'video' && packet.key;
    if (opens) this.#gops.push({ startMs: packet.atMs, packets: [], bytes: 0 });
    const gop = this.#gops.at(-1);
    if (!gop) return;
    gop.packets.push(packet);
    gop.bytes += packet.data.length;
    this.#bytes += packet.data.length;
    this.#trim(packet.atMs);
  }

  /** Smaller limits take effect at once. */
  resize(limits: GopRingLimits): void {
    this.#limits = limits;
    const newestMs = this.#gops.at(-1)?.packets.at(-1)?.atMs;
    if (newestMs !== undefined) this.#trim(newestMs);
  }

  /** The stream changed, or there was a gap: what is held does not join what comes. */
  clear(): void {
    this.#gops = [];
    this.#bytes = 0;
  }

  /**
   * Packets from the last key frame at or before `fromMs` on, or from the oldest held. Groups that began at or before
   * `afterMs` are left out (they were given out already), unless that leaves nothing: then the newest group is repeated.
   */
  since(fromMs: number, afterMs = Number.NEGATIVE_INFINITY): readonly Packet[] {
    const last = this.#gops.length - 1;
    let first = Math.max(
      0,
      this.#gops.findLastIndex((gop) => gop.startMs <= fromMs),
    );
    while (first < last && this.#gops[first]!.startMs <= afterMs) first++;
    return this.#gops.slice(first).flatMap((gop) => gop.packets);
  }

  #trim(newestMs: number): void {
    // The oldest group may go once the one after it reaches back far enough.
    while (this.#gops.length > 1 && this.#gops[1]!.startMs <= newestMs - this.#limits.maxMs) this.#dropOldest();
    while (this.#bytes > this.#limits.maxBytes) {
      if (this.#gops.length === 1) this.#oversizedGops++;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    this.#bytes -= this.#gops.shift()?.bytes ?? this.#bytes;
  }
}

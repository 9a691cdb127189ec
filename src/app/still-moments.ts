// Pictures of moments that turned out to matter. A moment is remembered as the encoded packets that lead up to it (a few
// references, no decoding); a JPEG is made only when somebody asks, and only once.

import type { Feed, Packet, StreamInfo } from '../media/types.ts';

/** An event has one start and a handful of peaks; older moments are no longer asked for. */
const MAX_MOMENTS = 6;

interface Moment {
  readonly atMs: number;
  readonly stream: StreamInfo;
  readonly packets: readonly Packet[];
  jpeg?: Promise<Uint8Array>;
}

export class StillMoments {
  readonly #feed: Feed;
  readonly #jpegOf: (stream: StreamInfo, packets: readonly Packet[], atMs: number) => Promise<Uint8Array>;
  #moments: Moment[] = [];

  constructor(options: {
    readonly feed: Feed;
    readonly jpegOf: (stream: StreamInfo, packets: readonly Packet[], atMs: number) => Promise<Uint8Array>;
  }) {
    this.#feed = options.feed;
    this.#jpegOf = options.jpegOf;
  }

  /** Keeps what is needed for a picture of this moment (monotonic ms). Call when it has just passed. */
  remember(atMs: number): void {
    const { stream } = this.#feed;
    const packets = this.#feed.currentGop();
    if (!stream || packets.length === 0) return;
    this.#moments = [...this.#moments.slice(1 - MAX_MOMENTS), { atMs, stream, packets: [...packets] }];
  }

  /** JPEG of the remembered moment nearest to this one; undefined when none was remembered. */
  async pictureOf(atMs: number): Promise<Uint8Array | undefined> {
    const moment = this.#moments.reduce<Moment | undefined>(
      (best, m) => (best && Math.abs(best.atMs - atMs) <= Math.abs(m.atMs - atMs) ? best : m),
      undefined,
    );
    if (!moment) return undefined;
    moment.jpeg ??= this.#jpegOf(moment.stream, moment.packets, moment.atMs);
    try {
      return await moment.jpeg;
    } catch (error) {
      delete moment.jpeg;
      throw error;
    }
  }
}

// The media times of one live camera: an axis that only grows, across reconnects, changed streams and cameras that stamp
// time backwards. It decides from where a packet's ticks are counted; the fragment itself is written by `media/`.

import type { Packet, StreamInfo } from '../media/types.ts';

/** A longer pause than this between two frames closes up: a player held at the live edge would wait inside the hole. */
const LONGEST_GAP_S = 1;

export class LiveAxis {
  #stream: StreamInfo | undefined;
  /** Where the last frame ended, in seconds. */
  #endS = 0;
  #lastDts: number | undefined;
  #base = { video: 0, audio: 0 };

  /** A new stream, or the same one over a new connection: its ticks start anywhere. */
  begin(stream: StreamInfo): void {
    this.#stream = stream;
    this.#lastDts = undefined;
  }

  /**
   * What the ticks of this video frame, and of the sound that belongs to it, are counted from (see `FragmentOptions`). `joins` is false where
   * the times do not follow on from the frame before.
   */
  place(packet: Packet): {
    readonly base: { readonly video: number; readonly audio: number };
    readonly joins: boolean;
  } {
    const stream = this.#stream;
    if (!stream) throw new RangeError('a packet came before its stream');
    const { timescale } = stream.video;
    const startS = (packet.dts - this.#base.video) / timescale;
    const joins =
      this.#lastDts !== undefined && packet.dts > this.#lastDts && startS - this.#endS <= LONGEST_GAP_S && startS >= 0;
    if (!joins) {
      // Rounded up, so that the new frame never begins before the old one ended.
      const startTicks = Math.ceil(this.#endS * timescale - 1e-6);
      this.#base.video = packet.dts - startTicks;
      const audioScale = stream.audio?.timescale;
      if (audioScale) {
        // Both tracks of one connection count from the same moment, so sound keeps its distance to the picture.
        this.#base.audio = Math.round((this.#base.video / timescale) * audioScale);
      }
    }
    this.#lastDts = packet.dts;
    this.#endS = Math.max(this.#endS, (packet.dts - this.#base.video + packet.duration) / timescale);
    return { base: { ...this.#base }, joins };
  }
}

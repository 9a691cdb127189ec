// Pictures of moments that turned out to matter. A moment is remembered as the encoded packets that lead up to it (a few
// references, no decoding); a JPEG is made only when somebody asks, and only once. Nobody waits for a picture that is to be
// kept, except the end: what is in work then is finished, or given up for good.

import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ColourPair, MomentPictures } from '../camera/moment.ts';
import type { Feed, Packet, StreamInfo } from '../media/types.ts';

/** An event has one start and a handful of peaks; older moments are no longer asked for. */
const MAX_MOMENTS = 6;
/** Pictures of several cameras are decoded one after the other; together with the mails' (8 s) this stays within a stop's 15 s. */
export const CLOSE_GRACE_MS = 5000;

interface Moment {
  readonly atMs: number;
  readonly stream: StreamInfo;
  readonly packets: readonly Packet[];
  readonly before: Packet | undefined;
  pictures?: Promise<Pictures>;
}

interface Pictures {
  readonly jpeg: Uint8Array;
  readonly colour?: ColourPair;
}

/** A key frame from before something came, with the stream it belongs to. */
export interface Before {
  readonly stream: StreamInfo;
  readonly packet: Packet;
}

type JpegOf = (stream: StreamInfo, packets: readonly Packet[], atMs: number) => Promise<Uint8Array>;
type PicturesOf = (
  stream: StreamInfo,
  packets: readonly Packet[],
  moment: { readonly before: Packet; readonly atMs: number },
) => Promise<MomentPictures>;

export class StillMoments {
  readonly #feed: Feed;
  readonly #jpegOf: JpegOf;
  readonly #picturesOf: PicturesOf | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keeping = new Set<Promise<void>>();
  #moments: Moment[] = [];
  #givenUp = false;

  constructor(options: {
    readonly feed: Feed;
    readonly jpegOf: JpegOf;
    /** For moments that are remembered with what was before: the JPEG and the colour pictures at once. */
    readonly picturesOf?: PicturesOf;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#feed = options.feed;
    this.#jpegOf = options.jpegOf;
    this.#picturesOf = options.picturesOf;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Keeps what is needed for the pictures of this moment (monotonic ms). Call when it has just passed. */
  remember(atMs: number, before?: Before): void {
    const { stream } = this.#feed;
    const packets = this.#feed.currentGop();
    if (!stream || packets.length === 0) return;
    const fits = before?.stream.id === stream.id ? before?.packet : undefined;
    this.#moments = [...this.#moments.slice(1 - MAX_MOMENTS), { atMs, stream, packets: [...packets], before: fits }];
  }

  /** JPEG of the remembered moment nearest to this one; undefined when none was remembered. */
  async pictureOf(atMs: number): Promise<Uint8Array | undefined> {
    return (await this.#picturesAt(atMs))?.jpeg;
  }

  /** In colour, that moment and what was before; undefined when it was remembered without, or cannot be decoded. */
  async coloursOf(atMs: number): Promise<ColourPair | undefined> {
    return (await this.#picturesAt(atMs))?.colour;
  }

  async #picturesAt(atMs: number): Promise<Pictures | undefined> {
    const moment = this.#moments.reduce<Moment | undefined>(
      (best, m) => (best && Math.abs(best.atMs - atMs) <= Math.abs(m.atMs - atMs) ? best : m),
      undefined,
    );
    if (!moment) return undefined;
    moment.pictures ??= this.#decode(moment);
    try {
      return await moment.pictures;
    } catch (error) {
      delete moment.pictures;
      throw error;
    }
  }

  async #decode({ stream, packets, atMs, before }: Moment): Promise<Pictures> {
    if (before && this.#picturesOf) {
      try {
        return await this.#picturesOf(stream, packets, { before, atMs });
      } catch (error) {
        // The picture of the moment is worth more than the comparison.
        this.#log.debug(`motion is not looked at again: ${describeError(error)}`);
      }
    }
    return { jpeg: await this.#jpegOf(stream, packets, atMs) };
  }

  /** Hands the picture of a moment over as soon as it is made. */
  keep(atMs: number, keepIt: (jpeg: Uint8Array) => Promise<void>): void {
    this.#inWork(this.pictureOf(atMs).then((jpeg) => (jpeg && !this.#givenUp ? keepIt(jpeg) : undefined)));
  }

  /** Does what must be done before the end, or not at all. */
  finish(work: () => Promise<void>): void {
    if (!this.#givenUp) this.#inWork(work());
  }

  #inWork(work: Promise<void>): void {
    const kept = work
      .catch((error) => this.#log.warn(`no picture for this recording: ${describeError(error)}`))
      .finally(() => this.#keeping.delete(kept));
    this.#keeping.add(kept);
  }

  /** Resolves when no picture is being kept any more: what is not decoded within the grace is not kept at all. */
  async close(): Promise<void> {
    let cancel = () => {};
    const grace = new Promise<void>((resolve) => {
      cancel = this.#clock.after(CLOSE_GRACE_MS, resolve);
    });
    await Promise.race([Promise.all(this.#keeping), grace]);
    cancel();
    this.#givenUp = true;
  }
}

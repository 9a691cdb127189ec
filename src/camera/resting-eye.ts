// The eye of a camera in low power: asks for every packet whether its picture is worth decoding, has it decoded or not, and
// measures what that saves. Who knows about motion is asked through RestGate.

import type { Clock } from '../base/clock.ts';
import { type CompressedPicture, compressedPicture } from '../media/picture-role.ts';
import type { LowPowerHealth, Packet, StreamInfo } from '../media/types.ts';
import { GatedDecoder } from './gated-decoder.ts';
import type { LumaPicture } from './luma.ts';
import { PowerMeter } from './power-meter.ts';

/** Who decides. Implemented by motion/low-power.ts. */
export interface RestGate {
  /** Every compressed picture, in order: is it to be decoded? */
  picture(picture: CompressedPicture): boolean;
  /** Another connection. */
  restart(): void;
  /** False after low power was turned off: every picture is decoded, until the camera is connected anew for another reason. */
  readonly wanted: boolean;
  readonly unfit: Exclude<LowPowerHealth['unfit'], 'encoded'>;
}

export interface RestingEyeOptions {
  readonly gate: RestGate;
  readonly clock: Clock;
  readonly onPicture: (picture: LumaPicture, atMs: number, sparse: boolean) => void;
  readonly onHealth: (health: LowPowerHealth | undefined) => void;
  /** The decoder ends again and again. */
  readonly onFailed: () => void;
}

/** Awake more often: the first look leaves out what starting a decoder costs, and a waking may be short. */
const LOOK_EVERY_MS = { awake: 1000, resting: 5000 };
const MOST_FAILURES = 5;

export class RestingEye implements AsyncDisposable {
  readonly #o: RestingEyeOptions;
  #stream: StreamInfo | undefined;
  #decoder: GatedDecoder | undefined;
  #meter = new PowerMeter();
  #awake = true;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Failures of the decoder when it last showed a picture. */
  #forgiven = 0;
  readonly #closing: Promise<void>[] = [];

  constructor(options: RestingEyeOptions) {
    this.#o = options;
    options.gate.restart();
  }

  stream(stream: StreamInfo): void {
    if (this.#decoder) this.#closing.push(this.#decoder.close());
    const { clock, onPicture } = this.#o;
    this.#stream = stream;
    const decoder = new GatedDecoder({
      stream,
      nowMs: clock.monotonicMs,
      onPicture: (picture, atMs, sparse) => {
        this.#forgiven = decoder.failures;
        onPicture(picture, Math.min(atMs, clock.monotonicMs()), sparse);
      },
    });
    this.#decoder = decoder;
    this.#forgiven = 0;
  }

  /** Takes every video packet, with the box's time in it. Throws `unavailable` when there is no ffmpeg. */
  packet(packet: Packet): void {
    const [decoder, stream] = [this.#decoder, this.#stream];
    if (!decoder || !stream) return;
    const compressed = compressedPicture(stream.video, packet);
    const awake = this.#o.gate.picture(compressed) || !this.#o.gate.wanted;
    this.#meter.picture(packet.atMs, !awake);
    if (awake !== this.#awake || packet.atMs - this.#lookedAtMs >= LOOK_EVERY_MS[this.#awake ? 'awake' : 'resting'])
      this.#look(packet.atMs, awake, decoder);
    decoder.packet(packet, compressed.reference, awake);
    if (decoder.failures - this.#forgiven >= MOST_FAILURES) this.#o.onFailed();
  }

  /** The process that decodes, for tests; undefined while there is none. */
  get pid(): number | undefined {
    return this.#decoder?.pid;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closing, this.#decoder?.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #look(atMs: number, awake: boolean, decoder: GatedDecoder): void {
    this.#meter.look(decoder.cpuMs(), decoder.fed, this.#awake);
    this.#lookedAtMs = atMs;
    this.#awake = awake;
    const { gate, onHealth } = this.#o;
    const { unfit, wanted } = gate;
    if (!wanted) onHealth(undefined);
    else onHealth({ state: awake ? 'awake' : 'resting', ...(unfit ? { unfit } : {}), ...this.#meter.report() });
  }
}

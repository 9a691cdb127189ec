// One camera as a run of JPEG pictures for any number of viewers: one ffmpeg, fed with the live fragments, started by the
// first viewer and stopped when the last one leaves. What ffmpeg cannot take in time is dropped by whole groups of pictures.

import { Backoff } from '../base/backoff.ts';
import { type Child, spawnChild } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { JpegFrames } from './jpeg-frames.ts';
import type { Live } from './live.ts';
import { FLAG_INIT, HEADER_BYTES, type LiveSeat, type LiveViewer } from './wire.ts';

/** Pictures per second and width that a page of pictures shows; the fragments are for those who want it all. */
const MAX_FPS = 15;
const MAX_WIDTH = 1280;

export class MjpegEncoder {
  readonly #cameraId: string;
  readonly #live: Live;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ffmpeg: string;
  readonly #onPicture: (picture: Uint8Array) => void;
  readonly #backoff = new Backoff({ firstMs: 500, maxMs: 10_000 });
  #seat: LiveSeat | undefined;
  #run: Run | undefined;
  #cancelRestart: (() => void) | undefined;
  #stopped = false;

  constructor(options: {
    readonly cameraId: string;
    readonly live: Live;
    readonly clock: Clock;
    readonly log: Log;
    readonly ffmpeg: string;
    readonly onPicture: (picture: Uint8Array) => void;
  }) {
    this.#cameraId = options.cameraId;
    this.#live = options.live;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#ffmpeg = options.ffmpeg;
    this.#onPicture = options.onPicture;
    this.#takeSeat();
  }

  get pid(): number | undefined {
    return this.#run?.pid;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRestart?.();
    this.#seat?.leave();
    await this.#run?.stop();
  }

  /** Joins the camera as a viewer of its own, which begins with the init segment and the group so far. */
  #takeSeat(): void {
    const viewer: LiveViewer = {
      send: (message) => {
        if (typeof message !== 'string') this.#take(message);
      },
      queuedBytes: () => this.#run?.queuedBytes ?? 0,
    };
    this.#seat = this.#live.join(viewer);
    this.#seat.watch([this.#cameraId]);
  }

  #take(message: Uint8Array): void {
    const mp4 = message.subarray(HEADER_BYTES);
    if (message[1]! & FLAG_INIT) this.#start(mp4);
    else this.#run?.write(mp4);
  }

  /** A new init segment means a new decoder: what ran before is stopped. */
  #start(init: Uint8Array): void {
    const before = this.#run;
    this.#run = undefined;
    void before?.stop();
    if (this.#stopped) return;
    const seatOf = () => this.#seat;
    try {
      const run: Run = new Run(this.#ffmpeg, {
        picture: (picture) => {
          if (this.#run !== run) return;
          this.#backoff.reset();
          this.#onPicture(picture);
        },
        drained: () => seatOf()?.drained(),
        ended: (words) => {
          if (this.#run !== run) return;
          this.#run = undefined;
          this.#log.warn('the program that makes pictures of this camera ended; it is started again', { said: words });
          this.#restartLater();
        },
      });
      this.#run = run;
      run.write(init);
    } catch (error) {
      this.#log.warn('pictures cannot be made', { reason: describeError(error) });
      this.#restartLater();
    }
  }

  #restartLater(): void {
    if (this.#stopped) return;
    this.#cancelRestart?.();
    this.#cancelRestart = this.#clock.after(this.#backoff.nextMs(), () => {
      this.#seat?.leave();
      if (!this.#stopped) this.#takeSeat();
    });
  }
}

/** One life of ffmpeg. */
class Run {
  readonly #child: Child;
  readonly #queue: Uint8Array[] = [];
  readonly #drained: () => void;
  #pumping = false;
  #stopped = false;
  queuedBytes = 0;

  constructor(
    ffmpeg: string,
    on: { picture: (picture: Uint8Array) => void; drained: () => void; ended: (words: string) => void },
  ) {
    this.#drained = on.drained;
    this.#child = spawnChild(
      [
        ffmpeg,
        ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
        ...['-fflags', '+nobuffer+discardcorrupt', '-flags', 'low_delay', '-threads', '1'],
        ...['-probesize', '32', '-analyzeduration', '0', '-f', 'mp4', '-i', 'pipe:0'],
        ...['-map', '0:v:0', '-an', '-vf', `scale=w='min(${MAX_WIDTH},iw)':h=-2:out_range=full,format=yuvj420p`],
        ...['-fpsmax', String(MAX_FPS), '-c:v', 'mjpeg', '-threads', '1', '-q:v', '5'],
        ...['-flush_packets', '1', '-f', 'mjpeg', 'pipe:1'],
      ],
      { stdin: 'pipe' },
    );
    void this.#read(on.picture, on.ended);
  }

  get pid(): number {
    return this.#child.pid;
  }

  write(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#queue.push(bytes);
    this.queuedBytes += bytes.length;
    if (!this.#pumping) void this.#pump();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#queue.length = 0;
    this.queuedBytes = 0;
    await this.#child.stop();
  }

  async #pump(): Promise<void> {
    const sink = this.#child.stdin;
    if (!sink) return;
    this.#pumping = true;
    try {
      for (let bytes = this.#queue.shift(); bytes && !this.#stopped; bytes = this.#queue.shift()) {
        await sink.write(bytes);
        await sink.flush();
        this.queuedBytes = Math.max(0, this.queuedBytes - bytes.length);
      }
    } catch {
      // The pipe broke: the child is ending, and `#read` says so.
    } finally {
      this.#pumping = false;
    }
    if (!this.#stopped) this.#drained();
  }

  async #read(picture: (picture: Uint8Array) => void, ended: (words: string) => void): Promise<void> {
    const frames = new JpegFrames();
    const words = lastWords(this.#child.stderr);
    try {
      for await (const chunk of this.#child.stdout) {
        for (const jpeg of frames.push(chunk)) picture(jpeg);
      }
    } catch {
      // Ended while being read; the exit below tells.
    }
    await this.#child.stop();
    if (!this.#stopped) ended(await words);
  }
}

/** Drains what a program complains about and keeps the end of it. */
async function lastWords(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let words = '';
  try {
    for await (const chunk of stderr) words = (words + decoder.decode(chunk, { stream: true })).slice(-400);
  } catch {
    // Gone with its program.
  }
  return words.replace(/\s+/g, ' ').trim();
}

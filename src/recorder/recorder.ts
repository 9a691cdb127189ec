// One camera's recorder: listens to the feed, keeps the seconds before, asks the planner what to do, and hands packets to
// the segmenter. Never throws into the feed, and goes on by itself after a full disk.

import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { GopRing } from '../media/gop-ring.ts';
import type { Feed, Packet, StreamInfo } from '../media/types.ts';
import { withoutAudio } from '../media/without-audio.ts';
import { type PlanAction, type PlanContext, type PlanInput, type PlanState, plan, type RecordMode } from './planner.ts';
import { Segmenter } from './segmenter.ts';
import type { RecordingSink, RecordReason } from './sink.ts';
import { WriteQueue } from './write-queue.ts';

/** The record settings of a camera, without their schedule: `isOn` stands for it. */
export interface RecordParams {
  readonly mode: RecordMode;
  readonly preRollS: number;
  readonly preRollMaxMB: number;
  /** How long after its start motion may be told of, beyond the usual: the seconds before it are kept so much longer. Default 0. */
  readonly toldLateS?: number;
  readonly postRollS: number;
  readonly segmentS: number;
  readonly manualLimitS: number;
  readonly audio: boolean;
}

/** What the recorder needs of a motion event. Times are monotonic. */
export type MotionSignal =
  | { readonly kind: 'start'; readonly atMs: number }
  | { readonly kind: 'peak' }
  | { readonly kind: 'end'; readonly endMs: number };

export interface RecorderStatus {
  /** Present while something is recorded. */
  readonly recordingId?: string;
  /** Wall time of its first picture: the seconds before the motion are part of it. */
  readonly recordingSinceMs?: number;
  readonly reasons: readonly RecordReason[];
  /** Wall time at which a recording started by hand stops by itself. */
  readonly manualUntilMs?: number;
  /** Groups of pictures that a slow disk, or too little memory for the seconds before, has cost since the start. */
  readonly droppedGops: number;
  readonly blocked?: 'no-space' | 'failed';
}

export interface Recorder {
  motion(event: MotionSignal): void;
  /** Records from now, for `limitS` or as the settings say. Throws `conflict` when recording is turned off. */
  startManual(limitS?: number): { readonly untilMs: number };
  stopManual(): void;
  status(): RecorderStatus;
  /** The seconds before, as they are held now, from a key frame on; undefined while there are none. */
  recent(): { readonly stream: StreamInfo; readonly packets: readonly Packet[] } | undefined;
  /** Calls back when the status has changed; returns what ends that. */
  onStatus(listener: () => void): () => void;
  apply(settings: RecordParams): void;
  /** Finishes what is being recorded and waits until it is written. */
  close(): Promise<void>;
}

export interface RecorderParts {
  readonly cameraId: string;
  readonly feed: Feed;
  readonly sink: RecordingSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: RecordParams;
  /** Whether the schedule allows recording at a moment. */
  readonly isOn: (wallMs: number) => boolean;
}

const MB = 1024 * 1024;
/** Media that may wait for a slow disk, beyond the seconds before, which are in memory anyway. */
const QUEUE_BYTES = 16 * MB;
const TICK_MS = 1000;
const HOLE_S = 3;

export const createRecorder = (parts: RecorderParts): Recorder => new CameraRecorder(parts);

class CameraRecorder implements Recorder {
  readonly #parts: RecorderParts;
  readonly #log: Log;
  readonly #ring: GopRing;
  readonly #queue: WriteQueue;
  readonly #retry = new Backoff({ firstMs: 5000, maxMs: 30_000, factor: 1.5, jitter: 0 });
  readonly #listeners = new Set<() => void>();
  #settings: RecordParams;
  #state: PlanState = {};
  #scheduleOn: boolean;
  /** As the camera sends it, and as it is recorded. */
  #source: StreamInfo | undefined;
  #stream: StreamInfo | undefined;
  #lastVideo: Packet | undefined;
  #pictureSinceTick = true;
  #running: { readonly id: string; readonly startMs: number; readonly segmenter: Segmenter } | undefined;
  /** The last picture that went into a recording, and where the last recording ends. */
  #recordedAtMs = Number.NEGATIVE_INFINITY;
  #recordedEndMs = Number.NEGATIVE_INFINITY;
  #droppedGops = 0;
  #blocked: RecorderStatus['blocked'];
  #told = '';
  #closed = false;
  #cancelTick: () => void = () => {};
  readonly #leave: () => void;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#log = parts.log.child(`recorder/${parts.cameraId}`);
    this.#queue = new WriteQueue(this.#log);
    this.#ring = new GopRing(ringLimits(parts.settings));
    this.#scheduleOn = parts.isOn(parts.clock.wallMs());
    this.#leave = parts.feed.listen({
      stream: (stream) => this.#guarded(() => this.#onStream(stream)),
      packet: (packet) => this.#guarded(() => this.#onPacket(packet)),
      health: ({ state }) =>
        this.#guarded(() => state !== 'live' && this.#onGap({ kind: state === 'off' ? 'off' : 'gap' })),
    });
    this.#guarded(() => {
      for (const packet of parts.feed.currentGop()) this.#onPacket(packet);
    });
    this.#tickLater();
  }

  motion(event: MotionSignal): void {
    this.#guarded(() => {
      if (event.kind === 'start') this.#step({ kind: 'motion-start', atMs: event.atMs });
      else if (event.kind === 'end') this.#step({ kind: 'motion-end', endMs: event.endMs });
    });
  }

  startManual(limitS = this.#settings.manualLimitS): { readonly untilMs: number } {
    if (this.#closed || this.#settings.mode === 'off') {
      throw new NightjarError('conflict', 'recording is turned off for this camera');
    }
    const { clock } = this.#parts;
    const untilMs = clock.monotonicMs() + limitS * 1000;
    this.#guarded(() => this.#step({ kind: 'manual-start', untilMs }));
    return { untilMs: this.#wallOf(untilMs) };
  }

  stopManual(): void {
    this.#guarded(() => this.#step({ kind: 'manual-stop' }));
  }

  status(): RecorderStatus {
    const { recording, manualUntilMs } = this.#state;
    return {
      ...(this.#running ? { recordingId: this.#running.id, recordingSinceMs: this.#running.startMs } : {}),
      reasons: this.#running ? (recording?.reasons ?? []) : [],
      ...(manualUntilMs === undefined ? {} : { manualUntilMs: this.#wallOf(manualUntilMs) }),
      droppedGops: this.#droppedGops,
      ...(this.#blocked ? { blocked: this.#blocked } : {}),
    };
  }

  recent(): { readonly stream: StreamInfo; readonly packets: readonly Packet[] } | undefined {
    if (!this.#stream || this.#ring.isEmpty) return undefined;
    return { stream: this.#stream, packets: this.#ring.since(Number.NEGATIVE_INFINITY) };
  }

  onStatus(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  apply(settings: RecordParams): void {
    const soundChanged = settings.audio !== this.#settings.audio;
    this.#settings = settings;
    this.#guarded(() => {
      this.#ring.resize(ringLimits(settings));
      if (soundChanged && this.#source) this.#onStream(this.#source);
      this.#scheduleOn = this.#parts.isOn(this.#parts.clock.wallMs());
      this.#step({ kind: 'tick' });
    });
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#leave();
      this.#cancelTick();
      this.#guarded(() => this.#act({ kind: 'close', interrupted: false }));
      this.#state = {};
      this.#ring.clear();
      this.#tell();
    }
    await this.#queue.done();
  }

  #onStream(stream: StreamInfo): void {
    const sameCodec = this.#source?.video.codec === stream.video.codec;
    const first = this.#source === undefined;
    this.#source = stream;
    this.#stream = this.#settings.audio ? stream : withoutAudio(stream);
    // Players can switch size inside one file, but not codec.
    if (!first) this.#onGap({ kind: 'gap', final: !sameCodec });
  }

  #onPacket(packet: Packet): void {
    if (!this.#stream || (packet.track === 'audio' && !this.#stream.audio)) return;
    if (packet.track === 'audio') {
      this.#ring.push(packet);
      if (this.#running) this.#running.segmenter.write(this.#stream, packet);
      return;
    }
    if (this.#lastVideo && !follows(packet, this.#lastVideo, this.#stream.video.timescale)) this.#onGap();
    this.#lastVideo = packet;
    this.#pictureSinceTick = true;
    const oversized = this.#ring.oversizedGops;
    this.#ring.push(packet);
    const before = this.#running;
    if (!before) this.#droppedGops += this.#ring.oversizedGops - oversized;
    this.#step({ kind: 'picture', atMs: packet.atMs, key: packet.key });
    // A recording that has just been opened took this packet out of the ring.
    if (this.#running && this.#running === before) this.#write(packet);
  }

  /** What comes next does not join what came before. */
  #onGap(input: PlanInput = { kind: 'gap' }): void {
    this.#ring.clear();
    this.#lastVideo = undefined;
    this.#step(input);
  }

  #tickLater(): void {
    this.#cancelTick = this.#parts.clock.after(TICK_MS, () => {
      this.#guarded(() => {
        this.#scheduleOn = this.#parts.isOn(this.#parts.clock.wallMs());
        if (!this.#pictureSinceTick) this.#running?.segmenter.flush();
        this.#pictureSinceTick = false;
        this.#step({ kind: 'tick' });
      });
      if (!this.#closed) this.#tickLater();
    });
  }

  #step(input: PlanInput): void {
    if (this.#closed) return;
    const { state, actions } = plan(this.#state, input, this.#context());
    this.#state = state;
    for (const action of actions) this.#act(action);
    // Most pictures change nothing; what time alone changes is told with the next tick.
    if (actions.length > 0 || input.kind !== 'picture') this.#tell();
  }

  #context(): PlanContext {
    const { mode, preRollS, postRollS } = this.#settings;
    const { clock } = this.#parts;
    return {
      settings: { mode, preRollMs: preRollS * 1000, postRollMs: postRollS * 1000 },
      nowMs: clock.monotonicMs(),
      wallMs: clock.wallMs(),
      scheduleOn: this.#scheduleOn,
      canOpen: this.#stream !== undefined && !this.#ring.isEmpty,
    };
  }

  #act(action: PlanAction): void {
    const running = this.#running;
    switch (action.kind) {
      case 'open':
        try {
          this.#open(action.fromMs, action.reasons);
        } catch (error) {
          // The planner must know, or it would take this for a recording that runs.
          this.#onFailure(error);
        }
        return;
      case 'add-reason':
        this.#guarded(() => running && this.#parts.sink.addReason(running.id, action.reason));
        return;
      case 'pause':
        running?.segmenter.pause();
        return;
      case 'close':
        this.#running = undefined;
        if (!running) return;
        running.segmenter.close(action.interrupted);
        this.#recordedEndMs = running.segmenter.endMs;
    }
  }

  #open(fromMs: number, reasons: readonly RecordReason[]): void {
    const { sink, cameraId } = this.#parts;
    const packets = this.#ring.since(fromMs, this.#recordedAtMs);
    const first = packets[0];
    if (!first) return;
    const wallOffsetMs = this.#wallOf(0);
    const beginMs = Math.max(Math.round(first.atMs), this.#recordedEndMs);
    const startMs = beginMs + wallOffsetMs;
    const id = sink.openRecording({ cameraId, startMs, reasons });
    const segmenter = new Segmenter({
      ...{ recordingId: id, cameraId, sink, queue: this.#queue, wallOffsetMs, beginMs },
      segmentMs: () => this.#settings.segmentS * 1000,
      maxQueuedBytes: () => QUEUE_BYTES + this.#settings.preRollMaxMB * MB,
      onFailure: (error) => this.#guarded(() => this.#onFailure(error)),
      onWritten: () => this.#guarded(() => this.#onWritten()),
      onDropped: () => this.#onDropped(),
    });
    this.#running = { id, startMs, segmenter };
    for (const packet of packets) this.#write(packet);
  }

  #write(packet: Packet): void {
    if (!this.#stream || !this.#running) return;
    this.#running.segmenter.write(this.#stream, packet);
    if (packet.track === 'video') this.#recordedAtMs = Math.max(this.#recordedAtMs, packet.atMs);
  }

  #onFailure(error: unknown): void {
    const blocked = error instanceof NightjarError && error.kind === 'no-space' ? 'no-space' : 'failed';
    const pauseMs = this.#retry.nextMs();
    if (this.#blocked !== blocked) {
      const what = blocked === 'no-space' ? 'the disk is full' : describeError(error);
      this.#log.error(`recording stopped: ${what}; trying again until it works`);
    }
    this.#blocked = blocked;
    this.#step({ kind: 'blocked', untilMs: this.#parts.clock.monotonicMs() + pauseMs });
    this.#tell();
  }

  #onWritten(): void {
    if (!this.#blocked) return;
    this.#blocked = undefined;
    this.#retry.reset();
    this.#log.info('recording works again');
    this.#tell();
  }

  #onDropped(): void {
    this.#droppedGops++;
    if (this.#droppedGops === 1 || this.#droppedGops % 100 === 0) {
      this.#log.warn('the disk is too slow; pictures were left out', { groups: this.#droppedGops });
    }
  }

  /** Wall time of a monotonic moment, as the clock stands now, in whole milliseconds. */
  #wallOf(monotonicMs: number): number {
    const { clock } = this.#parts;
    return Math.round(clock.wallMs() - clock.monotonicMs() + monotonicMs);
  }

  #tell(): void {
    const now = JSON.stringify({ ...this.status(), manualUntilMs: this.#state.manualUntilMs });
    if (now === this.#told) return;
    this.#told = now;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#log.error(`a listener failed: ${describeError(error)}`);
      }
    }
  }

  /** The feed goes on whatever happens here. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log.error(`the recorder failed: ${describeError(error)}`);
    }
  }
}

/**
 * Whether a picture joins the one before. A new connection counts from anew, even where its stream is the same; and after
 * a hole of several pictures and seconds the rest of a group is of no use, and players stop at the hole.
 */
function follows(packet: Packet, last: Packet, timescale: number): boolean {
  const ticks = packet.dts - last.dts;
  return ticks > 0 && (ticks <= HOLE_S * timescale || ticks <= 5 * last.duration);
}

const ringLimits = ({ preRollS, preRollMaxMB, toldLateS = 0 }: RecordParams) => ({
  maxMs: (preRollS + toldLateS) * 1000,
  maxBytes: preRollMaxMB * MB,
});

// One camera with all that belongs to it: its source, watcher, recorder, stills and mails, joined here because none of
// these rooms may know another. Disturbs no other camera, whatever happens to it.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { CameraHandle } from '../camera/camera.ts';
import type { Proof } from '../catalog/rows.ts';
import type { CameraSettings } from '../config/camera.ts';
import { isScheduled } from '../config/schedule.ts';
import type { Feed, LumaFrame, Packet, StreamInfo } from '../media/types.ts';
import type { DetectorView } from '../motion/detector.ts';
import type { MotionParams } from '../motion/params.ts';
import { createWatcher, type MotionEvent, type MotionSignal } from '../motion/watcher.ts';
import { createRecorder, type Recorder } from '../recorder/recorder.ts';
import type { RecordingSink } from '../recorder/sink.ts';
import type { Compare } from './comparison.ts';
import { type Answer, Confirmation } from './confirmation.ts';
import { keyFrameBefore } from './key-frame-before.ts';
import { type Before, StillMoments } from './still-moments.ts';

/** What a unit tells the rest of the box. Times are wall time, UTC ms. */
export interface UnitOutputs {
  /** Anything about the camera that a page shows has changed. */
  changed(): void;
  motion(moving: boolean, level: number): void;
  event(event: UnitEvent): void;
  /** A picture worth keeping with this recording: the best so far. */
  still(recordingId: string, jpeg: Uint8Array, atMs: number): Promise<void>;
  /** What a second look at an event found, and the picture (PNG) that shows what differs, worth keeping with it. */
  proof?(eventId: string, proof: Proof | undefined, difference: Uint8Array | undefined, atMs: number): Promise<void>;
  health(health: Feed['health']): void;
  /** The disk or card refuses what is written, for another reason than that it is full; or takes it again. */
  recordingFails(fails: boolean): void;
}

export interface UnitEvent {
  readonly id: string;
  readonly startMs: number;
  readonly peakMs: number;
  readonly endMs?: number;
  readonly level: number;
  readonly recordingId?: string;
  readonly zones?: readonly string[];
  /** As the detector said it, with monotonic times. */
  readonly source: MotionEvent;
}

/** One picture, what was said of it and, while the camera is watched, the detector's grid. The picture is only lent. */
export interface SeenFrame {
  readonly frame: LumaFrame;
  readonly signal: MotionSignal;
  readonly view: DetectorView | undefined;
}

export interface UnitParts {
  readonly settings: CameraSettings;
  readonly openCamera: (settings: CameraSettings) => CameraHandle;
  readonly sink: RecordingSink;
  readonly jpegOf: (stream: StreamInfo, packets: readonly Packet[], atMs: number) => Promise<Uint8Array>;
  /** With these two, motion is looked at a second time before it is told. */
  readonly picturesOf?: ConstructorParameters<typeof StillMoments>[0]['picturesOf'];
  readonly compare?: Compare;
  readonly timeZone: () => string;
  readonly outputs: UnitOutputs;
  readonly clock: Clock;
  readonly log: Log;
}

/** Viewers are told of a level at most this often; of motion starting and ending at once. */
const LEVEL_EVERY_MS = 400;
/** Just after the mail has chosen its moment (SETTLE_MS in alerts/). */
const STILL_AFTER_MS = 700;

export class CameraUnit {
  readonly #parts: UnitParts;
  readonly #camera: CameraHandle;
  readonly #recorder: Recorder;
  readonly #watcher: ReturnType<typeof createWatcher>;
  readonly #stills: StillMoments;
  readonly #confirmation: Confirmation;
  readonly #taps = new Set<(seen: SeenFrame) => void>();
  #settings: CameraSettings;
  #moving = false;
  #level = 0;
  #levelToldAtMs = Number.NEGATIVE_INFINITY;
  #running: { id: string; startMs: number; peakMs: number; level: number; recordingId?: string } | undefined;
  #recordingId: string | undefined;
  /** The best moment of the running event, monotonic. */
  #bestMs = 0;
  #recordingFails = false;
  /** When the whole picture last changed, monotonic. */
  #globalMs = Number.NEGATIVE_INFINITY;
  #before: Before | undefined;

  constructor(parts: UnitParts) {
    const { settings, clock, log } = parts;
    this.#parts = parts;
    this.#settings = settings;
    this.#camera = parts.openCamera(settings);
    const { jpegOf, picturesOf, compare } = parts;
    this.#stills = new StillMoments({
      ...{ feed: this.#camera.feed, jpegOf, clock, log },
      ...(picturesOf ? { picturesOf } : {}),
    });
    this.#confirmation = new Confirmation({
      coloursOf: (atMs) => this.#stills.coloursOf(atMs),
      compare: compare ?? (async () => undefined),
      params: () => ({ ...paramsOf(this.#settings), confirm: this.#settings.motion.confirm }),
      onProof: (eventId, proof, difference, atMs) =>
        this.#stills.finish(async () => parts.outputs.proof?.(eventId, proof, difference, this.#wall(atMs))),
      clock,
      log,
    });
    this.#watcher = createWatcher({
      params: paramsOf(settings),
      isOn: (atMs) => this.#isOn(this.#settings.motion.schedule, this.#wall(atMs)),
      newId: () => crypto.randomUUID(),
    });
    this.#recorder = createRecorder({
      cameraId: settings.id,
      feed: this.#camera.feed,
      sink: parts.sink,
      clock,
      log,
      settings: settings.record,
      isOn: (wallMs) => this.#isOn(this.#settings.record.schedule, wallMs),
    });
    this.#recorder.onStatus(() => {
      const { recordingId, reasons, blocked } = this.#recorder.status();
      const fails = blocked === 'failed';
      if (fails !== this.#recordingFails) {
        this.#recordingFails = fails;
        parts.outputs.recordingFails(fails);
      }
      // Motion brings its own moments: one decoding then serves the list and the mail.
      if (recordingId && recordingId !== this.#recordingId && !reasons.includes('motion')) {
        this.#keepFirstStill(recordingId);
      }
      this.#recordingId = recordingId;
      parts.outputs.changed();
    });
    this.#camera.feed.listen({
      frame: (frame) => {
        const { signal, events } = this.#watcher.step(frame);
        this.#tell(signal.moving, signal.level, frame.atMs);
        if (signal.global) this.#globalMs = frame.atMs;
        for (const event of events) this.#onEvent(event, { frame, signal });
        if (signal.moving) this.#lookAgain(frame, signal);
        if (this.#taps.size > 0) this.#show(frame, signal);
      },
      health: (health) => {
        if (health.state !== 'live') this.#tell(false, 0, clock.monotonicMs());
        // Turned off, nothing comes any more that would end the visit.
        if (health.state === 'off') for (const event of this.#watcher.flush()) this.#onEvent(event);
        parts.outputs.health(health);
        parts.outputs.changed();
      },
    });
  }

  get settings(): CameraSettings {
    return this.#settings;
  }

  get feed(): Feed {
    return this.#camera.feed;
  }

  get recorder(): Recorder {
    return this.#recorder;
  }

  get motion(): { readonly moving: boolean; readonly level: number } {
    return { moving: this.#moving, level: Math.round(this.#level) };
  }

  get watching(): boolean {
    const { motion, enabled } = this.#settings;
    return enabled && motion.enabled && this.#isOn(motion.schedule, this.#parts.clock.wallMs());
  }

  /** Every picture as it is judged, until the answer is called: for the tuning page. Costs nothing while nobody asks. */
  tap(listener: (seen: SeenFrame) => void): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  /** The picture of a moment on the monotonic clock, if that moment was remembered (starts and peaks are). */
  pictureOf(atMs: number): Promise<Uint8Array | undefined> {
    return this.#stills.pictureOf(atMs);
  }

  /** Whether a second look bears an event out; for one that goes on and does not, when it is over. */
  proofOf(eventId: string, atMs: number): Promise<Answer> {
    return this.#confirmation.answerFor(eventId, atMs);
  }

  async apply(settings: CameraSettings): Promise<void> {
    this.#settings = settings;
    this.#watcher.apply(paramsOf(settings));
    this.#recorder.apply(settings.record);
    await this.#camera.apply(settings);
    this.#parts.outputs.changed();
  }

  /** Ends the running event and recording properly, then the source. Pictures of it are kept before this resolves. */
  async close(): Promise<void> {
    for (const event of this.#watcher.flush()) this.#onEvent(event);
    await this.#recorder.close();
    await this.#camera.close();
    await this.#stills.close();
  }

  #onEvent(event: MotionEvent, seen?: Omit<SeenFrame, 'view'>): void {
    const { clock, outputs } = this.#parts;
    this.#recorder.motion(event);
    if (event.kind === 'start') {
      const startMs = this.#wall(event.atMs);
      this.#running = { id: event.id, startMs, peakMs: startMs, level: event.level };
      this.#confirmation.begin(event.id);
      const { stream } = this.#camera.feed;
      const packet = keyFrameBefore(this.#recorder.recent()?.packets ?? [], event.atMs, this.#globalMs);
      this.#before = stream && packet && { stream, packet };
    }
    const running = this.#running;
    if (!running) return;
    const { recordingId } = this.#recorder.status();
    if (recordingId) running.recordingId ??= recordingId;
    if (event.kind === 'peak') Object.assign(running, { peakMs: this.#wall(event.atMs), level: event.level });
    if (event.kind !== 'end') {
      // A start is told some hundred milliseconds after the thing was first seen: now there is more of it to see.
      this.#bestMs = event.kind === 'start' ? clock.monotonicMs() : event.atMs;
      this.#remember(event.id, this.#bestMs, seen);
    }
    outputs.event({
      ...running,
      ...(event.kind === 'end' ? { endMs: this.#wall(event.endMs) } : {}),
      ...(event.kind !== 'peak' && event.zones ? { zones: event.zones } : {}),
      source: event,
    });
    // The mail takes its picture after a moment; the list waits a little longer, and both share one decoding.
    const keep = () => running.recordingId && this.#keepStill(running.recordingId, this.#bestMs);
    if (event.kind === 'start') {
      clock.after(STILL_AFTER_MS, () => {
        if (this.#running !== running) return;
        this.#confirmation.look(running.id, this.#bestMs);
        keep();
      });
    }
    if (event.kind === 'end') {
      this.#running = undefined;
      this.#confirmation.end(running.id, this.#bestMs);
      keep();
    }
  }

  #remember(eventId: string, atMs: number, seen: Omit<SeenFrame, 'view'> | undefined): void {
    this.#stills.remember(atMs, this.#settings.motion.confirm ? this.#before : undefined);
    if (seen) this.#confirmation.claim(eventId, atMs, seen.signal, seen.frame);
  }

  /** What moves in a visit that was not confirmed so far may be something else by now. */
  #lookAgain(frame: LumaFrame, signal: MotionSignal): void {
    const id = this.#running?.id;
    if (id === undefined || !this.#confirmation.wantsAnotherLook(id)) return;
    this.#remember(id, frame.atMs, { frame, signal });
    this.#confirmation.lookAgain(id, frame.atMs);
  }

  /** Every recording has a picture from its first second on; an event that ends replaces it with its best moment. */
  #keepFirstStill(recordingId: string): void {
    const atMs = this.#parts.clock.monotonicMs();
    this.#stills.remember(atMs);
    this.#keepStill(recordingId, atMs);
  }

  #keepStill(recordingId: string, atMs: number): void {
    this.#stills.keep(atMs, (jpeg) => this.#parts.outputs.still(recordingId, jpeg, this.#wall(atMs)));
  }

  #show(frame: LumaFrame, signal: MotionSignal): void {
    const view = this.watching ? this.#watcher.view() : undefined;
    for (const listener of [...this.#taps]) listener({ frame, signal, view });
  }

  #tell(moving: boolean, level: number, atMs: number): void {
    const turned = moving !== this.#moving;
    this.#moving = moving;
    this.#level = level;
    if (!turned && (Math.abs(atMs - this.#levelToldAtMs) < LEVEL_EVERY_MS || (!moving && level === 0))) return;
    this.#levelToldAtMs = atMs;
    this.#parts.outputs.motion(moving, Math.round(level));
    if (turned) this.#parts.outputs.changed();
  }

  #wall(monotonicMs: number): number {
    const { clock } = this.#parts;
    return Math.round(clock.wallMs() - (clock.monotonicMs() - monotonicMs));
  }

  #isOn(schedule: CameraSettings['motion']['schedule'], wallMs: number): boolean {
    return isScheduled(schedule, wallMs, this.#parts.timeZone());
  }
}

export function paramsOf({ motion }: Pick<CameraSettings, 'motion'>): MotionParams {
  const { schedule: _, ...params } = motion;
  return params;
}

// One camera with all that belongs to it: its source, watcher, recorder, stills and mails, joined here because none of
// these rooms may know another. Disturbs no other camera, whatever happens to it.

import type { CameraHandle } from '../camera/camera.ts';
import type { CameraSettings } from '../config/camera.ts';
import { isScheduled } from '../config/schedule.ts';
import type { Feed, LumaFrame } from '../media/types.ts';
import { createRestWatch } from '../motion/low-power.ts';
import { createWatcher, type MotionSignal } from '../motion/watcher.ts';
import { createRecorder, type Recorder, type RecordParams } from '../recorder/recorder.ts';
import type { Answer } from './confirmation.ts';
import { paramsOf } from './motion-params.ts';
import type { SeenFrame, UnitParts } from './unit-parts.ts';
import { UnitVisits } from './unit-visits.ts';

/** Viewers are told of a level at most this often; of motion starting and ending at once. */
const LEVEL_EVERY_MS = 400;

/** With low power: the longest time that every picture is looked at after something moved. */
const MOST_STAY_MS = 10_000;
/** With low power, somebody whom the sizes do not give away is seen in the next key picture, and believed a second later. */
const LOW_POWER_LATE_S = 5;

export class CameraUnit {
  readonly #parts: UnitParts;
  readonly #camera: CameraHandle;
  readonly #recorder: Recorder;
  readonly #watcher: ReturnType<typeof createWatcher>;
  readonly #visits: UnitVisits;
  readonly #taps = new Set<(seen: SeenFrame) => void>();
  #settings: CameraSettings;
  #moving = false;
  #level = 0;
  #levelToldAtMs = Number.NEGATIVE_INFINITY;
  #recordingId: string | undefined;
  #recordingFails = false;

  constructor(parts: UnitParts) {
    const { settings, clock, log } = parts;
    this.#parts = parts;
    this.#settings = settings;
    const rest = createRestWatch({
      // Who tunes wants to see every picture.
      wanted: () => this.#settings.motion.lowPower && this.#taps.size === 0,
      isOn: (atMs) => this.#settings.motion.enabled && this.#isOn(this.#settings.motion.schedule, this.#wall(atMs)),
      // So long that a visit ends while every picture is still looked at, unless its pauses may be very long.
      stayMs: () => Math.min(MOST_STAY_MS, this.#settings.motion.mergeGapS * 1000 + 500),
    });
    this.#camera = parts.openCamera(settings, rest);
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
      settings: recordParamsOf(settings),
      // Without an owner there is nobody to seal recordings to.
      isOn: (wallMs) => parts.isOwned() && this.#isOn(this.#settings.record.schedule, wallMs),
    });
    this.#visits = new UnitVisits({
      ...parts,
      settings: () => this.#settings,
      feed: this.#camera.feed,
      recorder: this.#recorder,
      wall: (monotonicMs) => this.#wall(monotonicMs),
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
        this.#visits.keepFirstStill(recordingId);
      }
      this.#recordingId = recordingId;
      parts.outputs.changed();
    });
    this.#camera.feed.listen({
      frame: (frame) => {
        const { signal, events } = this.#watcher.step(frame);
        rest.judged(signal, frame);
        parts.outputs.looked?.(signal.level, frame.atMs);
        this.#tell(signal.moving, signal.level, frame.atMs);
        this.#visits.seen(frame, signal, events);
        if (this.#taps.size > 0) this.#show(frame, signal);
      },
      health: (health) => {
        if (health.state !== 'live') this.#tell(false, 0, clock.monotonicMs());
        // Turned off, nothing comes any more that would end the visit.
        if (health.state === 'off') for (const event of this.#watcher.flush()) this.#visits.event(event);
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
    return this.#visits.pictureOf(atMs);
  }

  /** Whether a second look bears an event out; for one that goes on and does not, when it is over. */
  proofOf(eventId: string, atMs: number): Promise<Answer> {
    return this.#visits.proofOf(eventId, atMs);
  }

  async apply(settings: CameraSettings): Promise<void> {
    this.#settings = settings;
    this.#watcher.apply(paramsOf(settings));
    this.#recorder.apply(recordParamsOf(settings));
    await this.#camera.apply(settings);
    this.#parts.outputs.changed();
  }

  /** Ends the running event and recording properly, then the source. Pictures of it are kept before this resolves. */
  async close(): Promise<void> {
    for (const event of this.#watcher.flush()) this.#visits.event(event);
    await this.#recorder.close();
    await this.#camera.close();
    await this.#visits.close();
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

const recordParamsOf = ({ record, motion }: CameraSettings): RecordParams =>
  motion.lowPower ? { ...record, toldLateS: LOW_POWER_LATE_S } : record;

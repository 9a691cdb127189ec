// The visits of one camera, told to the rest of the box: with wall times, with the recording they are in, with their best
// picture and a second look. What a visit is, is the watcher's business.

import type { Clock } from '../base/clock.ts';
import type { CameraSettings } from '../config/camera.ts';
import type { Feed, LumaFrame } from '../media/types.ts';
import type { MotionEvent, MotionSignal } from '../motion/watcher.ts';
import type { Recorder } from '../recorder/recorder.ts';
import { type Answer, Confirmation } from './confirmation.ts';
import { keyFrameBefore } from './key-frame-before.ts';
import { paramsOf } from './motion-params.ts';
import { type Before, StillMoments } from './still-moments.ts';
import type { SeenFrame, UnitOutputs, UnitParts } from './unit-parts.ts';

/** Just after the mail has chosen its moment (SETTLE_MS in alerts/). */
const STILL_AFTER_MS = 700;

export interface UnitVisitsParts
  extends Pick<UnitParts, 'jpegOf' | 'picturesOf' | 'compare' | 'outputs' | 'clock' | 'log'> {
  readonly settings: () => CameraSettings;
  readonly feed: Feed;
  readonly recorder: Recorder;
  /** Wall time of a moment on the monotonic clock. */
  readonly wall: (monotonicMs: number) => number;
}

export class UnitVisits {
  readonly #parts: { readonly clock: Clock; readonly outputs: UnitOutputs };
  readonly #settings: () => CameraSettings;
  readonly #feed: Feed;
  readonly #recorder: Recorder;
  readonly #wall: (monotonicMs: number) => number;
  readonly #stills: StillMoments;
  readonly #confirmation: Confirmation;
  #running: { id: string; startMs: number; peakMs: number; level: number; recordingId?: string } | undefined;
  /** The best moment of the running event, monotonic. */
  #bestMs = 0;
  /** When the whole picture last changed, monotonic. */
  #globalMs = Number.NEGATIVE_INFINITY;
  #before: Before | undefined;

  constructor({ settings, feed, recorder, wall, jpegOf, picturesOf, compare, outputs, clock, log }: UnitVisitsParts) {
    this.#parts = { clock, outputs };
    this.#settings = settings;
    this.#feed = feed;
    this.#recorder = recorder;
    this.#wall = wall;
    this.#stills = new StillMoments({ ...{ feed, jpegOf, clock, log }, ...(picturesOf ? { picturesOf } : {}) });
    this.#confirmation = new Confirmation({
      coloursOf: (atMs) => this.#stills.coloursOf(atMs),
      compare: compare ?? (async () => undefined),
      params: () => ({ ...paramsOf(settings()), confirm: settings().motion.confirm }),
      onProof: (eventId, proof, difference, atMs) =>
        // Kept once it is drawn, so that the alert, which waits for the answer only, goes before the disk.
        this.#stills.finish(async () => outputs.proof?.(eventId, proof, await difference, wall(atMs))),
      clock,
      log,
    });
  }

  /** Call with every picture and what was said of it. */
  seen(frame: LumaFrame, signal: MotionSignal, events: readonly MotionEvent[]): void {
    if (signal.global) this.#globalMs = frame.atMs;
    for (const event of events) this.event(event, { frame, signal });
    if (signal.moving) this.#lookAgain(frame, signal);
  }

  /** The picture of a moment on the monotonic clock, if that moment was remembered (starts and peaks are). */
  pictureOf(atMs: number): Promise<Uint8Array | undefined> {
    return this.#stills.pictureOf(atMs);
  }

  /** Whether a second look bears an event out; for one that goes on and does not, when it is over. */
  proofOf(eventId: string, atMs: number): Promise<Answer> {
    return this.#confirmation.answerFor(eventId, atMs);
  }

  /** Pictures that are being made are kept before this resolves. */
  close(): Promise<void> {
    return this.#stills.close();
  }

  event(event: MotionEvent, seen?: Omit<SeenFrame, 'view'>): void {
    const { clock, outputs } = this.#parts;
    this.#recorder.motion(event);
    if (event.kind === 'start') {
      const startMs = this.#wall(event.atMs);
      this.#running = { id: event.id, startMs, peakMs: startMs, level: event.level };
      this.#confirmation.begin(event.id);
      const { stream } = this.#feed;
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

  /** Every recording has a picture from its first second on; an event that ends replaces it with its best moment. */
  keepFirstStill(recordingId: string): void {
    const atMs = this.#parts.clock.monotonicMs();
    this.#stills.remember(atMs);
    this.#keepStill(recordingId, atMs);
  }

  #remember(eventId: string, atMs: number, seen: Omit<SeenFrame, 'view'> | undefined): void {
    this.#stills.remember(atMs, this.#settings().motion.confirm ? this.#before : undefined);
    if (seen) this.#confirmation.claim(eventId, atMs, seen.signal, seen.frame);
  }

  /** What moves in a visit that was not confirmed so far may be something else by now. */
  #lookAgain(frame: LumaFrame, signal: MotionSignal): void {
    const id = this.#running?.id;
    if (id === undefined || !this.#confirmation.wantsAnotherLook(id)) return;
    this.#remember(id, frame.atMs, { frame, signal });
    this.#confirmation.lookAgain(id, frame.atMs);
  }

  #keepStill(recordingId: string, atMs: number): void {
    this.#stills.keep(atMs, (jpeg) => this.#parts.outputs.still(recordingId, jpeg, this.#wall(atMs)));
  }
}

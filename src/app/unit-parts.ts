// What one camera's unit is made of, and what it tells the rest of the box. Types only.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { CameraHandle } from '../camera/camera.ts';
import type { RestGate } from '../camera/resting-eye.ts';
import type { Proof } from '../catalog/rows.ts';
import type { CameraSettings } from '../config/camera.ts';
import type { Feed, LumaFrame, Packet, StreamInfo } from '../media/types.ts';
import type { DetectorView } from '../motion/detector.ts';
import type { MotionEvent, MotionSignal } from '../motion/watcher.ts';
import type { RecordingSink } from '../recorder/sink.ts';
import type { Compare } from './comparison.ts';
import type { StillMoments } from './still-moments.ts';

/** What a unit tells the rest of the box. Times are wall time, UTC ms. */
export interface UnitOutputs {
  /** Anything about the camera that a page shows has changed. */
  changed(): void;
  motion(moving: boolean, level: number): void;
  /** How much moved in each picture that was looked at; its moment is on the monotonic clock. */
  looked?(level: number, atMs: number): void;
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
  /** `rest`: says which pictures of a camera in low power are worth decoding. */
  readonly openCamera: (settings: CameraSettings, rest: RestGate) => CameraHandle;
  readonly sink: RecordingSink;
  readonly jpegOf: (stream: StreamInfo, packets: readonly Packet[], atMs: number) => Promise<Uint8Array>;
  /** With these two, motion is looked at a second time before it is told. */
  readonly picturesOf?: ConstructorParameters<typeof StillMoments>[0]['picturesOf'];
  readonly compare?: Compare;
  readonly timeZone: () => string;
  /** Whether the box has an owner. */
  readonly isOwned: () => boolean;
  readonly outputs: UnitOutputs;
  readonly clock: Clock;
  readonly log: Log;
}

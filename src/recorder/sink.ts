// What the recorder asks of whoever keeps recordings: the seam between deciding what to record and writing it down.
// `library/` implements it; tests use one in memory.

import type { StreamInfo } from '../media/types.ts';

export type RecordReason = 'motion' | 'continuous' | 'manual';

export interface RecordingStart {
  readonly cameraId: string;
  /** Wall time of the first picture, UTC ms. */
  readonly startMs: number;
  readonly reasons: readonly RecordReason[];
}

export interface SegmentStart {
  readonly recordingId: string;
  readonly cameraId: string;
  readonly stream: StreamInfo;
  /** Wall time of the segment's first picture, UTC ms. */
  readonly startMs: number;
  /** The same moment on the monotonic clock. */
  readonly startMonotonicMs: number;
}

/** One file that is being written. Starts with the stream's init segment, written by the sink itself. */
export interface SegmentWriter {
  /**
   * Appends whole MP4 fragments (moof + mdat). `mediaMs` is how much of the segment is then on disk; `key`: the first picture is a
   * key frame, so that playing can start here. Calls queue in order.
   * Rejects with kind `no-space` when the disk is full; what was appended before stays playable and `finish` still works.
   */
  append(fragment: Uint8Array, mediaMs: number, facts: { readonly key: boolean }): Promise<void>;
  /** Completes the file, makes it durable, adds its row, announces it. A segment without fragments leaves nothing behind. */
  finish(): Promise<void>;
}

export interface RecordingSink {
  /** Names a new recording and announces that it is running. */
  openRecording(start: RecordingStart): string;
  /** More reasons joined while it runs (motion during a manual recording …). */
  addReason(recordingId: string, reason: RecordReason): void;
  /** Rejects with kind `no-space` when there is no room to start one. */
  openSegment(start: SegmentStart): Promise<SegmentWriter>;
  /** No further segment follows. `interrupted`: it ended because of a fault, not because it was over. */
  closeRecording(recordingId: string, end: { readonly endMs: number; readonly interrupted: boolean }): Promise<void>;
}

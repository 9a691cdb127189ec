// What the library says about what it keeps: the views that pages, alerts and retention read. Times are UTC ms.

import type { EventQuery, QuarterRow, RecordingQuery } from '../catalog/reader.ts';
import type { Changed, MailState, Proof, Reason } from '../catalog/rows.ts';

export type { Changed, EventQuery, MailState, Proof, QuarterRow as Quarter, Reason, RecordingQuery };

export interface RecordedEvent {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly peakMs: number;
  /** Absent while it goes on. */
  readonly endMs?: number;
  /** 0–100. */
  readonly level: number;
  readonly recordingId?: string;
  readonly mail?: MailState;
  /** Names of the zones in which it moved; absent without zones. */
  readonly zones?: readonly string[];
  /** Whether colour pictures show something, too. Absent where nobody looked again, or could. */
  readonly confirmed?: boolean;
  readonly changed?: Changed;
  /** True where a picture of what differs is kept. */
  readonly difference?: boolean;
}

export interface Recording {
  readonly id: string;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly startMs: number;
  /** Absent while it is being recorded. */
  readonly endMs?: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly reasons: readonly Reason[];
  readonly hasStill: boolean;
  readonly peakLevel: number;
  readonly events: readonly RecordedEvent[];
  readonly interrupted: boolean;
  /** Neither age nor lack of room removes it. */
  readonly starred: boolean;
  /** True where the clock was not right, and nobody has learned since when it was. */
  readonly timeUnknown?: boolean;
}

export interface Segment {
  readonly id: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
}

export interface TimelineSegment extends Segment {
  readonly recordingId: string;
  readonly cameraId: string;
  /** Highest motion level of its recording, 0–100. */
  readonly peakLevel: number;
}

/** A segment's bytes as they are now: of one that is being written, up to its last whole fragment. */
export interface SegmentBytes {
  readonly bytes: number;
  /** `from` inclusive, `to` exclusive. */
  stream(from: number, to: number): ReadableStream<Uint8Array>;
  /** Many small reads from one open file. */
  open(): Promise<{ read(from: number, to: number): Promise<Uint8Array>; close(): Promise<void> }>;
}

export interface LibraryChanges {
  readonly recording: Recording;
  readonly 'recording-removed': { readonly id: string };
  readonly event: RecordedEvent;
}
export type LibraryListener = <K extends keyof LibraryChanges>(name: K, data: LibraryChanges[K]) => void;

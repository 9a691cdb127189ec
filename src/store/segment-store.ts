// The seam to the disk: what the library asks of whoever keeps segment files. Plain files implement it today
// (`plain-segment-store.ts`); sealed ones will, with the same calls. Says nothing of rows.

import type { SegmentHeader, SegmentSummary } from './segment-boxes.ts';

/** A file that is being written. Calls queue in order. */
export interface OpenSegment {
  /** Relative to the recordings folder. */
  readonly path: string;
  /** Bytes and length of what was appended whole: readers may see this much while it is written. */
  readonly wholeBytes: number;
  readonly mediaMs: number;
  /** Rejects with `no-space` or `internal`; what was appended before stays, later appends are refused, `finish` works. */
  append(fragment: Uint8Array, mediaMs: number): Promise<void>;
  /** Makes the file final and durable. Without any fragment the file is removed, and the answer is undefined. */
  finish(summary: Omit<SegmentSummary, 'durationMs'>): Promise<FinishedSegment | undefined>;
}

export interface FinishedSegment {
  readonly bytes: number;
  readonly durationMs: number;
}

/** What a file says about itself. */
export interface FoundSegment extends FinishedSegment {
  readonly path: string;
  readonly header: SegmentHeader;
  /** Absent when the file was never finished: then `bytes` is what is whole of it, and `durationMs` how long that plays. */
  readonly summary?: SegmentSummary;
}

export interface SegmentStore {
  /** Where a segment's file lies, relative to the recordings folder. */
  pathOf(header: Pick<SegmentHeader, 'cameraId' | 'startMs' | 'segmentId'>): string;
  /** Makes the file, with header and init segment. Rejects with `no-space` when there is no room, and leaves nothing. */
  create(header: SegmentHeader, init: Uint8Array): Promise<OpenSegment>;
  /** Reads what a file says about itself; undefined when it is missing, not ours, or holds no whole fragment. */
  inspect(path: string): Promise<FoundSegment | undefined>;
  /** Finishes a file that a crash or power cut left behind: cuts the torn tail. Removes it, and answers undefined, when nothing is whole. */
  recover(path: string): Promise<FoundSegment | undefined>;
  /** Bytes of a file, `from` inclusive, `to` exclusive. The file is open only while it is read. */
  read(path: string, from: number, to: number): ReadableStream<Uint8Array>;
  /** The same for many small reads: open until it is closed. Rejects with `missing` when there is no such file. */
  open(path: string): Promise<ReadableFile>;
  /** A small file beside the segments (a still), durable when it resolves; on failure nothing is left. */
  putWhole(path: string, bytes: Uint8Array): Promise<void>;
  bytes(path: string): Promise<number | undefined>;
  /** Removes files, and the folders that are empty then; durable when it resolves. Missing ones are fine. */
  remove(paths: readonly string[]): Promise<void>;
  /** Moves a file that cannot be understood out of the way, into the set-aside folder. */
  setAside(path: string): Promise<void>;
  /** Every folder and the paths of the files in it, oldest folder of each camera first. */
  scan(): AsyncIterable<{ readonly folder: string; readonly paths: readonly string[] }>;
}

export interface ReadableFile {
  read(from: number, to: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

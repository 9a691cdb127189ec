// A recording sink that keeps everything in memory, for tests. It holds callers to the contract: one file at a time, nothing
// after the end, and no file that begins before the one before it ended.

import { NightjarError } from '../base/errors.ts';
import { concatBytes } from '../media/boxes.ts';
import type { RecordingSink, RecordReason, SegmentStart, SegmentWriter } from './sink.ts';

export interface KeptSegment {
  readonly start: SegmentStart;
  readonly fragments: Uint8Array[];
  mediaMs: number;
  finished: boolean;
}

export interface KeptRecording {
  readonly id: string;
  readonly startMs: number;
  readonly reasons: RecordReason[];
  readonly segments: KeptSegment[];
  end?: { readonly endMs: number; readonly interrupted: boolean };
}

export class MemorySink implements RecordingSink {
  readonly recordings: KeptRecording[] = [];
  /** While set, appending waits for it: a slow disk. */
  gate: Promise<void> | undefined;
  /** While set, nothing more fits. */
  full = false;
  #open = 0;
  #lastEndMs = Number.NEGATIVE_INFINITY;

  openRecording({ startMs, reasons }: { readonly startMs: number; readonly reasons: readonly RecordReason[] }): string {
    const id = `r${this.recordings.length + 1}`;
    this.recordings.push({ id, startMs, reasons: [...reasons], segments: [] });
    return id;
  }

  addReason(recordingId: string, reason: RecordReason): void {
    this.#running(recordingId).reasons.push(reason);
  }

  async openSegment(start: SegmentStart): Promise<SegmentWriter> {
    this.#refuseWhenFull();
    const recording = this.#running(start.recordingId);
    if (++this.#open > 1) throw new Error('a file was begun before the one before it was finished');
    if (start.startMonotonicMs < this.#lastEndMs) throw new Error('a file begins before the one before it ended');
    const segment: KeptSegment = { start, fragments: [], mediaMs: 0, finished: false };
    recording.segments.push(segment);
    return {
      append: async (fragment, mediaMs) => {
        await this.gate;
        this.#refuseWhenFull();
        if (segment.finished || mediaMs < segment.mediaMs) throw new Error('a fragment came after what follows it');
        segment.fragments.push(fragment);
        segment.mediaMs = mediaMs;
      },
      finish: async () => {
        this.#open--;
        segment.finished = true;
        this.#lastEndMs = start.startMonotonicMs + segment.mediaMs;
      },
    };
  }

  async closeRecording(id: string, end: { readonly endMs: number; readonly interrupted: boolean }): Promise<void> {
    const recording = this.#running(id);
    if (recording.segments.some((s) => !s.finished)) throw new Error('a recording was closed with an unfinished file');
    recording.end = end;
  }

  #refuseWhenFull(): void {
    if (this.full) throw new NightjarError('no-space', 'the disk is full');
  }

  #running(id: string): KeptRecording {
    const recording = this.recordings.find((r) => r.id === id);
    if (!recording || recording.end) throw new Error(`recording ${id} is not running`);
    return recording;
  }
}

export const fileOf = (segment: KeptSegment): Uint8Array =>
  concatBytes([segment.start.stream.init, ...segment.fragments]);

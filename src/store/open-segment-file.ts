// The life of one plain segment file while it is written: appends in order, an fsync at most `syncEveryMs` after the first
// byte that waits for one, and an end that leaves either a whole durable file or none. After a failed write or
// fsync it takes no more, and `finish` keeps what is certain.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { type FileLayer, failedWith, ioError, type LayerFile } from './file-layer.ts';
import { markedFragment, type SegmentSummary, summaryBox } from './segment-boxes.ts';
import type { FinishedSegment, OpenSegment } from './segment-store.ts';

export interface SegmentFilePlace {
  readonly path: string;
  readonly fullPath: string;
  /** Folders in which the file's name, or a folder above it, is new. */
  readonly newNamesIn: readonly string[];
}

/** Writes the head of a file that was just made. On failure the file is gone again. */
export async function createSegmentFile(
  place: SegmentFilePlace,
  file: LayerFile,
  head: Uint8Array,
  files: FileLayer,
  clock: Pick<Clock, 'after'>,
  syncEveryMs: number,
): Promise<OpenSegment> {
  try {
    await file.write(head, 0);
  } catch (cause) {
    await file.close().catch(() => {});
    await files.unlink(place.fullPath).catch(() => {});
    throw ioError(`cannot start recording file ${place.path}`, cause);
  }
  return new OpenSegmentFile(place, file, head.length, files, clock, syncEveryMs);
}

class OpenSegmentFile implements OpenSegment {
  readonly path: string;
  readonly #place: SegmentFilePlace;
  readonly #file: LayerFile;
  readonly #files: FileLayer;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #syncEveryMs: number;
  /** Everything happens one after the other on this chain; it never rejects. */
  #queue: Promise<unknown> = Promise.resolve();
  #whole: Extent;
  #synced: Extent;
  #namesAreDurable = false;
  #fault: NightjarError | undefined;
  #cancelSync: (() => void) | undefined;
  #finished: Promise<FinishedSegment | undefined> | undefined;

  constructor(
    place: SegmentFilePlace,
    file: LayerFile,
    headBytes: number,
    files: FileLayer,
    clock: Pick<Clock, 'after'>,
    syncEveryMs: number,
  ) {
    this.path = place.path;
    this.#place = place;
    this.#file = file;
    this.#files = files;
    this.#clock = clock;
    this.#syncEveryMs = syncEveryMs;
    this.#whole = { bytes: headBytes, mediaMs: 0 };
    this.#synced = this.#whole;
  }

  get wholeBytes(): number {
    return this.#whole.bytes;
  }
  get mediaMs(): number {
    return this.#whole.mediaMs;
  }

  async append(fragment: Uint8Array, mediaMs: number): Promise<void> {
    if (this.#finished) throw new NightjarError('conflict', `recording file ${this.path} is finished`);
    return await this.#enqueue(async () => {
      if (this.#fault) throw this.#fault;
      const piece = markedFragment(fragment, mediaMs);
      try {
        await this.#file.write(piece, this.#whole.bytes);
      } catch (cause) {
        throw this.#fail(cause);
      }
      this.#whole = { bytes: this.#whole.bytes + piece.length, mediaMs };
      this.#cancelSync ??= this.#clock.after(this.#syncEveryMs, () => {
        this.#cancelSync = undefined;
        // a failure shows at the next append, and at finish
        void this.#enqueue(() => this.#sync()).catch(() => {});
      });
    });
  }

  finish(summary: Omit<SegmentSummary, 'durationMs'>): Promise<FinishedSegment | undefined> {
    this.#finished ??= this.#enqueue(() => this.#finish(summary));
    return this.#finished;
  }

  async #finish(summary: Omit<SegmentSummary, 'durationMs'>): Promise<FinishedSegment | undefined> {
    this.#cancelSync?.();
    if (this.#whole.mediaMs === 0) {
      await this.#file.close().catch(() => {});
      await this.#removeEmpty();
      return undefined;
    }
    const doing = `cannot finish recording file ${this.path}`;
    try {
      let { bytes } = this.#whole;
      if (this.#fault) await this.#file.truncate(bytes);
      const box = summaryBox({ ...summary, durationMs: this.#whole.mediaMs });
      try {
        await this.#file.write(box, bytes);
        bytes += box.length;
      } catch (error) {
        // no room even for the summary: header and marks tell the same, so the recording is kept without it
        if (!failedWith(error, 'ENOSPC', 'EDQUOT')) throw error;
        await this.#file.truncate(bytes);
      }
      await this.#file.sync();
      await this.#syncNames();
      return { bytes, durationMs: this.#whole.mediaMs };
    } catch (cause) {
      throw ioError(doing, cause);
    } finally {
      await this.#file.close().catch(() => {});
    }
  }

  async #removeEmpty(): Promise<void> {
    try {
      await this.#files.unlink(this.#place.fullPath);
      await this.#files.syncFolder(this.#place.newNamesIn[0]!);
    } catch (cause) {
      throw ioError(`cannot remove empty recording file ${this.path}`, cause);
    }
  }

  async #sync(): Promise<void> {
    if (this.#fault || this.#finished) return;
    const upTo = this.#whole;
    try {
      await this.#file.sync();
      await this.#syncNames();
      this.#synced = upTo;
    } catch (cause) {
      // After a failed fsync Linux may have dropped the pages: only what an earlier one confirmed is certain.
      this.#whole = this.#synced;
      throw this.#fail(cause);
    }
  }

  async #syncNames(): Promise<void> {
    if (this.#namesAreDurable) return;
    for (const folder of this.#place.newNamesIn) await this.#files.syncFolder(folder);
    this.#namesAreDurable = true;
  }

  #fail(cause: unknown): NightjarError {
    this.#fault ??= ioError(`cannot write recording file ${this.path}`, cause);
    return this.#fault;
  }

  #enqueue<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {});
    return done;
  }
}

interface Extent {
  readonly bytes: number;
  readonly mediaMs: number;
}

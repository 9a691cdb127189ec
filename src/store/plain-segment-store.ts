// Segments as plain files in the recordings folder. Owns paths, reading, removing and recovering them; a file's life while
// it is written is `open-segment-file.ts`.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { type FileLayer, failedWith, ioError, type LayerFile, systemFileLayer } from './file-layer.ts';
import { foldersOf, segmentPath } from './layout.ts';
import { createSegmentFile, type SegmentFilePlace } from './open-segment-file.ts';
import { headerBox, type SegmentHeader, summaryBox } from './segment-boxes.ts';
import type { FoundSegment, OpenSegment, ReadableFile, SegmentStore } from './segment-store.ts';
import { walkSegment } from './segment-walk.ts';

export interface PlainSegmentStoreOptions {
  /** The recordings folder; made when missing, in a data folder that exists. */
  readonly folder: string;
  /** Where files go that cannot be understood. */
  readonly asideFolder: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly files?: FileLayer;
  /** Longest time that written bytes wait for their fsync. */
  readonly syncEveryMs?: number;
}

/** Reads go to the disk in pieces of this size: small enough to keep eight viewers' memory low. */
const READ_BYTES = 256 * 1024;

export class PlainSegmentStore implements SegmentStore {
  readonly #o: Required<PlainSegmentStoreOptions>;
  readonly #files: FileLayer;

  constructor(options: PlainSegmentStoreOptions) {
    // 1 s of the promised 2: the other is for the fragment that is still being gathered
    this.#o = { files: systemFileLayer, syncEveryMs: 1000, ...options };
    this.#files = this.#o.files;
  }

  pathOf({ cameraId, startMs, segmentId }: Pick<SegmentHeader, 'cameraId' | 'startMs' | 'segmentId'>): string {
    return segmentPath(cameraId, startMs, segmentId);
  }

  async create(header: SegmentHeader, init: Uint8Array): Promise<OpenSegment> {
    const path = this.pathOf(header);
    const { file, newNamesIn } = await this.#createFile(path);
    const place: SegmentFilePlace = { path, fullPath: this.#full(path), newNamesIn };
    const box = headerBox(header);
    const head = new Uint8Array(init.length + box.length);
    head.set(init);
    head.set(box, init.length);
    return createSegmentFile(place, file, head, this.#files, this.#o.clock, this.#o.syncEveryMs);
  }

  async inspect(path: string): Promise<FoundSegment | undefined> {
    const file = await this.#openOr(path, 'read');
    if (!file) return undefined;
    try {
      const walked = await walkSegment(file);
      if (!walked || walked.durationMs <= 0) return undefined;
      const { header, summary, bytes, durationMs } = walked;
      return { path, header, bytes, durationMs, ...(summary ? { summary } : {}) };
    } catch (cause) {
      throw ioError(`cannot read recording file ${path}`, cause);
    } finally {
      await file.close();
    }
  }

  async recover(path: string): Promise<FoundSegment | undefined> {
    const file = await this.#openOr(path, 'update');
    if (!file) return undefined;
    try {
      const walked = await walkSegment(file);
      if (walked && walked.durationMs > 0) {
        const { header, durationMs } = walked;
        if (walked.summary) {
          // Finished, only its row is missing. The crash may have come before the flush.
          await file.sync();
          await this.#syncFolders(foldersOf(path));
          return { path, header, durationMs, bytes: walked.bytes, summary: walked.summary };
        }
        await file.truncate(walked.bytes);
        const summary = { durationMs, reasons: header.reasons, peakLevel: 0, events: [], interrupted: true };
        const box = summaryBox(summary);
        let bytes = walked.bytes + box.length;
        try {
          await file.write(box, walked.bytes);
        } catch (error) {
          // a full disk must not stop recovery: without a summary the marks still tell everything
          if (!failedWith(error, 'ENOSPC', 'EDQUOT')) throw error;
          await file.truncate(walked.bytes);
          bytes = walked.bytes;
        }
        await file.sync();
        await this.#syncFolders(foldersOf(path));
        return { path, header, durationMs, bytes, summary };
      }
    } catch (cause) {
      throw ioError(`cannot finish recording file ${path}`, cause);
    } finally {
      await file.close();
    }
    await this.remove([path]);
    return undefined;
  }

  read(path: string, from: number, to: number): ReadableStream<Uint8Array> {
    let at = from;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            if (at >= to) return controller.close();
            // opened for each piece: a reader that goes away without a word leaves nothing open
            const file = await this.open(path);
            const piece = await file.read(at, Math.min(at + READ_BYTES, to)).finally(() => file.close());
            if (piece.length === 0) throw new RangeError('it is shorter than its row says');
            at += piece.length;
            controller.enqueue(piece);
            if (at >= to) controller.close();
          } catch (cause) {
            controller.error(ioError(`cannot read recording file ${path}`, cause));
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  async open(path: string): Promise<ReadableFile> {
    const file = await this.#openOr(path, 'read');
    if (!file) throw new NightjarError('missing', `recording file ${path} is gone`);
    return {
      async read(from, to) {
        const piece = new Uint8Array(to - from);
        return piece.subarray(0, await file.read(piece, from));
      },
      close: () => file.close(),
    };
  }

  async putWhole(path: string, bytes: Uint8Array): Promise<void> {
    const { file, newNamesIn } = await this.#createFile(path);
    try {
      try {
        await file.write(bytes, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      for (const folder of newNamesIn) await this.#files.syncFolder(folder);
    } catch (cause) {
      await this.#files.unlink(this.#full(path)).catch(() => {});
      throw ioError(`cannot write ${path}`, cause);
    }
  }

  async bytes(path: string): Promise<number | undefined> {
    return await this.#files.bytes(this.#full(path));
  }

  async remove(paths: readonly string[]): Promise<void> {
    try {
      const folders = new Set<string>();
      for (const path of paths) {
        await this.#files.unlink(this.#full(path));
        folders.add(foldersOf(path)[0]!);
      }
      await this.#syncFolders([...folders]);
      for (const folder of folders) await this.#files.removeFolder(this.#full(folder));
    } catch (cause) {
      throw ioError('cannot remove recording files', cause);
    }
  }

  async setAside(path: string): Promise<void> {
    await this.#files.makeFolder(this.#o.asideFolder);
    await this.#files.rename(this.#full(path), `${this.#o.asideFolder}/${path.replaceAll('/', '_')}`);
    await this.#files.syncFolder(this.#o.asideFolder);
    await this.#syncFolders(foldersOf(path).slice(0, 1));
  }

  async *scan(): AsyncIterable<{ readonly folder: string; readonly paths: readonly string[] }> {
    for (const camera of await this.#files.list(this.#o.folder)) {
      for (const day of await this.#files.list(this.#full(camera))) {
        const folder = `${camera}/${day}`;
        yield { folder, paths: (await this.#files.list(this.#full(folder))).map((name) => `${folder}/${name}`) };
      }
    }
  }

  #full(path: string): string {
    return `${this.#o.folder}/${path}`;
  }

  /** Makes the file and the folders above it; also says in which folders names are new, and must be flushed. */
  async #createFile(path: string): Promise<{ file: LayerFile; newNamesIn: readonly string[] }> {
    const [day, camera] = foldersOf(path).map((folder) => this.#full(folder)) as [string, string];
    try {
      const newNamesIn = [day];
      if (await this.#files.makeFolder(this.#o.folder)) newNamesIn.push(this.#o.folder.replace(/\/[^/]+$/, ''));
      if (await this.#files.makeFolder(camera)) newNamesIn.push(this.#o.folder);
      for (let tries = 1; ; tries++) {
        if (await this.#files.makeFolder(day)) newNamesIn.push(camera);
        try {
          return { file: await this.#files.create(this.#full(path)), newNamesIn };
        } catch (error) {
          // the sweeper may have removed the empty day folder in between
          if (tries > 2 || !failedWith(error, 'ENOENT')) throw error;
        }
      }
    } catch (cause) {
      throw ioError(`cannot make recording file ${path}`, cause);
    }
  }

  async #openOr(path: string, how: 'read' | 'update'): Promise<LayerFile | undefined> {
    try {
      return await this.#files.open(this.#full(path), how);
    } catch (cause) {
      if (failedWith(cause, 'ENOENT', 'ENOTDIR')) return undefined;
      throw ioError(`cannot open recording file ${path}`, cause);
    }
  }

  /** Flushes folders and, as one of them may be new, those above. Missing ones are fine. */
  async #syncFolders(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      try {
        await this.#files.syncFolder(this.#full(folder));
      } catch (error) {
        if (!failedWith(error, 'ENOENT')) throw error;
      }
    }
  }
}

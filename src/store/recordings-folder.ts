// Files in the recordings folder, whatever is in them: made with the folders above them, read in pieces, removed, set aside. What is
// written into them is `sealed-segment-store.ts`'s to say.

import { NightjarError } from '../base/errors.ts';
import { type FileLayer, failedWith, ioError, type LayerFile } from './file-layer.ts';
import { foldersOf, isBeside } from './layout.ts';
import type { ReadableFile } from './segment-store.ts';

/** Reads go to the disk in pieces of this size: small enough to keep eight viewers' memory low. */
const READ_BYTES = 256 * 1024;

export class RecordingsFolder {
  readonly #folder: string;
  readonly #asideFolder: string;
  readonly #files: FileLayer;

  constructor(folder: string, asideFolder: string, files: FileLayer) {
    this.#folder = folder;
    this.#asideFolder = asideFolder;
    this.#files = files;
  }

  full(path: string): string {
    return `${this.#folder}/${path}`;
  }

  /** Makes the file and the folders above it; also says in which folders names are new, and must be flushed. */
  async create(path: string): Promise<{ readonly file: LayerFile; readonly newNamesIn: readonly string[] }> {
    const [day, camera] = foldersOf(path).map((folder) => this.full(folder)) as [string, string];
    try {
      const newNamesIn = [day];
      if (await this.#files.makeFolder(this.#folder)) newNamesIn.push(this.#folder.replace(/\/[^/]+$/, ''));
      if (await this.#files.makeFolder(camera)) newNamesIn.push(this.#folder);
      for (let tries = 1; ; tries++) {
        if (await this.#files.makeFolder(day)) newNamesIn.push(camera);
        try {
          return { file: await this.#files.create(this.full(path)), newNamesIn };
        } catch (error) {
          // the sweeper may have removed the empty day folder in between
          if (tries > 2 || !failedWith(error, 'ENOENT')) throw error;
        }
      }
    } catch (cause) {
      throw ioError(`cannot make recording file ${path}`, cause);
    }
  }

  /** A whole small file, durable when it resolves; on failure nothing is left. */
  async put(path: string, bytes: Uint8Array): Promise<void> {
    const { file, newNamesIn } = await this.create(path);
    try {
      try {
        await file.write(bytes, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      for (const folder of newNamesIn) await this.#files.syncFolder(folder);
    } catch (cause) {
      await this.#files.unlink(this.full(path)).catch(() => {});
      throw ioError(`cannot write ${path}`, cause);
    }
  }

  /** Undefined when there is none. */
  async openOr(path: string, how: 'read' | 'update'): Promise<LayerFile | undefined> {
    try {
      return await this.#files.open(this.full(path), how);
    } catch (cause) {
      if (failedWith(cause, 'ENOENT', 'ENOTDIR')) return undefined;
      throw ioError(`cannot open recording file ${path}`, cause);
    }
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
    const file = await this.openOr(path, 'read');
    if (!file) throw new NightjarError('missing', `recording file ${path} is gone`);
    return {
      async read(from, to) {
        const piece = new Uint8Array(to - from);
        return piece.subarray(0, await file.read(piece, from));
      },
      close: () => file.close(),
    };
  }

  async bytes(path: string): Promise<number | undefined> {
    return await this.#files.bytes(this.full(path));
  }

  async remove(paths: readonly string[]): Promise<void> {
    try {
      const folders = new Set<string>();
      for (const path of paths) {
        await this.#files.unlink(this.full(path));
        folders.add(foldersOf(path)[0]!);
      }
      await this.syncFolders([...folders]);
      for (const folder of folders) await this.#files.removeFolder(this.full(folder));
    } catch (cause) {
      throw ioError('cannot remove recording files', cause);
    }
  }

  async setAside(path: string): Promise<void> {
    await this.#files.makeFolder(this.#asideFolder);
    await this.#files.rename(this.full(path), `${this.#asideFolder}/${path.replaceAll('/', '_')}`);
    await this.#files.syncFolder(this.#asideFolder);
    await this.syncFolders(foldersOf(path).slice(0, 1));
  }

  cameras(): Promise<readonly string[]> {
    return this.#files.list(this.#folder).then((names) => names.filter((name) => !isBeside(name)));
  }

  async *scan(
    cameras?: readonly string[],
  ): AsyncIterable<{ readonly folder: string; readonly paths: readonly string[] }> {
    for (const camera of cameras ?? (await this.cameras())) {
      for (const day of await this.#files.list(this.full(camera))) {
        const folder = `${camera}/${day}`;
        if (isBeside(folder)) continue;
        yield { folder, paths: (await this.#files.list(this.full(folder))).map((name) => `${folder}/${name}`) };
      }
    }
  }

  /** Flushes folders and, as one of them may be new, those above. Missing ones are fine. */
  async syncFolders(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      try {
        await this.#files.syncFolder(this.full(folder));
      } catch (error) {
        if (!failedWith(error, 'ENOENT')) throw error;
      }
    }
  }
}

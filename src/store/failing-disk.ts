// A disk for tests, over real files: it counts every step that changes something, makes one of them fail or stops there for
// good, and can then cut the power, after which only what was fsynced is left: contents since the last fsync of the
// file, and names since the last fsync of their folder, go back to what they were.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileLayer, type LayerFile, systemFileLayer } from './file-layer.ts';

export interface FailAt {
  /** Counted from 1. */
  readonly step: number;
  /** error: this step fails once with the code. stop: it and everything after fail, as in a process that is no more. */
  readonly how: 'error' | 'stop';
  readonly code?: string;
}

export class FailingDisk {
  /** What was done, in order. */
  readonly steps: string[] = [];
  readonly #root: string;
  readonly #failAt: FailAt | undefined;
  readonly #files: FileLayer;
  /** What a power cut leaves: contents by path, names by folder. */
  readonly #contents = new Map<string, Uint8Array>();
  readonly #names = new Map<string, Set<string>>();
  readonly #open = new Set<LayerFile>();
  #stopped = false;

  constructor(root: string, failAt?: FailAt, files: FileLayer = systemFileLayer) {
    this.#root = root;
    this.#failAt = failAt;
    this.#files = files;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    this.#remember(root);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Counts one step; throws when it is to fail. The catalog's transactions are counted with the same call. */
  step = (what: string): void => {
    if (this.#stopped) throw Object.assign(new Error(`stopped before: ${what}`), { code: 'ESTOPPED' });
    this.steps.push(what);
    if (this.steps.length !== this.#failAt?.step) return;
    if (this.#failAt.how === 'stop') this.#stopped = true;
    const code = this.#failAt.code ?? 'EIO';
    throw Object.assign(new Error(`${code}: made to fail: ${what}`), { code });
  };

  /** Closes what a stopped story left open. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#open) await file.close();
  }

  /** Leaves only what was fsynced. */
  cutPower(): void {
    this.#stopped = true;
    this.#restore(this.#root);
  }

  readonly layer: FileLayer = {
    makeFolder: async (path) => {
      if (existsSync(path)) return false;
      this.step(`mkdir ${this.#short(path)}`);
      return await this.#files.makeFolder(path);
    },
    create: async (path) => {
      this.step(`create ${this.#short(path)}`);
      return this.#wrap(path, await this.#files.create(path));
    },
    open: async (path, how) => {
      if (this.#stopped) this.step('open');
      return this.#wrap(path, await this.#files.open(path, how));
    },
    rename: async (from, to) => {
      this.step(`rename ${this.#short(from)}`);
      await this.#files.rename(from, to);
    },
    unlink: async (path) => {
      this.step(`unlink ${this.#short(path)}`);
      return await this.#files.unlink(path);
    },
    removeFolder: async (path) => {
      this.step(`rmdir ${this.#short(path)}`);
      return await this.#files.removeFolder(path);
    },
    syncFolder: async (path) => {
      this.step(`fsync folder ${this.#short(path)}`);
      await this.#files.syncFolder(path);
      this.#names.set(path, new Set(readdirSync(path)));
    },
    list: (path) => this.#files.list(path),
    bytes: (path) => this.#files.bytes(path),
  };

  #wrap(path: string, file: LayerFile): LayerFile {
    this.#open.add(file);
    return {
      write: async (bytes, at) => {
        try {
          this.step(`write ${bytes.length} to ${this.#short(path)}`);
        } catch (error) {
          // a failing write leaves half of its bytes behind
          await file.write(bytes.subarray(0, bytes.length >> 1), at);
          throw error;
        }
        await file.write(bytes, at);
      },
      read: (into, at) => file.read(into, at),
      truncate: async (bytes) => {
        this.step(`truncate ${this.#short(path)}`);
        await file.truncate(bytes);
      },
      sync: async () => {
        this.step(`fsync ${this.#short(path)}`);
        await file.sync();
        if (existsSync(path)) this.#contents.set(path, readFileSync(path));
      },
      bytes: () => file.bytes(),
      close: async () => {
        if (this.#open.delete(file)) await file.close();
      },
    };
  }

  #short(path: string): string {
    return path.slice(this.#root.length + 1) || '.';
  }

  #remember(folder: string): void {
    const names = readdirSync(folder);
    this.#names.set(folder, new Set(names));
    for (const name of names) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) this.#remember(path);
      else this.#contents.set(path, readFileSync(path));
    }
  }

  #restore(folder: string): void {
    const durable = this.#names.get(folder) ?? new Set<string>();
    for (const name of readdirSync(folder)) if (!durable.has(name)) rmSync(join(folder, name), { recursive: true });
    for (const name of durable) {
      const path = join(folder, name);
      if (this.#names.has(path) || (existsSync(path) && statSync(path).isDirectory())) {
        mkdirSync(path, { recursive: true });
        this.#restore(path);
      } else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, this.#contents.get(path) ?? new Uint8Array());
      }
    }
  }
}

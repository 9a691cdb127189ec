// A disk for tests, over real files: it counts every step that changes something, makes one of them fail or stops there for
// good, and can then cut the power, after which only what was fsynced is certain: contents since the last fsync of the
// file, and names since the last fsync of their folder, are what they were, or what a real disk makes of them.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLayer, type LayerFile, systemFileLayer } from './file-layer.ts';

export interface FailAt {
  /** Counted from 1. */
  readonly step: number;
  /** error: this step fails once with the code. stop: it and everything after fail, as in a process that is no more. */
  readonly how: 'error' | 'stop';
  readonly code?: string;
}

/**
 * What becomes of what was not fsynced. lost: all of it goes. zeros: files have their new length, with zeros where nothing was
 * flushed. names: the folders' changes are there, the files' are not.
 */
export type PowerCut = 'lost' | 'zeros' | 'names';

/** A file, or a folder, whatever it is called at the moment. */
interface Node {
  /** As of the last fsync; of a folder nothing. */
  flushed: Uint8Array | undefined;
}

export class FailingDisk {
  /** What was done, in order. */
  readonly steps: string[] = [];
  readonly #root: string;
  readonly #failAt: FailAt | undefined;
  readonly #files: FileLayer;
  /** What stands at each path now, and what each folder held at its last fsync. */
  readonly #nodes = new Map<string, Node>();
  readonly #names = new Map<string, ReadonlyMap<string, Node>>();
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

  cutPower(how: PowerCut = 'lost'): void {
    this.#stopped = true;
    const lengths = new Map([...this.#nodes].map(([path, node]) => [node, lengthOf(path)]));
    this.#restore(this.#root, how, lengths);
  }

  readonly layer: FileLayer = {
    makeFolder: async (path) => {
      if (existsSync(path)) return false;
      this.step(`mkdir ${this.#short(path)}`);
      const made = await this.#files.makeFolder(path);
      this.#remember(path);
      // it was empty when it was made
      this.#names.set(path, new Map());
      return made;
    },
    create: async (path) => {
      this.step(`create ${this.#short(path)}`);
      const file = await this.#files.create(path);
      this.#nodes.set(path, { flushed: new Uint8Array() });
      return this.#wrap(path, file);
    },
    open: async (path, how) => {
      if (this.#stopped) this.step('open');
      return this.#wrap(path, await this.#files.open(path, how));
    },
    rename: async (from, to) => {
      this.step(`rename ${this.#short(from)}`);
      await this.#files.rename(from, to);
      const node = this.#nodes.get(from);
      this.#nodes.delete(from);
      if (node) this.#nodes.set(to, node);
    },
    unlink: async (path) => {
      if (!existsSync(path)) return false;
      this.step(`unlink ${this.#short(path)}`);
      this.#nodes.delete(path);
      return await this.#files.unlink(path);
    },
    removeFolder: async (path) => {
      this.step(`rmdir ${this.#short(path)}`);
      const removed = await this.#files.removeFolder(path);
      if (removed) this.#nodes.delete(path);
      return removed;
    },
    syncFolder: async (path) => {
      this.step(`fsync folder ${this.#short(path)}`);
      await this.#files.syncFolder(path);
      this.#names.set(path, this.#nodesIn(path));
    },
    list: (path) => this.#files.list(path),
    bytes: (path) => this.#files.bytes(path),
  };

  #wrap(path: string, file: LayerFile): LayerFile {
    this.#open.add(file);
    const node = this.#nodes.get(path);
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
        if (node) node.flushed = await contentsOf(file);
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

  #nodesIn(folder: string): ReadonlyMap<string, Node> {
    const known = readdirSync(folder).flatMap((name) => {
      const node = this.#nodes.get(join(folder, name));
      return node ? [[name, node] as const] : [];
    });
    return new Map(known);
  }

  /** Takes what is there as flushed. */
  #remember(path: string): void {
    const isFolder = statSync(path).isDirectory();
    this.#nodes.set(path, { flushed: isFolder ? undefined : readFileSync(path) });
    if (!isFolder) return;
    for (const name of readdirSync(path)) this.#remember(join(path, name));
    this.#names.set(path, this.#nodesIn(path));
  }

  #restore(folder: string, how: PowerCut, lengths: ReadonlyMap<Node, number>): void {
    const names = how === 'names' ? this.#nodesIn(folder) : (this.#names.get(folder) ?? new Map<string, Node>());
    for (const name of readdirSync(folder)) if (!names.has(name)) rmSync(join(folder, name), { recursive: true });
    for (const [name, node] of names) {
      const path = join(folder, name);
      if (node.flushed === undefined) {
        mkdirSync(path, { recursive: true });
        this.#restore(path, how, lengths);
      } else {
        const grown = how === 'zeros' ? Math.max(0, (lengths.get(node) ?? 0) - node.flushed.length) : 0;
        writeFileSync(path, Buffer.concat([node.flushed, new Uint8Array(grown)]));
      }
    }
  }
}

const lengthOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

async function contentsOf(file: LayerFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.bytes());
  await file.read(bytes, 0);
  return bytes;
}

// The outbox on the disk: `<id>.json` says what, to whom and how far; `<id>.jpg.sealed` beside it is the picture, `<id>.png.sealed` what
// differed, both under a key that is not on the disk. The JSON is written last and removed first, so a mail exists exactly when its
// JSON does. When to try is `outbox.ts`'s business.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { privateFolder } from '../base/durable.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { alertFacts } from './alert.ts';
import { openPicture, sealPicture } from './picture-seal.ts';
import type { MailPictures } from './waiting-mail.ts';

const entryFile = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^[\w-]{1,80}$/),
  /** The same at every try, so that a mail that arrives twice can be recognised. */
  messageId: z.string(),
  createdMs: z.number(),
  /** Running time it has waited, over all runs. */
  waitedMs: z.number().min(0),
  tries: z.int().min(0),
  /** Addresses that need no further try. */
  done: z.record(z.string(), z.enum(['accepted', 'refused'])),
  eventId: z.string().optional(),
  alert: alertFacts,
});

export type Entry = z.infer<typeof entryFile>;

/** Failed mails are kept for a look, not for ever. */
const MAX_FAILED = 200;

export class OutboxFiles {
  readonly #folder: string;
  readonly #pictureKey: Uint8Array;
  readonly #log: Log;

  constructor(folder: string, pictureKey: Uint8Array, log: Log) {
    this.#folder = privateFolder(folder);
    this.#pictureKey = pictureKey;
    this.#log = log;
  }

  /** Everything that waits, oldest first, with the size of its pictures. What cannot be read is set aside in `damaged/`. */
  load(): readonly { readonly entry: Entry; readonly pictureBytes: number }[] {
    const names = readdirSync(this.#folder).sort();
    const found: { entry: Entry; pictureBytes: number }[] = [];
    for (const name of names.filter((n) => n.endsWith('.json'))) {
      try {
        const entry = entryFile.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')));
        if (`${entry.id}.json` !== name) throw new Error(`it says it is ${entry.id}`);
        const sizes = this.#pictures(entry.id).map((path) => (existsSync(path) ? statSync(path).size : 0));
        found.push({ entry, pictureBytes: sizes.reduce((sum, bytes) => sum + bytes, 0) });
      } catch (error) {
        this.#log.warn(`a waiting mail cannot be read and is set aside: ${describeError(error).slice(0, 160)}`, {
          name,
        });
        this.#moveTo('damaged', name);
      }
    }
    const ids = new Set(found.map(({ entry }) => entry.id));
    for (const name of names) {
      const picture = /^(.+)\.(?:jpg|png)(\.sealed)?$/.exec(name);
      const isLeftOver = name.endsWith('.new') || (picture && !(picture[2] && ids.has(picture[1]!)));
      if (isLeftOver) unlinkSync(join(this.#folder, name));
    }
    return found;
  }

  /** On the disk when it resolves. Pictures, if given, are there before the JSON that goes with them. */
  async write(entry: Entry, { picture, difference }: MailPictures = {}): Promise<void> {
    const [jpg, png] = this.#pictures(entry.id);
    if (difference) await replaceSynced(png, sealPicture(this.#pictureKey, basename(png), difference));
    if (picture) await replaceSynced(jpg, sealPicture(this.#pictureKey, basename(jpg), picture));
    await replaceSynced(this.#json(entry.id), new TextEncoder().encode(JSON.stringify(entry)));
    await this.#syncFolder();
  }

  /** Those that can be opened: without power, the key went. */
  async pictures(id: string): Promise<MailPictures> {
    const [picture, difference] = await Promise.all(
      this.#pictures(id).map((path) =>
        readFile(path).then(
          (bytes) => openPicture(this.#pictureKey, basename(path), bytes),
          () => undefined,
        ),
      ),
    );
    return { ...(picture ? { picture } : {}), ...(difference ? { difference } : {}) };
  }

  async removePictures(id: string): Promise<void> {
    for (const path of this.#pictures(id)) await unlink(path).catch(() => {});
  }

  /** Gone from the disk when it resolves. */
  async remove(id: string): Promise<void> {
    await unlink(this.#json(id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await this.removePictures(id);
    await this.#syncFolder();
  }

  /** Moves what nobody will get to `failed/`, without its pictures. */
  setAside(id: string): void {
    this.#moveTo('failed', `${id}.json`);
    for (const path of this.#pictures(id)) rmSync(path, { force: true });
  }

  #json = (id: string) => join(this.#folder, `${id}.json`);
  #pictures = (id: string) => [join(this.#folder, `${id}.jpg.sealed`), join(this.#folder, `${id}.png.sealed`)] as const;

  #moveTo(sub: 'failed' | 'damaged', name: string): void {
    try {
      const folder = join(this.#folder, sub);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      renameSync(join(this.#folder, name), join(folder, name));
      const kept = readdirSync(folder).sort();
      for (const old of kept.slice(0, Math.max(0, kept.length - MAX_FAILED))) unlinkSync(join(folder, old));
    } catch (error) {
      this.#log.warn(`a mail could not be moved to ${sub}: ${describeError(error)}`, { name });
    }
  }

  async #syncFolder(): Promise<void> {
    const handle = await open(this.#folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/**
 * Whole or not at all; durable once the folder is synced too. Not through base/durable: a card may take 50 ms per fsync,
 * and video flows through the same thread.
 */
async function replaceSynced(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Half a picture on a full disk would keep it full.
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

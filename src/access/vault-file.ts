// The keyring on the disk: `vault.json`, its last good copy, and a third one beside the recordings, so that a folder taken
// elsewhere opens by itself. Judges no change; that is `keyring-change.ts`.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type FileSteps, privateFolder, replaceFile, systemFileSteps } from '../base/durable.ts';
import { DurableJsonFile } from '../base/durable-json.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Keyring } from '../vault/keyring.ts';
import { tidyKeyring } from './keyring-change.ts';

const COPY_AGAIN_MS = 60_000;

export interface VaultFileOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Made to fail in tests. */
  readonly steps?: FileSteps;
}

/** Changes whenever the keyring does. */
export const revisionOf = (keyring: Keyring): string =>
  createHash('sha256').update(JSON.stringify(keyring)).digest('hex');

export class VaultFile {
  readonly #o: VaultFileOptions;
  readonly #file: DurableJsonFile<Keyring>;
  readonly #steps: FileSteps;
  readonly #path: string;
  readonly #copyPath: string;
  #keyring: Keyring | undefined;
  #cancelCopy: (() => void) | undefined;

  constructor(options: VaultFileOptions) {
    this.#o = options;
    this.#steps = options.steps ?? systemFileSteps;
    this.#path = join(options.dataDir, 'vault.json');
    this.#copyPath = join(options.dataDir, 'recordings', 'keyring.json');
    this.#file = new DurableJsonFile({ path: this.#path, parse: tidyKeyring, steps: this.#steps });
    this.#keyring = this.#file.read() ?? undefined;
    if (this.#file.source === 'file') return;
    if (this.#file.problem) this.#o.log.warn(`vault.json could not be read (${this.#file.problem.slice(0, 160)})`);
  }

  get keyring(): Keyring | undefined {
    return this.#keyring;
  }

  /** Why `vault.json` itself could not be used; undefined when it could, or there is none. */
  get problem(): string | undefined {
    return this.#file.problem;
  }

  /** Looks at the copy beside the recordings when nothing else is left, and makes good what is missing on the disk. */
  heal(deviceKey: string): void {
    if (!this.#keyring) {
      this.#keyring = readCopy(this.#copyPath);
      if (this.#keyring?.deviceKey !== deviceKey) this.#keyring = undefined;
      if (this.#keyring) this.#o.log.warn('vault.json is taken from its copy beside the recordings');
    }
    if (!this.#keyring) return;
    try {
      if (this.#file.source !== 'file') this.#file.write(this.#keyring);
    } catch (error) {
      this.#o.log.warn(`vault.json could not be written again (${describeError(error)})`);
    }
    this.#copy();
  }

  /** Durable when it returns. Throws `no-space` or `internal`, and nothing has changed then. */
  write(keyring: Keyring): void {
    try {
      this.#file.write(keyring);
    } catch (cause) {
      // It may have failed after the file was in its place: what the disk says is true.
      if (!isOnDisk(this.#path, keyring)) throw notWritten('vault.json', cause);
      this.#o.log.warn(`the second copy of vault.json could not be written (${describeError(cause)})`);
    }
    this.#keyring = keyring;
    this.#copy();
  }

  /** A claim makes a new keyring; recordings of an earlier owner open with the one before, so it stays beside them. */
  keepEarlier(): void {
    for (const path of [this.#path, this.#copyPath]) {
      if (!existsSync(path)) continue;
      const bytes = readFileSync(path);
      const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const kept = join(privateFolder(join(this.#o.dataDir, 'recordings')), `keyring-${name}.json`);
      if (!existsSync(kept)) replaceFile(kept, bytes, this.#steps);
    }
  }

  close(): void {
    this.#cancelCopy?.();
  }

  #copy(): void {
    this.#cancelCopy?.();
    this.#cancelCopy = undefined;
    const text = `${JSON.stringify(this.#keyring, null, 2)}\n`;
    try {
      if (existsSync(this.#copyPath) && readFileSync(this.#copyPath, 'utf8') === text) return;
      privateFolder(join(this.#o.dataDir, 'recordings'));
      replaceFile(this.#copyPath, text, this.#steps);
    } catch (error) {
      this.#o.log.warn(
        `the keyring beside the recordings could not be written (${describeError(error)}). It is tried again.`,
      );
      this.#cancelCopy = this.#o.clock.after(COPY_AGAIN_MS, () => this.#copy());
    }
  }
}

/** `file` could not be written: the disk is full, or worse. */
export function notWritten(file: string, cause: unknown): NightjarError {
  const full = (cause as { code?: unknown }).code === 'ENOSPC';
  return new NightjarError(full ? 'no-space' : 'internal', `${file} could not be written`, { cause });
}

function readCopy(path: string): Keyring | undefined {
  try {
    return existsSync(path) ? tidyKeyring(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
  } catch {
    return undefined;
  }
}

function isOnDisk(path: string, keyring: Keyring): boolean {
  const kept = readCopy(path);
  return kept !== undefined && revisionOf(kept) === revisionOf(keyring);
}

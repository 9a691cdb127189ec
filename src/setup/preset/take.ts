// Takes nightjar.toml from the FAT partition at boot, as root: copies it to the data partition, where `run` reads it, then writes
// stars over its secrets. What only root may carry out is done from the card itself, first (`system-parts.ts`). A power cut at any
// moment loses neither the file nor leaves its secrets on the card for good.
//
//   root's own parts → copy to preset/ → keep the original as journal → overwrite in place, fsync → last line, fsync → drop the journal
//
// While there is a journal, what stands on the card is finished and not read again. The preset folder is the service's, which may
// have been taken over: nothing in it is followed or written through.

import { chownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder, systemFileSteps } from '../../base/durable.ts';
import { describeError } from '../../base/errors.ts';
import type { Places } from '../../base/places.ts';
import { readBounded } from './bounded-file.ts';
import { clearAway } from './clear-away.ts';
import { decodePreset, isBetween, readVersion, wasRead } from './preset-file.ts';
import { MAX_PRESET_BYTES, readPreset } from './read.ts';
import { keepForSystem, type SystemSteps } from './system-parts.ts';

export const presetFileName = 'nightjar.toml';

/** As in `base/durable.ts`, and the removing of files: made to fail in tests. */
export type TakeSteps = SystemSteps;
export const systemTakeSteps: TakeSteps = { ...systemFileSteps, remove: clearAway };

export interface TakeOptions {
  readonly places: Pick<Places, 'bootfs' | 'preset' | 'system'>;
  /** Whose the copy is to be; without: of whoever runs this. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Calls back while the FAT partition is mounted for writing. */
  readonly whileWritable: (write: () => void) => void | Promise<void>;
  readonly steps?: TakeSteps;
}

export interface Taken {
  /** A file was taken, and waits for `run`. */
  readonly presetTaken: boolean;
  /** Sentences for the boot report. */
  readonly problems: readonly string[];
}

/** Never throws. */
export async function takePreset(options: TakeOptions): Promise<Taken> {
  const { places, whileWritable, steps = systemTakeSteps } = options;
  const onCard = join(places.bootfs, presetFileName);
  const copy = join(places.preset, presetFileName);
  const journalFolder = join(places.system, 'preset');
  const journal = join(journalFolder, 'original');
  try {
    const found = readBounded(onCard);
    const begun = readBounded(journal);
    if (begun !== undefined && found !== undefined && isBetween(found, begun, readVersion(begun).bytes)) {
      return { presetTaken: readBounded(copy) !== undefined, problems: await finish(begun) };
    }
    if (begun !== undefined) forget();
    if (found === undefined || wasRead(found)) return { presetTaken: readBounded(copy) !== undefined, problems: [] };
    if (found.length <= MAX_PRESET_BYTES) {
      const { saysSomething, network } = readPreset(decodePreset(found));
      if (!saysSomething) return { presetTaken: false, problems: [] };
      // Before anything says that the file was read: done again where the power goes.
      keepForSystem(places.system, network, steps);
    }
    writeNew(copy, places.preset, found, options.owner);
    // Too large to be one: `run` says so, and it stays as it is.
    if (found.length > MAX_PRESET_BYTES) return { presetTaken: true, problems: [] };
    mkdirSync(journalFolder, { recursive: true, mode: 0o700 });
    writeNew(journal, journalFolder, found);
    return { presetTaken: true, problems: await finish(found) };
  } catch (error) {
    return {
      presetTaken: false,
      problems: [`nightjar.toml could not be read from the card (${describeError(error)}).`],
    };
  }

  async function finish(original: Uint8Array): Promise<readonly string[]> {
    const { bytes, inPlace } = readVersion(original);
    try {
      await whileWritable(() => {
        const fd = steps.open(onCard, 'r+', 0);
        try {
          // First what matters: the secrets are gone, also where the card has no room for one line more.
          steps.write(fd, bytes.subarray(0, inPlace));
          steps.fsync(fd);
          steps.write(fd, bytes.subarray(inPlace));
          steps.fsync(fd);
        } finally {
          steps.close(fd);
        }
      });
      forget();
      return [];
    } catch (error) {
      return [
        `The passwords in nightjar.toml could not be removed from the card (${describeError(error)}). The box tries again at its next start.`,
      ];
    }
  }

  function forget(): void {
    steps.remove(journal);
    syncFolder(journalFolder, steps);
  }

  /** Never through a link, and never into a file that somebody else holds open. */
  function writeNew(path: string, folder: string, bytes: Uint8Array, owner?: TakeOptions['owner']): void {
    const temporary = `${path}.new`;
    steps.remove(temporary);
    const fd = steps.open(temporary, 'wx', 0o600);
    try {
      steps.write(fd, bytes);
      steps.fsync(fd);
    } finally {
      steps.close(fd);
    }
    if (owner) chownSync(temporary, owner.uid, owner.gid);
    // A rename replaces files and links, but no folder.
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) steps.remove(path);
    steps.rename(temporary, path);
    syncFolder(folder, steps);
  }
}

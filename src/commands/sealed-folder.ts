// A folder with sealed files, wherever it was taken: which files are in it, what their heads and ends say, and the box's notes on what it
// removed. Goes by what stands in the files; their names only have to end in .nj.

import { closeSync, type Dirent, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describeError, NightjarError } from '../base/errors.ts';
import { datesOf, type Stamp } from '../library/dating.ts';
import { SealError } from '../vault/fault.ts';
import type { SealedHeader } from '../vault/head.ts';
import { type ReadRecord, type RemovalNote, readRemovalNote } from '../vault/record.ts';
import { SIGNED_TAIL_BYTES, signedBytes } from '../vault/signed.ts';
import { readHeadOf, readRecordOf, type SealedSource } from '../vault/walk.ts';

export interface DiskSource extends SealedSource {
  /** Some of it could not be read from the disk, and was taken as zeros. */
  readonly unreadable: boolean;
}

/** How much around a bad place of a disk is given up. */
const BLOCK_BYTES = 4096;

/**
 * A file, open only while a piece is read. What a worn card cannot read comes as zeros, so that it is damage like any other and the rest
 * still opens. Throws `missing` or `unavailable`.
 */
export function diskSource(path: string): DiskSource {
  let unreadable = false;
  const readInto = (fd: number, bytes: Uint8Array, at: number): number => {
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(fd, bytes, done, bytes.length - done, at + done);
      if (got === 0) return done;
      done += got;
    }
    return bytes.length;
  };
  const readBlocks = (fd: number, bytes: Uint8Array, at: number): void => {
    for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
      const block = bytes.subarray(from, from + BLOCK_BYTES);
      try {
        readInto(fd, block, at + from);
      } catch {
        block.fill(0);
      }
    }
  };
  return {
    bytes: sizeOf(path),
    get unreadable() {
      return unreadable;
    },
    async read(from, to) {
      const fd = openFile(path);
      try {
        const bytes = new Uint8Array(Math.max(0, to - from));
        try {
          return bytes.subarray(0, readInto(fd, bytes, from));
        } catch {
          unreadable = true;
          readBlocks(fd, bytes, from);
          return bytes;
        }
      } finally {
        closeSync(fd);
      }
    },
  };
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new NightjarError('unavailable', `cannot open ${path}`, { cause });
  }
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (cause) {
    throw new NightjarError('missing', `there is no file ${path}`, { cause });
  }
  throw new NightjarError('invalid', `${path} is a folder`);
}

/** Paths of sealed files, and of removal notes, below a folder. Throws `missing`; folders inside that cannot be read are told. */
export function pathsIn(folder: string): {
  readonly sealed: readonly string[];
  readonly notes: readonly string[];
  readonly unreadable: readonly string[];
} {
  const [sealed, notes, unreadable]: [string[], string[], string[]] = [[], [], []];
  const look = (where: string) => {
    let entries: Dirent[];
    try {
      entries = readdirSync(where, { withFileTypes: true });
    } catch (cause) {
      if (where === folder) throw new NightjarError('missing', `there is no folder ${folder}`, { cause });
      unreadable.push(where);
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(where, entry.name);
      if (entry.isDirectory()) look(path);
      else if (entry.isFile() && /\.nj$/i.test(entry.name)) sealed.push(path);
      else if (entry.isFile() && /\.njn$/i.test(entry.name)) notes.push(path);
    }
  };
  look(folder);
  return { sealed, notes, unreadable };
}

/** When things were, by what the box has noted beside its recordings. */
export function notedDates(folder: string): (stamp: Stamp) => Pick<Stamp, 'startMs' | 'wallSynchronised'> {
  const place = [folder, join(folder, 'recordings')].find((one) => existsSync(join(one, 'boots.json')));
  const dates = place === undefined ? undefined : datesOf(place);
  return (stamp) => dates?.date(stamp) ?? stamp;
}

export interface SealedFile {
  readonly path: string;
  /** As it is told: below the folder that was named. */
  readonly name: string;
  readonly header: SealedHeader;
  readonly record?: ReadRecord;
}

export interface Refused {
  readonly path: string;
  readonly name: string;
  readonly why: string;
}

/** Heads and records of all files; what cannot be read is told, not thrown. */
export async function listSealed(
  folder: string,
  paths: readonly string[],
  onFile: (done: number) => void = () => {},
): Promise<{ readonly files: readonly SealedFile[]; readonly refused: readonly Refused[] }> {
  const files: SealedFile[] = [];
  const refused: Refused[] = [];
  for (const [i, path] of paths.entries()) {
    const name = relative(folder, path);
    try {
      const source = diskSource(path);
      const { header } = await readHeadOf(source);
      const record = await readRecordOf(source);
      files.push({ path, name, header, ...(record ? { record } : {}) });
    } catch (error) {
      if (!(error instanceof NightjarError)) throw error;
      refused.push({ path, name, why: error instanceof SealError ? error.message : `${describeError(error)}.` });
    }
    onFile(i + 1);
  }
  return { files, refused };
}

/**
 * Notes stand one after the other. `damaged` names files in which some could not be read, or were not signed by this box; a last one that a power
 * cut has torn is no damage: what it was to say shows as missing.
 */
export function removalNotes(
  folder: string,
  paths: readonly string[],
  devicePublicKey: Uint8Array,
): { readonly notes: readonly RemovalNote[]; readonly damaged: readonly string[] } {
  const notes: RemovalNote[] = [];
  const damaged: string[] = [];
  for (const path of paths) {
    let [isDamaged, isTorn] = [false, false];
    for (const bytes of piecesOf(contentOf(path))) {
      isDamaged ||= isTorn;
      isTorn = bytes === undefined;
      const note = bytes && noteIn(bytes, devicePublicKey);
      if (note) notes.push(note);
      else if (bytes) isDamaged = true;
    }
    if (isDamaged) damaged.push(relative(folder, path));
  }
  return { notes, damaged };
}

function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new NightjarError('unavailable', `cannot read ${path}`, { cause });
  }
}

function noteIn(bytes: Uint8Array, devicePublicKey: Uint8Array): RemovalNote | undefined {
  try {
    return readRemovalNote(bytes, devicePublicKey);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

const START = [0x4e, 0x4a, 0x52, 0x43] as const; // NJRC
const FRONT_BYTES = 8;
const SIGNED_EXTRA_BYTES = 80;

/** One piece per note, by the length at its front; undefined for bytes between, where looking goes on at the next mark. */
function* piecesOf(bytes: Uint8Array): Generator<Uint8Array | undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const fits = START.every((byte, i) => bytes[at + i] === byte) && at + FRONT_BYTES <= bytes.length;
    const end = fits ? at + view.getUint32(at + 4) + SIGNED_EXTRA_BYTES : 0;
    if (fits && end <= bytes.length && signedBytes(bytes.subarray(end - SIGNED_TAIL_BYTES, end)) === end - at) {
      yield bytes.subarray(at, end);
      at = end;
      continue;
    }
    yield undefined;
    do at++;
    while (at < bytes.length && !START.every((byte, i) => bytes[at + i] === byte));
  }
}

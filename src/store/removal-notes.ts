// `removed.njn` of each camera: signed notes of what went on purpose, one after the other, so that nobody takes retention for theft.
// Only grows at its end, until it is long enough to be worth joining neighbouring notes.

import { viewOf } from '../vault/bytes.ts';
import { type ChainEnd, type RemovalNote, readRemovalNote, writeRemovalNote } from '../vault/record.ts';
import { type DeviceKey, MAX_SIGNED_BYTES, readSigned, START } from '../vault/signed.ts';
import type { ChainSeen } from './chains.ts';
import { type FileLayer, failedWith, ioError } from './file-layer.ts';
import { notesPath } from './layout.ts';

/** Some seventy notes. */
const JOIN_OVER_BYTES = 16 * 1024;

type About = Pick<RemovalNote, 'cameraId' | 'stream' | 'why' | 'atMs'>;

interface Noted {
  readonly note: RemovalNote;
  readonly bytes: Uint8Array;
  /** This process has signed it, or asked for its signature. */
  readonly isOurs: boolean;
}

interface Notes {
  readonly notes: readonly Noted[];
  /** What follows was torn by a power cut. Damage before it stays: it may be all there is to see of somebody's deed. */
  readonly bytes: number;
}

export class RemovalNotes {
  readonly #folder: string;
  readonly #files: FileLayer;
  readonly #device: DeviceKey;
  readonly #joinOverBytes: number;
  readonly #known = new Map<string, Notes>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string, files: FileLayer, device: DeviceKey, joinOverBytes = JOIN_OVER_BYTES) {
    this.#joinOverBytes = joinOverBytes;
    this.#folder = folder;
    this.#files = files;
    this.#device = device;
  }

  /**
   * One note per run of numbers that none speaks of yet; durable when it resolves. `newest`: where the chain stands, so that it can go on
   * from there also when its newest file is what goes.
   */
  add(about: About, sequences: readonly number[], newest?: ChainEnd): Promise<void> {
    const done = this.#queue.then(() => this.#add(about, sequences, newest));
    this.#queue = done.catch(() => {});
    return done;
  }

  /** The highest number that went, of each stream. Nothing where the notes cannot be read: recording does not depend on them. */
  async seen(cameraId: string): Promise<readonly ChainSeen[]> {
    const whole = wholeNotes(await this.#content(cameraId).catch(() => new Uint8Array()));
    const highest = new Map<RemovalNote['stream'], { readonly note: RemovalNote; readonly bytes: Uint8Array }>();
    for (const bytes of whole) {
      const note = readUnproven(bytes);
      if (note && note.to >= (highest.get(note.stream)?.note.to ?? 0)) highest.set(note.stream, { note, bytes });
    }
    return [...highest].map(([stream, { note, bytes }]) => {
      const seen = { cameraId, stream, sequence: note.to };
      return note.end ? { ...seen, end: () => this.#proven(bytes)?.end } : seen;
    });
  }

  async #add(about: About, sequences: readonly number[], newest: ChainEnd | undefined): Promise<void> {
    const { cameraId } = about;
    try {
      const before = await this.#read(cameraId);
      const unsaid = sequences.filter(
        (n) => n > 0 && !before.notes.some(({ note }) => speaksOf(note, about.stream, n)),
      );
      const added = runsOf(unsaid).map((run) => {
        const isNewest = newest && newest.link !== '' && run.to === newest.sequence;
        const end = isNewest ? { end: { fileId: newest.fileId, link: newest.link } } : {};
        return this.#sign({ ...about, ...run, ...end });
      });
      if (added.length === 0) return;
      const bytes = new Uint8Array(Buffer.concat(added.map((noted) => noted.bytes)));
      this.#known.delete(cameraId); // until it is certain what is there
      await this.#append(cameraId, before.bytes, bytes);
      const after = { notes: [...before.notes, ...added], bytes: before.bytes + bytes.length };
      this.#known.set(cameraId, after);
      // the notes are safe already; a file that could not be shortened is as good as before
      if (after.bytes > this.#joinOverBytes)
        await this.#join(cameraId, after).catch(() => this.#known.delete(cameraId));
    } catch (cause) {
      throw ioError(`cannot note what is removed from ${cameraId}`, cause);
    }
  }

  async #append(cameraId: string, at: number, bytes: Uint8Array): Promise<void> {
    const path = this.#path(cameraId);
    const isNew = (await this.#files.bytes(path)) === undefined;
    // somebody may have taken the whole folder away, and its rows are going now
    const folders = [this.#folder, `${this.#folder}/${cameraId}`];
    if (isNew) for (const folder of folders) await this.#files.makeFolder(folder);
    const file = isNew ? await this.#files.create(path) : await this.#files.open(path, 'update');
    try {
      if ((await file.bytes()) !== at) await file.truncate(at);
      await file.write(bytes, at);
      await file.sync();
    } catch (error) {
      await file.truncate(at).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
    if (isNew) for (const folder of folders) await this.#files.syncFolder(folder);
  }

  async #read(cameraId: string): Promise<Notes> {
    const known = this.#known.get(cameraId);
    if (known) return known;
    const { whole, bytes } = readNotes(await this.#content(cameraId));
    const notes = whole.flatMap((bytes): Noted[] => {
      const note = readUnproven(bytes);
      return note ? [{ note, bytes, isOurs: false }] : [];
    });
    const found = { notes, bytes };
    this.#known.set(cameraId, found);
    return found;
  }

  async #content(cameraId: string): Promise<Uint8Array> {
    try {
      const file = await this.#files.open(this.#path(cameraId), 'read');
      try {
        const bytes = new Uint8Array(await file.bytes());
        return bytes.subarray(0, await file.read(bytes, 0));
      } finally {
        await file.close();
      }
    } catch (error) {
      if (failedWith(error, 'ENOENT', 'ENOTDIR')) return new Uint8Array();
      throw error;
    }
  }

  /** Only what the box has signed is signed again. */
  async #join(cameraId: string, { notes }: Notes): Promise<void> {
    const ours = new Map<RemovalNote, Noted>();
    for (const noted of notes) {
      if (!noted.isOurs) await new Promise((resolve) => setImmediate(resolve)); // a signature takes milliseconds
      if (noted.isOurs || this.#proven(noted.bytes)) ours.set(noted.note, { ...noted, isOurs: true });
    }
    const joined = joinNotes([...ours.keys()]);
    const isWorthIt = joined.length <= notes.length / 2;
    if (!isWorthIt) {
      // so that they need not be asked for again
      const known = this.#known.get(cameraId)!;
      this.#known.set(cameraId, { ...known, notes: notes.map((noted) => ours.get(noted.note) ?? noted) });
      return;
    }
    const after = joined.map((note) => ours.get(note) ?? this.#sign(note));
    const bytes = new Uint8Array(Buffer.concat(after.map((noted) => noted.bytes)));
    const path = this.#path(cameraId);
    await this.#files.unlink(`${path}.new`);
    const file = await this.#files.create(`${path}.new`);
    try {
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#known.delete(cameraId);
    await this.#files.rename(`${path}.new`, path);
    await this.#files.syncFolder(`${this.#folder}/${cameraId}`);
    this.#known.set(cameraId, { notes: after, bytes: bytes.length });
  }

  #sign(note: RemovalNote): Noted {
    return { note, bytes: writeRemovalNote(note, this.#device), isOurs: true };
  }

  #proven(bytes: Uint8Array): RemovalNote | undefined {
    try {
      return readRemovalNote(bytes, this.#device.publicKey);
    } catch {
      return undefined;
    }
  }

  #path(cameraId: string): string {
    return `${this.#folder}/${notesPath(cameraId)}`;
  }
}

/** The notes of a file one by one, as `readRemovalNote` takes them; damage between them is passed over. */
export const wholeNotes = (file: Uint8Array): readonly Uint8Array[] => readNotes(file).whole;

/** `bytes`: where the next note belongs. */
function readNotes(file: Uint8Array): { readonly whole: readonly Uint8Array[]; readonly bytes: number } {
  const whole: Uint8Array[] = [];
  let end = 0;
  for (let at = 0; at >= 0 && at < file.length; ) {
    const note = noteAt(file, at);
    if (note) whole.push(note);
    at = note ? at + note.length : nextStart(file, at + 1);
    if (note) end = at;
  }
  const tail = file.subarray(end);
  const isTorn = tail.every((byte) => byte === 0) || START.every((byte, i) => i >= tail.length || tail[i] === byte);
  return { whole, bytes: isTorn ? end : file.length };
}

function noteAt(file: Uint8Array, at: number): Uint8Array | undefined {
  if (at + 8 > file.length) return undefined;
  const bytes = viewOf(file).getUint32(at + 4) + 80;
  if (bytes > MAX_SIGNED_BYTES || at + bytes > file.length) return undefined;
  const note = file.subarray(at, at + bytes);
  return readSigned('removal', note) ? note : undefined;
}

function nextStart(file: Uint8Array, from: number): number {
  return Buffer.from(file.buffer, file.byteOffset, file.byteLength).indexOf(START, from);
}

/** Without asking for the signature, which takes milliseconds: good enough to know what was said already. */
function readUnproven(bytes: Uint8Array): RemovalNote | undefined {
  const json = readSigned('removal', bytes)?.json;
  const isNote = Number.isSafeInteger(json?.from) && Number.isSafeInteger(json?.to);
  return isNote ? (json as unknown as RemovalNote) : undefined;
}

const speaksOf = (note: RemovalNote, stream: RemovalNote['stream'], sequence: number): boolean =>
  note.stream === stream && note.from <= sequence && sequence <= note.to;

/** 3, 1, 2, 7 → 1–3, 7–7 */
export function runsOf(sequences: readonly number[]): readonly Pick<RemovalNote, 'from' | 'to'>[] {
  const runs: { from: number; to: number }[] = [];
  for (const n of [...new Set(sequences)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last.to + 1 === n) last.to = n;
    else runs.push({ from: n, to: n });
  }
  return runs;
}

/** Neighbouring runs that went for the same reason become one note, of the later moment. */
export function joinNotes(notes: readonly RemovalNote[]): readonly RemovalNote[] {
  const joined: RemovalNote[] = [];
  const sorted = [...notes].sort((a, b) => (a.stream === b.stream ? a.from - b.from : a.stream < b.stream ? -1 : 1));
  for (const note of sorted) {
    const last = joined.at(-1);
    const touches = last?.stream === note.stream && last.why === note.why && note.from <= last.to + 1;
    if (!last || !touches) joined.push(note);
    else {
      const later = note.to >= last.to ? note : last;
      const { end: _, ...rest } = last;
      joined[joined.length - 1] = {
        ...rest,
        to: later.to,
        atMs: Math.max(last.atMs, note.atMs),
        ...(later.end ? { end: later.end } : {}),
      };
    }
  }
  return joined;
}

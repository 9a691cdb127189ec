// The seam to the disk: what the library asks of whoever keeps sealed files. Says nothing of rows. Nothing behind it can open
// what was written: the box seals to a key whose secret half it never has.

import type { SealedSummary } from '../vault/frame.ts';
import type { SealedHeader } from '../vault/head.ts';
import type { RemovalNote } from '../vault/record.ts';
import type { FileFinding } from '../vault/verify.ts';

/** What the library knows of a segment when it begins; the store adds whose box it is. */
export type SegmentHeader = Omit<SealedHeader, 'kind' | 'boxId' | 'eventId'>;

/** The same of a picture; `startMs` is its moment. */
export type PictureHeader = Omit<SealedHeader, 'kind' | 'boxId'> & { readonly kind: 'still' | 'difference' };

export interface SegmentEnd extends Omit<SealedSummary, 'durationMs'> {
  /** Told to the owner only: sealed like the pictures. */
  readonly secret?: Readonly<Record<string, unknown>>;
}

export interface FragmentFacts {
  /** It begins with a key frame: playing can start here. */
  readonly key: boolean;
  /** Most that moved while it lasts, 0–100; left out when nobody knows. */
  readonly moved?: number;
}

/** A file that is being written. Calls queue in order. */
export interface OpenSegment {
  /** Relative to the recordings folder. */
  readonly path: string;
  /** Bytes and length of what was appended whole: readers may see this much while it is written. */
  readonly wholeBytes: number;
  readonly mediaMs: number;
  /** Rejects with `no-space`, `too-large` or `internal`; what was appended before stays, later appends are refused, `finish` works. */
  append(fragment: Uint8Array, mediaMs: number, facts: FragmentFacts): Promise<void>;
  /** Makes the file final and durable. Without any fragment the file is removed, and the answer is undefined. */
  finish(end: SegmentEnd): Promise<FinishedSegment | undefined>;
  index(): SegmentIndex;
}

export interface FinishedSegment {
  readonly bytes: number;
  readonly durationMs: number;
  /** In its camera's chain, from 1. 0: not signed by this box (yet): the disk had no room for the end, or another box recorded it. */
  readonly sequence: number;
}

/** What a file says about itself. */
export interface FoundSegment extends FinishedSegment {
  readonly path: string;
  readonly header: SealedHeader;
  /** A record stands at its end, whichever box's. */
  readonly isSigned: boolean;
  /** Absent when the file was never finished: then `bytes` is what is whole of it, and `durationMs` how long that plays. */
  readonly summary?: SealedSummary;
}

export interface FoundPicture {
  readonly path: string;
  readonly header: SealedHeader;
  readonly bytes: number;
}

/** Where the chunks of a segment lie, for whoever has the key: as `SegmentIndexView` of the web server's contract. */
export interface SegmentIndex {
  /** Whole up to here. */
  readonly bytes: number;
  readonly headBytes: number;
  /** Nothing more will be added. */
  readonly finished: boolean;
  /** Flags: 1 init, 2 key frame. `moved`: 255 when unknown. */
  readonly entries: readonly (readonly [
    number: number,
    at: number,
    fromMs: number,
    toMs: number,
    flags: number,
    moved: number,
  ])[];
}

/** What a catalog knows of a camera's chain when the store starts. */
export interface ChainHint {
  readonly cameraId: string;
  /** The highest that was seen; 0 when only the file may know. */
  readonly sequence: number;
  readonly path: string;
}

export type RemovalReason = RemovalNote['why'];

export interface SegmentStore {
  /** False while nobody owns the box: there is nobody to seal to, and `create` and `putPicture` reject with `unavailable`. */
  canSeal(): boolean;
  /** Where a segment's file lies, relative to the recordings folder. */
  pathOf(header: Pick<SegmentHeader, 'cameraId' | 'startMs' | 'fileId'>): string;
  /** Makes the file, with head and init segment. Rejects with `no-space` when there is no room, and leaves nothing. */
  create(header: SegmentHeader, init: Uint8Array): Promise<OpenSegment>;
  /** Reads what a segment's file says about itself; undefined when it is missing, not ours, or holds nothing whole. */
  inspect(path: string): Promise<FoundSegment | undefined>;
  /** The same of a picture's. */
  inspectPicture(path: string): Promise<FoundPicture | undefined>;
  /**
   * Finishes a file that a crash, a power cut or a full disk left behind: cuts the torn tail and signs what is whole. Needs no key of
   * the vault. Removes it, and answers undefined, when nothing is whole.
   */
  recover(path: string): Promise<FoundSegment | undefined>;
  /** Reads the whole file and holds it against what the box signed. */
  verify(path: string): Promise<readonly FileFinding[]>;
  /** Undefined when it is missing or not ours. Of a file that is being written, ask the `OpenSegment`. */
  index(path: string): Promise<SegmentIndex | undefined>;
  /** Bytes of a file, `from` inclusive, `to` exclusive. The file is open only while it is read. */
  read(path: string, from: number, to: number): ReadableStream<Uint8Array>;
  /** The same for many small reads: open until it is closed. Rejects with `missing` when there is no such file. */
  open(path: string): Promise<ReadableFile>;
  /** Seals a picture into a file of its own, durable when it resolves with its size; on failure nothing is left. */
  putPicture(path: string, header: PictureHeader, picture: Uint8Array): Promise<number>;
  bytes(path: string): Promise<number | undefined>;
  /** Makes an empty file, durable when it resolves. One that is there already is fine. */
  mark(path: string): Promise<void>;
  /** Removes files, and the folders that are empty then; durable when it resolves. Missing ones are fine. */
  remove(paths: readonly string[]): Promise<void>;
  /** Signs that these numbers go on purpose, durable when it resolves. What a note speaks of already is not noted again. */
  noteRemoved(cameraId: string, sequences: readonly number[], why: RemovalReason, atMs: number): Promise<void>;
  /**
   * Finds where each camera's chain of records stands; to be called before anything is recovered or recorded. `every` looks into all
   * files, for when there is no catalog to ask.
   */
  startChains(hints: readonly ChainHint[], every: boolean): Promise<void>;
  /** Moves a file that cannot be understood out of the way, into the set-aside folder. */
  setAside(path: string): Promise<void>;
  /** Every folder and the paths of the files in it, oldest folder of each camera first. */
  scan(): AsyncIterable<{ readonly folder: string; readonly paths: readonly string[] }>;
}

export interface ReadableFile {
  read(from: number, to: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

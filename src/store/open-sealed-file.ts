// The life of one sealed segment while it is written: appends in order, an fsync with each round, and an end that leaves either a
// whole durable signed file or none. After a failed write or fsync it takes no more, and `finish` keeps what is certain.

import { NightjarError } from '../base/errors.ts';
import { type ChunkEntry, readFrameHeader } from '../vault/frame.ts';
import type { SealedHeader } from '../vault/head.ts';
import type { DeviceChain } from '../vault/record.ts';
import type { SealWriter } from '../vault/seal.ts';
import { entryOf } from '../vault/survey.ts';
import { appendSigned, type Chains } from './chains.ts';
import { type FileLayer, ioError, type LayerFile } from './file-layer.ts';
import { indexView } from './read-sealed.ts';
import type { FinishedSegment, FragmentFacts, OpenSegment, SegmentEnd, SegmentIndex } from './segment-store.ts';
import type { SyncRounds } from './sync-rounds.ts';

export interface SegmentFilePlace {
  readonly path: string;
  readonly fullPath: string;
  /** Folders in which the file's name, or a folder above it, is new. */
  readonly newNamesIn: readonly string[];
}

export interface OpenSealedParts {
  readonly place: SegmentFilePlace;
  readonly header: SealedHeader;
  readonly file: LayerFile;
  readonly writer: SealWriter;
  readonly files: FileLayer;
  readonly chains: Chains;
  readonly rounds: SyncRounds;
}

/** Writes head and init segment of a file that was just made. On failure the file is gone again. */
export async function startSealedFile(parts: OpenSealedParts, init: Uint8Array): Promise<OpenSegment> {
  const { place, file, writer, files } = parts;
  try {
    const frame = await writer.push(init, { kind: 'init', fromMs: 0, toMs: 0, key: false });
    const start = new Uint8Array(writer.bytes);
    start.set(writer.head);
    start.set(frame, writer.head.length);
    await file.write(start, 0);
    return new OpenSealedFile(parts, entryAt(frame, writer.head.length));
  } catch (cause) {
    writer.forget();
    await file.close().catch(() => {});
    await files.unlink(place.fullPath).catch(() => {});
    throw ioError(`cannot start recording file ${place.path}`, cause);
  }
}

const entryAt = (frame: Uint8Array, at: number): ChunkEntry => entryOf(readFrameHeader(frame)!, at);

interface Extent {
  readonly bytes: number;
  readonly mediaMs: number;
  readonly chunks: number;
}

class OpenSealedFile implements OpenSegment {
  readonly path: string;
  readonly #p: OpenSealedParts;
  /** Everything happens one after the other on this chain; it never rejects. */
  #queue: Promise<unknown> = Promise.resolve();
  readonly #entries: ChunkEntry[];
  #whole: Extent;
  #synced: Extent;
  #namesAreDurable = false;
  #fault: NightjarError | undefined;
  #finished: Promise<FinishedSegment | undefined> | undefined;
  /** A failure shows at the next append, and at finish. */
  readonly #joinRound = () => void this.#enqueue(() => this.#sync()).catch(() => {});

  constructor(parts: OpenSealedParts, init: ChunkEntry) {
    this.path = parts.place.path;
    this.#p = parts;
    this.#entries = [init];
    this.#whole = { bytes: parts.writer.bytes, mediaMs: 0, chunks: 1 };
    this.#synced = this.#whole;
  }

  get wholeBytes(): number {
    return this.#whole.bytes;
  }
  get mediaMs(): number {
    return this.#whole.mediaMs;
  }

  index(): SegmentIndex {
    const { bytes, chunks } = this.#whole;
    return indexView(this.#entries.slice(0, chunks), {
      bytes,
      headBytes: this.#p.writer.head.length,
      finished: false,
    });
  }

  async append(fragment: Uint8Array, mediaMs: number, { key, moved }: FragmentFacts): Promise<void> {
    if (this.#finished) throw new NightjarError('conflict', `recording file ${this.path} is finished`);
    return await this.#enqueue(async () => {
      if (this.#fault) throw this.#fault;
      const { bytes, chunks, mediaMs: beforeMs } = this.#whole;
      const [fromMs, toMs] = [Math.round(beforeMs), Math.max(Math.round(beforeMs), Math.round(mediaMs))];
      const percent = moved === undefined ? {} : { moved: Math.min(100, Math.max(0, Math.round(moved))) };
      try {
        const frame = await this.#p.writer.push(fragment, { kind: 'media', fromMs, toMs, key, ...percent });
        await this.#p.file.write(frame, bytes);
        this.#entries.push(entryAt(frame, bytes));
      } catch (cause) {
        this.#cutTo(this.#whole);
        throw this.#fail(cause);
      }
      this.#whole = { bytes: this.#p.writer.bytes, mediaMs, chunks: chunks + 1 };
      this.#p.rounds.join(this.#joinRound);
    });
  }

  finish(end: SegmentEnd): Promise<FinishedSegment | undefined> {
    this.#finished ??= this.#enqueue(() => this.#finish(end));
    return this.#finished;
  }

  async #finish(end: SegmentEnd): Promise<FinishedSegment | undefined> {
    const { file, writer, rounds, chains, header } = this.#p;
    rounds.leave(this.#joinRound);
    try {
      if (this.#whole.mediaMs === 0) {
        await file.close().catch(() => {});
        await this.#removeEmpty();
        return undefined;
      }
      if (this.#fault) await file.truncate(this.#whole.bytes);
      return await chains.inTurn(header, (chain) => this.#end(end, chain));
    } catch (cause) {
      throw ioError(`cannot finish recording file ${this.path}`, cause);
    } finally {
      writer.forget();
      await file.close().catch(() => {});
    }
  }

  /** End and record in one write: either both are there after a power cut, or recovery signs what is. */
  async #end({ secret, ...rest }: SegmentEnd, chain: DeviceChain): Promise<FinishedSegment> {
    const { file, writer } = this.#p;
    const { bytes: at, mediaMs: durationMs } = this.#whole;
    const summary = { durationMs, ...rest };
    const { bytes, record } = await writer.finish({
      summary,
      ...(secret ? { secret } : {}),
      sign: (facts) => chain.sign(facts),
    });
    const settle = async () => {
      await file.sync();
      await this.#syncNames();
    };
    // without room for the end, what is there opens as it is, and a later start signs it
    const isSigned = await appendSigned(chain, { file, at, bytes, signed: record!, settle });
    return isSigned
      ? { bytes: at + bytes.length, durationMs, sequence: record!.record.sequence }
      : { bytes: at, durationMs, sequence: 0 };
  }

  async #removeEmpty(): Promise<void> {
    const { files, place } = this.#p;
    try {
      await files.unlink(place.fullPath);
      await files.syncFolder(place.newNamesIn[0]!);
    } catch (cause) {
      throw ioError(`cannot remove empty recording file ${this.path}`, cause);
    }
  }

  async #sync(): Promise<void> {
    if (this.#fault || this.#finished) return;
    const upTo = this.#whole;
    try {
      await this.#p.file.sync();
      await this.#syncNames();
      this.#synced = upTo;
    } catch (cause) {
      // After a failed fsync Linux may have dropped the pages: only what an earlier one confirmed is certain.
      this.#cutTo(this.#synced);
      throw this.#fail(cause);
    }
  }

  #cutTo(extent: Extent): void {
    this.#whole = extent;
    this.#entries.length = extent.chunks;
    this.#p.writer.cutTo(extent.bytes);
  }

  async #syncNames(): Promise<void> {
    if (this.#namesAreDurable) return;
    for (const folder of this.#p.place.newNamesIn) await this.#p.files.syncFolder(folder);
    this.#namesAreDurable = true;
  }

  #fail(cause: unknown): NightjarError {
    this.#fault ??= ioError(`cannot write recording file ${this.path}`, cause);
    return this.#fault;
  }

  #enqueue<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {});
    return done;
  }
}

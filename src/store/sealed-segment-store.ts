// Recordings and pictures as sealed files, and nothing else. Owns what is read from a file and what is signed of it; a file's life
// while it is written is `open-sealed-file.ts`, folders and names are `recordings-folder.ts`.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { SealError } from '../vault/fault.ts';
import type { SealedSummary } from '../vault/frame.ts';
import type { SealedHeader } from '../vault/head.ts';
import { keyIdHex } from '../vault/key-pair.ts';
import type { ReadRecord, RecordFacts, SealRecord } from '../vault/record.ts';
import { beginSealed, sealPicture } from '../vault/seal.ts';
import { recoveredFacts, type Survey, surveySealed } from '../vault/survey.ts';
import { type FileFinding, verifyFile } from '../vault/verify.ts';
import { readHeadOf, readRecordOf, type SealedSource } from '../vault/walk.ts';
import { appendSigned, type ChainSeen, Chains } from './chains.ts';
import { type FileLayer, ioError, type LayerFile, systemFileLayer } from './file-layer.ts';
import { foldersOf, isSegmentPath, segmentPath } from './layout.ts';
import { startSealedFile } from './open-sealed-file.ts';
import { readEndOf, readIndex, sourceOfFile } from './read-sealed.ts';
import { RecordingsFolder } from './recordings-folder.ts';
import { RemovalNotes } from './removal-notes.ts';
import type { Sealing } from './sealing.ts';
import type {
  ChainHint,
  FoundPicture,
  FoundSegment,
  OpenSegment,
  PictureHeader,
  RemovalReason,
  SegmentHeader,
  SegmentIndex,
  SegmentStore,
} from './segment-store.ts';
import { SyncRounds } from './sync-rounds.ts';

export interface SealedSegmentStoreOptions {
  /** The recordings folder; made when missing, in a data folder that exists. */
  readonly folder: string;
  /** Where files go that cannot be understood. */
  readonly asideFolder: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly sealing: Sealing;
  readonly files?: FileLayer;
  /** Longest time that written bytes wait for their fsync. */
  readonly syncEveryMs?: number;
}

/** Only a camera's main stream is recorded: what smaller ones show is in it. */
const RECORDED = 'main';

export class SealedSegmentStore implements SegmentStore {
  readonly #files: FileLayer;
  readonly #folder: RecordingsFolder;
  readonly #sealing: Sealing;
  readonly #boxId: string;
  readonly #chains: Chains;
  readonly #notes: RemovalNotes;
  readonly #rounds: SyncRounds;

  constructor({ folder, asideFolder, clock, sealing, ...rest }: SealedSegmentStoreOptions) {
    // 1 s of the promised 2: the other is for the fragment that is still being gathered
    const { files = systemFileLayer, syncEveryMs = 1000 } = rest;
    this.#files = files;
    this.#folder = new RecordingsFolder(folder, asideFolder, files);
    this.#sealing = sealing;
    this.#boxId = keyIdHex(sealing.device.publicKey);
    this.#chains = new Chains(sealing.device);
    this.#notes = new RemovalNotes(folder, files, sealing.device);
    this.#rounds = new SyncRounds(clock, syncEveryMs);
  }

  canSeal(): boolean {
    return this.#sealing.publicKey() !== undefined;
  }

  pathOf({ cameraId, startMs, fileId }: Pick<SegmentHeader, 'cameraId' | 'startMs' | 'fileId'>): string {
    return segmentPath(cameraId, startMs, fileId);
  }

  async create(about: SegmentHeader, init: Uint8Array): Promise<OpenSegment> {
    const header: SealedHeader = { ...about, kind: 'segment', boxId: this.#boxId };
    const writer = await beginSealed(header, { publicKeys: [this.#owner()] });
    const path = this.pathOf(header);
    const { file, newNamesIn } = await this.#folder.create(path).catch((error) => {
      writer.forget();
      throw error;
    });
    const place = { path, fullPath: this.#folder.full(path), newNamesIn };
    const parts = { place, header, file, writer, files: this.#files, chains: this.#chains, rounds: this.#rounds };
    return await startSealedFile(parts, init);
  }

  async mark(path: string): Promise<void> {
    if ((await this.#folder.bytes(path)) === undefined) await this.#folder.put(path, new Uint8Array());
  }

  async putPicture(path: string, about: PictureHeader, picture: Uint8Array): Promise<number> {
    const header: SealedHeader = { ...about, boxId: this.#boxId };
    const sign = (facts: RecordFacts) => this.#chains.signPicture(facts);
    const { bytes } = await sealPicture(header, picture, { publicKeys: [this.#owner()], sign });
    await this.#folder.put(path, bytes);
    return bytes.length;
  }

  inspect(path: string): Promise<FoundSegment | undefined> {
    return this.#look(path, async (source) => {
      const head = await readHeadOf(source);
      if (head.header.kind !== 'segment') return undefined;
      const record = await readRecordOf(source);
      const end = record && (await readEndOf(source, head, record));
      if (record && end) return this.#signed(path, head.header, source.bytes, record, end.summary);
      if (record && this.#isWhole(record, source.bytes)) {
        return this.#signed(path, head.header, source.bytes, record, interrupted(head.header, record.record));
      }
      return this.#surveyed(path, await surveySealed(source));
    });
  }

  inspectPicture(path: string): Promise<FoundPicture | undefined> {
    return this.#look(path, async (source) => {
      const { header } = await readHeadOf(source);
      const record = await readRecordOf(source);
      // written in one piece: with its record it is whole
      const isWhole = record?.record.fileId === header.fileId && record.record.kind === header.kind;
      return header.kind !== 'segment' && isWhole ? { path, header, bytes: source.bytes } : undefined;
    });
  }

  async recover(path: string): Promise<FoundSegment | undefined> {
    const file = await this.#folder.openOr(path, 'update');
    if (!file) return undefined;
    try {
      const found = await this.#recover(path, file);
      if (found) return found;
    } catch (cause) {
      throw ioError(`cannot finish recording file ${path}`, cause);
    } finally {
      await file.close();
    }
    await this.#folder.remove([path]);
    return undefined;
  }

  async verify(path: string): Promise<readonly FileFinding[]> {
    const file = await this.#folder.openOr(path, 'read');
    if (!file) throw new NightjarError('missing', `recording file ${path} is gone`);
    try {
      return (await verifyFile(path, await sourceOfFile(file), this.#sealing.device.publicKey)).findings;
    } catch (cause) {
      throw ioError(`cannot read recording file ${path}`, cause);
    } finally {
      await file.close();
    }
  }

  index(path: string): Promise<SegmentIndex | undefined> {
    return this.#look(path, readIndex);
  }

  read(path: string, from: number, to: number) {
    return this.#folder.read(path, from, to);
  }
  open(path: string) {
    return this.#folder.open(path);
  }
  bytes(path: string) {
    return this.#folder.bytes(path);
  }
  remove(paths: readonly string[]) {
    return this.#folder.remove(paths);
  }
  setAside(path: string) {
    return this.#folder.setAside(path);
  }
  scan() {
    return this.#folder.scan();
  }

  noteRemoved(cameraId: string, sequences: readonly number[], why: RemovalReason, atMs: number): Promise<void> {
    const end = this.#chains.end({ cameraId, stream: RECORDED });
    return this.#notes.add({ cameraId, stream: RECORDED, why, atMs }, sequences, end);
  }

  async startChains(hints: readonly ChainHint[], every: boolean): Promise<void> {
    const seen: ChainSeen[] = hints.map(({ cameraId, sequence }) => ({ cameraId, stream: RECORDED, sequence }));
    const paths = new Set(hints.map((hint) => hint.path));
    for (const camera of await this.#folder.cameras()) {
      seen.push(...(await this.#notes.seen(camera)));
    }
    if (every) for await (const folder of this.#folder.scan()) for (const path of folder.paths) paths.add(path);
    for (const path of paths) {
      if (!isSegmentPath(path)) continue;
      // unreadable files are for the check to tell of: the chain goes on after what can be read
      const record = await this.#look(path, readRecordOf).catch(() => undefined);
      if (record?.record.kind !== 'segment' || !this.#chains.isOurs(record)) continue;
      const { cameraId, stream, sequence, fileId } = record.record;
      seen.push({
        cameraId,
        stream,
        sequence,
        end: () => (record.isTrue() ? { fileId, link: record.link } : undefined),
      });
    }
    this.#chains.start(seen);
  }

  #owner(): Uint8Array {
    const key = this.#sealing.publicKey();
    if (!key) throw new NightjarError('unavailable', 'nobody owns this box yet, so nothing is recorded');
    return key;
  }

  /** Undefined for a file that is missing or not a sealed one. */
  async #look<T>(path: string, at: (source: SealedSource) => Promise<T>): Promise<T | undefined> {
    const file = await this.#folder.openOr(path, 'read');
    if (!file) return undefined;
    try {
      return await at(await sourceOfFile(file));
    } catch (cause) {
      if (cause instanceof SealError) return undefined;
      throw ioError(`cannot read recording file ${path}`, cause);
    } finally {
      await file.close();
    }
  }

  async #recover(path: string, file: LayerFile): Promise<FoundSegment | undefined> {
    const source = await sourceOfFile(file);
    const survey = await surveySealed(source).catch((error) => {
      if (error instanceof SealError) return undefined;
      throw error;
    });
    if (survey?.head.header.kind !== 'segment') return undefined;
    const found = this.#surveyed(path, survey);
    if (!found) return undefined;
    const { record } = survey;
    const settle = async () => {
      await file.sync();
      await this.#folder.syncFolders(foldersOf(path));
    };
    // Whole, only its row is missing; or another box's, whose word is not ours to give. The crash may have come before the flush.
    const isTrue = record?.record.hash === survey.hash && this.#isWhole(record, source.bytes) && record.isTrue();
    if (isTrue || survey.head.header.boxId !== this.#boxId) {
      await settle();
      return found;
    }
    await file.truncate(survey.wholeBytes);
    const summary = survey.end?.summary ?? interrupted(survey.head.header, survey);
    const { durationMs } = summary;
    return await this.#chains.inTurn(survey.head.header, async (chain) => {
      const signed = chain.sign(recoveredFacts(survey)!);
      const whole = { file, at: survey.wholeBytes, bytes: signed.bytes, signed, settle };
      // a full disk must not stop recovery: what is there opens as it is, and a later start signs it
      const isSigned = await appendSigned(chain, whole);
      const bytes = survey.wholeBytes + (isSigned ? signed.bytes.length : 0);
      return { ...found, bytes, durationMs, summary, isSigned, sequence: isSigned ? signed.record.sequence : 0 };
    });
  }

  /** Undefined when nothing in it can be played. */
  #surveyed(path: string, survey: Survey): FoundSegment | undefined {
    const { header } = survey.head;
    const facts = recoveredFacts(survey);
    if (!facts || header.kind !== 'segment' || facts.durationMs <= 0) return undefined;
    const { record, end, wholeBytes } = survey;
    if (record) {
      const summary = end?.summary ?? interrupted(header, record.record);
      return this.#signed(path, header, wholeBytes + record.bytes.length, record, summary);
    }
    const { durationMs } = facts;
    const found = { path, header, bytes: wholeBytes, durationMs, sequence: 0, isSigned: false };
    return { ...found, ...(end ? { summary: end.summary } : {}) };
  }

  #signed(path: string, header: SealedHeader, bytes: number, record: ReadRecord, summary: SealedSummary): FoundSegment {
    const sequence = this.#chains.isOurs(record) ? record.record.sequence : 0;
    return { path, header, bytes, durationMs: summary.durationMs, sequence, summary, isSigned: true };
  }

  /** The record stands where it says that the file ends. */
  #isWhole({ record, bytes }: ReadRecord, fileBytes: number): boolean {
    return record.bytes + bytes.length === fileBytes;
  }
}

/** What can be said of a recording whose end a power cut has taken. */
const interrupted = (
  { reasons }: SealedHeader,
  { durationMs, peakLevel }: Pick<SealRecord, 'durationMs' | 'peakLevel'>,
): SealedSummary => ({ durationMs, reasons, peakLevel, events: [], interrupted: true });

// Opens a sealed file with the owner's key: chunk by chunk, in order or from any place, also a torn or damaged one. Every byte it gives
// out was sealed by the box for this file and place, and whatever is missing between two pieces is said.

import { join, readJsonObject } from './bytes.ts';
import { type ChunkCipher, chunkCipher, type Engine } from './cipher.ts';
import { SealError, type SealFault } from './fault.ts';
import {
  type ChunkEntry,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  type ReadEnd,
  readEndBody,
  readFrameHeader,
  type SealedSummary,
  wholeFrameBytes,
} from './frame.ts';
import { CHECK_BYTES, isHeadTrue, type ReadHead, type SealedHeader } from './head.ts';
import { type KeyPair, openSealedFor } from './key-pair.ts';
import { chunkNonce } from './nonce.ts';
import type { ReadRecord } from './record.ts';
import { entryOf } from './survey.ts';
import { readHeadOf, readRecordOf, type SealedSource, walkFrames } from './walk.ts';

/** What opens files: the vault's secrets, or one file's data key that its owner handed out. */
export type Keys =
  | {
      readonly kind: 'vault';
      /** The pair of this key id (hex), if it is ours. */
      readonly pair: (keyId: string) => KeyPair | undefined;
      /** Key id of our box: says of a file for no key of ours whether it is another's. */
      readonly boxId?: string;
    }
  | { readonly kind: 'data-key'; readonly dataKey: Uint8Array };

export type Ending =
  | { readonly how: 'finished'; readonly summary?: SealedSummary; readonly secret?: Readonly<Record<string, unknown>> }
  /** A power cut ended it; the box says so with its signature, which `verify` checks. */
  | { readonly how: 'recovered' }
  /** It has no end: still being written, or ended by a power cut, or cut by somebody. */
  | { readonly how: 'torn' };

export interface OpenedChunk {
  readonly kind: 'chunk';
  readonly entry: ChunkEntry;
  readonly bytes: Uint8Array;
}

/** Something is not there. */
export interface Gap {
  readonly kind: 'gap';
  readonly fault: Extract<SealFault, 'damaged-chunk' | 'missing-chunk'>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly chunks: number;
}

/**
 * Throws `not-sealed`, `newer-version`, `damaged-header`, `another-box` or `wrong-key`. Errors of `read` pass through. `known`: where the chunks
 * are, by somebody who need not be trusted (each chunk proves itself). The end is not looked for then, so that a file still being written opens.
 */
export async function openSealed(
  source: SealedSource,
  keys: Keys,
  engine?: Engine,
  known?: readonly ChunkEntry[],
): Promise<SealReader> {
  const head = await readHeadOf(source);
  const dataKey = keys.kind === 'data-key' ? keys.dataKey.slice() : openDataKey(head, keys);
  const cipher = await chunkCipher(dataKey, engine).finally(() => dataKey.fill(0));
  try {
    if (!(await isHeadTrue(head, cipher))) {
      throw new SealError(keys.kind === 'data-key' ? 'wrong-key' : 'damaged-header');
    }
    const found = known
      ? { entries: known, total: (known.at(-1)?.number ?? -1) + 1, ending: { how: 'torn' } as const }
      : ((await fromEnd(source, head, cipher)) ?? (await fromWalk(source, head, cipher)));
    return new SealReader(source, head, cipher, found);
  } catch (error) {
    cipher.forget();
    throw error;
  }
}

/** One file's data key: what an owner hands out to show that file, and no other. Throws as `openSealed` does. */
export function openDataKey(head: ReadHead, keys: Extract<Keys, { kind: 'vault' }>): Uint8Array {
  let known = false;
  for (const { keyId, sealedKey } of head.recipients) {
    const pair = keys.pair(keyId);
    if (!pair) continue;
    known = true;
    const dataKey = openSealedFor(pair, sealedKey);
    if (dataKey) return dataKey;
  }
  if (known) throw new SealError('damaged-header');
  const other = keys.boxId !== undefined && head.header.boxId !== keys.boxId;
  throw new SealError(other ? 'another-box' : 'wrong-key');
}

interface Contents {
  readonly entries: readonly ChunkEntry[];
  /** Numbers of chunks that were sealed and are not in the file, with the fault to show for them. */
  readonly total: number;
  readonly ending: Ending;
}

export class SealReader {
  readonly header: SealedHeader;
  readonly ending: Ending;
  /** Every chunk that should be there, in order. */
  readonly entries: readonly ChunkEntry[];
  readonly #source: SealedSource;
  readonly #head: ReadHead;
  readonly #cipher: ChunkCipher;
  readonly #total: number;

  constructor(source: SealedSource, head: ReadHead, cipher: ChunkCipher, contents: Contents) {
    this.header = head.header;
    this.ending = contents.ending;
    this.entries = contents.entries;
    this.#total = contents.total;
    this.#source = source;
    this.#head = head;
    this.#cipher = cipher;
  }

  /** Where to begin so that this moment is shown: the last key frame at or before it, or the first. −1 without any picture. */
  seek(ms: number): number {
    const starts = (entry: ChunkEntry) => entry.kind === 'media' && entry.key;
    let found = this.entries.findIndex(starts);
    for (let i = found + 1; i > 0 && i < this.entries.length && this.entries[i]!.fromMs <= ms; i++) {
      if (starts(this.entries[i]!)) found = i;
    }
    return found;
  }

  /** The plaintext of one line of `entries`; undefined when it is damaged or gone. */
  async chunk(index: number): Promise<Uint8Array | undefined> {
    const entry = this.entries[index];
    if (!entry) throw new RangeError(`there is no chunk ${index}`);
    const opened = await openFrame(this.#source, entry.at, this.#head, this.#cipher);
    if (!opened || opened.frame.number !== entry.number || opened.frame.kind !== entry.kind) return undefined;
    return opened.plain;
  }

  /** The chunks from a line of `entries` on, with a gap wherever something is missing. The same gap is said once. */
  async *pieces(from = 0): AsyncGenerator<OpenedChunk | Gap> {
    let [shownMs, next] = from > 0 ? [this.entries[from]?.fromMs ?? 0, this.entries[from]?.number ?? 0] : [0, 0];
    let damaged = 0;
    for (let i = from; i < this.entries.length; i++) {
      const entry = this.entries[i]!;
      const bytes = await this.chunk(i);
      if (!bytes) {
        if (entry.at < this.#source.bytes) damaged++;
        continue;
      }
      if (entry.number > next) yield gapTo(entry, shownMs, entry.number - next, damaged);
      yield { kind: 'chunk', entry, bytes };
      [shownMs, next, damaged] = [entry.toMs, entry.number + 1, 0];
    }
    const left = this.#total - next;
    const toMs = this.ending.how === 'finished' ? (this.ending.summary?.durationMs ?? shownMs) : undefined;
    const end = { fromMs: Math.max(shownMs, toMs ?? this.entries.at(-1)?.toMs ?? shownMs) };
    if (left > 0) yield gapTo(end, shownMs, left, damaged);
  }

  /** The key is gone from our memory; nothing more opens. */
  forget(): void {
    this.#cipher.forget();
  }
}

function gapTo({ fromMs: toMs }: { readonly fromMs: number }, fromMs: number, chunks: number, damaged: number): Gap {
  return { kind: 'gap', fault: damaged > 0 ? 'damaged-chunk' : 'missing-chunk', fromMs, toMs, chunks };
}

/** The quick way: the record says where the end is, and its table where everything else is. */
async function fromEnd(source: SealedSource, head: ReadHead, cipher: ChunkCipher): Promise<Contents | undefined> {
  const record = await readRecordOf(source);
  const endAt = record?.record.endAt;
  if (!record || typeof endAt !== 'number' || endAt < head.raw.length || endAt >= source.bytes) return undefined;
  const last = await openFrame(source, endAt, head, cipher);
  if (!last?.frame.last || endAt + wholeFrameBytes(last.frame) !== source.bytes - record.bytes.length) return undefined;
  if (last.frame.kind !== 'end') {
    return last.frame.number === 0 ? { ...pictureOf(last.frame, endAt) } : undefined;
  }
  return last.end && { entries: last.end.entries, total: last.frame.number, ending: finishedBy(last) };
}

/** The slow way: what a torn or damaged file still has. A true end among it says what should be there. */
async function fromWalk(source: SealedSource, head: ReadHead, cipher: ChunkCipher): Promise<Contents> {
  const record = await readRecordOf(source);
  const to = record ? source.bytes - record.bytes.length : source.bytes;
  const found = new Map<number, ChunkEntry>();
  let last: OpenedFrame | undefined;
  for await (const walked of walkFrames(source, head.raw.length, to)) {
    if (walked.kind === 'hole') continue;
    found.set(walked.header.number, entryOf(walked.header, walked.at));
    if (!walked.header.last) continue;
    last = await openRaw(walked.raw, head, cipher);
    if (last && walked.header.kind !== 'end' && walked.header.number === 0) return pictureOf(walked.header, walked.at);
  }
  const entries = [...found.values()].filter((entry) => entry.kind !== 'end');
  if (!last?.end) {
    return { entries, total: (entries.at(-1)?.number ?? -1) + 1, ending: endingWithoutEnd(record) };
  }
  // what the table names and the walk did not find is gone: its line stays, beyond the file, and its time is shown as a gap
  const named = last.end.entries.map((entry) => found.get(entry.number) ?? { ...entry, at: source.bytes });
  return { entries: named, total: last.frame.number, ending: finishedBy(last) };
}

const endingWithoutEnd = (record: ReadRecord | undefined): Ending => ({
  how: record?.isTrue() && record.record.state === 'recovered' ? 'recovered' : 'torn',
});

const pictureOf = (frame: FrameHeader, at: number): Contents => ({
  entries: [entryOf(frame, at)],
  total: 1,
  ending: { how: 'finished' },
});

function finishedBy(last: OpenedFrame): Ending {
  const secret = last.plain.length > 0 ? readJsonObject(last.plain) : undefined;
  return { how: 'finished', ...(last.end ? { summary: last.end.summary } : {}), ...(secret ? { secret } : {}) };
}

interface OpenedFrame {
  readonly frame: FrameHeader;
  readonly plain: Uint8Array;
  readonly end?: ReadEnd;
}

/** Undefined when no true frame of this file begins here. */
async function openFrame(
  source: SealedSource,
  at: number,
  head: ReadHead,
  cipher: ChunkCipher,
): Promise<OpenedFrame | undefined> {
  if (at + FRAME_HEADER_BYTES > source.bytes) return undefined;
  const frame = readFrameHeader(await source.read(at, at + FRAME_HEADER_BYTES));
  if (!frame || at + wholeFrameBytes(frame) > source.bytes) return undefined;
  return await openRaw(await source.read(at, at + wholeFrameBytes(frame)), head, cipher);
}

async function openRaw(raw: Uint8Array, head: ReadHead, cipher: ChunkCipher): Promise<OpenedFrame | undefined> {
  const frame = readFrameHeader(raw);
  if (!frame || raw.length < wholeFrameBytes(frame)) return undefined;
  const body = raw.subarray(FRAME_HEADER_BYTES, raw.length - CHECK_BYTES);
  const end = frame.kind === 'end' ? readEndBody(body) : undefined;
  if (frame.kind === 'end' && !end) return undefined;
  const readable = body.subarray(0, end?.readableBytes ?? 0);
  const associated = join(head.headerHash, raw.subarray(0, FRAME_HEADER_BYTES), readable);
  const plain = await cipher.open(chunkNonce(frame.number, frame.last), associated, body.subarray(readable.length));
  return plain && { frame, plain, ...(end ? { end } : {}) };
}

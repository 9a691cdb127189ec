// Seals one file while it is recorded: gives out the bytes to append, in order, and forgets the data key at the end. Where the bytes go, and
// when they are flushed, is the store's business.

import { hex, join, type Random, systemRandom } from './bytes.ts';
import { type ChunkCipher, chunkCipher, type Engine, KEY_BYTES, sha256, sha256Now, TAG_BYTES } from './cipher.ts';
import { SealError } from './fault.ts';
import {
  type ChunkEntry,
  FRAME_EXTRA_BYTES,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  MAX_BODY_BYTES,
  MAX_FRAMES,
  type SealedSummary,
  writeEndBody,
  writeFrameHeader,
} from './frame.ts';
import { CHECK_BYTES, type SealedHeader, writeHead } from './head.ts';
import { chunkNonce, MAX_CHUNK_NUMBER } from './nonce.ts';
import type { RecordFacts, SignedRecord } from './record.ts';

export interface SealOptions {
  /** X25519; a file is sealed to the newest vault key. */
  readonly publicKeys: readonly Uint8Array[];
  readonly random?: Random;
  readonly engine?: Engine;
}

export interface ChunkInfo {
  readonly kind: 'init' | 'media';
  /** Since the file's first picture, whole ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly key: boolean;
  /** Most that moved meanwhile, 0–100; undefined when unknown. */
  readonly moved?: number;
}

export interface SealEnd {
  readonly summary: SealedSummary;
  /** Told to the owner only. */
  readonly secret?: Readonly<Record<string, unknown>>;
  /** Signs the record; the chain moves on when its bytes are durable. */
  readonly sign?: (facts: RecordFacts) => SignedRecord;
}

export interface SealedEnd {
  /** To append: end and record. */
  readonly bytes: Uint8Array;
  readonly record?: SignedRecord;
}

/** Begins a file: write `head`, then what `push` gives, then what `finish` gives. */
export async function beginSealed(header: SealedHeader, options: SealOptions): Promise<SealWriter> {
  const random = options.random ?? systemRandom;
  const dataKey = random(KEY_BYTES);
  try {
    const cipher = await chunkCipher(dataKey, options.engine);
    const { raw, headerHash } = await writeHead(header, dataKey, cipher, options.publicKeys, random);
    return new SealWriter(header, raw, headerHash, cipher);
  } finally {
    dataKey.fill(0);
  }
}

/** A whole picture as one sealed file. */
export async function sealPicture(
  header: SealedHeader,
  picture: Uint8Array,
  options: SealOptions & Pick<SealEnd, 'sign'>,
): Promise<SealedEnd> {
  const writer = await beginSealed(header, options);
  const { bytes, record } = await writer.finishPicture(picture, options.sign);
  return { bytes: join(writer.head, bytes), ...(record ? { record } : {}) };
}

/** What the file was when it was so long. */
interface Extent {
  readonly bytes: number;
  readonly plainBytes: number;
  readonly hash: Uint8Array;
  readonly entries: number;
}

export class SealWriter {
  readonly head: Uint8Array;
  readonly #header: SealedHeader;
  readonly #headerHash: Uint8Array;
  readonly #cipher: ChunkCipher;
  #number = 0;
  #entries: ChunkEntry[] = [];
  #extents: Extent[];
  #finished = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(header: SealedHeader, head: Uint8Array, headerHash: Uint8Array, cipher: ChunkCipher) {
    this.#header = header;
    this.head = head;
    this.#headerHash = headerHash;
    this.#cipher = cipher;
    this.#extents = [{ bytes: head.length, plainBytes: 0, hash: sha256Now(head), entries: 0 }];
  }

  /** How long the file is once all that was given out is written. */
  get bytes(): number {
    return this.#now.bytes;
  }

  get #now(): Extent {
    return this.#extents.at(-1)!;
  }

  /** One chunk, of whole fragments. Calls queue in order. Throws `too-large` over 16 MiB or 250,000 chunks, `finished`, `forgotten`. */
  push(plain: Uint8Array, info: ChunkInfo): Promise<Uint8Array> {
    return this.#enqueue(async () => {
      if (this.#finished) throw new SealError('finished');
      return await this.#frame(plain, { ...info, last: false });
    });
  }

  /**
   * The file was cut back to this length, which it had before: what came later did not reach the disk. Call it when no `push` is under way. Numbers that were given out are
   * not used again, so that no nonce ever serves twice; the reader is shown a gap.
   */
  cutTo(bytes: number): void {
    const place = this.#extents.findIndex((extent) => extent.bytes === bytes);
    if (place < 0) throw new RangeError(`the sealed file never had ${bytes} bytes`);
    this.#extents.length = place + 1;
    this.#entries.length = this.#now.entries;
  }

  /** The end, and the record where there is somebody to sign it. The data key is forgotten, whatever happens. */
  finish({ summary, secret, sign }: SealEnd): Promise<SealedEnd> {
    return this.#end(sign, summary.durationMs, summary.peakLevel, async () => {
      const readable = writeEndBody(summary, this.#entries);
      const plain = secret ? new TextEncoder().encode(JSON.stringify(secret)) : new Uint8Array();
      const toMs = Math.max(0, Math.round(summary.durationMs));
      return await this.#frame(plain, { kind: 'end', fromMs: 0, toMs, key: false, last: true }, readable);
    });
  }

  finishPicture(picture: Uint8Array, sign: SealEnd['sign']): Promise<SealedEnd> {
    return this.#end(sign, 0, 0, () =>
      this.#frame(picture, { kind: 'media', fromMs: 0, toMs: 0, key: false, last: true }),
    );
  }

  /** Nothing more will be sealed. `finish` does this by itself. */
  forget(): void {
    this.#finished = true;
    this.#cipher.forget();
  }

  #end(
    sign: SealEnd['sign'],
    durationMs: number,
    peakLevel: number,
    lastFrame: () => Promise<Uint8Array>,
  ): Promise<SealedEnd> {
    return this.#enqueue(async () => {
      if (this.#finished) throw new SealError('finished');
      try {
        const endAt = this.bytes;
        const end = await lastFrame();
        const { fileId, kind, cameraId, stream, bootId } = this.#header;
        const record = sign?.({
          ...{ state: 'finished', fileId, kind, cameraId, stream, bootId },
          ...{
            bytes: this.bytes,
            frames: this.#extents.length - 1,
            endAt,
            durationMs,
            peakLevel,
            hash: hex(this.#now.hash),
          },
        });
        return record ? { bytes: join(end, record.bytes), record } : { bytes: end };
      } finally {
        this.forget();
      }
    });
  }

  async #frame(
    plain: Uint8Array,
    info: Pick<FrameHeader, 'kind' | 'fromMs' | 'toMs' | 'key' | 'last' | 'moved'>,
    readable: Uint8Array = new Uint8Array(),
  ): Promise<Uint8Array> {
    const bodyBytes = readable.length + plain.length + TAG_BYTES;
    const isFull = this.#number > MAX_CHUNK_NUMBER || (info.kind !== 'end' && this.#entries.length >= MAX_FRAMES - 1);
    if (bodyBytes > MAX_BODY_BYTES || isFull) throw new SealError('too-large');
    checkTimes(info);
    const number = this.#number++;
    const { bytes: at, plainBytes } = this.#now;
    const header = writeFrameHeader({ ...info, number, bodyBytes, plainBefore: plainBytes });
    const associated = join(this.#headerHash, header, readable);
    const sealed = await this.#cipher.seal(chunkNonce(number, info.last), associated, plain);
    const frame = new Uint8Array(plain.length + readable.length + FRAME_EXTRA_BYTES);
    frame.set(header);
    frame.set(readable, FRAME_HEADER_BYTES);
    frame.set(sealed, FRAME_HEADER_BYTES + readable.length);
    const digest = await sha256(frame.subarray(0, frame.length - CHECK_BYTES));
    frame.set(digest.subarray(0, CHECK_BYTES), frame.length - CHECK_BYTES);
    if (info.kind !== 'end') {
      const { kind, key, moved, fromMs, toMs } = info;
      this.#entries.push({ number, kind, key, ...(moved === undefined ? {} : { moved }), at, fromMs, toMs });
    }
    this.#extents.push({
      bytes: at + frame.length,
      plainBytes: plainBytes + (info.kind === 'end' ? 0 : plain.length),
      hash: nextHash(this.#now.hash, digest),
      entries: this.#entries.length,
    });
    return frame;
  }

  #enqueue<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {});
    return done;
  }
}

/** The file's hash after one more frame. */
export const nextHash = (hash: Uint8Array, frameDigest: Uint8Array): Uint8Array => sha256Now(join(hash, frameDigest));

function checkTimes({ fromMs, toMs, moved }: Pick<FrameHeader, 'fromMs' | 'toMs' | 'moved'>): void {
  const fits = (ms: number) => Number.isInteger(ms) && ms >= 0 && ms <= 0xffff_ffff;
  if (!fits(fromMs) || !fits(toMs) || toMs < fromMs)
    throw new RangeError(`not the times of a chunk: ${fromMs}–${toMs}`);
  if (moved !== undefined && !(Number.isInteger(moved) && moved >= 0 && moved <= 100)) {
    throw new RangeError(`not a percentage: ${moved}`);
  }
}

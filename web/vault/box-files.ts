// Sealed bytes from the box, as the worker reads them: whole pictures, and ranges of a segment with some read ahead. What is no
// longer wanted is not fetched to its end.

import type { SealedSource } from '../../src/vault/walk.ts';

/** Why nothing could be opened, where the vault itself is not the reason. `gone`: it was removed. */
export class OpenFault extends Error {
  readonly fault: 'offline' | 'gone' | 'signed-out' | 'unable' | 'locked';
  constructor(fault: OpenFault['fault'], message: string) {
    super(message);
    this.fault = fault;
  }
}

/** `path` as for `api.get`. Rejects with a OpenFault, or the reason of an abort. */
export async function fetchBytes(
  path: string,
  signal: AbortSignal,
  range?: { readonly from: number; readonly to: number },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(`/api/v1${path}`, {
      credentials: 'same-origin',
      signal,
      ...(range ? { headers: { range: `bytes=${range.from}-${range.to - 1}` } } : {}),
    });
    if (response.status === 401) throw new OpenFault('signed-out', 'Sign in again.');
    if (response.status === 404 || response.status === 416)
      throw new OpenFault('gone', 'This is not on the disk any more.');
    if (!response.ok)
      throw new OpenFault('unable', `The box could not read this. It answered with ${response.status}.`);
    // something between us and the box that knows no ranges sends all of it
    const isRange = range !== undefined && response.status === 206;
    const bytes = await readAtMost(response, isRange ? range.to - range.from : LARGEST_ANSWER_BYTES);
    return range && !isRange ? bytes.slice(range.from, range.to) : bytes;
  } catch (error) {
    if (error instanceof OpenFault || signal.aborted) throw error;
    throw new OpenFault('offline', 'The box does not answer. Is it on, and is this device on the same network?');
  }
}

/** Larger than any picture, and than a segment of an hour at 100 Mb/s would be in one answer. */
const LARGEST_ANSWER_BYTES = 256 * 1024 * 1024;

/** A box that lies could send without end: no more is taken than was asked for. */
export async function readAtMost(response: Response, atMostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const said = Number(response.headers.get('content-length') ?? 0);
  const reader = said > atMostBytes ? undefined : response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    pieces.push(read.value);
    bytes += read.value.length;
    if (bytes > atMostBytes) break;
  }
  if (said > atMostBytes || bytes > atMostBytes) {
    void (reader ?? response.body)?.cancel().catch(() => {});
    throw new OpenFault('unable', 'The box answered with more than was asked for.');
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly bytes: Promise<Uint8Array>;
}

const FIRST_READ_BYTES = 256 * 1024;
const LARGEST_READ_BYTES = 1024 * 1024;
const KEPT_PARTS = 3;

/** Ranges of one segment. Reads grow from 256 KiB to 1 MiB, and the next one is under way while one is used. */
export class SegmentSource implements SealedSource {
  readonly bytes: number;
  readonly #fetch: (from: number, to: number) => Promise<Uint8Array>;
  #front: Part | undefined;
  #parts: Part[] = [];
  #readBytes = FIRST_READ_BYTES;

  constructor(bytes: number, fetch: (from: number, to: number) => Promise<Uint8Array>) {
    this.bytes = bytes;
    this.#fetch = fetch;
  }

  /** Head and init segment, which are read with whatever place. */
  front(toByte: number, known?: Promise<Uint8Array>): Promise<Uint8Array> {
    const to = Math.min(toByte, this.bytes);
    this.#front = known ? { from: 0, to, bytes: known } : this.#begin(0, to);
    return this.#front.bytes;
  }

  /** Begins to fetch what lies there. */
  expect(from: number): void {
    if (from < this.bytes) this.#parts.push(this.#begin(from, this.#endOf(from)));
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    const front = this.#front;
    if (front && from >= front.from && to <= front.to) return (await front.bytes).subarray(from, to);
    const used = this.#cover(from, to);
    this.#readAhead(used.at(-1)!, to);
    const pieces = await Promise.all(
      used.map(async (part) => (await part.bytes).subarray(Math.max(0, from - part.from), Math.max(0, to - part.from))),
    );
    if (pieces.length === 1) return pieces[0]!;
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** Parts that touch and together hold these bytes; what is missing of them is begun. */
  #cover(from: number, to: number): readonly Part[] {
    const used: Part[] = [];
    for (let at = from; at < to || used.length === 0; ) {
      let part = this.#parts.find((one) => at >= one.from && at < one.to);
      if (!part) {
        part = this.#begin(at, Math.max(to, this.#endOf(at)));
        this.#parts.push(part);
      }
      used.push(part);
      at = part.to;
    }
    this.#parts = this.#parts.filter((one) => used.includes(one) || one.from > to).slice(-KEPT_PARTS);
    return used;
  }

  #readAhead(part: Part, to: number): void {
    if (part.to >= this.bytes || to < (part.from + part.to) / 2) return;
    if (this.#parts.some((one) => one.from === part.to)) return;
    this.#readBytes = Math.min(LARGEST_READ_BYTES, this.#readBytes * 2);
    this.#parts.push(this.#begin(part.to, this.#endOf(part.to)));
  }

  #endOf(from: number): number {
    return Math.min(this.bytes, from + this.#readBytes);
  }

  #begin(from: number, to: number): Part {
    const bytes = this.#fetch(from, Math.min(to, this.bytes));
    // whoever reads it is told; who only read ahead is not
    bytes.catch(() => {
      this.#parts = this.#parts.filter((part) => part.bytes !== bytes);
    });
    return { from, to: Math.min(to, this.bytes), bytes };
  }
}

// One sealed segment in the worker: the pieces from a moment on, with what is missing between them, and its whole plaintext for a
// copy. Where its chunks lie is known from the box; that they are true, only from the chunks.

import type { SegmentIndexView } from '../../src/http/api.ts';
import { SealError } from '../../src/vault/fault.ts';
import { type ChunkEntry, MAX_FRAMES, UNKNOWN_MOVED } from '../../src/vault/frame.ts';
import { type Keys, openSealed, type SealReader } from '../../src/vault/open.ts';
import { fetchBytes, OpenFault, SegmentSource } from './box-files.ts';
import type { VaultPiece } from './client.ts';

/** Runs with the keys; asks the box for a newer keyring and tries once more when they are not enough. */
export type WithKeys = <T>(use: (keys: Keys) => Promise<T>) => Promise<T>;

/** What `openSealed` looks at first. */
const HEAD_PEEK_BYTES = 4096;
const KEPT_FRONTS = 32;
/** Heads and init segments of what was looked at last: seeking again in a segment needs one request less. */
const fronts = new Map<string, Promise<Uint8Array>>();

/** Throws `unable` for what cannot be places in a file: the box is not to be trusted with loops over them. */
export function entriesOf(index: SegmentIndexView): readonly ChunkEntry[] {
  const { bytes, entries } = index;
  const isPlace = (at: unknown, end: number) => Number.isSafeInteger(at) && (at as number) >= 0 && (at as number) < end;
  const areInOrder = entries.every(
    ([number, at, fromMs, toMs], i) =>
      isPlace(number, MAX_FRAMES) &&
      isPlace(at, bytes) &&
      Number.isFinite(fromMs) &&
      Number.isFinite(toMs) &&
      (i === 0 || (number > entries[i - 1]![0] && at > entries[i - 1]![1])),
  );
  if (!Number.isSafeInteger(bytes) || entries.length > MAX_FRAMES || !areInOrder) {
    throw new OpenFault('unable', 'The box does not say truly where this lies. Load the page again.');
  }
  return index.entries.map(([number, at, fromMs, toMs, flags, moved]) => ({
    number,
    at,
    fromMs,
    toMs,
    kind: (flags & 1) !== 0 ? 'init' : 'media',
    key: (flags & 2) !== 0,
    ...(moved === UNKNOWN_MOVED ? {} : { moved }),
  }));
}

/** From the key frame at or before `fromMs`, the init segment first. An index without entries: they are looked for in the file. */
export async function* segmentPieces(
  id: string,
  index: SegmentIndexView,
  fromMs: number,
  withKeys: WithKeys,
  signal: AbortSignal,
): AsyncGenerator<VaultPiece> {
  const path = `/segments/${encodeURIComponent(id)}/sealed`;
  const source = new SegmentSource(index.bytes, (from, to) => fetchBytes(path, signal, { from, to }));
  const known = index.entries.length > 0 ? entriesOf(index) : undefined;
  if (known) fetchFirst(id, index, known, fromMs, source);
  const reader = await withKeys((keys) => openSealed(source, keys, undefined, known));
  try {
    checkIsAsked(reader.header.kind === 'segment' && reader.header.fileId === id);
    const init = reader.entries.findIndex((entry) => entry.kind === 'init');
    const head = init < 0 ? undefined : await reader.chunk(init);
    if (!head) throw new SealError('damaged-header');
    yield { kind: 'init', bytes: own(head) };
    const first = seek(reader.entries, fromMs);
    if (first >= 0) yield* piecesFrom(reader, first);
  } finally {
    reader.forget();
  }
}

/** Head and first picture are asked for at once. */
function fetchFirst(
  id: string,
  index: SegmentIndexView,
  entries: readonly ChunkEntry[],
  fromMs: number,
  source: SegmentSource,
): void {
  const init = entries.findIndex((entry) => entry.kind === 'init');
  const frontBytes = Math.max(entries[init + 1]?.at ?? 0, HEAD_PEEK_BYTES);
  const front = source.front(frontBytes, fronts.get(id));
  // of a file that is only just begun there will be more
  if (frontBytes < index.bytes) keepFront(id, front);
  const first = entries[seek(entries, fromMs)];
  if (first && first.at >= frontBytes) source.expect(first.at);
}

async function* piecesFrom(reader: SealReader, first: number): AsyncGenerator<VaultPiece> {
  for await (const piece of reader.pieces(first)) {
    if (piece.kind === 'gap') {
      const { fromMs, toMs } = piece;
      yield { kind: 'gap', fromMs, toMs, message: new SealError(piece.fault).message };
    } else if (piece.entry.kind === 'media') {
      const { fromMs, toMs } = piece.entry;
      yield { kind: 'media', bytes: own(piece.bytes), fromMs, toMs };
    }
  }
}

/** As `SealReader.seek`, before there is a reader. −1 without any picture. */
function seek(entries: readonly ChunkEntry[], fromMs: number): number {
  const starts = (entry: ChunkEntry) => entry.kind === 'media' && entry.key;
  const before = entries.findLastIndex((entry) => starts(entry) && entry.fromMs <= fromMs);
  if (before >= 0) return before;
  const any = entries.findIndex(starts);
  return any >= 0 ? any : entries.findIndex((entry) => entry.kind === 'media');
}

function keepFront(id: string, front: Promise<Uint8Array>): void {
  fronts.delete(id);
  fronts.set(id, front);
  front.catch(() => {
    if (fronts.get(id) === front) fronts.delete(id);
  });
  for (const oldest of [...fronts.keys()].slice(0, -KEPT_FRONTS)) fronts.delete(oldest);
}

/** The box could answer with another true file, of another day: it was sealed as what it is. */
export function checkIsAsked(isAsked: boolean): void {
  if (!isAsked) throw new OpenFault('gone', 'The box answered with something else than was asked for.');
}

/** In a buffer that can be handed over whole. */
export function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
}

// One MP4 of many sealed segments, made in the worker. Each segment is opened once and handed to the browser as a Blob, which may
// lie on its disk; the finished file is a head and slices of those, so that no byte of film is held twice.

import type { SegmentIndexView } from '../../src/http/api.ts';
import { type ByteSource, indexSegment, planFastStart, type SegmentIndex } from '../../src/media/fast-start.ts';
import { SealError } from '../../src/vault/fault.ts';
import { fetchBytes, OpenFault } from './box-files.ts';
import type { ExportPart } from './client.ts';
import { segmentPieces, type WithKeys } from './sealed-segment.ts';

export interface ExportOptions {
  /** Written into the file, UTC ms. */
  readonly createdAtMs: number;
  readonly withKeys: WithKeys;
  readonly signal: AbortSignal;
  /** How much of it is done, 0–1. */
  readonly onProgress: (share: number) => void;
}

interface OpenedPart {
  readonly film: Blob;
  readonly index: SegmentIndex;
}

/** What cannot be opened is left out, and its length told. Rejects when nothing can be, or the box does not answer. */
export async function exportMp4(
  parts: readonly ExportPart[],
  options: ExportOptions,
): Promise<{ readonly file: Blob; readonly missingMs: number }> {
  const totalBytes = Math.max(
    1,
    parts.reduce((sum, part) => sum + part.bytes, 0),
  );
  const opened: OpenedPart[] = [];
  let [doneBytes, missingMs] = [0, 0];
  let firstError: unknown;
  for (const part of parts) {
    const advance = (bytes: number) => options.onProgress(Math.min(1, (doneBytes + bytes) / totalBytes));
    try {
      const { film, lostMs } = await openPart(part, options, advance);
      missingMs += lostMs;
      if (film) opened.push(film);
    } catch (error) {
      const isLost = error instanceof SealError || (error instanceof OpenFault && error.fault === 'gone');
      if (!isLost) throw error;
      firstError ??= error;
      missingMs += part.durationMs;
    }
    doneBytes += part.bytes;
    advance(0);
  }
  const plan = planFastStart(
    opened.map(({ index }) => index),
    { createdAtMs: options.createdAtMs },
  );
  if (!plan) throw firstError ?? new OpenFault('gone', 'There is no picture in this recording.');
  const slices = plan.ranges.map(({ source, from, to }) => opened[source]!.film.slice(from, to));
  const file = new Blob([plan.header as Uint8Array<ArrayBuffer>, ...slices], { type: 'video/mp4' });
  return { file, missingMs };
}

async function openPart(
  part: ExportPart,
  { withKeys, signal }: ExportOptions,
  advance: (bytes: number) => void,
): Promise<{ readonly film?: OpenedPart; readonly lostMs: number }> {
  const sealedIndex = await indexOf(part, signal);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, lostMs] = [0, 0];
  for await (const piece of segmentPieces(part.id, sealedIndex, 0, withKeys, signal)) {
    if (piece.kind === 'gap') {
      lostMs += piece.toMs - piece.fromMs;
      continue;
    }
    chunks.push(piece.bytes);
    bytes += piece.bytes.length;
    advance(bytes);
  }
  const index = await indexSegment(joined(chunks, bytes));
  return index && index.runs.length > 0 ? { film: { film: new Blob(chunks), index }, lostMs } : { lostMs };
}

async function indexOf({ id, bytes }: ExportPart, signal: AbortSignal): Promise<SegmentIndexView> {
  try {
    const view = await fetchBytes(`/segments/${encodeURIComponent(id)}/index`, signal);
    return JSON.parse(new TextDecoder().decode(view)) as SegmentIndexView;
  } catch (error) {
    // the box cannot read it: what is in it tells why
    if (error instanceof OpenFault && error.fault === 'gone')
      return { bytes, headBytes: 0, finished: true, entries: [] };
    throw error;
  }
}

/** Chunks read as one file. */
function joined(chunks: readonly Uint8Array[], bytes: number): ByteSource {
  let before = 0;
  const placed = chunks.map((chunk) => {
    const from = before;
    before += chunk.length;
    return { from, chunk };
  });
  let last = 0;
  return {
    bytes,
    async read(from, to) {
      // it is read from front to back
      if (from < (placed[last]?.from ?? 0)) last = 0;
      while (last + 1 < placed.length && placed[last + 1]!.from <= from) last++;
      const out = new Uint8Array(to - from);
      for (let i = last; i < placed.length && placed[i]!.from < to; i++) {
        const { from: at, chunk } = placed[i]!;
        out.set(chunk.subarray(Math.max(0, from - at), to - at), Math.max(0, at - from));
      }
      return out;
    },
  };
}

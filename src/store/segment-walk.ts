// Reads what a segment file says about itself: header from the front, summary from the end, or, when the file was never
// finished, the marks one after the other up to the first that is torn or not true. Decides nothing about rows.

import type { LayerFile } from './file-layer.ts';
import {
  boxBytes,
  boxKind,
  isTrueTo,
  MARK_BYTES,
  MAX_SUMMARY_BYTES,
  readHeader,
  readMark,
  readSummary,
  type SegmentHeader,
  type SegmentSummary,
} from './segment-boxes.ts';

export interface WalkedSegment {
  readonly header: SegmentHeader;
  readonly summary?: SegmentSummary;
  /** The whole file, or what is whole of it. */
  readonly bytes: number;
  readonly durationMs: number;
}

/** An init segment is a few KiB; a header that is not in the first boxes is none. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024;
/** No append is larger; a length over this is damage. */
const MAX_FRAGMENT_BYTES = 256 * 1024 * 1024;

/** Undefined when the file is not one of ours, or its header is torn. */
export async function walkSegment(file: LayerFile): Promise<WalkedSegment | undefined> {
  const fileBytes = await file.bytes();
  const head = await findHeader(file, fileBytes);
  if (!head) return undefined;
  const summary = await findSummary(file, fileBytes, head.to);
  if (summary) return { header: head.header, summary, bytes: fileBytes, durationMs: summary.durationMs };
  const { bytes, mediaMs } = await walkMarks(file, fileBytes, head.to);
  return { header: head.header, bytes, durationMs: mediaMs };
}

async function piece(file: LayerFile, from: number, bytes: number): Promise<Uint8Array> {
  const into = new Uint8Array(bytes);
  return into.subarray(0, await file.read(into, from));
}

async function findHeader(file: LayerFile, fileBytes: number) {
  for (let at = 0, boxes = 0; at + 24 <= fileBytes && at < MAX_HEAD_BYTES && boxes < 16; boxes++) {
    const start = await piece(file, at, 24);
    const bytes = boxBytes(start);
    if (bytes < 8 || at + bytes > fileBytes) return undefined;
    if (boxKind(start) === 'header') {
      const header = bytes <= MAX_HEAD_BYTES ? readHeader(await piece(file, at, bytes)) : undefined;
      return header ? { header, to: at + bytes } : undefined;
    }
    at += bytes;
  }
  return undefined;
}

async function findSummary(file: LayerFile, fileBytes: number, from: number): Promise<SegmentSummary | undefined> {
  if (fileBytes - from < 28) return undefined;
  const end = await piece(file, fileBytes - 4, 4);
  const bytes = new DataView(end.buffer, end.byteOffset).getUint32(0);
  if (bytes < 28 || bytes > MAX_SUMMARY_BYTES || bytes > fileBytes - from) return undefined;
  return readSummary(await piece(file, fileBytes - bytes, bytes));
}

async function walkMarks(file: LayerFile, fileBytes: number, from: number) {
  let [bytes, mediaMs] = [from, 0];
  for (;;) {
    const mark = readMark(await piece(file, bytes, MARK_BYTES));
    const end = bytes + MARK_BYTES + (mark?.bytes ?? 0);
    if (!mark || mark.bytes > MAX_FRAGMENT_BYTES || end > fileBytes || !(mark.mediaMs >= mediaMs)) break;
    const fragment = await piece(file, bytes + MARK_BYTES, mark.bytes);
    if (!isTrueTo(mark, fragment)) break;
    [bytes, mediaMs] = [end, mark.mediaMs];
  }
  return { bytes, mediaMs };
}

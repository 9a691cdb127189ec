// Rows from files alone: what a file says about itself becomes its segment's, recording's and events' rows. Used to rebuild a
// lost catalog, and for single files that have no row.

import { isReason } from '../catalog/rows.ts';
import { readStillPath } from '../store/layout.ts';
import type { FoundSegment } from '../store/segment-store.ts';
import type { Shelf } from './shelf.ts';

/** Adds a finished file's rows. To be called inside a change. */
export function adoptSegment({ catalog, store }: Pick<Shelf, 'catalog' | 'store'>, found: FoundSegment): void {
  const { header, summary } = found;
  const { recordingId, cameraId, startMs } = header;
  const endMs = Math.round(startMs + found.durationMs);
  catalog.putRecording({
    id: recordingId,
    cameraId,
    startMs,
    endMs,
    reasons: (summary?.reasons ?? header.reasons).filter(isReason),
    peakLevel: summary?.peakLevel ?? 0,
    interrupted: summary?.interrupted ?? true,
  });
  const { version: _, segmentId, reasons: __, ...row } = header;
  const { bytes, durationMs } = found;
  catalog.putSegment({ ...row, id: segmentId, path: store.pathOf(header), bytes, durationMs, state: 'kept' });
  for (const event of summary?.events ?? []) {
    const { confirmed, changed, endMs = event.peakMs, ...rest } = event;
    catalog.putEvent({ ...rest, endMs, cameraId, recordingId, mail: null });
    if (confirmed !== undefined) catalog.setEventProof(event.id, { confirmed, ...(changed ? { changed } : {}) });
  }
  catalog.sumRecording(recordingId);
}

/** Adds a still's or difference picture's row when its recording is known; false when it is not. */
export function adoptStill({ catalog }: Pick<Shelf, 'catalog'>, path: string, bytes: number): boolean {
  const name = readStillPath(path);
  if (!name || !catalog.read.recording(name.recordingId)) return false;
  const { recordingId, atMs, eventId = null } = name;
  catalog.putStill({ path, bytes, recordingId, eventId, atMs, state: 'kept' });
  return true;
}

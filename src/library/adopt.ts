// Rows from files alone: what a file says about itself becomes its segment's, recording's and events' rows. Used to rebuild a
// lost catalog, and for single files that have no row. Where it moved is sealed: it comes back with no rebuilt catalog.

import { isReason } from '../catalog/rows.ts';
import { stillPath } from '../store/layout.ts';
import type { FoundPicture, FoundSegment } from '../store/segment-store.ts';
import type { Dates } from './dating.ts';
import type { Shelf } from './shelf.ts';
import { readSummaryEvents } from './summary-events.ts';

export interface AdoptingShelf extends Pick<Shelf, 'catalog' | 'store'> {
  readonly dating: Dates;
}

/** Adds a finished file's rows. To be called inside a change. */
export function adoptSegment({ catalog, store, dating }: AdoptingShelf, found: FoundSegment): void {
  const { header, summary, bytes, durationMs, sequence } = found;
  const { recordingId, cameraId, bootId, startSinceBootMs } = header;
  const { startMs, wallSynchronised } = dating.date(header);
  const endMs = Math.round(startMs + durationMs);
  catalog.putRecording({
    id: recordingId,
    cameraId,
    startMs,
    endMs,
    reasons: (summary?.reasons ?? header.reasons).filter(isReason),
    peakLevel: summary?.peakLevel ?? 0,
    interrupted: summary?.interrupted ?? true,
  });
  const { mimeType, width, height } = header;
  catalog.putSegment({
    ...{ id: header.fileId, recordingId, cameraId, path: store.pathOf(header), startMs, durationMs, bytes },
    ...{ mimeType, width, height, bootId, startSinceBootMs, wallSynchronised, sequence, state: 'kept' },
  });
  for (const { confirmed, endMs, ...event } of readSummaryEvents(summary?.events ?? [])) {
    // its times are as the header has them
    const sinceBootMs = Math.round(event.startMs) - header.startMs + startSinceBootMs;
    const dated = dating.date({ ...header, startSinceBootMs: sinceBootMs, startMs: event.startMs });
    const byMs = dated.startMs - event.startMs;
    catalog.putEvent({
      ...{ ...event, startMs: dated.startMs, peakMs: event.peakMs + byMs, endMs: (endMs ?? event.peakMs) + byMs },
      ...{ cameraId, recordingId, mail: null, moment: { bootId, sinceBootMs } },
    });
    if (confirmed !== undefined) catalog.setEventProof(event.id, { confirmed });
  }
  catalog.sumRecording(recordingId);
}

/** Adds a still's or difference picture's row when its recording is known; false when it is not. */
export function adoptPicture({ catalog }: Pick<Shelf, 'catalog'>, { path, header, bytes }: FoundPicture): boolean {
  const { recordingId, eventId = null, startMs: atMs } = header;
  if (!catalog.read.recording(recordingId)) return false;
  catalog.putStill({ path, bytes, recordingId, eventId, atMs, state: 'kept' });
  return true;
}

/** Whether a picture lies where its header says: a copy under another name is none of ours. */
export function isInPlace({ path, header }: FoundPicture): boolean {
  const { cameraId, recordingId, startMs: atMs, eventId } = header;
  try {
    return stillPath({ cameraId, recordingId, atMs, ...(eventId === undefined ? {} : { eventId }) }) === path;
  } catch {
    return false;
  }
}

// Motion events: kept as rows, and tied to the recording that shows them. Either may come first; whichever comes second ties
// the knot.

import type { EventRow, MailState, RecordingRow } from '../catalog/rows.ts';
import { announceRecording, eventView, isNoSpace, type Shelf } from './shelf.ts';
import type { RecordedEvent } from './types.ts';

export type NewEvent = Omit<RecordedEvent, 'recordingId' | 'mail'>;

const FOREVER = Number.MAX_SAFE_INTEGER;

export function createEvents(shelf: Shelf) {
  const { catalog, log } = shelf;
  return {
    /** Adds an event, or brings it up to date by its id. On a full disk it is announced all the same: alerts must go out. */
    recordEvent(event: NewEvent): void {
      const known = catalog.read.event(event.id);
      const recordingId =
        known?.recordingId ??
        catalog.read.recordingAround(event.cameraId, event.startMs, event.endMs ?? FOREVER)?.id ??
        null;
      const row: EventRow = { ...event, endMs: event.endMs ?? null, recordingId, mail: known?.mail ?? null };
      try {
        catalog.change('record event', () => {
          catalog.putEvent(row);
          if (recordingId !== null) catalog.joinRecording(recordingId, { level: event.level });
        });
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        log.warn('an event could not be kept: the disk is full', { camera: event.cameraId });
      }
      shelf.announce('event', eventView(catalog.read.event(event.id) ?? row));
      if (recordingId !== null) announceRecording(shelf, recordingId);
    },

    setEventMail(id: string, mail: MailState): void {
      catalog.setEventMail(id, mail);
      const row = catalog.read.event(id);
      if (row) shelf.announce('event', eventView(row));
    },
  };
}

/** Ties events of a recording's time that had none to tie to yet. To be called inside a change. */
export function tieLooseEvents({ catalog }: Shelf, recording: RecordingRow): void {
  const { id, cameraId, startMs, endMs } = recording;
  for (const event of catalog.read.looseEvents(cameraId, startMs, endMs ?? FOREVER)) {
    catalog.putEvent({ ...event, recordingId: id });
    catalog.joinRecording(id, { level: event.level });
  }
}

// Motion events: kept as rows, and tied to the recording that shows them. Either may come first; whichever comes second ties
// the knot.

import type { EventRow, MailState, Proof, RecordingRow } from '../catalog/rows.ts';
import { announceRecording, eventView, isNoSpace, type Shelf } from './shelf.ts';
import type { RecordedEvent } from './types.ts';

/** `recordingId` where the caller knows it; else the recording of that camera and time is found. `mail` where it is decided. */
export type NewEvent = Omit<RecordedEvent, 'confirmed' | 'changed' | 'difference'>;

const FOREVER = Number.MAX_SAFE_INTEGER;

export function createEvents(shelf: Shelf) {
  const { catalog, log, dating } = shelf;
  return {
    /** Adds an event, or brings it up to date by its id. On a full disk it is announced all the same: alerts must go out. */
    recordEvent(event: NewEvent): void {
      const { id, cameraId, level } = event;
      const known = catalog.read.event(id);
      // told in the machine's wall time: which moment that was does not change when the clock is set
      const moment = known?.moment ?? dating.momentOf(event.startMs);
      const dated = (wallMs: number) => dating.wallOf(dating.momentOf(wallMs).sinceBootMs);
      const startMs = known?.startMs ?? dated(event.startMs);
      const peakMs = Math.max(startMs, dated(event.peakMs));
      const endMs = event.endMs === undefined ? undefined : Math.max(startMs, dated(event.endMs));
      const given = event.recordingId && catalog.read.recording(event.recordingId) ? event.recordingId : undefined;
      const found = () => catalog.read.recordingAround(cameraId, startMs, endMs ?? FOREVER)?.id ?? null;
      const recordingId = given ?? known?.recordingId ?? found();
      const times = { startMs, peakMs, endMs: endMs ?? null };
      const mail = event.mail ?? known?.mail ?? null;
      const zones = event.zones ?? known?.zones ?? null;
      const seen = { proof: known?.proof ?? null, difference: known?.difference ?? false };
      const row: EventRow = { id, cameraId, ...times, level, recordingId, mail, zones, ...seen, moment };
      try {
        catalog.change('record event', () => {
          catalog.putEvent(row);
          if (recordingId !== null) catalog.joinRecording(recordingId, { level });
        });
      } catch (error) {
        if (!isNoSpace(error)) throw error;
        log.warn('an event could not be kept: the disk is full', { camera: cameraId });
      }
      shelf.announce('event', eventView(catalog.read.event(id) ?? row));
      if (recordingId !== null) announceRecording(shelf, recordingId);
    },

    /** Throws `no-space` on a full disk, and notes it as soon as there is room. */
    setEventMail(id: string, mail: MailState): void {
      if (catalog.read.event(id)?.mail === mail) return;
      shelf.owed.make(`mail of ${id}`, () => {
        catalog.setEventMail(id, mail);
        const row = catalog.read.event(id);
        if (row) shelf.announce('event', eventView(row));
      });
    },

    /** Throws `no-space` on a full disk, and notes it as soon as there is room. */
    setEventProof(id: string, proof: Proof): void {
      shelf.owed.make(`proof of ${id}`, () => {
        catalog.setEventProof(id, proof);
        const row = catalog.read.event(id);
        if (!row) return;
        shelf.announce('event', eventView(row));
        if (row.recordingId !== null) announceRecording(shelf, row.recordingId);
      });
    },

    /** Events whose mail has neither gone out nor been given up, oldest first. */
    eventsAwaitingMail: (): readonly RecordedEvent[] => catalog.read.eventsWithMail('waiting').map(eventView),
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

// One still per recording and one difference picture per event, as sealed files beside the segments. Same order as for segments: row as
// open, file durable, row as kept; a better one replaces the one before only once it is safe. Stills and removals take turns: none is kept for a recording
// that is just going, and an end waits for what is being written.

import { NightjarError } from '../base/errors.ts';
import type { RecordingRow, StillRow } from '../catalog/rows.ts';
import { stillPath } from '../store/layout.ts';
import type { PictureHeader } from '../store/segment-store.ts';
import { pictureSize } from './picture-size.ts';
import { announceRecording, eventView, newId, type Shelf } from './shelf.ts';

export function createStills(shelf: Shelf) {
  const { catalog, store, dating } = shelf;
  let closed = false;

  async function keep(recordingId: string, picture: Uint8Array, atMs: number, eventId?: string): Promise<void> {
    const recording = catalog.read.recording(recordingId);
    if (!recording) throw new NightjarError('missing', `there is no recording ${recordingId}`);
    const all = catalog.read.stillsOf(recordingId);
    const before = all.filter((still) => still.state === 'kept' && still.eventId === (eventId ?? null));
    const path = stillPath({ cameraId: recording.cameraId, recordingId, atMs, ...(eventId ? { eventId } : {}) });
    if (before.some((still) => still.path === path)) return;
    if (!store.canSeal()) throw new NightjarError('unavailable', 'nobody owns this box yet, so no picture is kept');
    const row = { path, recordingId, eventId: eventId ?? null, atMs };
    catalog.putStill({ ...row, bytes: 0, state: 'open' });
    let bytes: number;
    try {
      bytes = await store.putPicture(path, headerOf(recording, picture, atMs, eventId), picture);
    } catch (error) {
      catalog.dropStills([path]);
      throw error;
    }
    catalog.change('keep still', () => {
      catalog.putStill({ ...row, bytes, state: 'kept' });
      catalog.markStills(before.map((still) => still.path));
    });
    announceRecording(shelf, recordingId);
    await store.remove(before.map((still) => still.path));
    catalog.dropStills(before.map((still) => still.path));
  }

  function headerOf(recording: RecordingRow, picture: Uint8Array, atMs: number, eventId?: string): PictureHeader {
    const { bootId, sinceBootMs } = dating.momentOf(atMs);
    return {
      kind: eventId === undefined ? 'still' : 'difference',
      ...{ fileId: newId(), recordingId: recording.id, cameraId: recording.cameraId, stream: 'main' },
      ...(eventId === undefined ? {} : { eventId }),
      startMs: Math.round(atMs),
      startSinceBootMs: sinceBootMs,
      bootId,
      wallSynchronised: dating.isTimeKnown(),
      mimeType: eventId === undefined ? 'image/jpeg' : 'image/png',
      ...pictureSize(picture),
      reasons: recording.reasons,
    };
  }

  async function bytesOf(row: StillRow | undefined): Promise<Uint8Array | undefined> {
    if (!row) return undefined;
    try {
      return new Uint8Array(await new Response(store.read(row.path, 0, row.bytes)).arrayBuffer());
    } catch (error) {
      if (error instanceof NightjarError && error.kind === 'missing') return undefined;
      throw error;
    }
  }

  return {
    /**
     * Keeps a JPEG as the recording's picture. Rejects with `missing` without such a recording, `no-space` on a full disk,
     * `unavailable` when the library is closing.
     */
    async addStill(recordingId: string, jpeg: Uint8Array, atMs: number): Promise<void> {
      if (closed) throw new NightjarError('unavailable', 'the library is closing; a picture was not kept');
      await shelf.inTurn(() => keep(recordingId, jpeg, atMs));
    },

    /**
     * Keeps a PNG that shows what set an event off, with the recording that shows the event. Rejects as `addStill` does, with
     * `missing` also when nothing of the event is recorded.
     */
    async addDifference(eventId: string, png: Uint8Array, atMs: number): Promise<void> {
      if (closed) throw new NightjarError('unavailable', 'the library is closing; a difference picture was not kept');
      await shelf.inTurn(async () => {
        const recordingId = catalog.read.event(eventId)?.recordingId;
        if (!recordingId) throw new NightjarError('missing', `nothing is recorded of event ${eventId}`);
        await keep(recordingId, png, atMs, eventId);
        const row = catalog.read.event(eventId);
        if (row) shelf.announce('event', eventView(row));
      });
    },

    /** Takes no more, and resolves when those that were taken are safe. */
    async close(): Promise<void> {
      closed = true;
      await shelf.inTurn(async () => {});
    },

    /** Sealed, as it lies on the disk. */
    still: (recordingId: string): Promise<Uint8Array | undefined> => bytesOf(catalog.read.still(recordingId)),

    /** Sealed, as it lies on the disk. */
    difference: (eventId: string): Promise<Uint8Array | undefined> => bytesOf(catalog.read.difference(eventId)),
  };
}

// One still per recording, as a file beside its segments. Same order as for segments: row as open, file durable, row as kept;
// a better still replaces the one before only once it is safe. Stills and removals take turns: none is kept for a recording
// that is just going, and an end waits for what is being written.

import { NightjarError } from '../base/errors.ts';
import { stillPath } from '../store/layout.ts';
import { announceRecording, type Shelf } from './shelf.ts';

export function createStills(shelf: Shelf) {
  const { catalog, store } = shelf;
  let closed = false;

  async function keep(recordingId: string, jpeg: Uint8Array, atMs: number): Promise<void> {
    const recording = catalog.read.recording(recordingId);
    if (!recording) throw new NightjarError('missing', `there is no recording ${recordingId}`);
    const before = catalog.read.stillsOf(recordingId).filter((still) => still.state === 'kept');
    const path = stillPath({ cameraId: recording.cameraId, recordingId, atMs });
    if (before.some((still) => still.path === path)) return;
    const row = { path, recordingId, atMs, bytes: jpeg.length };
    catalog.putStill({ ...row, state: 'open' });
    try {
      await store.putWhole(path, jpeg);
    } catch (error) {
      catalog.dropStills([path]);
      throw error;
    }
    catalog.change('keep still', () => {
      catalog.putStill({ ...row, state: 'kept' });
      catalog.markStills(before.map((still) => still.path));
    });
    announceRecording(shelf, recordingId);
    await store.remove(before.map((still) => still.path));
    catalog.dropStills(before.map((still) => still.path));
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

    /** Takes no more, and resolves when those that were taken are safe. */
    async close(): Promise<void> {
      closed = true;
      await shelf.inTurn(async () => {});
    },

    async still(recordingId: string): Promise<Uint8Array | undefined> {
      const row = catalog.read.still(recordingId);
      if (!row) return undefined;
      try {
        return new Uint8Array(await new Response(store.read(row.path, 0, row.bytes)).arrayBuffer());
      } catch (error) {
        if (error instanceof NightjarError && error.kind === 'missing') return undefined;
        throw error;
      }
    },
  };
}

// Removes what was kept, in the order that survives a power cut at any step: rows marked as garbage → removal signed and noted →
// files unlinked → folder fsynced → rows dropped. One removal runs at a time, so that the owner and the sweeper cannot trip over each other, and no
// still is kept meanwhile for what goes.

import { describeError } from '../base/errors.ts';
import type { SegmentRow } from '../catalog/rows.ts';
import type { RemovalReason } from '../store/segment-store.ts';
import { announceRecording, isNoSpace, type Shelf } from './shelf.ts';
import { starPathsOf } from './stars.ts';

export interface Removal {
  /**
   * Removes kept segments; the recording goes with its last one. Answers how many went. Segments being written stay, and
   * those of starred recordings, which may have got their star while somebody planned this. `why`, for who
   * asks later whether something was stolen: for room when left out.
   */
  removeSegments(ids: readonly string[], why?: RemovalReason): Promise<number>;
  /** Removes whole recordings with their events. Those still running stay. Answers how many went. */
  removeRecordings(ids: readonly string[]): Promise<number>;
}

export function createRemoval(shelf: Shelf): Removal {
  const { catalog, store, log } = shelf;

  async function remove(
    segments: readonly SegmentRow[],
    forgetEventsOf: readonly string[],
    why: RemovalReason,
  ): Promise<void> {
    const going = new Set(segments.map((segment) => segment.id));
    const touched = [...new Set([...segments.map((segment) => segment.recordingId), ...forgetEventsOf])];
    const ending = touched.filter(
      (id) =>
        catalog.read.recording(id)?.endMs !== null && catalog.read.segmentsOf(id).every((left) => going.has(left.id)),
    );
    const stills = ending.flatMap((id) => catalog.read.stillsOf(id)).map((still) => still.path);
    const stars = ending.filter(isStarred).flatMap((id) => starPathsOf(shelf, id));
    try {
      catalog.change('mark as garbage', () => {
        catalog.markSegments([...going]);
        catalog.markStills(stills);
        for (const id of forgetEventsOf) catalog.dropEventsOf(id);
      });
    } catch (error) {
      // A disk so full that not even a mark fits: the file must go first, or nothing ever could. A crash before
      // the rows are dropped leaves rows without file, which the check after the next start drops.
      if (!isNoSpace(error)) throw error;
      log.warn('the disk is completely full; removing files before their rows');
    }
    await noteRemoved(shelf, segments, why, shelf.clock.wallMs(), () =>
      store.remove([...segments.map((segment) => segment.path), ...stills, ...stars]),
    );
    shelf.owed.make(`remove ${[...going]}`, () => {
      catalog.change('drop removed', () => {
        catalog.dropSegments([...going]);
        catalog.dropStills(stills);
        for (const id of forgetEventsOf) catalog.dropEventsOf(id);
        for (const id of touched) {
          if (isOver(id)) catalog.dropRecording(id);
          else catalog.sumRecording(id);
        }
      });
      for (const id of touched) {
        if (catalog.read.recording(id)) announceRecording(shelf, id);
        else shelf.announce('recording-removed', { id });
      }
    });
  }

  /** Asked when its segments are gone: one that was still running when they were marked may have ended since. */
  const isOver = (id: string) => catalog.read.recording(id)?.endMs !== null && catalog.read.segmentsOf(id).length === 0;

  const isStarred = (id: string) => catalog.read.recording(id)?.starred === true;

  return {
    removeSegments: (ids, why = 'space') =>
      shelf.inTurn(async () => {
        const segments = [...new Set(ids)].flatMap((id) => {
          const segment = catalog.read.segment(id);
          return segment?.state === 'kept' && !isStarred(segment.recordingId) ? [segment] : [];
        });
        if (segments.length > 0) await remove(segments, [], why);
        return segments.length;
      }),

    removeRecordings: (ids) =>
      shelf.inTurn(async () => {
        let removed = 0;
        for (const id of new Set(ids)) {
          const recording = catalog.read.recording(id);
          const segments = catalog.read.segmentsOf(id);
          if (!recording || recording.endMs === null || segments.some((segment) => segment.state === 'open')) continue;
          await remove(segments, [id], 'owner');
          removed++;
        }
        return removed;
      }),
  };
}

/**
 * Notes what goes, camera by camera, then removes it. Where the note fails the files go all the same, or a full disk would stay full,
 * and a bad block in the notes would stop all recording; then it is tried once more. Without it `verify` would call them missing.
 */
export async function noteRemoved(
  { store, log }: Pick<Shelf, 'store' | 'log'>,
  segments: readonly Pick<SegmentRow, 'cameraId' | 'sequence'>[],
  why: RemovalReason,
  atMs: number,
  remove: () => Promise<void>,
): Promise<void> {
  const note = async () => {
    for (const cameraId of new Set(segments.map((segment) => segment.cameraId))) {
      const sequences = segments.filter((segment) => segment.cameraId === cameraId).map(({ sequence }) => sequence);
      await store.noteRemoved(cameraId, sequences, why, atMs);
    }
  };
  let isNoted = true;
  try {
    await note();
  } catch {
    isNoted = false;
  }
  await remove();
  if (isNoted) return;
  await note().catch((error) => {
    log.warn('files were removed without a note: `nightjar verify` will call them missing', {
      reason: describeError(error),
    });
  });
}

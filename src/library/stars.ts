// Stars: recordings that their owner wants to keep. A star is a row's and, beside the recording's first segment, an empty file,
// so that a catalog made anew from the files knows it, too. Where the two disagree after a crash the star stays: a recording
// too many can be removed, one too few cannot be brought back.

import { NightjarError } from '../base/errors.ts';
import { readStarPath, starPath } from '../store/layout.ts';
import type { Problem } from './check.ts';
import { announceRecording, type Shelf } from './shelf.ts';

export interface Stars {
  /**
   * Durable when it resolves. False: there is no such recording. Rejects with `no-space` when the disk has no room to say so,
   * `conflict` while nothing of it is on the disk.
   */
  setStarred(recordingId: string, starred: boolean): Promise<boolean>;
}

type StarShelf = Pick<Shelf, 'catalog' | 'store'>;

export function createStars(shelf: Shelf): Stars {
  const { catalog, store } = shelf;
  return {
    // in turn with removals: what is being removed cannot get a star, and what has one is not removed
    setStarred: (id, starred) =>
      shelf.inTurn(async () => {
        if (!catalog.read.recording(id)) return false;
        const paths = starPathsOf(shelf, id);
        if (starred) {
          const [path] = paths;
          if (path === undefined) throw new NightjarError('conflict', 'nothing of this recording is on the disk yet');
          await store.mark(path);
          catalog.setStarred(id, true);
        } else {
          catalog.setStarred(id, false);
          await store.remove(paths);
        }
        announceRecording(shelf, id);
        return true;
      }),
  };
}

/** Where the star of a recording may lie: beside each of its segments, as the first one may have gone since. */
export function starPathsOf({ catalog }: Pick<Shelf, 'catalog'>, recordingId: string): readonly string[] {
  return catalog.read.segmentsOf(recordingId).map((segment) => starPath(segment.path, recordingId));
}

/** Holds the stars in a folder against the rows. To be called when its segments have their rows. */
export async function adoptStars(
  { catalog, store }: StarShelf,
  paths: readonly string[],
  repair: boolean,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const path of paths) {
    const id = readStarPath(path)!;
    const recording = catalog.read.recording(id);
    if (recording?.starred || (await store.bytes(path)) === undefined) continue; // or taken away since it was listed
    if (repair && recording) catalog.setStarred(id, true);
    if (repair && !recording) await store.remove([path]);
    const message = recording ? 'is a star that the catalog did not know' : 'is the star of a recording that is gone';
    problems.push({ kind: 'no-row', path, message, repaired: repair });
  }
  return problems;
}

/** Recordings with a star whose file is gone: it is made anew. */
export async function checkStars({ catalog, store }: StarShelf, repair: boolean): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { id } of catalog.read.starred()) {
    const paths = starPathsOf({ catalog }, id);
    const sizes = await Promise.all(paths.map((path) => store.bytes(path)));
    const [path] = paths;
    if (path === undefined || sizes.some((bytes) => bytes !== undefined)) continue;
    if (!catalog.read.recording(id)?.starred) continue; // taken away meanwhile
    if (repair) await store.mark(path);
    problems.push({ kind: 'missing-file', path, message: 'should mark a starred recording', repaired: repair });
  }
  return problems;
}

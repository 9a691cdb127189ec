// What a start does about the stop before it: finishes what was being written, and what was being removed. It asks the catalog
// only for what is unsettled, so it takes the same time with ten recordings and with a hundred thousand.

import { describeError } from '../base/errors.ts';
import type { ChainHint } from '../store/segment-store.ts';
import { noteRemoved } from './removal.ts';
import { isNoSpace, type Shelf } from './shelf.ts';

type StartingShelf = Pick<Shelf, 'catalog' | 'store' | 'log' | 'owed'>;

export interface Recovered {
  /** Files that were cut short and are kept. */
  readonly finished: number;
  /** Files of which nothing was whole, and rows without file. */
  readonly dropped: number;
  /** Removals that were under way. */
  readonly removed: number;
}

/** May be stopped at any step and run again. */
export async function recover(shelf: StartingShelf, nowMs: number): Promise<Recovered> {
  await shelf.store.startChains(hintsOf(shelf), !shelf.catalog.read.isFilled());
  // only these can have become empty or be still open
  const touched = new Set([
    ...shelf.catalog.read.runningRecordings(),
    ...shelf.catalog.read.segmentsIn('garbage').map((segment) => segment.recordingId),
    ...shelf.catalog.read.segmentsIn('open').map((segment) => segment.recordingId),
  ]);
  const removed = await finishRemovals(shelf, nowMs);
  const { finished, dropped } = await finishSegments(shelf);
  await endRecordings(shelf, [...touched]);
  const { catalog } = shelf;
  const openEvents = catalog.read.openEvents();
  if (openEvents.length > 0) whenThereIsRoom(shelf, 'end events', () => catalog.endOpenEvents(openEvents));
  if (finished + dropped + removed > 0) {
    shelf.log.info('put in order what the last stop had interrupted', { finished, dropped, removed });
  }
  return { finished, dropped, removed };
}

/** What the catalog knows of the chains. Files that were being written may bear higher numbers than any row. */
function hintsOf({ catalog }: Pick<Shelf, 'catalog'>): readonly ChainHint[] {
  return [...catalog.read.chainEnds(), ...catalog.read.segmentsIn('open')];
}

/** A box must start on a full disk, too, or nobody could make room: then the catalog is told as soon as there is some. */
function whenThereIsRoom({ owed, log }: StartingShelf, name: string, change: () => void): void {
  try {
    owed.make(name, change);
  } catch (error) {
    if (!isNoSpace(error)) throw error;
    log.warn('the disk is full; what the last stop interrupted is put in order when there is room');
  }
}

async function finishRemovals(shelf: StartingShelf, nowMs: number): Promise<number> {
  const { catalog, store, log } = shelf;
  const segments = catalog.read.segmentsIn('garbage');
  // a still that was being written is not worth keeping: another comes with the next motion
  const stills = catalog.read.stillsUnsettled();
  if (segments.length + stills.length === 0) return 0;
  // most are noted already, with their reason; of the others only the disk's state is likely
  await noteRemoved({ store, log }, segments, 'space', nowMs, () =>
    store.remove([...segments, ...stills].map((row) => row.path)),
  );
  whenThereIsRoom(shelf, 'finish removals', () =>
    catalog.change('finish removals', () => {
      catalog.dropSegments(segments.map((segment) => segment.id));
      catalog.dropStills(stills.map((still) => still.path));
      for (const id of new Set(segments.map((segment) => segment.recordingId))) catalog.sumRecording(id);
    }),
  );
  return segments.length + stills.length;
}

async function finishSegments(shelf: StartingShelf) {
  const { catalog, store, log } = shelf;
  let [finished, dropped] = [0, 0];
  const open = [...catalog.read.segmentsIn('open')].sort((a, b) => a.startSinceBootMs - b.startSinceBootMs);
  // those the disk had no room to sign are as good as interrupted
  for (const row of [...open, ...catalog.read.unsignedSegments()]) {
    try {
      if (row.state === 'kept' && (await store.inspect(row.path))?.isSigned !== false) continue;
      const found = await store.recover(row.path);
      if (found) {
        whenThereIsRoom(shelf, `keep ${row.id}`, () =>
          catalog.change('keep recovered segment', () => {
            catalog.keepSegment(row.id, found);
            catalog.sumRecording(row.recordingId);
          }),
        );
        finished++;
      } else {
        whenThereIsRoom(shelf, `drop ${row.id}`, () => catalog.dropSegments([row.id]));
        dropped++;
      }
    } catch (error) {
      // one bad block must not keep the box from recording; it is tried again at the next start
      log.error('a recording could not be recovered; `nightjar check` says more', {
        file: row.path,
        error: describeError(error),
      });
    }
  }
  return { finished, dropped };
}

async function endRecordings(shelf: StartingShelf, touched: readonly string[]): Promise<void> {
  const { catalog, store } = shelf;
  const left = touched.map((id) => catalog.read.recording(id)).filter((row) => row !== undefined);
  const empty = left.filter((row) => catalog.read.segmentsOf(row.id).length === 0);
  const running = left.filter((row) => row.endMs === null && !empty.includes(row));
  if (running.length + empty.length === 0) return;
  const stills = empty.flatMap((row) => catalog.read.stillsOf(row.id)).map((still) => still.path);
  if (stills.length > 0) {
    // without the mark a crash in between leaves rows without file, which the check drops
    whenThereIsRoom(shelf, 'mark stills', () => catalog.markStills(stills));
    await store.remove(stills);
  }
  whenThereIsRoom(shelf, 'end recordings', () =>
    catalog.change('end recordings', () => {
      catalog.dropStills(stills);
      for (const { id } of empty) catalog.dropRecording(id);
      for (const { id, startMs } of running) catalog.endRecording(id, startMs, true);
    }),
  );
}

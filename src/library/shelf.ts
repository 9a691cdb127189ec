// What the parts of the library share: the files, the rows, the files being written, and whom to tell.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Catalog, Redated } from '../catalog/catalog.ts';
import type { EventRow, RecordingRow } from '../catalog/rows.ts';
import type { OpenSegment, SegmentStore } from '../store/segment-store.ts';
import type { Boot } from './boot.ts';
import type { Dating } from './dating.ts';
import type { Levels } from './levels.ts';
import type { OwedChanges } from './owed.ts';
import type { LibraryChanges, RecordedEvent, Recording } from './types.ts';

export interface Shelf {
  readonly store: SegmentStore;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly log: Log;
  readonly boot: Boot;
  readonly dating: Dating;
  /** By segment id: files that are being written. */
  readonly writing: Map<string, OpenSegment & { readonly recordingId: string }>;
  /** How much moved in the last minute. */
  readonly levels: Levels;
  readonly cameraName: (cameraId: string) => string;
  /** What the catalog could not be told yet, because the disk is full. */
  readonly owed: OwedChanges;
  /** Steps of several awaits that take or give whole files: one at a time, so that none trips over another. */
  inTurn<T>(step: () => Promise<T>): Promise<T>;
  announce<K extends keyof LibraryChanges>(name: K, data: LibraryChanges[K]): void;
}

export function takingTurns(): Shelf['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (step) => {
    const done = last.then(step);
    last = done.catch(() => {});
    return done;
  };
}

export const newId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 20);

export const isNoSpace = (error: unknown): boolean => error instanceof NightjarError && error.kind === 'no-space';

export function recordingView(shelf: Shelf, row: RecordingRow): Recording {
  const { catalog } = shelf;
  const { endMs, timeUnknown, ...rest } = row;
  // a running segment counts too, so that the page shows it grow
  const running = endMs === null ? [...shelf.writing.values()].filter((s) => s.recordingId === row.id) : [];
  return {
    ...rest,
    ...(endMs === null ? {} : { endMs }),
    ...(timeUnknown ? { timeUnknown } : {}),
    durationMs: running.reduce((sum, s) => sum + Math.round(s.mediaMs), row.durationMs),
    bytes: running.reduce((sum, s) => sum + (s.mediaMs > 0 ? s.wholeBytes : 0), row.bytes),
    cameraName: shelf.cameraName(row.cameraId),
    hasStill: catalog.read.still(row.id) !== undefined,
    events: catalog.read.eventsOf(row.id).map(eventView),
  };
}

export function eventView({
  endMs,
  recordingId,
  mail,
  zones,
  proof,
  difference,
  moment: _,
  ...rest
}: EventRow): RecordedEvent {
  return {
    ...rest,
    ...(endMs === null ? {} : { endMs }),
    ...(recordingId === null ? {} : { recordingId }),
    ...(mail === null ? {} : { mail }),
    ...(zones === null ? {} : { zones }),
    ...proof,
    ...(difference ? { difference } : {}),
  };
}

/** Tells listeners how a recording stands now, if it is still there. */
export function announceRecording(shelf: Shelf, id: string): void {
  const row = shelf.catalog.read.recording(id);
  if (row) shelf.announce('recording', recordingView(shelf, row));
}

/** More at once fill no page; those that look again see the rest. */
const ANNOUNCED_AT_ONCE = 200;

/** Tells listeners of recordings and events whose time is known better now. */
export function announceRedated(shelf: Shelf, { recordingIds, eventIds }: Redated): void {
  for (const id of recordingIds.slice(-ANNOUNCED_AT_ONCE)) announceRecording(shelf, id);
  for (const id of eventIds.slice(-ANNOUNCED_AT_ONCE)) {
    const row = shelf.catalog.read.event(id);
    if (row) shelf.announce('event', eventView(row));
  }
}

// Keeps files and catalog true to each other. This is the room's front door: it opens both, puts in order what the last stop
// interrupted, and joins the parts that commit, remove, list and check. What to remove and when is `retention/`'s to say;
// how recordings are shown is `playback/`'s.

import type { Clock } from '../base/clock.ts';
import { privateFolder } from '../base/durable.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { isDamage } from '../catalog/database.ts';
import type {
  AgedSegment,
  CatalogReader,
  EventQuery,
  QuarterRow,
  RecordingQuery,
  TimelineQuery,
  TimelineRow,
} from '../catalog/reader.ts';
import type { FileLayer } from '../store/file-layer.ts';
import { SealedSegmentStore } from '../store/sealed-segment-store.ts';
import type { Sealing } from '../store/sealing.ts';
import type { SegmentIndex } from '../store/segment-store.ts';
import { type Boot, readBoot } from './boot.ts';
import { type CheckOptions, type CheckReport, checkShelf } from './check.ts';
import { createDating } from './dating.ts';
import { createEvents } from './events.ts';
import { Levels } from './levels.ts';
import { closeCatalog, moveCatalogAside, openCatalog } from './open-catalog.ts';
import { OwedChanges } from './owed.ts';
import { recover } from './recovery.ts';
import { createRemoval, type Removal } from './removal.ts';
import { announceRedated, eventView, recordingView, type Shelf, takingTurns } from './shelf.ts';
import { createSink, type Sink } from './sink.ts';
import { createStars, type Stars } from './stars.ts';
import { createStills } from './stills.ts';
import type { LibraryListener, RecordedEvent, Recording, Segment, SegmentBytes, TimelineSegment } from './types.ts';

export interface LibraryOptions {
  /** The data folder: recordings go into `recordings/`, rows into `catalog.db`. */
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** To whom files are sealed, and with what the box signs. */
  readonly sealing: Sealing;
  /** What a camera is called; asked at each view, so that a new name shows at once. */
  readonly cameraName: (cameraId: string) => string;
  readonly boot?: Boot;
  /** The system calls: counted, or made to fail by tests. */
  readonly files?: FileLayer;
  /** For tests: before each transaction. */
  readonly beforeWrite?: (what: string) => void;
  readonly syncEveryMs?: number;
  /** When, after a start, names of files and rows are compared in the background. */
  readonly compareAfterMs?: number;
}

/** What retention asks before it removes anything; answers are as in `catalog/retention-reader.ts`. */
type RetentionQuestions = Pick<
  CatalogReader,
  'keptByCamera' | 'oldestRemovable' | 'nextContinuous' | 'keptSegmentsOf' | 'movedBetween'
>;

export interface Library
  extends AsyncDisposable,
    Removal,
    Stars,
    RetentionQuestions,
    ReturnType<typeof createEvents>,
    Omit<ReturnType<typeof createStills>, 'close'> {
  readonly sink: Omit<Sink, 'settle' | 'close'>;
  recording(id: string): Recording | undefined;
  recordings(query: RecordingQuery): readonly Recording[];
  /** Sums by quarter of an hour (UTC), newest first: what days in any time zone are made of. */
  quarters(query: Pick<RecordingQuery, 'cameraId' | 'reason'>): readonly QuarterRow[];
  /** Segments that can be played, oldest first: kept ones, and the running one up to its last whole fragment. */
  segments(recordingId: string): readonly Segment[];
  /** What there is to play of a time, oldest first; at most `limit` segments, and fewer where some cannot be played yet. */
  timeline(query: TimelineQuery): {
    readonly segments: readonly TimelineSegment[];
    readonly next?: TimelineQuery['after'];
  };
  events(query: EventQuery): readonly RecordedEvent[];
  event(id: string): RecordedEvent | undefined;
  /** How much moved in a picture, 0–100; `atMs`: its moment on the monotonic clock. Chunks recorded from then on say so. */
  level(cameraId: string, level: number, atMs: number): void;
  /** Sealed, as it lies on the disk. */
  bytesOf(segmentId: string): SegmentBytes | undefined;
  /** Where its chunks lie, also of one that is being written. */
  indexOf(segmentId: string): Promise<SegmentIndex | undefined>;
  /** Kept segments, oldest first: those that begin before a moment, or all. */
  oldestSegments(limit: number, beforeMs?: number): readonly AgedSegment[];
  totals(): { readonly segments: number; readonly bytes: number; readonly oldestMs: number | null };
  /** Bytes of kept segments that began since a moment. */
  bytesSince(fromMs: number): number;
  /** Drops events without recording that are older. */
  forgetEventsBefore(beforeMs: number): void;
  /** Tells the catalog what the disk had no room for before. */
  settle(): void;
  /** Whether the present time is known; null: nobody can say. */
  isTimeKnown(): boolean | null;
  /** By which moment to judge what is too old; undefined while the clock is doubted: then nothing is. */
  ageNowMs(): number | undefined;
  check(options?: Pick<CheckOptions, 'repair' | 'namesOnly' | 'deep' | 'signal'>): Promise<CheckReport>;
  listen(listener: LibraryListener): () => void;
  /** Finishes what is being written. The recorder should have ended before. */
  close(): Promise<void>;
}

export const recordingsFolder = (dataFolder: string): string => `${dataFolder}/recordings`;
export const catalogPath = (dataFolder: string): string => `${dataFolder}/catalog.db`;

export function openStore(options: Pick<LibraryOptions, 'dataFolder' | 'clock' | 'sealing' | 'files' | 'syncEveryMs'>) {
  const { dataFolder, clock, sealing, files, syncEveryMs } = options;
  return new SealedSegmentStore({
    folder: recordingsFolder(dataFolder),
    asideFolder: `${dataFolder}/set-aside`,
    clock,
    sealing,
    ...(files ? { files } : {}),
    ...(syncEveryMs === undefined ? {} : { syncEveryMs }),
  });
}

/** Opens the library. When it resolves, what the last stop interrupted is in order, and recording may begin. */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  const { dataFolder, clock, log, cameraName } = options;
  privateFolder(dataFolder);
  const store = openStore(options);
  const catalogOptions = {
    path: catalogPath(dataFolder),
    log,
    clock,
    ...(options.beforeWrite ? { beforeWrite: options.beforeWrite } : {}),
  };
  let catalog = openCatalog(catalogOptions);
  const boot = options.boot ?? readBoot(clock);
  const dating = createDating({ recordingsFolder: recordingsFolder(dataFolder), boot, clock, log });
  let owed = new OwedChanges(log);
  const settleStart = async () => {
    await recover({ catalog, store, log, owed }, clock.wallMs());
    if (catalog.read.isFilled()) return;
    const report = await checkShelf({ catalog, store, dating, log }, { repair: true });
    catalog.markFilled();
    if (report.segments > 0) log.info('the catalog was made anew from the recordings', { segments: report.segments });
  };
  try {
    await settleStart();
  } catch (error) {
    catalog.close();
    if (!isDamage(error)) throw error;
    moveCatalogAside(catalogOptions.path, clock.wallMs(), log);
    catalog = openCatalog(catalogOptions);
    owed = new OwedChanges(log);
    try {
      await settleStart();
    } catch (again) {
      catalog.close();
      throw again;
    }
  }

  const listeners = new Set<LibraryListener>();
  const shelf: Shelf = {
    store,
    catalog,
    clock,
    log,
    boot,
    dating,
    writing: new Map(),
    levels: new Levels(),
    cameraName,
    owed,
    inTurn: takingTurns(),
    announce(name, data) {
      for (const listener of [...listeners]) {
        try {
          listener(name, data);
        } catch (error) {
          log.error('a listener failed', { change: name, error: describeError(error) });
        }
      }
    },
  };
  dating.begin({ catalog, announce: (redated) => announceRedated(shelf, redated) });
  const closeRows = () => closeCatalog(catalog, catalogOptions.path, log);
  return assemble(shelf, listeners, options.compareAfterMs ?? 60_000, closeRows);
}

function assemble(
  shelf: Shelf,
  listeners: Set<LibraryListener>,
  compareAfterMs: number,
  closeRows: () => void,
): Library {
  const { catalog, store, dating, writing, clock, log } = shelf;
  const { settle, close: closeSink, ...sink } = createSink(shelf);
  const { close: closeStills, ...stills } = createStills(shelf);
  const closing = new AbortController();
  let background: Promise<unknown> = Promise.resolve();

  const check: Library['check'] = (options = {}) => checkShelf(shelf, { ...options, isRunning: true });
  // Rows come before files, so a start needs no look at the folders. This later one finds what no crash of ours leaves:
  // files that somebody removed or copied back by hand.
  const cancelCompare = clock.after(compareAfterMs, () => {
    background = check({ repair: true, namesOnly: true, signal: closing.signal })
      .then(({ problems }) => {
        if (problems.length > 0) log.warn('files and catalog did not agree', { problems: problems.length });
      })
      .catch((error) => log.error('comparing files and catalog failed', { error: describeError(error) }));
  });

  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= (async () => {
      cancelCompare();
      dating.close();
      closing.abort();
      await closeStills();
      await background;
      await closeSink();
      await shelf.inTurn(async () => {}); // a removal that is under way
      closeRows();
    })();
    return closed;
  };

  /** Kept ones, and the running one up to its last whole fragment. */
  function playable(row: Omit<TimelineRow, 'peakLevel'>): readonly Segment[] {
    const { id, startMs, mimeType, width, height } = row;
    const open = writing.get(id);
    if (row.state === 'garbage' || (row.state === 'open' && !(open && open.mediaMs > 0))) return [];
    const durationMs = open ? Math.round(open.mediaMs) : row.durationMs;
    return [{ id, startMs, durationMs, bytes: open ? open.wholeBytes : row.bytes, mimeType, width, height }];
  }

  return {
    sink,
    settle,
    isTimeKnown: () => dating.isTimeKnown(),
    ageNowMs: () => dating.ageNowMs(),
    check,
    close,
    ...createRemoval(shelf),
    ...createStars(shelf),
    keptByCamera: () => catalog.read.keptByCamera(),
    oldestRemovable: (cameraId, limit) => catalog.read.oldestRemovable(cameraId, limit),
    nextContinuous: (cameraId, after) => catalog.read.nextContinuous(cameraId, after),
    keptSegmentsOf: (recordingId) => catalog.read.keptSegmentsOf(recordingId),
    movedBetween: (cameraId, fromMs, toMs) => catalog.read.movedBetween(cameraId, fromMs, toMs),
    ...createEvents(shelf),
    ...stills,
    recording: (id) => {
      const row = catalog.read.recording(id);
      return row && recordingView(shelf, row);
    },
    recordings: (query) => catalog.read.recordings(query).map((row) => recordingView(shelf, row)),
    quarters: (query) => catalog.read.quarters(query),
    events: (query) => catalog.read.events(query).map(eventView),
    event: (id) => {
      const row = catalog.read.event(id);
      return row && eventView(row);
    },
    segments: (recordingId) => catalog.read.segmentsOf(recordingId).flatMap(playable),
    timeline(query) {
      const rows = catalog.read.timeline(query);
      const segments = rows.flatMap((row) =>
        playable(row).map((segment) => ({
          ...segment,
          recordingId: row.recordingId,
          cameraId: row.cameraId,
          peakLevel: row.peakLevel,
        })),
      );
      const last = rows.length < query.limit ? undefined : rows.at(-1);
      return { segments, ...(last ? { next: { startMs: last.startMs, id: last.id } } : {}) };
    },
    bytesOf(segmentId) {
      const row = catalog.read.segment(segmentId);
      if (!row || row.state === 'garbage') return undefined;
      const open = writing.get(segmentId);
      const bytes = row.state === 'kept' ? row.bytes : (open?.mediaMs ?? 0) > 0 ? open!.wholeBytes : 0;
      if (bytes === 0) return undefined;
      return { bytes, stream: (from, to) => store.read(row.path, from, to), open: () => store.open(row.path) };
    },
    async indexOf(segmentId) {
      const row = catalog.read.segment(segmentId);
      if (row?.state === 'kept') return await store.index(row.path);
      const open = writing.get(segmentId);
      return (open?.mediaMs ?? 0) > 0 ? open!.index() : undefined;
    },
    level: (cameraId, level, atMs) => shelf.levels.note(cameraId, level, atMs),
    oldestSegments: (limit, beforeMs) => catalog.read.oldestSegments(limit, beforeMs),
    totals: () => catalog.read.totals(),
    bytesSince: (fromMs) => catalog.read.bytesSince(fromMs),
    forgetEventsBefore: (beforeMs) => catalog.dropEventsBefore(beforeMs),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    [Symbol.asyncDispose]: close,
  };
}

// The questions that are asked of the catalog. Nothing here writes.

import type { Database } from 'bun:sqlite';
import { conditions, type Values } from './question.ts';
import { type RawEvent, type RawRecording, type RawSegment, toEvent, toRecording, toSegment } from './raw-rows.ts';
import { createRetentionReader } from './retention-reader.ts';
import {
  type EventRow,
  type MailState,
  type Reason,
  type RecordingRow,
  type RowState,
  reasonBits,
  type StillRow,
} from './rows.ts';
import { createTimelineReader } from './timeline-reader.ts';

export type { Values } from './question.ts';
export type { TimelineQuery, TimelineRow } from './timeline-reader.ts';

export interface RecordingQuery {
  readonly cameraId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly reason?: Reason;
  /** Only those that come after this one in the list, newest first. */
  readonly before?: { readonly startMs: number; readonly id: string };
  readonly limit: number;
}

export interface EventQuery {
  readonly cameraId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
}

const newestFirst = (a: { startMs: number; id: string }, b: { startMs: number; id: string }) =>
  b.startMs - a.startMs || (a.id < b.id ? 1 : -1);

/**
 * What of a table reaches into the time after `$fromMs`, as questions that share no row: what began within the day before, what is
 * longer than a day, and what goes on since before that. Each has an index; one question would read back to the first day.
 */
function reachingInto(table: 'recordings' | 'events', ofCamera: boolean): readonly { from: string; where: string }[] {
  const [long, open] = table === 'events' ? ['eventsLong', 'eventsOpen'] : ['recordingsLong', 'recordingsRunning'];
  const camera = (name: string) => (ofCamera ? ` AND ${name} = $cameraId` : '');
  return [
    { from: table, where: `startMs > $fromMs - 86400000 AND (endMs IS NULL OR endMs > $fromMs)${camera('cameraId')}` },
    {
      from: `${table} INDEXED BY ${long}`,
      where: `endMs - startMs > 86400000 AND endMs > $fromMs AND +startMs <= $fromMs - 86400000${camera('cameraId')}`,
    },
    {
      from: `${table} INDEXED BY ${open}`,
      where: `endMs IS NULL AND +startMs <= $fromMs - 86400000${camera('+cameraId')}`,
    },
  ];
}

/** Recordings that began in one quarter of an hour: no time zone has a finer offset, so that local days are sums of these. */
export interface QuarterRow {
  readonly quarter: number;
  readonly recordings: number;
  readonly bytes: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface AgedSegment {
  readonly id: string;
  readonly startMs: number;
  readonly bytes: number;
}

export type OverlapRow = {
  readonly id: string;
  readonly otherId: string;
  readonly cameraId: string;
  readonly byMs: number;
};

const eventColumns = `*, EXISTS (SELECT 1 FROM stills WHERE eventId = events.id AND stills.state = 'kept') AS difference`;
const selectEvents = `SELECT ${eventColumns} FROM events`;

/** From one name to the next, so that a million rows take no longer than a hundred. */
const eachCamera = `WITH RECURSIVE cameras (cameraId) AS (
  SELECT min(cameraId) FROM segments UNION ALL
  SELECT (SELECT min(cameraId) FROM segments s WHERE s.cameraId > cameras.cameraId) FROM cameras WHERE cameraId IS NOT NULL)`;

export type CatalogReader = ReturnType<typeof createReader>;

export function createReader(db: Database) {
  const all = <T>(sql: string, values: Values = {}) => db.query<T, [Values]>(sql).all(values);

  /** What overlaps a time, newest first. */
  function overlapping<T extends { readonly startMs: number; readonly id: string }>(
    table: 'recordings' | 'events',
    columns: string,
    conditionsGiven: readonly (string | false)[],
    values: Values & { readonly limit: number },
  ): T[] {
    const [ofCamera, ofTime] = ['cameraId' in values, 'fromMs' in values];
    const parts = ofTime
      ? reachingInto(table, ofCamera)
      : [{ from: table, where: ofCamera ? 'cameraId = $cameraId' : '' }];
    const found = parts.map(({ from, where }) =>
      all<T>(
        `SELECT ${columns} FROM ${from} ${conditions([where, ...conditionsGiven])} ORDER BY startMs DESC, id DESC LIMIT $limit`,
        values,
      ),
    );
    return found.flat().sort(newestFirst).slice(0, values.limit);
  }

  return {
    ...createRetentionReader(db),
    ...createTimelineReader(db),

    /** False in a catalog that was just made, or whose filling from the files was cut short. */
    isFilled: () => all(`SELECT 1 FROM meta WHERE key = 'filled'`).length > 0,

    recording: (id: string) => all<RawRecording>('SELECT * FROM recordings WHERE id = $id', { id }).map(toRecording)[0],

    recordings({ cameraId, fromMs, toMs, reason, before, limit }: RecordingQuery): RecordingRow[] {
      const where = [
        toMs !== undefined && 'startMs < $toMs',
        reason !== undefined && '(reasons & $bits) <> 0',
        before !== undefined && '(startMs, id) < ($beforeMs, $beforeId)',
      ];
      return overlapping<RawRecording>('recordings', '*', where, {
        limit,
        ...(cameraId !== undefined && { cameraId }),
        ...(fromMs !== undefined && { fromMs }),
        ...(toMs !== undefined && { toMs }),
        ...(reason !== undefined && { bits: reasonBits([reason]) }),
        ...(before !== undefined && { beforeMs: before.startMs, beforeId: before.id }),
      }).map(toRecording);
    },

    quarters({ cameraId, reason }: { readonly cameraId?: string; readonly reason?: Reason }): QuarterRow[] {
      const where = [
        cameraId !== undefined && 'cameraId = $cameraId',
        reason !== undefined && '(reasons & $bits) <> 0',
      ];
      return all<QuarterRow>(
        `SELECT startMs / 900000 AS quarter, count(*) AS recordings, sum(bytes) AS bytes, min(startMs) AS fromMs,
           max(coalesce(endMs, startMs + durationMs)) AS toMs
         FROM recordings ${conditions(where)} GROUP BY quarter ORDER BY quarter DESC`,
        {
          ...(cameraId !== undefined && { cameraId }),
          ...(reason !== undefined && { bits: reasonBits([reason]) }),
        },
      );
    },

    runningRecordings: () => all<{ id: string }>('SELECT id FROM recordings WHERE endMs IS NULL').map((row) => row.id),

    segment: (id: string) => all<RawSegment>('SELECT * FROM segments WHERE id = $id', { id }).map(toSegment)[0],

    segmentAt: (path: string) =>
      all<RawSegment>('SELECT * FROM segments WHERE path = $path', { path }).map(toSegment)[0],

    /** Where the newest segments of a boot end; undefined when it has none. Those being written count up to their begin. */
    endOfBoot(bootId: string): { readonly endMs: number; readonly endSinceBootMs: number } | undefined {
      const rows = all<{ startMs: number; startSinceBootMs: number; durationMs: number }>(
        `SELECT startMs, startSinceBootMs, durationMs FROM segments WHERE bootId = $bootId
         ORDER BY startSinceBootMs DESC LIMIT 64`,
        { bootId },
      );
      if (rows.length === 0) return undefined;
      return {
        endMs: Math.max(...rows.map((row) => row.startMs + row.durationMs)),
        endSinceBootMs: Math.max(...rows.map((row) => row.startSinceBootMs + row.durationMs)),
      };
    },

    /** The first segments of a span of a boot: how many there are up to a limit, and when the last of them begins. */
    segmentsOfBoot: (bootId: string, span: { readonly fromMs: number; readonly toMs: number }, limit: number) =>
      all<{ count: number; lastMs: number | null }>(
        `SELECT count(*) AS count, max(startSinceBootMs) AS lastMs FROM (SELECT startSinceBootMs FROM segments
           WHERE bootId = $bootId AND startSinceBootMs >= $fromMs AND startSinceBootMs < $toMs
           ORDER BY startSinceBootMs LIMIT $limit)`,
        { bootId, fromMs: span.fromMs, toMs: span.toMs, limit },
      )[0]!,

    /** The dating that the rows were brought up to; undefined when never. */
    datedAs: () => all<{ value: string }>(`SELECT value FROM meta WHERE key = 'dated'`)[0]?.value,

    segmentsOf: (recordingId: string) =>
      all<RawSegment>('SELECT * FROM segments WHERE recordingId = $recordingId ORDER BY startMs, id', {
        recordingId,
      }).map(toSegment),

    segmentsIn: (state: RowState) =>
      all<RawSegment>(
        state === 'kept'
          ? `SELECT * FROM segments WHERE state = 'kept' ORDER BY startMs`
          : `SELECT * FROM segments WHERE state <> 'kept' AND state = $state`,
        state === 'kept' ? {} : { state },
      ).map(toSegment),

    /** Of each camera, the segment with the highest number in its chain. */
    chainEnds: () =>
      all<{ cameraId: string; sequence: number; path: string }>(
        `${eachCamera} SELECT s.cameraId, s.sequence, s.path FROM cameras c CROSS JOIN segments s ON s.id =
           (SELECT id FROM segments WHERE cameraId = c.cameraId ORDER BY sequence DESC LIMIT 1)`,
      ),

    /** Kept segments that nobody has signed yet. */
    unsignedSegments: () =>
      all<RawSegment>(
        `${eachCamera} SELECT s.* FROM cameras c CROSS JOIN segments s ON s.cameraId = c.cameraId AND s.sequence = 0
         WHERE s.state = 'kept'`,
      ).map(toSegment),

    /** Paths and sizes of segments and stills in one folder. Both end in a name without a slash. */
    filesIn: (folder: string) =>
      all<{ path: string; bytes: number; state: RowState; kind: 'segment' | 'still' }>(
        `SELECT path, bytes, state, 'segment' AS kind FROM segments WHERE path > $from AND path < $to
         UNION ALL SELECT path, bytes, state, 'still' FROM stills WHERE path > $from AND path < $to`,
        { from: `${folder}/`, to: `${folder}0` }, // '0' is the character after '/'
      ),

    fileAt: (path: string) =>
      all<{ state: RowState; bytes: number }>(
        `SELECT state, bytes FROM segments WHERE path = $path UNION ALL SELECT state, bytes FROM stills WHERE path = $path`,
        { path },
      )[0],

    /** Every folder that a row's file lies in. */
    folders: () =>
      all<{ folder: string }>(
        `SELECT DISTINCT substr(path, 1, instr(path, '/') + 10) AS folder FROM segments
         UNION SELECT DISTINCT substr(path, 1, instr(path, '/') + 10) FROM stills`,
      ).map((row) => row.folder),

    oldestSegments: (limit: number, beforeMs = Number.MAX_SAFE_INTEGER) =>
      all<AgedSegment>(
        `SELECT id, startMs, bytes FROM segments WHERE state = 'kept' AND startMs < $beforeMs ORDER BY startMs LIMIT $limit`,
        { limit, beforeMs },
      ),

    totals: () =>
      all<{ segments: number; bytes: number; oldestMs: number | null; newestMs: number | null }>(
        `SELECT coalesce(sum(segments), 0) AS segments, coalesce(sum(bytes), 0) AS bytes,
           (SELECT min(startMs) FROM segments WHERE state = 'kept') AS oldestMs,
           (SELECT max(startMs) FROM segments WHERE state = 'kept') AS newestMs
         FROM kept`,
      )[0]!,

    bytesSince: (fromMs: number) =>
      all<{ bytes: number }>(
        `SELECT coalesce(sum(bytes), 0) AS bytes FROM segments WHERE state = 'kept' AND startMs >= $fromMs`,
        { fromMs },
      )[0]!.bytes,

    /**
     * Segments of one camera that begin before the one before has ended. Within one boot the monotonic clock decides; the
     * wall clock may have been set back in between, and then only seems to overlap.
     */
    overlaps: (toleranceMs: number) =>
      all<OverlapRow>(
        `SELECT * FROM (
           SELECT id, cameraId, lag(id) OVER w AS otherId, lag(startSinceBootMs + durationMs) OVER w - startSinceBootMs AS byMs
           FROM segments WHERE state = 'kept' WINDOW w AS (PARTITION BY cameraId, bootId ORDER BY startSinceBootMs, id))
         WHERE byMs > $toleranceMs`,
        { toleranceMs },
      ),

    still: (recordingId: string) =>
      all<StillRow>(
        `SELECT * FROM stills WHERE recordingId = $recordingId AND eventId IS NULL AND state = 'kept'
         ORDER BY atMs DESC LIMIT 1`,
        { recordingId },
      )[0],
    difference: (eventId: string) =>
      all<StillRow>(`SELECT * FROM stills WHERE eventId = $eventId AND state = 'kept' ORDER BY atMs DESC LIMIT 1`, {
        eventId,
      })[0],
    /** Its stills and the difference pictures of its events. */
    stillsOf: (recordingId: string) =>
      all<StillRow>('SELECT * FROM stills WHERE recordingId = $recordingId', { recordingId }),
    stillsUnsettled: () => all<StillRow>(`SELECT * FROM stills WHERE state <> 'kept'`),

    openEvents: () => all<{ id: string }>('SELECT id FROM events WHERE endMs IS NULL').map((row) => row.id),
    eventsWithMail: (mail: MailState) =>
      all<RawEvent>(`${selectEvents} WHERE mail = $mail ORDER BY startMs, id`, { mail }).map(toEvent),
    event: (id: string) => all<RawEvent>(`${selectEvents} WHERE id = $id`, { id }).map(toEvent)[0],
    eventsOf: (recordingId: string) =>
      all<RawEvent>(`${selectEvents} WHERE recordingId = $recordingId ORDER BY startMs, id`, { recordingId }).map(
        toEvent,
      ),
    events({ cameraId, fromMs, toMs, limit }: EventQuery): EventRow[] {
      return overlapping<RawEvent>('events', eventColumns, [toMs !== undefined && 'startMs < $toMs'], {
        limit,
        ...(cameraId !== undefined && { cameraId }),
        ...(fromMs !== undefined && { fromMs }),
        ...(toMs !== undefined && { toMs }),
      }).map(toEvent);
    },
    /** Events of a camera in a span that belong to no recording yet. */
    looseEvents: (cameraId: string, fromMs: number, toMs: number) =>
      all<RawEvent>(
        `${selectEvents} WHERE cameraId = $cameraId AND recordingId IS NULL AND startMs < $toMs
           AND (endMs IS NULL OR endMs >= $fromMs)`,
        { cameraId, fromMs, toMs },
      ).map(toEvent),
    /** The recording of a camera that a span falls into; the newest when there are several. */
    recordingAround: (cameraId: string, fromMs: number, toMs: number) =>
      all<RawRecording>(
        `SELECT * FROM recordings WHERE cameraId = $cameraId AND startMs <= $toMs AND (endMs IS NULL OR endMs >= $fromMs)
         ORDER BY startMs DESC LIMIT 1`,
        { cameraId, fromMs, toMs },
      ).map(toRecording)[0],
  };
}

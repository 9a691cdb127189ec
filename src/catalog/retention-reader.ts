// What retention asks of the catalog. Each question is answered from an index, whatever the number of segments: they are asked
// every few seconds of a box that records (`retention-reader.test.ts` reads SQLite's plans). Nothing here writes.

import type { Database } from 'bun:sqlite';

/** A kept segment of a recording that is not starred. */
export interface RemovableSegment {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  /** False: it was recorded while the clock was not right, and nobody knows since when that was. */
  readonly ageIsKnown: boolean;
}

export interface KeptOfCamera {
  readonly cameraId: string;
  readonly segments: number;
  /** With starred ones. */
  readonly bytes: number;
  readonly starredBytes: number;
}

/** A recording that was made all the time, not by hand, and is not starred. */
export interface ContinuousRecording {
  readonly id: string;
  readonly startMs: number;
  /** null: it is running. */
  readonly endMs: number | null;
  /** False: something moved in it, and nobody knows when. */
  readonly knowsItsEvents: boolean;
  readonly ageIsKnown: boolean;
}

export const retentionQuestions = {
  kept: `SELECT cameraId, segments, bytes,
      (SELECT coalesce(sum(r.bytes), 0) FROM recordings r WHERE r.cameraId = kept.cameraId AND r.starred = 1) AS starredBytes
    FROM kept WHERE segments > 0 ORDER BY cameraId`,
  starred: 'SELECT id FROM recordings WHERE starred = 1',
  // CROSS JOIN keeps the recordings outside: their index has the order, and skips starred ones without looking at them.
  // What is left to sort is one recording's segments.
  oldest: `SELECT s.id, r.cameraId, s.startMs, s.durationMs, s.bytes, r.timeUnknown
    FROM recordings r CROSS JOIN segments s ON s.recordingId = r.id AND s.state = 'kept'
    WHERE r.cameraId = $cameraId AND r.starred = 0 ORDER BY r.startMs, r.id, s.startMs LIMIT $limit`,
  // reasons: 1 motion, 2 continuous, 4 manual
  continuous: `SELECT id, startMs, endMs, timeUnknown,
      ((reasons & 1) = 0 OR EXISTS (SELECT 1 FROM events WHERE recordingId = recordings.id)) AS knowsItsEvents
    FROM recordings WHERE cameraId = $cameraId AND starred = 0 AND (reasons & 6) = 2 AND (startMs, id) > ($afterMs, $afterId)
    ORDER BY startMs, id LIMIT 1`,
  keptOf: `SELECT id, cameraId, startMs, durationMs, bytes FROM segments
    WHERE recordingId = $recordingId AND state = 'kept' ORDER BY startMs`,
  moved: `SELECT startMs, endMs FROM events
      WHERE cameraId = $cameraId AND startMs >= $fromMs - 86400000 AND startMs <= $toMs AND (endMs IS NULL OR endMs >= $fromMs)
    UNION ALL SELECT startMs, endMs FROM events
      WHERE cameraId = $cameraId AND endMs >= $fromMs AND startMs < $fromMs - 86400000 AND endMs - startMs > 86400000
    UNION ALL SELECT startMs, endMs FROM events
      WHERE endMs IS NULL AND +cameraId = $cameraId AND +startMs < $fromMs - 86400000`, // +: by eventsOpen, which is short
} as const;

export function createRetentionReader(db: Database) {
  const all = <T>(sql: string, values: Record<string, string | number> = {}) =>
    db.query<T, [Record<string, string | number>]>(sql).all(values);
  return {
    /** Every camera of which something is kept, also those that are no more in the settings. */
    keptByCamera: () => all<KeptOfCamera>(retentionQuestions.kept),

    /** Recordings that their owner wants to keep. */
    starred: () => all<{ id: string }>(retentionQuestions.starred),

    /** In the order in which their recordings began. */
    oldestRemovable: (cameraId: string, limit: number) =>
      all<Known<RemovableSegment>>(retentionQuestions.oldest, { cameraId, limit }).map(toKnown),

    /** The next one after a place in the order of their starts. */
    nextContinuous: (cameraId: string, after: { readonly startMs: number; readonly id: string }) =>
      all<Known<Omit<ContinuousRecording, 'knowsItsEvents'>> & { readonly knowsItsEvents: number }>(
        retentionQuestions.continuous,
        { cameraId, afterMs: after.startMs, afterId: after.id },
      ).map((row): ContinuousRecording => ({ ...toKnown(row), knowsItsEvents: row.knowsItsEvents === 1 }))[0],

    keptSegmentsOf: (recordingId: string) =>
      all<Omit<RemovableSegment, 'ageIsKnown'>>(retentionQuestions.keptOf, { recordingId }),

    /** Events of a camera that overlap a span. */
    movedBetween: (cameraId: string, fromMs: number, toMs: number) =>
      all<{ startMs: number; endMs: number | null }>(retentionQuestions.moved, { cameraId, fromMs, toMs }),
  };
}

type Known<T extends { readonly ageIsKnown: boolean }> = Omit<T, 'ageIsKnown'> & { readonly timeUnknown: number };
const toKnown = <T extends { readonly timeUnknown: number }>({ timeUnknown, ...rest }: T) => ({
  ...rest,
  ageIsKnown: timeUnknown === 0,
});

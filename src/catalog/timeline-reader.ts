// The segments of a time, as a page's timeline and player want them: asked often, for whole days, out of a million. Nothing
// here writes.

import type { Database } from 'bun:sqlite';
import { conditions, type Values } from './question.ts';
import type { SegmentRow } from './rows.ts';

export interface TimelineQuery {
  readonly cameraId?: string;
  /** Segments that overlap this time; `toMs` exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  /** Only those that come after this one in the list, oldest first. */
  readonly after?: { readonly startMs: number; readonly id: string };
}

/** `open`: it is being written, and its length and size are not in the catalog yet. */
export interface TimelineRow
  extends Pick<SegmentRow, 'id' | 'recordingId' | 'cameraId' | 'startMs' | 'durationMs' | 'bytes'>,
    Pick<SegmentRow, 'mimeType' | 'width' | 'height' | 'state'> {
  /** Of its recording. */
  readonly peakLevel: number;
}
/** As arrays: 1440 objects by name take twice the time. */
type RawTimelineRow = [string, string, string, number, number, number, string, number, number];

const timelineColumns = 'id, recordingId, cameraId, startMs, durationMs, bytes, mimeType, width, height';

/**
 * A day of one camera is 1440 rows, so only what is shown is read, from an index that holds nothing else. Cameras (`$camera0`, …) are
 * asked each on its own and merged by SQLite as they come, which stops at the limit.
 */
export function timelineQuestion(cameras: number, isNextPage: boolean): string {
  const ofCameras = Array.from({ length: cameras }, (_, i) => {
    const where = [`state = 'kept' AND cameraId = $camera${i}`, 'startMs + durationMs > $fromMs', inTime(isNextPage)];
    return `SELECT ${timelineColumns} FROM segments INDEXED BY segmentsOnTimeline ${conditions(where)}`;
  });
  return `${ofCameras.join(' UNION ALL ')} ORDER BY startMs, id LIMIT $limit`;
}

/** What is being written: a file per camera. */
export function openQuestion(ofCamera: boolean, isNextPage: boolean): string {
  const where = [`state <> 'kept' AND state = 'open'`, ofCamera && 'cameraId = $camera0', inTime(isNextPage)];
  return `SELECT ${timelineColumns} FROM segments INDEXED BY segmentsUnsettled ${conditions(where)}
    ORDER BY startMs, id LIMIT $limit`;
}

const inTime = (isNextPage: boolean): string =>
  `startMs > $fromMs - $longestMs AND startMs < $toMs
    ${isNextPage ? 'AND startMs >= $afterMs AND (startMs > $afterMs OR id > $afterId)' : ''}`;

const byStart = (a: TimelineRow, b: TimelineRow) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1);

/** No file is longer: it is cut after a minute, or two where key frames are rare; the rest is room. */
const LONGEST_SEGMENT_MS = 15 * 60_000;

export const createTimelineReader = (db: Database) => ({
  /** Kept and open segments of a time, oldest first. One that is open goes on until somebody knows better. */
  timeline({ cameraId, fromMs, toMs, limit, after }: TimelineQuery): TimelineRow[] {
    const cameras = cameraId === undefined ? keptCameras(db) : [cameraId];
    const given: Values = {
      ...{ fromMs, toMs, limit, longestMs: LONGEST_SEGMENT_MS },
      ...(after !== undefined && { afterMs: after.startMs, afterId: after.id }),
    };
    const ofCameras = Object.fromEntries(cameras.map((camera, i) => [`camera${i}`, camera]));
    const peakOf = db.query<{ peakLevel: number }, [string]>('SELECT peakLevel FROM recordings WHERE id = ?');
    const peaks = new Map<string, number>();
    const peakOfRecording = (id: string): number => {
      const known = peaks.get(id) ?? peakOf.get(id)?.peakLevel ?? 0;
      peaks.set(id, known);
      return known;
    };
    const ask = (state: 'kept' | 'open', question: string, values: Values): TimelineRow[] => {
      const rows = db.query<RawTimelineRow, [Values]>(question).values(values) as RawTimelineRow[];
      return rows.map((row) => ({
        id: row[0],
        recordingId: row[1],
        cameraId: row[2],
        startMs: row[3],
        durationMs: row[4],
        bytes: row[5],
        mimeType: row[6],
        width: row[7],
        height: row[8],
        state,
        peakLevel: peakOfRecording(row[1]),
      }));
    };
    const isNextPage = after !== undefined;
    const kept =
      cameras.length === 0 ? [] : ask('kept', timelineQuestion(cameras.length, isNextPage), { ...given, ...ofCameras });
    const open = ask('open', openQuestion(cameraId !== undefined, isNextPage), {
      ...given,
      ...(cameraId === undefined ? {} : ofCameras),
    });
    return open.length === 0 ? kept : [...kept, ...open].sort(byStart).slice(0, limit);
  },
});

export const keptCameras = (db: Database): readonly string[] =>
  db
    .query<{ cameraId: string }, []>('SELECT cameraId FROM kept')
    .all()
    .map((row) => row.cameraId);

// The index of what was recorded: rows in SQLite, written and read by prepared statements. Owns no rule about the order in
// which files and rows change; that is the library's. Every writing call is one transaction, durable when it returns.

import type { Database } from 'bun:sqlite';
import { catalogError, isDamage, openDatabase } from './database.ts';
import { type CatalogReader, createReader, type Values } from './reader.ts';
import {
  type EventRow,
  type MailState,
  type Proof,
  type Reason,
  type RecordingRow,
  reasonBits,
  type SegmentRow,
  type StillRow,
} from './rows.ts';

export interface CatalogOptions {
  readonly path: string;
  readonly how?: 'read' | 'write';
  /** Called before each transaction with its name; throwing makes it fail. For tests. */
  readonly beforeWrite?: (what: string) => void;
}

/** A span of a boot, in time since boot (`toMs` exclusive), and what to add to that for the wall time. */
export interface Redating {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
  readonly known: boolean;
}

export interface Redated {
  readonly recordingIds: readonly string[];
  readonly eventIds: readonly string[];
}

export class Catalog {
  readonly read: CatalogReader;
  readonly #db: Database;
  readonly #beforeWrite: (what: string) => void;

  constructor({ path, how = 'write', beforeWrite = () => {} }: CatalogOptions) {
    const db = openDatabase(path, how);
    this.#db = db;
    this.#beforeWrite = beforeWrite;
    this.read = createReader(db);
  }

  /** Several changes as one: all are durable when it returns, or none. Nested calls join. */
  change<T>(what: string, changes: () => T): T {
    if (this.#db.inTransaction) return changes();
    this.#beforeWrite(what);
    try {
      return this.#db.transaction(changes).immediate();
    } catch (error) {
      throw isDamage(error) ? error : catalogError(error);
    }
  }

  /** Adds a recording, or joins its reasons, level and start when it is known. */
  putRecording({
    timeUnknown = false,
    ...row
  }: Omit<RecordingRow, 'durationMs' | 'bytes' | 'starred' | 'timeUnknown'> & Partial<RecordingRow>): void {
    this.#write(
      'put recording',
      `INSERT INTO recordings (id, cameraId, startMs, endMs, reasons, peakLevel, interrupted, timeUnknown)
       VALUES ($id, $cameraId, $startMs, $endMs, $reasons, $peakLevel, $interrupted, $timeUnknown)
       ON CONFLICT (id) DO UPDATE SET startMs = min(startMs, excluded.startMs), endMs = max(endMs, excluded.endMs),
         reasons = reasons | excluded.reasons, peakLevel = max(peakLevel, excluded.peakLevel),
         interrupted = max(interrupted, excluded.interrupted)`,
      {
        ...row,
        timeUnknown: Number(timeUnknown),
        startMs: Math.round(row.startMs),
        endMs: rounded(row.endMs),
        reasons: reasonBits(row.reasons),
      },
    );
  }

  joinRecording(id: string, joined: { readonly reasons?: readonly Reason[]; readonly level?: number }): void {
    this.#write(
      'join recording',
      'UPDATE recordings SET reasons = reasons | $bits, peakLevel = max(peakLevel, $level) WHERE id = $id',
      { id, bits: reasonBits(joined.reasons ?? []), level: joined.level ?? 0 },
    );
  }

  /** One that has no segments yet begins where its first one does: when that was may have become known meanwhile. */
  beginRecording(id: string, startMs: number): void {
    this.#write('begin recording', 'UPDATE recordings SET startMs = $startMs WHERE id = $id', { id, startMs });
  }

  /** Ends a running recording where its last kept segment ends, or at `endMs` when it has none. */
  endRecording(id: string, endMs: number, interrupted: boolean): void {
    this.#write(
      'end recording',
      `UPDATE recordings SET interrupted = max(interrupted, $interrupted), endMs = coalesce(
         (SELECT max(startMs + durationMs) FROM segments WHERE recordingId = $id AND state = 'kept'), $endMs)
       WHERE id = $id`,
      { id, endMs: Math.round(endMs), interrupted: Number(interrupted) },
    );
  }

  /** Brings a recording's sums, and its start where the oldest segments are gone, up to date with its kept segments. */
  sumRecording(id: string): void {
    this.#write(
      'sum recording',
      `UPDATE recordings SET (bytes, durationMs, startMs, endMs, timeUnknown) = (
         SELECT coalesce(sum(s.bytes), 0), coalesce(sum(s.durationMs), 0), coalesce(min(s.startMs), recordings.startMs),
           CASE WHEN recordings.endMs IS NULL THEN NULL ELSE coalesce(max(s.startMs + s.durationMs), recordings.endMs) END,
           coalesce(max(s.wallSynchronised = 0), recordings.timeUnknown)
         FROM segments s WHERE s.recordingId = $id AND s.state = 'kept')
       WHERE id = $id`,
      { id },
    );
  }

  /** A starred recording goes neither for its age nor for room. */
  setStarred(id: string, starred: boolean): void {
    this.#write('set star', 'UPDATE recordings SET starred = $starred WHERE id = $id', {
      id,
      starred: Number(starred),
    });
  }

  /** Its events stay, as what is known of that day. */
  dropRecording(id: string): void {
    this.change('drop recording', () => {
      this.#run('UPDATE events SET recordingId = NULL WHERE recordingId = $id', { id });
      this.#run('DELETE FROM recordings WHERE id = $id', { id });
    });
  }

  putSegment({ sequence = 0, ...row }: Omit<SegmentRow, 'sequence'> & Partial<SegmentRow>): void {
    this.#write(
      'put segment',
      `INSERT OR REPLACE INTO segments VALUES ($id, $recordingId, $cameraId, $path, $startMs, $durationMs, $bytes,
         $mimeType, $width, $height, $bootId, $startSinceBootMs, $wallSynchronised, $state, $sequence)`,
      {
        ...row,
        sequence,
        startMs: Math.round(row.startMs),
        durationMs: Math.round(row.durationMs),
        startSinceBootMs: Math.round(row.startSinceBootMs),
        wallSynchronised: row.wallSynchronised === null ? null : Number(row.wallSynchronised),
      },
    );
  }

  /** Without a `sequence` the one it has stays. */
  keepSegment(
    id: string,
    kept: { readonly durationMs: number; readonly bytes: number; readonly sequence?: number },
  ): void {
    this.#write(
      'keep segment',
      `UPDATE segments SET state = 'kept', durationMs = $durationMs, bytes = $bytes, sequence = coalesce($sequence, sequence)
       WHERE id = $id`,
      {
        id,
        durationMs: Math.round(kept.durationMs),
        bytes: kept.bytes,
        sequence: kept.sequence ?? null,
      },
    );
  }

  markSegments(ids: readonly string[]): void {
    this.change('mark segments as garbage', () => {
      for (const id of ids)
        this.#run(`UPDATE segments SET state = 'garbage' WHERE id = $id AND state = 'kept'`, { id });
    });
  }

  dropSegments(ids: readonly string[]): void {
    this.change('drop segments', () => {
      for (const id of ids) this.#run('DELETE FROM segments WHERE id = $id', { id });
    });
  }

  putStill(row: StillRow): void {
    this.#write(
      'put still',
      `INSERT OR REPLACE INTO stills (path, recordingId, eventId, atMs, bytes, state)
       VALUES ($path, $recordingId, $eventId, $atMs, $bytes, $state)`,
      { ...row, atMs: Math.round(row.atMs) },
    );
  }

  markStills(paths: readonly string[]): void {
    this.change('mark stills as garbage', () => {
      for (const path of paths) this.#run(`UPDATE stills SET state = 'garbage' WHERE path = $path`, { path });
    });
  }

  dropStills(paths: readonly string[]): void {
    this.change('drop stills', () => {
      for (const path of paths) this.#run('DELETE FROM stills WHERE path = $path', { path });
    });
  }

  /** Adds an event, or brings it up to date; what is known of its recording, mail and proof stays. */
  putEvent({
    proof: _,
    difference: __,
    zones = null,
    moment = null,
    ...row
  }: Omit<EventRow, 'proof' | 'difference' | 'zones' | 'moment'> & Partial<EventRow>): void {
    this.#write(
      'put event',
      `INSERT INTO events (id, cameraId, startMs, peakMs, endMs, level, recordingId, mail, zones, bootId, startSinceBootMs)
       VALUES ($id, $cameraId, $startMs, $peakMs, $endMs, $level, $recordingId, $mail, $zones, $bootId, $startSinceBootMs)
       ON CONFLICT (id) DO UPDATE SET startMs = excluded.startMs, peakMs = excluded.peakMs, endMs = excluded.endMs,
         level = excluded.level, recordingId = coalesce(excluded.recordingId, recordingId), mail = coalesce(excluded.mail, mail),
         zones = coalesce(excluded.zones, zones), bootId = coalesce(excluded.bootId, bootId),
         startSinceBootMs = coalesce(excluded.startSinceBootMs, startSinceBootMs)`,
      {
        ...row,
        bootId: moment?.bootId ?? null,
        startSinceBootMs: rounded(moment?.sinceBootMs ?? null),
        zones: zones && JSON.stringify(zones),
        startMs: Math.round(row.startMs),
        peakMs: Math.round(row.peakMs),
        endMs: rounded(row.endMs),
      },
    );
  }

  setEventMail(id: string, mail: MailState): void {
    this.#write('set mail state', 'UPDATE events SET mail = $mail WHERE id = $id', { id, mail });
  }

  setEventProof(id: string, { confirmed, changed }: Proof): void {
    this.#write(
      'set proof',
      `UPDATE events SET confirmed = $confirmed, changedPercent = $percent, changedX = $x, changedY = $y WHERE id = $id`,
      {
        id,
        confirmed: Number(confirmed),
        percent: changed?.percent ?? null,
        x: changed?.x ?? null,
        y: changed?.y ?? null,
      },
    );
  }

  dropEventsOf(recordingId: string): void {
    this.#write('drop events', 'DELETE FROM events WHERE recordingId = $recordingId', { recordingId });
  }

  /** Events that a crash left open end at their peak. */
  endOpenEvents(ids: readonly string[]): void {
    this.change('end events', () => {
      for (const id of ids) {
        this.#run('UPDATE events SET endMs = max(startMs, peakMs) WHERE id = $id AND endMs IS NULL', { id });
      }
    });
  }

  dropEventsBefore(beforeMs: number): void {
    this.#write('drop old events', 'DELETE FROM events WHERE startMs < $beforeMs AND recordingId IS NULL', {
      beforeMs: Math.round(beforeMs),
    });
  }

  /**
   * Moves what was recorded in a span of a boot to where it belongs by now: segments by their time since boot, their recordings,
   * and events as far as they go with it. Answers what has moved. To be called inside a change.
   */
  redate(bootId: string, { fromMs, toMs, offsetMs, known }: Redating): Redated {
    const span = { bootId, fromMs, toMs, offsetMs };
    const inSpan = 'bootId = $bootId AND startSinceBootMs >= $fromMs AND startSinceBootMs < $toMs';
    const nowKnown = known ? '1' : 'CASE WHEN wallSynchronised IS NULL THEN NULL ELSE 0 END';
    const recordings = this.#db
      .query<{ recordingId: string }, [Values]>(
        `UPDATE segments SET startMs = startSinceBootMs + $offsetMs, wallSynchronised = ${nowKnown}
         WHERE ${inSpan} AND (startMs <> startSinceBootMs + $offsetMs OR wallSynchronised IS NOT ${nowKnown})
         RETURNING recordingId`,
      )
      .all(span);
    const recordingIds = [...new Set(recordings.map((row) => row.recordingId))];
    for (const id of recordingIds) {
      // one that is in its first segment has no sums yet
      this.#run(
        `UPDATE recordings SET (startMs, timeUnknown) = (
           SELECT min(s.startMs), max(s.wallSynchronised IS 0) FROM segments s WHERE s.recordingId = $id)
         WHERE id = $id AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.recordingId = $id AND s.state = 'kept')`,
        { id },
      );
      this.sumRecording(id);
    }
    const events = this.#db
      .query<{ id: string }, [Values]>(
        `UPDATE events SET startMs = startSinceBootMs + $offsetMs, peakMs = peakMs + startSinceBootMs + $offsetMs - startMs,
           endMs = endMs + startSinceBootMs + $offsetMs - startMs
         WHERE ${inSpan} AND startMs <> startSinceBootMs + $offsetMs RETURNING id`,
      )
      .all(span);
    return { recordingIds, eventIds: events.map((row) => row.id) };
  }

  /** Says to what dating the rows were brought up. */
  markDated(as: string): void {
    this.#write('mark as dated', `INSERT OR REPLACE INTO meta VALUES ('dated', $as)`, { as });
  }

  /** Says that every file has its row now. Until then, a start goes through all files (see `read.isFilled`). */
  markFilled(): void {
    this.#write('mark as filled', `INSERT OR REPLACE INTO meta VALUES ('filled', 'yes')`, {});
  }

  /** Looks through the whole file for damage: what SQLite found, or nothing. Takes about 0.2 s per 100,000 segments. */
  damage(): string | undefined {
    try {
      const found = this.#db.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').get()?.quick_check;
      return found === 'ok' ? undefined : (found ?? 'no answer');
    } catch (error) {
      if (isDamage(error)) return String((error as Error).message);
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  #write(what: string, sql: string, values: Values): void {
    this.change(what, () => this.#run(sql, values));
  }

  #run(sql: string, values: Values): void {
    // `query` caches the prepared statement by its text
    this.#db.query(sql).run(values);
  }
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));

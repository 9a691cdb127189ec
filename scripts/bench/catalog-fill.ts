// A catalog of many segments for the benches: cameras that record all the time, an hour per recording, an event every twenty minutes.

import { Database } from 'bun:sqlite';
import { Catalog } from '../../src/catalog/catalog.ts';

export const MINUTE_MS = 60_000;
export const CAMERAS = ['door', 'garage', 'garden', 'yard'];
export const START_MS = Date.UTC(2026, 0, 1);
const SEGMENTS_IN_RECORDING = 60;

export interface FillOptions {
  /** Size of each segment. */
  readonly bytes?: number;
  /** Called with the path of each, before its row is on the disk. */
  readonly made?: (path: string) => void;
}

/** In the order of recording, as a box writes them, but in few transactions. */
export function fill(path: string, segments: number, { bytes = 30_000_000, made: tell }: FillOptions = {}): void {
  new Catalog({ path }).close();
  const db = new Database(path, { strict: true });
  for (const pragma of ['synchronous = OFF', 'journal_mode = OFF', 'cache_size = -500000']) db.run(`PRAGMA ${pragma}`);
  // indices are made at the end, in one go each
  const later = db.query<{ type: string; name: string; sql: string }, []>(
    `SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL`,
  );
  const made = later.all();
  for (const { type, name } of made) db.run(`DROP ${type} ${name}`);
  const segment = db.query(
    `INSERT INTO segments VALUES ($id, $recordingId, $cameraId, $path, $startMs, 59960, $bytes,
       'video/mp4; codecs="avc1.64001f,mp4a.40.2"', 1920, 1080, $bootId, $sinceBootMs, 1, 'kept', $sequence)`,
  );
  const recording = db.query(
    `INSERT INTO recordings (id, cameraId, startMs, endMs, durationMs, bytes, reasons, peakLevel)
     VALUES ($id, $cameraId, $startMs, $endMs, $durationMs, 1800000000, 3, 40)`,
  );
  const event = db.query(
    `INSERT INTO events (id, cameraId, startMs, peakMs, endMs, level, recordingId, bootId, startSinceBootMs)
     VALUES ($id, $cameraId, $startMs, $startMs + 2000, $startMs + 9000, 40, $recordingId, $bootId, $sinceBootMs)`,
  );
  const newId = () => crypto.randomUUID().replaceAll('-', '').slice(0, 20);
  const running = CAMERAS.map(() => '');
  const perBoot = 100_000;
  db.transaction(() => {
    for (let n = 0; n < segments; n++) {
      const camera = n % CAMERAS.length;
      const cameraId = CAMERAS[camera]!;
      const minute = Math.floor(n / CAMERAS.length);
      const startMs = START_MS + minute * MINUTE_MS;
      const bootId = `boot-${Math.floor(n / perBoot)}`;
      const sinceBootMs = (minute * MINUTE_MS) % ((perBoot / CAMERAS.length) * MINUTE_MS);
      if (minute % SEGMENTS_IN_RECORDING === 0) {
        const durationMs = SEGMENTS_IN_RECORDING * MINUTE_MS;
        running[camera] = newId();
        recording.run({ id: running[camera]!, cameraId, startMs, endMs: startMs + durationMs, durationMs });
      }
      const [id, recordingId] = [newId(), running[camera]!];
      const day = new Date(startMs).toISOString().slice(0, 10);
      const file = `${cameraId}/${day}/${startMs}-${id}.nj`;
      tell?.(file);
      segment.run({ id, recordingId, cameraId, path: file, startMs, bytes, bootId, sinceBootMs, sequence: minute + 1 });
      if (minute % 20 === 0) event.run({ id: newId(), cameraId, startMs, recordingId, bootId, sinceBootMs });
    }
  })();
  for (const { sql } of made) db.run(sql);
  db.run(`INSERT INTO kept SELECT cameraId, count(*), sum(bytes) FROM segments GROUP BY cameraId`);
  db.close();
}

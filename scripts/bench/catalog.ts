// A catalog of a million segments: half a year of four cameras that record all the time, asked for what the page asks for.

import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from '../../src/catalog/catalog.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const CAMERAS = ['door', 'garage', 'garden', 'yard'];
const SEGMENTS_IN_RECORDING = 60;
const START_MS = Date.UTC(2026, 0, 1);

/** Processor time in ms, which on a busy machine tells more than a clock: nothing waits for a disk, as the file is in memory. */
export interface CatalogTimes {
  readonly fileMB: number;
  readonly fillS: number;
  /** A day of one camera, and of all four, from first row to last. */
  readonly dayMs: readonly number[];
  readonly dayOfAllMs: readonly number[];
  readonly recordingsMs: readonly number[];
  readonly eventsMs: readonly number[];
  /** Dating a boot of 100,000 segments anew. */
  readonly redateMs: number;
}

export function catalogTimes(segments: number, asks = 300): CatalogTimes {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-bench-catalog-'));
  const path = join(folder, 'catalog.db');
  try {
    const began = performance.now();
    fill(path, segments);
    const fillS = (performance.now() - began) / 1000;
    const catalog = new Catalog({ path });
    const days = Math.floor((segments / CAMERAS.length) * MINUTE_MS) / DAY_MS;
    // days that were not just asked for: what is in a cache is not what is measured
    const someDay = (i: number) => START_MS + Math.floor(((i * 0.618_033_988) % 1) * (days - 2)) * DAY_MS;
    const cameraOf = (i: number) => CAMERAS[i % CAMERAS.length]!;
    const times = (ask: (i: number) => { readonly length: number }) =>
      Array.from({ length: asks }, (_, i) => {
        const { user, system } = process.cpuUsage();
        if (ask(i).length === 0) throw new Error('nothing was found');
        const used = process.cpuUsage({ user, system });
        return (used.user + used.system) / 1000;
      });
    const span = (i: number) => ({ fromMs: someDay(i), toMs: someDay(i) + DAY_MS });
    const result = {
      fileMB: statSync(path).size / 1e6,
      fillS,
      dayMs: times((i) => catalog.read.timeline({ ...span(i), cameraId: cameraOf(i), limit: 2000 })),
      dayOfAllMs: times((i) => catalog.read.timeline({ ...span(i), limit: 2000 })),
      recordingsMs: times((i) => catalog.read.recordings({ ...span(i), cameraId: cameraOf(i), limit: 50 })),
      eventsMs: times((i) => catalog.read.events({ ...span(i), cameraId: cameraOf(i), limit: 200 })),
    };
    const at = performance.now();
    const whole = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
    catalog.change('date', () => catalog.redate('boot-1', { ...whole, offsetMs: START_MS + 3_600_000, known: true }));
    const redateMs = performance.now() - at;
    catalog.close();
    return { ...result, redateMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the order of recording, as a box writes them, but in few transactions. */
function fill(path: string, segments: number): void {
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
    `INSERT INTO segments VALUES ($id, $recordingId, $cameraId, $path, $startMs, 59960, 30000000,
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
      segment.run({ id, recordingId, cameraId, path: file, startMs, bootId, sinceBootMs, sequence: minute + 1 });
      if (minute % 20 === 0) event.run({ id: newId(), cameraId, startMs, recordingId, bootId, sinceBootMs });
    }
  })();
  for (const { sql } of made) db.run(sql);
  db.run(`INSERT INTO kept SELECT cameraId, count(*), sum(bytes) FROM segments GROUP BY cameraId`);
  db.close();
}

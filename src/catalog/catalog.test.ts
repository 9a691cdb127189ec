import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from './catalog.ts';
import { createReader, type TimelineQuery } from './reader.ts';
import { reasonBits, reasonsOf, type SegmentRow } from './rows.ts';
import { migrations } from './schema.ts';

let folder = '';
let catalog: Catalog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-catalog-'));
  catalog = new Catalog({ path: join(folder, 'catalog.db') });
});
afterEach(() => {
  catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

const recording = {
  id: 'r',
  cameraId: 'door',
  startMs: 1000.4,
  endMs: null,
  reasons: ['motion'],
  peakLevel: 1.5,
  interrupted: false,
} as const;
const segment: SegmentRow = {
  id: 's',
  recordingId: 'r',
  cameraId: 'door',
  path: 'door/1970-01-01/1000-s.mp4',
  startMs: 1000,
  durationMs: 0,
  bytes: 0,
  mimeType: 'video/mp4',
  width: 1,
  height: 1,
  bootId: 'b',
  startSinceBootMs: 0.5,
  wallSynchronised: null,
  sequence: 0,
  state: 'open',
};

test('reasons survive as bits, in a fixed order', () => {
  expect(reasonsOf(reasonBits(['manual', 'motion']))).toEqual(['motion', 'manual']);
  expect(reasonsOf(reasonBits([]))).toEqual([]);
});

test('a change is whole or not at all', () => {
  expect(() =>
    catalog.change('both', () => {
      catalog.putRecording(recording);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(catalog.read.recording('r')).toBeUndefined();
});

test('a recording sums its kept segments only, and ends where they end', () => {
  catalog.putRecording(recording);
  catalog.putSegment(segment);
  catalog.putSegment({ ...segment, id: 't', path: 'door/1970-01-01/3000-t.mp4', startMs: 3000 });
  catalog.keepSegment('s', { durationMs: 1999.6, bytes: 10 });
  catalog.sumRecording('r');
  expect(catalog.read.recording('r')).toMatchObject({ startMs: 1000, endMs: null, durationMs: 2000, bytes: 10 });
  catalog.endRecording('r', 9000, false);
  expect(catalog.read.recording('r')?.endMs).toBe(3000);
});

test('what is on the disk is what was written when a call returns: rows survive without a close', () => {
  catalog.putRecording(recording);
  catalog.putSegment(segment);
  const other = new Catalog({ path: join(folder, 'catalog.db'), how: 'read' });
  expect(other.read.segment('s')).toEqual({ ...segment, startSinceBootMs: 1 });
  expect(() => other.putRecording({ ...recording, id: 'x' })).toThrow();
  other.close();
});

test('a catalog of a newer Nightjar is refused in words, not overwritten', () => {
  const db = new Database(join(folder, 'catalog.db'));
  db.run('PRAGMA user_version = 99');
  db.close();
  expect(() => new Catalog({ path: join(folder, 'catalog.db') })).toThrow('newer Nightjar');
});

test('files in a folder are those of that folder, not of one whose name begins alike', () => {
  catalog.putSegment(segment);
  catalog.putSegment({ ...segment, id: 'u', path: 'door/1970-01-010/1-u.mp4' });
  catalog.putSegment({ ...segment, id: 'v', path: 'door-2/1970-01-01/1-v.mp4' });
  expect(catalog.read.filesIn('door/1970-01-01').map((row) => row.path)).toEqual([segment.path]);
});

test('a catalog of the first version is brought up to date with all it holds', () => {
  const path = join(folder, 'old.db');
  const db = new Database(path);
  db.run(migrations[0]!);
  db.run('PRAGMA user_version = 1');
  db.run(`INSERT INTO events VALUES ('e', 'door', 1, 2, 3, 40, 'r', 'sent')`);
  db.run(`INSERT INTO stills VALUES ('door/1970-01-01/2-r.jpg', 'r', 2, 9, 'kept')`);
  db.close();
  const old = new Catalog({ path });
  expect(old.read.event('e')).toMatchObject({ level: 40, mail: 'sent', proof: null, difference: false });
  expect(old.read.still('r')).toMatchObject({ atMs: 2, eventId: null });
  old.close();
});

describe('the timeline', () => {
  const at = (id: string, startMs: number, more: Partial<SegmentRow> = {}): SegmentRow => ({
    ...segment,
    ...{ id, path: `door/1970-01-01/${startMs}-${id}.nj`, startMs, durationMs: 1000, state: 'kept' as const },
    ...more,
  });
  const ids = (query: Partial<TimelineQuery> = {}) =>
    catalog.read.timeline({ fromMs: 2000, toMs: 5000, limit: 10, ...query }).map((row) => row.id);

  test('has what overlaps the time asked for, oldest first, with how much moved', () => {
    catalog.putRecording({ ...recording, peakLevel: 40 });
    for (const [id, startMs] of [
      ['c', 4999],
      ['a', 1001],
      ['b', 3000],
      ['before', 1000],
      ['later', 5000],
    ] as const) {
      catalog.putSegment(at(id, startMs));
    }
    expect(ids()).toEqual(['a', 'b', 'c']);
    expect(catalog.read.timeline({ fromMs: 0, toMs: 2000, limit: 1 })[0]).toMatchObject({
      id: 'before',
      peakLevel: 40,
    });
  });

  test('has what is being written from its first picture on, and nothing that is going', () => {
    catalog.putRecording(recording);
    catalog.putSegment(at('open', 1000, { durationMs: 0, state: 'open' }));
    catalog.putSegment(at('going', 3000, { state: 'garbage' }));
    expect(ids()).toEqual(['open']);
  });

  test('comes in pages that miss nothing where cameras begin at the same moment', () => {
    catalog.putRecording(recording);
    for (const id of ['a', 'b', 'c', 'd']) catalog.putSegment(at(id, 3000, { cameraId: `camera-${id}` }));
    const first = catalog.read.timeline({ fromMs: 0, toMs: 9000, limit: 3 });
    expect(first.map((row) => row.id)).toEqual(['a', 'b', 'c']);
    expect(ids({ limit: 3, after: first.at(-1)! })).toEqual(['d']);
    expect(ids({ cameraId: 'camera-b' })).toEqual(['b']);
  });
});

test('no question reads a table whole, however its parts are put together', () => {
  const db = new Database(join(folder, 'catalog.db'), { readonly: true });
  const given = { cameraId: 'door', fromMs: 1, toMs: 2 };
  const asked: string[] = [];
  const listening = new Proxy(db, {
    get: (target, name) =>
      name === 'query' ? (sql: string) => asked.push(sql) && target.query(sql) : Reflect.get(target, name),
  });
  const read = createReader(listening as Database);
  read.timeline({ ...given, limit: 1 });
  read.timeline({ fromMs: 1, toMs: 2, limit: 1, after: { startMs: 1, id: 'a' } });
  read.recordings({ ...given, reason: 'motion', before: { startMs: 1, id: 'a' }, limit: 1 });
  read.recordings({ limit: 1 });
  read.recording('r');
  read.runningRecordings();
  read.segment('s');
  read.segmentAt('p');
  read.segmentsOf('r');
  read.segmentsIn('open');
  read.endOfBoot('b');
  read.segmentsOfBoot('b', { fromMs: 1, toMs: 2 }, 3);
  read.datedAs();
  read.filesIn('door/1970-01-01');
  read.fileAt('door/1970-01-01/1-s.nj');
  read.oldestSegments(1, 2);
  read.totals();
  read.bytesSince(1);
  read.still('r');
  read.difference('e');
  read.stillsOf('r');
  read.stillsUnsettled();
  read.openEvents();
  read.event('e');
  read.eventsOf('r');
  read.events({ ...given, limit: 1 });
  read.events({ limit: 1 });
  read.looseEvents('door', 1, 2);
  read.recordingAround('door', 1, 2);
  const scans = asked.flatMap((sql) =>
    db
      .query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      // in the order of an index it stops at the limit; partial indices hold a few rows; sums are a row per camera
      .filter(
        ({ detail }) =>
          /^SCAN/.test(detail) && !/USING (COVERING )?INDEX|CONSTANT ROW|^SCAN (kept|\(subquery-\d+\))/.test(detail),
      )
      .map(({ detail }) => `${detail}: ${sql}`),
  );
  db.close();
  expect(asked.length).toBeGreaterThan(27);
  expect(scans).toEqual([]);
});

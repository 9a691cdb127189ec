import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from './catalog.ts';
import { retentionQuestions } from './retention-reader.ts';
import type { Reason, SegmentRow } from './rows.ts';

let folder = '';
let catalog: Catalog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-retention-'));
  catalog = new Catalog({ path: join(folder, 'catalog.db') });
});
afterEach(() => {
  catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

const segmentOf = (cameraId: string, recordingId: string, startMs: number): SegmentRow => ({
  id: `${recordingId}s${startMs}`,
  recordingId,
  cameraId,
  path: `${cameraId}/1970-01-01/${startMs}-${recordingId}s${startMs}.nj`,
  startMs,
  durationMs: 1000,
  bytes: 10,
  mimeType: 'video/mp4',
  width: 1,
  height: 1,
  bootId: 'b',
  startSinceBootMs: startMs,
  wallSynchronised: true,
  sequence: 0,
  state: 'kept',
});
/** A finished recording with a segment a second. */
function record(
  cameraId: string,
  id: string,
  startMs: number,
  seconds: number,
  reasons: readonly Reason[] = ['motion'],
) {
  const endMs = startMs + seconds * 1000;
  catalog.putRecording({ id, cameraId, startMs, endMs, reasons, peakLevel: 0, interrupted: false });
  for (let i = 0; i < seconds; i++) catalog.putSegment(segmentOf(cameraId, id, startMs + i * 1000));
  catalog.sumRecording(id);
}
const happen = (
  id: string,
  cameraId: string,
  startMs: number,
  endMs: number | null,
  recordingId: string | null = null,
) => catalog.putEvent({ id, cameraId, startMs, peakMs: startMs, endMs, level: 1, recordingId, mail: null });
/** What the triggers have carried along, beside a count of the rows themselves. */
function sums() {
  const db = new Database(join(folder, 'catalog.db'), { readonly: true });
  const counted = db
    .query(
      `SELECT cameraId, count(*) AS segments, sum(bytes) AS bytes FROM segments WHERE state = 'kept' GROUP BY cameraId`,
    )
    .all();
  db.close();
  return { counted, carried: catalog.read.keptByCamera().map(({ starredBytes: _, ...rest }) => rest) };
}

test('what is kept of each camera is known without counting, whatever happens to its rows', () => {
  record('door', 'r1', 1000, 3);
  record('yard', 'r2', 1000, 2);
  const steps: readonly (() => void)[] = [
    () => catalog.putSegment({ ...segmentOf('door', 'r1', 9000), state: 'open', bytes: 0 }),
    () => catalog.keepSegment('r1s9000', { durationMs: 500, bytes: 77 }),
    () => catalog.keepSegment('r1s9000', { durationMs: 500, bytes: 70 }),
    () => catalog.putSegment({ ...segmentOf('door', 'r1', 9000), bytes: 5 }), // replaces by id
    () => catalog.putSegment({ ...segmentOf('door', 'r1', 9000), id: 'other', bytes: 6 }), // replaces by path
    () => catalog.putSegment({ ...segmentOf('yard', 'r2', 1000), id: 'other' }), // replaces two, of two cameras
    () => catalog.markSegments(['r1s1000', 'r2s2000']),
    () => catalog.dropSegments(['r1s1000', 'r2s2000', 'r1s2000']),
    () => catalog.dropSegments(['r1s3000', 'other']),
  ];
  for (const step of steps) {
    step();
    const { counted, carried } = sums();
    expect(carried).toEqual(counted as never);
    expect(catalog.read.totals().segments).toBe(carried.reduce((sum, c) => sum + c.segments, 0));
  }
  expect(catalog.read.keptByCamera()).toEqual([]);
});

test('the oldest that may go are those of recordings without a star, oldest first, and none that is being written', () => {
  record('door', 'r1', 1000, 2);
  record('door', 'r2', 5000, 2);
  record('yard', 'r3', 500, 1);
  catalog.putSegment({ ...segmentOf('door', 'r2', 8000), state: 'open' });
  const oldest = () => catalog.read.oldestRemovable('door', 3).map((s) => s.id);
  expect(oldest()).toEqual(['r1s1000', 'r1s2000', 'r2s5000']);
  catalog.setStarred('r1', true);
  expect(oldest()).toEqual(['r2s5000', 'r2s6000']);
  expect(catalog.read.recording('r1')?.starred).toBe(true);
  expect(catalog.read.keptByCamera().find((c) => c.cameraId === 'door')).toMatchObject({ bytes: 40, starredBytes: 20 });
  catalog.setStarred('r1', false);
  expect(oldest()).toHaveLength(3);
});

test('recordings to be thinned are those made all the time, without star and not by hand, one after the other', () => {
  record('door', 'c1', 1000, 1, ['continuous']);
  record('door', 'm', 2000, 1, ['motion']);
  record('door', 'hand', 3000, 1, ['continuous', 'manual']);
  record('door', 'kept', 4000, 1, ['continuous']);
  record('door', 'c2', 5000, 1, ['continuous', 'motion']);
  record('door', 'c3', 6000, 1, ['continuous', 'motion']);
  catalog.setStarred('kept', true);
  happen('e', 'door', 5100, 5200, 'c2');
  const found: [string, boolean][] = [];
  for (let at = { startMs: 0, id: '' }; ; ) {
    const next = catalog.read.nextContinuous('door', at);
    if (!next) break;
    found.push([next.id, next.knowsItsEvents]);
    at = next;
  }
  expect(found).toEqual([
    ['c1', true],
    ['c2', true],
    ['c3', false],
  ]);
});

test('what moved around a span is found, also what began long before or still goes on', () => {
  const DAY = 86_400_000;
  const at = 100 * DAY;
  happen('before', 'door', at - 5000, at - 1);
  happen('into', 'door', at - 5000, at);
  happen('within', 'door', at + 10, at + 20);
  happen('after', 'door', at + 101, at + 200);
  happen('long', 'door', at - 9 * DAY, at + 5);
  happen('long ago', 'door', at - 9 * DAY, at - 5 * DAY);
  happen('goes on', 'door', at - 8 * DAY, null);
  happen('another camera', 'yard', at, at + 10);
  const starts = catalog.read.movedBetween('door', at, at + 100).map((e) => (e.startMs - at) / 10);
  expect(starts.sort((a, b) => a - b)).toEqual([-9 * (DAY / 10), -8 * (DAY / 10), -500, 1]);
});

test.each([
  ['kept', ['SCAN kept', 'r: recordingsStarred']], // a row per camera
  ['starred', ['SCAN recordings USING COVERING INDEX recordingsStarred']], // holds them only
  ['oldest', ['r: recordingsUnstarred', 's: segmentsByRecording', 'USE TEMP B-TREE FOR LAST TERM OF ORDER BY']],
  ['continuous', ['recordings: recordingsContinuous', 'events: eventsByRecording']],
  ['keptOf', ['segments: segmentsByRecording']],
  // the last one holds what goes on now, a few rows
  ['moved', ['events: eventsByCamera', 'events: eventsLong', 'SCAN events USING INDEX eventsOpen']],
] as const)('"%s" is answered from these indices, and reads no table whole', (question, expected) => {
  const db = new Database(join(folder, 'catalog.db'), { readonly: true });
  const plan = db.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${retentionQuestions[question]}`).all();
  db.close();
  const steps = plan
    .map(({ detail }) => detail.replace(/^SEARCH (\w+) USING (?:COVERING )?INDEX (\w+).*$/, '$1: $2'))
    .filter((step) => !/SUBQUERY|UNION|COMPOUND/.test(step));
  expect(steps).toEqual([...expected]);
});

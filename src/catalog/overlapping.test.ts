import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from './catalog.ts';
import { createReader } from './reader.ts';

const DAY = 86_400_000;
const AT = 100 * DAY;
const folder = mkdtempSync(join(tmpdir(), 'nightjar-overlapping-'));
const path = join(folder, 'catalog.db');
let catalog: Catalog;
beforeAll(() => {
  catalog = new Catalog({ path });
  const spans: readonly (readonly [string, number, number | null])[] = [
    ['before', AT - 5000, AT],
    ['into', AT - 5000, AT + 1],
    ['within', AT + 10, AT + 20],
    ['after', AT + 100, AT + 200],
    ['a day and into', AT - DAY, AT + 1],
    ['long', AT - 9 * DAY, AT + 5],
    ['long ago', AT - 9 * DAY, AT - 5 * DAY],
    ['goes on', AT - 8 * DAY, null],
    ['goes on since today', AT - 1, null],
  ];
  catalog.change('fill', () => {
    for (const [what, startMs, endMs] of spans) {
      for (const cameraId of ['door', 'yard']) {
        const row = { id: `${what} ${cameraId}`, cameraId, startMs, endMs };
        catalog.putEvent({ ...row, peakMs: startMs, level: 1, recordingId: null, mail: null });
        catalog.putRecording({ ...row, reasons: ['motion'], peakLevel: 1, interrupted: false });
      }
    }
  });
});
afterAll(() => {
  catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

const among = ['within', 'goes on since today', 'into', 'a day and into', 'goes on', 'long'];

test.each(['events', 'recordings'] as const)('%s of a time are all that reach into it, newest first', (table) => {
  const ids = (more: { readonly cameraId?: string; readonly limit?: number } = {}) =>
    catalog.read[table]({ fromMs: AT, toMs: AT + 100, limit: 50, ...more }).map((row) => row.id);
  expect(ids({ cameraId: 'yard' })).toEqual(among.map((what) => `${what} yard`));
  expect(ids()).toEqual(among.flatMap((what) => [`${what} yard`, `${what} door`]));
  expect(ids({ limit: 3 })).toEqual(['within yard', 'within door', 'goes on since today yard']);
});

test('the next page of recordings of a time goes on where the one before has ended', () => {
  const page = (before?: { readonly startMs: number; readonly id: string }) =>
    catalog.read.recordings({ cameraId: 'door', fromMs: AT, toMs: AT + 100, limit: 4, ...(before ? { before } : {}) });
  const first = page();
  expect([...first, ...page(first.at(-1))].map((row) => row.id)).toEqual(among.map((what) => `${what} door`));
});

const plans = (ask: (read: ReturnType<typeof createReader>) => unknown): readonly string[] => {
  const db = new Database(path, { readonly: true });
  const asked: string[] = [];
  const listening = new Proxy(db, {
    get: (target, name) =>
      name === 'query' ? (sql: string) => asked.push(sql) && target.query(sql) : Reflect.get(target, name),
  });
  ask(createReader(listening as Database));
  const details = asked.flatMap((sql) => db.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${sql}`).all());
  db.close();
  return details.map(({ detail }) => detail).filter((detail) => /^(SEARCH|SCAN)/.test(detail));
};

test('what happened in a time is looked for from a day before it, not from the first day', () => {
  const questions = { cameraId: 'door', fromMs: AT, toMs: AT + 100, limit: 5 };
  const ofStills = 'SEARCH stills USING INDEX stillsByEvent (eventId=?)';
  expect(plans((read) => read.events(questions)).filter((step) => step !== ofStills)).toEqual([
    'SEARCH events USING INDEX eventsByCamera (cameraId=? AND startMs>? AND startMs<?)',
    'SEARCH events USING INDEX eventsLong (cameraId=? AND endMs>?)',
    'SCAN events USING INDEX eventsOpen', // holds those that go on now
  ]);
  expect(plans((read) => read.recordings(questions))).toEqual([
    'SEARCH recordings USING INDEX recordingsByCamera (cameraId=? AND startMs>? AND startMs<?)',
    'SEARCH recordings USING INDEX recordingsLong (cameraId=? AND endMs>?)',
    'SCAN recordings USING INDEX recordingsRunning',
  ]);
  const { cameraId: _, ...ofAll } = questions;
  expect(plans((read) => read.events(ofAll))).toContain(
    'SEARCH events USING INDEX eventsByStart (startMs>? AND startMs<?)',
  );
});

test('a day of the timeline is read from its index alone, of each camera, and put in order as it comes', () => {
  const row = { recordingId: 'r', startMs: AT, durationMs: 1, bytes: 1, mimeType: 'video/mp4', width: 1, height: 1 };
  for (const cameraId of ['door', 'yard']) {
    const rest = { bootId: 'b', startSinceBootMs: 0, wallSynchronised: null, state: 'kept' } as const;
    catalog.putSegment({ ...row, ...rest, id: cameraId, cameraId, path: `${cameraId}/d/1-s.nj` });
  }
  const ofCamera = 'SEARCH segments USING COVERING INDEX segmentsOnTimeline (cameraId=? AND startMs>? AND startMs<?)';
  const steps = plans((read) => read.timeline({ fromMs: AT, toMs: AT + 100, limit: 5 }));
  expect(steps.filter((step) => !step.startsWith('SEARCH recordings') && !step.startsWith('SCAN kept'))).toEqual([
    ofCamera,
    ofCamera,
    'SEARCH segments USING INDEX segmentsUnsettled (state=?)',
  ]);
});

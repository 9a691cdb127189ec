import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from '../catalog/catalog.ts';
import { Redating } from './redating.ts';

let folder = '';
let catalog: Catalog;
let fails = false;
const written: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-redating-'));
  fails = false;
  written.length = 0;
  const beforeWrite = (what: string) => {
    if (fails) throw new Error('no room');
    written.push(what);
  };
  catalog = new Catalog({ path: join(folder, 'catalog.db'), beforeWrite });
});
afterEach(() => {
  catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

const OFFSET_MS = 1_790_000_000_000;
const segment = (bootId: string, sinceMs: number, camera = 'door') => {
  const id = `${bootId}-${sinceMs}-${camera}`;
  const row = { id: `r-${id}`, cameraId: camera, startMs: sinceMs, endMs: sinceMs + 1000, peakLevel: 0 };
  catalog.putRecording({ ...row, reasons: ['motion'], interrupted: false, timeUnknown: true });
  catalog.putSegment({
    ...{ id, recordingId: `r-${id}`, cameraId: camera, path: `${camera}/1970-01-01/${id}.nj`, startMs: sinceMs },
    ...{ durationMs: 1000, bytes: 1, mimeType: 'video/mp4', width: 1, height: 1, bootId, startSinceBootMs: sinceMs },
    ...{ wallSynchronised: false, state: 'kept' },
  });
};
const boots = (...ids: readonly string[]) =>
  ids.map((bootId) => ({
    bootId,
    firstMs: 0,
    marks: [{ kind: 'known', fromMs: 0, offsetMs: OFFSET_MS }] as const,
  }));
const moved = () =>
  catalog.read
    .segmentsIn('kept')
    .filter((row) => row.startMs === OFFSET_MS + row.startSinceBootMs && row.wallSynchronised).length;

function stepsUntilDone(redating: Redating): readonly number[] {
  const steps: number[] = [];
  for (let isDone = false; !isDone; steps.push(moved())) isDone = redating.step(catalog);
  return steps;
}

test('rows are moved some at a time, in the order of recording, each step a transaction', () => {
  for (let i = 0; i < 7; i++) segment('a', i * 1000);
  written.length = 0;
  expect(stepsUntilDone(new Redating(boots('a'), 3))).toEqual([3, 6, 7]);
  expect(written).toEqual(Array(3).fill('date afterwards'));
  expect(catalog.read.recordings({ limit: 9 }).every((row) => row.startMs > OFFSET_MS - 1 && !row.timeUnknown)).toBe(
    true,
  );
});

test('a step is no longer when there are many boots', () => {
  for (const boot of ['a', 'b', 'c', 'd']) for (const at of [0, 1000]) segment(boot, at);
  expect(stepsUntilDone(new Redating(boots('a', 'b', 'c', 'd'), 3))).toEqual([3, 6, 8]);
});

test('more cameras than a step has room for, that began in the same millisecond, hold up nothing', () => {
  for (const camera of ['a', 'b', 'c', 'd']) segment('a', 0, camera);
  segment('a', 1000);
  expect(stepsUntilDone(new Redating(boots('a'), 2)).at(-1)).toBe(5);
});

test('a step that fails moves nothing, and is done by the next', () => {
  for (let i = 0; i < 5; i++) segment('a', i * 1000);
  const redating = new Redating(boots('a'), 3);
  redating.step(catalog);
  fails = true;
  expect(() => redating.step(catalog)).toThrow('no room');
  expect(moved()).toBe(3);
  fails = false;
  expect(redating.step(catalog)).toBe(true);
  expect(moved()).toBe(5);
  expect(new Set(redating.moved().recordingIds).size).toBe(5);
});

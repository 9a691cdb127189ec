import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Catalog } from '../catalog/catalog.ts';
import { type FileLayer, systemFileLayer } from '../store/file-layer.ts';
import { stillPath } from '../store/layout.ts';
import { catalogPath, openLibrary, recordingsFolder } from './library.ts';
import { opened, recordClip, sampleSealing } from './sample-footage.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A library on a disk that makes no picture's file before it is let. */
async function libraryOnSlowDisk() {
  const dataFolder = mkdtempSync(join(tmpdir(), 'nightjar-stills-'));
  folders.push(dataFolder);
  const clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  const files: FileLayer = {
    ...systemFileLayer,
    create: async (path) => {
      if (/\.(still|diff)\.nj$/.test(path)) await gate.promise;
      return await systemFileLayer.create(path);
    },
  };
  const boot = { id: 'boot-1', sinceBootMs: (ms: number) => ms, wallSynchronised: () => true };
  const library = await openLibrary({
    dataFolder,
    clock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (id) => id,
    boot,
    files,
  });
  const pictures = () =>
    readdirSync(recordingsFolder(dataFolder), { recursive: true })
      .map(String)
      .filter((path) => /\.(still|diff)\.nj$/.test(path)).length;
  return { library, clock, letGo: gate.resolve, pictures, dataFolder };
}

/** What an end leaves in the catalog. */
function rowsOf(dataFolder: string, recordingId: string) {
  const catalog = new Catalog({ path: catalogPath(dataFolder), how: 'read' });
  const states = catalog.read.stillsOf(recordingId).map((still) => still.state);
  catalog.close();
  return states;
}

test('an end waits for the picture that is being written, and takes no other', async () => {
  const { library, clock, letGo, pictures, dataFolder } = await libraryOnSlowDisk();
  const id = await recordClip(library, clock);
  const taken = library.addStill(id, new Uint8Array([1]), clock.wallMs());
  const closing = library.close();
  await expect(library.addStill(id, new Uint8Array([2]), clock.wallMs() + 5)).rejects.toMatchObject({
    kind: 'unavailable',
  });
  letGo();
  await taken;
  await closing;
  expect(rowsOf(dataFolder, id)).toEqual(['kept']);
  expect(pictures()).toBe(1);
});

test('two pictures at once: the later one stays, alone', async () => {
  const { library, clock, letGo, pictures, dataFolder } = await libraryOnSlowDisk();
  const id = await recordClip(library, clock);
  const both = [1, 2].map((n) => library.addStill(id, new Uint8Array([n]), clock.wallMs() + n));
  letGo();
  await Promise.all(both);
  expect(await opened(await library.still(id))).toEqual(new Uint8Array([2]));
  await library.close();
  expect(rowsOf(dataFolder, id)).toEqual(['kept']);
  expect(pictures()).toBe(1);
});

test('a recording that is removed, or turns out empty, while its picture is written takes the picture with it', async () => {
  const { library, clock, letGo, pictures } = await libraryOnSlowDisk();
  const removed = await recordClip(library, clock);
  const empty = library.sink.openRecording({ cameraId: 'yard', startMs: clock.wallMs(), reasons: ['motion'] });
  const pending = [removed, empty].map((id) => library.addStill(id, new Uint8Array([1]), clock.wallMs()));
  const going = [
    library.removeRecordings([removed]),
    library.sink.closeRecording(empty, { endMs: clock.wallMs(), interrupted: false }),
  ];
  letGo();
  await Promise.all([...pending, ...going]);
  expect(library.recordings({ limit: 10 })).toEqual([]);
  expect(pictures()).toBe(0);
  expect((await library.check()).problems).toEqual([]);
  await library.close();
});

test('an event has a difference picture beside the still; a later one replaces it and not the still; both go with the recording', async () => {
  const { library, clock, letGo, pictures } = await libraryOnSlowDisk();
  letGo();
  const id = await recordClip(library, clock);
  const atMs = clock.wallMs();
  library.recordEvent({
    id: 'e-1',
    cameraId: 'door',
    recordingId: id,
    startMs: atMs,
    peakMs: atMs,
    endMs: atMs,
    level: 5,
  });
  const told: unknown[] = [];
  library.listen((name, data) => name === 'event' && told.push(data));
  expect(library.event('e-1')).not.toHaveProperty('difference');
  await library.addStill(id, new Uint8Array([1]), atMs);
  await library.addDifference('e-1', new Uint8Array([2]), atMs);
  await library.addDifference('e-1', new Uint8Array([3]), atMs + 1000);
  expect(await opened(await library.still(id))).toEqual(new Uint8Array([1]));
  expect(await opened(await library.difference('e-1'))).toEqual(new Uint8Array([3]));
  expect(told.at(-1)).toMatchObject({ id: 'e-1', difference: true });
  expect(pictures()).toBe(2);
  expect((await library.check()).problems).toEqual([]);
  await library.removeSegments(library.segments(id).map((segment) => segment.id));
  expect(pictures()).toBe(0);
  expect(await library.difference('e-1')).toBeUndefined();
  expect(library.event('e-1')).toMatchObject({ level: 5 });
  expect(library.event('e-1')).not.toHaveProperty('difference');
  await library.close();
});

test('nothing is kept for an event of which nothing is recorded', async () => {
  const { library, clock, letGo, dataFolder } = await libraryOnSlowDisk();
  letGo();
  library.recordEvent({ id: 'e-1', cameraId: 'yard', startMs: clock.wallMs(), peakMs: clock.wallMs(), level: 5 });
  for (const id of ['e-1', 'nobody']) {
    await expect(library.addDifference(id, new Uint8Array([2]), 5)).rejects.toMatchObject({ kind: 'missing' });
  }
  expect(existsSync(recordingsFolder(dataFolder))).toBe(false);
  await library.close();
});

test('what a second look found stays with the event while it goes on, and may change', async () => {
  const { library, clock } = await libraryOnSlowDisk();
  const event = { id: 'e-1', cameraId: 'yard', startMs: clock.wallMs(), peakMs: clock.wallMs(), level: 5 };
  library.recordEvent(event);
  library.setEventProof('e-1', { confirmed: false });
  library.recordEvent({ ...event, endMs: clock.wallMs() + 5 });
  expect(library.event('e-1')).toMatchObject({ confirmed: false, endMs: clock.wallMs() + 5 });
  library.setEventProof('e-1', { confirmed: true, changed: { percent: 2, x: 0.5, y: 0.25 } });
  expect(library.event('e-1')).toMatchObject({ confirmed: true, changed: { percent: 2, x: 0.5, y: 0.25 } });
  await library.close();
});

test('a difference picture that was being written when power went is gone after the start, row and file', async () => {
  const { library, clock, letGo, dataFolder } = await libraryOnSlowDisk();
  const id = await recordClip(library, clock);
  const atMs = clock.wallMs();
  library.recordEvent({
    id: 'e-1',
    cameraId: 'door',
    recordingId: id,
    startMs: atMs,
    peakMs: atMs,
    endMs: atMs,
    level: 5,
  });
  letGo();
  await library.close();
  const catalog = new Catalog({ path: catalogPath(dataFolder) });
  const path = stillPath({ cameraId: 'door', recordingId: id, atMs, eventId: 'e-1' });
  catalog.putStill({ path, recordingId: id, eventId: 'e-1', atMs, bytes: 9, state: 'open' });
  catalog.close();
  writeFileSync(join(recordingsFolder(dataFolder), path), 'half');
  await using again = await openLibrary({
    dataFolder,
    clock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (name) => name,
  });
  expect(await again.difference('e-1')).toBeUndefined();
  expect(existsSync(join(recordingsFolder(dataFolder), path))).toBe(false);
  expect((await again.check()).problems).toEqual([]);
});

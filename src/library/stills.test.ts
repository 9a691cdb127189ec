import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Catalog } from '../catalog/catalog.ts';
import { type FileLayer, systemFileLayer } from '../store/file-layer.ts';
import { catalogPath, openLibrary, recordingsFolder } from './library.ts';
import { recordClip } from './sample-footage.ts';

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
      if (path.endsWith('.jpg')) await gate.promise;
      return await systemFileLayer.create(path);
    },
  };
  const boot = { id: 'boot-1', sinceBootMs: (ms: number) => ms, wallSynchronised: () => true };
  const library = await openLibrary({ dataFolder, clock, log: silentLog, cameraName: (id) => id, boot, files });
  const pictures = () =>
    readdirSync(recordingsFolder(dataFolder), { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.jpg')).length;
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
  expect(await library.still(id)).toEqual(new Uint8Array([2]));
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

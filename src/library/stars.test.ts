import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { catalogPath, type Library, openLibrary, recordingsFolder } from './library.ts';
import { recordClip, sampleSealing } from './sample-footage.ts';

let folder = '';
let clock = new ManualClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-stars-'));
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (more = {}) =>
  openLibrary({ dataFolder: folder, clock, log: silentLog, sealing: sampleSealing, cameraName: (id) => id, ...more });
const files = () =>
  readdirSync(recordingsFolder(folder), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.star'));
const starred = (library: Library) =>
  library
    .recordings({ limit: 100 })
    .filter((r) => r.starred)
    .map((r) => r.id);
const forgetCatalog = () => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(catalogPath(folder) + suffix, { force: true });
};

test('a star stays over a restart, and over the loss of the catalog', async () => {
  let id = '';
  {
    await using library = await open();
    id = await recordClip(library, clock, [2, 1]);
    await recordClip(library, clock);
    const told: boolean[] = [];
    library.listen((name, data) => void (name === 'recording' && told.push((data as { starred: boolean }).starred)));
    expect(await library.setStarred(id, true)).toBe(true);
    expect(await library.setStarred(id, true)).toBe(true);
    expect([starred(library), told, files().length]).toEqual([[id], [true, true], 1]);
  }
  {
    await using library = await open();
    expect([starred(library), (await library.check()).problems]).toEqual([[id], []]);
  }
  forgetCatalog();
  {
    await using library = await open();
    expect([starred(library), (await library.check()).problems]).toEqual([[id], []]);
    expect(await library.setStarred(id, false)).toBe(true);
  }
  expect(files()).toEqual([]);
  forgetCatalog();
  await using library = await open();
  expect(starred(library)).toEqual([]);
});

test('neither retention nor its own plans of before a star remove a starred recording; its owner does, with the star', async () => {
  await using library = await open();
  const id = await recordClip(library, clock, [2, 1]);
  const planned = library.oldestRemovable('door', 10).map((segment) => segment.id);
  expect(planned).toHaveLength(2);
  await library.setStarred(id, true);
  expect(library.oldestRemovable('door', 10)).toEqual([]);
  expect(await library.removeSegments(planned, 'age')).toBe(0);
  expect(await library.removeRecordings([id])).toBe(1);
  expect([files(), (await library.check()).problems]).toEqual([[], []]);
});

test('what nobody recorded gets no star, nor what runs and has nothing on the disk yet', async () => {
  await using library = await open();
  expect(await library.setStarred('nothing', true)).toBe(false);
  const running = library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['manual'] });
  expect(library.recording(running)).toMatchObject({ id: running, starred: false });
  await expect(library.setStarred(running, true)).rejects.toMatchObject({ kind: 'conflict' });
  expect(starred(library)).toEqual([]);
});

test('a crash between file and row leaves the star on, whichever way it went', async () => {
  let id = '';
  let failing = false;
  const beforeWrite = (what: string) => {
    if (failing && what === 'set star') throw new NightjarError('no-space', 'the disk is full');
  };
  {
    await using library = await open({ beforeWrite });
    id = await recordClip(library, clock);
    failing = true;
    await expect(library.setStarred(id, true)).rejects.toMatchObject({ kind: 'no-space' });
    failing = false;
    expect((await library.check()).problems).toMatchObject([{ kind: 'no-row', repaired: false }]);
    expect((await library.check({ repair: true, namesOnly: true })).problems).toMatchObject([{ repaired: true }]);
    expect([starred(library), (await library.check()).problems]).toEqual([[id], []]);
    failing = true;
    await expect(library.setStarred(id, false)).rejects.toMatchObject({ kind: 'no-space' });
    failing = false;
    expect([starred(library), files().length]).toEqual([[id], 1]);
  }
  rmSync(join(recordingsFolder(folder), files()[0]!));
  await using library = await open();
  expect((await library.check({ repair: true })).problems).toMatchObject([{ kind: 'missing-file', repaired: true }]);
  expect([starred(library), files().length, (await library.check()).problems]).toEqual([[id], 1, []]);
});

test('the star of a recording that is gone is no riddle: it goes, too', async () => {
  await using library = await open();
  await recordClip(library, clock);
  const day = new Date(clock.wallMs()).toISOString().slice(0, 10);
  writeFileSync(join(recordingsFolder(folder), 'door', day, '1-nobody.star'), '');
  expect((await library.check({ repair: true })).problems).toMatchObject([{ kind: 'no-row', repaired: true }]);
  expect([files(), (await library.check()).problems]).toEqual([[], []]);
});

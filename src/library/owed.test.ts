// A catalog that the disk leaves no room for, while what it should tell has happened already.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { type Library, openLibrary } from './library.ts';
import { recordSegment, sampleSealing } from './sample-footage.ts';

let folder = '';
let isFull = false;
const clock = new ManualClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-owed-'));
  isFull = false;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () =>
  openLibrary({
    dataFolder: folder,
    clock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (id) => id,
    beforeWrite: () => {
      if (isFull) throw new NightjarError('no-space', 'cannot write the catalog: the disk is full');
    },
  });
const start = (library: Library) =>
  library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['motion'] });

test('what was removed from a completely full disk is no longer listed as soon as there is room', async () => {
  await using library = await open();
  const id = start(library);
  await recordSegment(library, clock, id, 2);
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });
  const removed: string[] = [];
  library.listen((name, data) => name === 'recording-removed' && removed.push((data as { id: string }).id));
  isFull = true;
  const [segment] = library.segments(id);
  await expect(library.removeSegments([segment?.id ?? ''])).rejects.toMatchObject({ kind: 'no-space' });
  isFull = false;
  library.settle();
  expect(library.recording(id)).toBeUndefined();
  expect(removed).toEqual([id]);
  expect((await library.check()).problems).toEqual([]);
});

test('a recording that ended on a full disk is ended as soon as there is room, where its pictures end', async () => {
  await using library = await open();
  const id = start(library);
  const startMs = clock.wallMs();
  await recordSegment(library, clock, id, 3);
  isFull = true;
  await library.sink.closeRecording(id, { endMs: clock.wallMs() + 60_000, interrupted: true });
  library.settle();
  expect(library.recording(id)?.endMs).toBeUndefined();
  isFull = false;
  library.settle();
  expect(library.recording(id)).toMatchObject({ endMs: startMs + 3000, interrupted: true });
});

test('a recording that never got a picture because the disk was full leaves nothing behind when there is room', async () => {
  await using library = await open();
  const id = start(library);
  isFull = true;
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: true });
  isFull = false;
  const removed = new Promise<unknown>((resolve) =>
    library.listen((name, data) => name === 'recording-removed' && resolve(data)),
  );
  library.settle();
  expect(await removed).toEqual({ id });
  expect(library.recordings({ limit: 10 })).toEqual([]);
});

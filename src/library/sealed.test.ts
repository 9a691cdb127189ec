// What the library does because its files are sealed and signed.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Catalog } from '../catalog/catalog.ts';
import { type FileLayer, systemFileLayer } from '../store/file-layer.ts';
import { isSegmentPath } from '../store/layout.ts';
import { wholeNotes } from '../store/removal-notes.ts';
import { device, vaultKeys } from '../vault/fixture-file.ts';
import { openSealed } from '../vault/open.ts';
import { readRemovalNote } from '../vault/record.ts';
import { deviceKeyOf } from '../vault/signed.ts';
import { sourceOf } from '../vault/walk.ts';
import { catalogPath, type LibraryOptions, openLibrary, recordingsFolder } from './library.ts';
import { recordClip, recordSegment, sampleFragment, sampleSealing, sampleStream } from './sample-footage.ts';

let folder = '';
let clock = new ManualClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-sealed-'));
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const boot = { id: 'boot-1', sinceBootMs: (ms: number) => ms, wallSynchronised: () => true };
const open = (more: Partial<LibraryOptions> = {}) =>
  openLibrary({
    ...{ dataFolder: folder, clock, log: silentLog, sealing: sampleSealing, cameraName: (id: string) => id, boot },
    ...more,
  });
const segmentFiles = () =>
  readdirSync(recordingsFolder(folder), { recursive: true }).map(String).filter(isSegmentPath).sort();
const sequences = () => {
  const catalog = new Catalog({ path: catalogPath(folder), how: 'read' });
  const rows = catalog.read.segmentsIn('kept').map((row) => row.sequence);
  catalog.close();
  return rows;
};

test('a box that nobody owns leaves no trace of a recording', async () => {
  await using library = await open({ sealing: { publicKey: () => undefined, device } });
  const told: string[] = [];
  library.listen((name) => told.push(name));
  const startMs = clock.wallMs();
  const recordingId = library.sink.openRecording({ cameraId: 'door', startMs, reasons: ['motion'] });
  const start = { recordingId, cameraId: 'door', stream: sampleStream, startMs, startMonotonicMs: 0 };
  await expect(library.sink.openSegment(start)).rejects.toMatchObject({ kind: 'unavailable' });
  library.sink.addReason(recordingId, 'manual');
  await library.sink.closeRecording(recordingId, { endMs: startMs, interrupted: false });
  expect(library.recordings({ limit: 10 })).toEqual([]);
  expect(told.filter((name) => name === 'recording')).toEqual([]);
  expect(existsSync(recordingsFolder(folder))).toBe(false);
});

test('a segment’s number stands in its row, and in the row of a catalog made anew', async () => {
  await (async () => {
    await using library = await open();
    await recordClip(library, clock, [1, 1]);
    await recordClip(library, clock, [1]);
  })();
  expect(sequences()).toEqual([1, 2, 3]);
  rmSync(catalogPath(folder));
  await (await open()).close();
  expect(sequences()).toEqual([1, 2, 3]);
});

test('what goes is noted before it goes, with who or what wanted it', async () => {
  await using library = await open();
  const owners = await recordClip(library, clock, [1, 1]);
  const others = await recordClip(library, clock, [1, 1, 1]);
  await library.removeRecordings([owners]);
  const [first, second, third] = library.segments(others).map((segment) => segment.id);
  await library.removeSegments([first!], 'age');
  await library.removeSegments([third!], 'thinned');
  await library.removeSegments([second!]);
  const file = new Uint8Array(readFileSync(join(recordingsFolder(folder), 'door/removed.njn')));
  const notes = wholeNotes(file).map((bytes) => readRemovalNote(bytes, device.publicKey));
  expect(notes.map(({ from, to, why }) => `${from}–${to} ${why}`)).toEqual([
    '1–2 owner',
    '3–3 age',
    '5–5 thinned',
    '4–4 space',
  ]);
  expect(notes.every((note) => note.atMs === clock.wallMs())).toBe(true);
});

test('notes that cannot be written keep nobody from making room', async () => {
  const files: FileLayer = {
    ...systemFileLayer,
    create: async (path) => {
      if (path.endsWith('.njn')) throw Object.assign(new Error('bad block'), { code: 'EIO' });
      return await systemFileLayer.create(path);
    },
  };
  await using library = await open({ files });
  const id = await recordClip(library, clock);
  expect(await library.removeRecordings([id])).toBe(1);
  expect(segmentFiles()).toEqual([]);
});

test('a segment that the disk had no room to end is kept, plays, and is signed by the next start', async () => {
  let isFull = false;
  const files: FileLayer = {
    ...systemFileLayer,
    create: async (path) => {
      const file = await systemFileLayer.create(path);
      return {
        ...file,
        write: async (bytes, at) => {
          if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
          await file.write(bytes, at);
        },
      };
    },
  };
  await (async () => {
    await using library = await open({ files });
    const startMs = clock.wallMs();
    const recordingId = library.sink.openRecording({ cameraId: 'door', startMs, reasons: ['motion'] });
    const start = { recordingId, cameraId: 'door', stream: sampleStream, startMs, startMonotonicMs: 0 };
    const writer = await library.sink.openSegment(start);
    await writer.append(sampleFragment(1), 1000, { key: true });
    isFull = true;
    await writer.finish();
    await library.sink.closeRecording(recordingId, { endMs: startMs + 1000, interrupted: false });
    const [segment] = library.segments(recordingId);
    expect(segment?.durationMs).toBe(1000);
    expect(await library.indexOf(segment!.id)).toMatchObject({ finished: true, bytes: segment!.bytes });
    expect((await library.check({ deep: true })).problems).toEqual([]);
  })();
  expect(sequences()).toEqual([0]);
  await using again = await open();
  expect(sequences()).toEqual([1]);
  expect((await again.check({ deep: true })).problems).toEqual([]);
  expect(again.recordings({ limit: 1 })).toMatchObject([{ durationMs: 1000 }]);
});

test('a look through every file finds one that was changed though its size is right; nothing is mended away', async () => {
  await using library = await open();
  await recordClip(library, clock, [2, 2]);
  const [path] = segmentFiles();
  const bytes = readFileSync(join(recordingsFolder(folder), path!));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(recordingsFolder(folder), path!), bytes);
  expect((await library.check()).problems).toEqual([]);
  const found = { kind: 'changed', path: path!, repaired: false } as const;
  expect((await library.check({ deep: true })).problems).toMatchObject([found]);
  expect((await library.check({ deep: true, repair: true })).problems).toMatchObject([found]);
  expect(segmentFiles()).toHaveLength(2);
});

test('each chunk says how much moved while it lasted, and where in the picture only its owner reads', async () => {
  await using library = await open();
  const startMs = clock.wallMs();
  for (const [atMs, level] of [
    [-100, 90],
    [200, 7],
    [700, 31],
  ] as const) {
    library.level('door', level, atMs);
  }
  const recordingId = library.sink.openRecording({ cameraId: 'door', startMs, reasons: ['motion'] });
  library.recordEvent({
    id: 'e',
    cameraId: 'door',
    startMs,
    peakMs: startMs,
    endMs: startMs,
    level: 31,
    zones: ['Gate'],
  });
  library.setEventProof('e', { confirmed: true, changed: { percent: 2, x: 0.5, y: 0.25 } });
  await recordSegment(library, clock, recordingId, 2);
  const [segment] = library.segments(recordingId);
  const index = (await library.indexOf(segment!.id))!;
  expect(index.entries.map(([, , , , , moved]) => moved)).toEqual([255, 31, 255]);
  const sealed = library.bytesOf(segment!.id)!;
  const bytes = new Uint8Array(await new Response(sealed.stream(0, sealed.bytes)).arrayBuffer());
  expect(Buffer.from(bytes).includes('Gate')).toBe(false);
  const { ending } = await openSealed(sourceOf(bytes), vaultKeys);
  expect(ending).toMatchObject({
    summary: { events: [{ id: 'e', level: 31, confirmed: true }] },
    secret: { events: [{ id: 'e', zones: ['Gate'], changed: { percent: 2, x: 0.5, y: 0.25 } }] },
  });
  await library.sink.closeRecording(recordingId, { endMs: clock.wallMs(), interrupted: false });
});

test('recordings of another box, copied in by hand, are listed and left as they are, start after start', async () => {
  const other = { ...sampleSealing, device: deviceKeyOf(new Uint8Array(32).fill(7)) };
  await (async () => {
    await using library = await open({ sealing: other });
    await recordClip(library, clock, [1]);
  })();
  rmSync(catalogPath(folder));
  const before = readFileSync(join(recordingsFolder(folder), segmentFiles()[0]!));
  await (async () => {
    await using library = await open();
    await recordClip(library, clock, [1]);
  })();
  await (await open()).close();
  expect(sequences()).toEqual([0, 1]);
  expect(readFileSync(join(recordingsFolder(folder), segmentFiles()[0]!))).toEqual(before);
});

test('files that were swapped are told apart by what they say about themselves, and stay where they are', async () => {
  await using library = await open();
  await recordClip(library, clock, [1, 2]);
  const [first, second] = segmentFiles().map((path) => join(recordingsFolder(folder), path)) as [string, string];
  const bytes = [readFileSync(first), readFileSync(second)] as const;
  renameSync(first, `${first}.x`);
  renameSync(second, first);
  renameSync(`${first}.x`, second);
  for (const how of [{ repair: true }, { repair: true, deep: true }]) {
    const { problems } = await library.check(how);
    expect(problems.map(({ kind, repaired }) => [kind, repaired])).toEqual([
      ['changed', false],
      ['changed', false],
    ]);
    expect(problems[0]!.message).toContain('another recording than its name says');
  }
  expect([readFileSync(second), readFileSync(first)]).toEqual([...bytes]);
});

test('a folder in the place of a recording ends no check, and one repair leaves nothing for the next', async () => {
  await using library = await open();
  const id = await recordClip(library, clock, [1]);
  await library.addStill(id, new Uint8Array(64), clock.wallMs());
  const [path] = segmentFiles() as [string];
  const full = join(recordingsFolder(folder), path);
  rmSync(full);
  mkdirSync(full);
  writeFileSync(join(full, 'inside'), 'of somebody else');
  expect((await library.check({ repair: true })).problems).toMatchObject([{ kind: 'missing-file', repaired: true }]);
  expect(readFileSync(join(full, 'inside'), 'utf8')).toBe('of somebody else');
  expect((await library.check()).problems).toEqual([]);
});

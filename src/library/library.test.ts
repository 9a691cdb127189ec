import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type LibraryOptions, openLibrary, recordingsFolder } from './library.ts';
import { opened, recordClip, recordSegment, sampleFragment, sampleSealing, sampleStream } from './sample-footage.ts';
import type { LibraryChanges } from './types.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-library-'));
  folders.push(folder);
  return folder;
}

const boot = { id: 'boot-1', sinceBootMs: (ms: number) => ms, wallSynchronised: () => true };
const open = (dataFolder: string, clock = new ManualClock(), more: Partial<LibraryOptions> = {}) =>
  openLibrary({
    dataFolder,
    clock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (id) => id.toUpperCase(),
    boot,
    ...more,
  });

test('a recording is announced when it starts, grows and ends, with its length, size and reasons', async () => {
  const clock = new ManualClock();
  await using library = await open(newFolder(), clock);
  const heard: string[] = [];
  library.listen((name, data) => {
    const { id, durationMs, endMs } = data as LibraryChanges['recording'];
    heard.push(`${name} ${id.length} ${durationMs} ${endMs === undefined ? 'running' : 'ended'}`);
  });
  const startMs = clock.wallMs();
  const id = library.sink.openRecording({ cameraId: 'door', startMs, reasons: ['continuous'] });
  library.sink.addReason(id, 'motion');
  await recordSegment(library, clock, id, 2);
  await recordSegment(library, clock, id, 3);
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });
  expect(heard).toEqual([
    'recording 20 0 running',
    'recording 20 0 running',
    'recording 20 2000 running',
    'recording 20 5000 running',
    'recording 20 5000 ended',
  ]);
  expect(library.recording(id)).toMatchObject({
    cameraName: 'DOOR',
    startMs,
    endMs: startMs + 5000,
    durationMs: 5000,
    reasons: ['motion', 'continuous'],
    interrupted: false,
  });
  expect(library.segments(id).map((s) => [s.startMs - startMs, s.durationMs])).toEqual([
    [0, 2000],
    [2000, 3000],
  ]);
  expect((await library.check()).problems).toEqual([]);
});

test('a segment without fragments, and a recording without segments, leave nothing behind', async () => {
  const clock = new ManualClock();
  const folder = newFolder();
  await using library = await open(folder, clock);
  const removed: string[] = [];
  library.listen((name, data) => name === 'recording-removed' && removed.push((data as { id: string }).id));
  const id = await recordClip(library, clock, [0]);
  expect(removed).toEqual([id]);
  expect(library.recordings({ limit: 10 })).toEqual([]);
  expect(readdirSync(recordingsFolder(folder), { recursive: true }).filter((f) => String(f).endsWith('.nj'))).toEqual(
    [],
  );
});

test('only the owner of the box may enter the folders and read the files', async () => {
  const clock = new ManualClock();
  const folder = newFolder();
  await using library = await open(folder, clock);
  await recordClip(library, clock);
  for (const name of ['catalog.db', 'catalog.db-wal', 'recordings']) {
    const { mode } = statSync(join(folder, name));
    expect(`${name} ${(mode & 0o077).toString(8)}`).toBe(`${name} 0`);
  }
  for (const path of readdirSync(recordingsFolder(folder), { recursive: true })) {
    const { mode } = statSync(join(recordingsFolder(folder), String(path)));
    expect(`${path} ${(mode & 0o777).toString(8)}`).toBe(
      `${path} ${/\.nj$|^boots\.json/.test(String(path)) ? '600' : '700'}`,
    );
  }
});

test('a running segment can be read up to its last whole fragment', async () => {
  const clock = new ManualClock();
  await using library = await open(newFolder(), clock);
  const id = library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['manual'] });
  const start = {
    recordingId: id,
    cameraId: 'door',
    stream: sampleStream,
    startMs: clock.wallMs(),
    startMonotonicMs: 0,
  };
  const writer = await library.sink.openSegment(start);
  expect(library.segments(id)).toEqual([]);
  await writer.append(sampleFragment(1), 1000, { key: true });
  const [segment] = library.segments(id);
  expect(segment?.durationMs).toBe(1000);
  const bytes = library.bytesOf(segment!.id)!;
  const body = new Uint8Array(await new Response(bytes.stream(0, bytes.bytes)).arrayBuffer());
  expect(Buffer.from(body).includes(Buffer.from(sampleFragment(1)))).toBe(false);
  const plain = Buffer.concat([sampleStream.init, sampleFragment(1)]);
  expect(plain.equals(await opened(body))).toBe(true);
  await writer.finish();
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });
});

test('an event is tied to its recording whichever comes first, and its level is the recording’s peak', async () => {
  const clock = new ManualClock();
  await using library = await open(newFolder(), clock);
  const at = clock.wallMs();
  library.recordEvent({ id: 'early', cameraId: 'door', startMs: at + 100, peakMs: at + 100, level: 20 });
  library.recordEvent({ id: 'other', cameraId: 'yard', startMs: at + 100, peakMs: at + 100, level: 99 });
  const id = library.sink.openRecording({ cameraId: 'door', startMs: at, reasons: ['motion'] });
  library.recordEvent({
    id: 'late',
    cameraId: 'door',
    startMs: at + 900,
    peakMs: at + 950,
    endMs: at + 1000,
    level: 60,
  });
  library.setEventMail('early', 'waiting');
  library.recordEvent({
    id: 'early',
    cameraId: 'door',
    startMs: at + 100,
    peakMs: at + 200,
    endMs: at + 300,
    level: 30,
  });
  await recordSegment(library, clock, id, 2);
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });
  expect(library.recording(id)).toMatchObject({
    peakLevel: 60,
    events: [
      { id: 'early', level: 30, endMs: at + 300, mail: 'waiting', recordingId: id },
      { id: 'late', level: 60 },
    ],
  });
  expect(library.event('other')?.recordingId).toBeUndefined();
});

test('a better still replaces the one before', async () => {
  const clock = new ManualClock();
  const folder = newFolder();
  await using library = await open(folder, clock);
  const id = await recordClip(library, clock);
  expect(await library.still(id)).toBeUndefined();
  await library.addStill(id, new Uint8Array([1]), clock.wallMs());
  await library.addStill(id, new Uint8Array([2, 3]), clock.wallMs() + 5);
  expect(await opened(await library.still(id))).toEqual(new Uint8Array([2, 3]));
  expect(library.recording(id)?.hasStill).toBe(true);
  expect((await library.check()).problems).toEqual([]);
  await library.removeRecordings([id]);
  expect(readdirSync(recordingsFolder(folder), { recursive: true }).map(String).sort()).toEqual([
    'boots.json',
    'boots.json.last-good',
    'door',
    'door/removed.njn',
  ]);
});

test('removing the oldest segment moves the start of its recording; removing the last removes the recording', async () => {
  const clock = new ManualClock();
  await using library = await open(newFolder(), clock);
  const id = await recordClip(library, clock, [2, 3]);
  const before = library.recording(id)!;
  const [first, second] = library.oldestSegments(5);
  expect(await library.removeSegments([first!.id])).toBe(1);
  expect(library.recording(id)).toMatchObject({
    startMs: before.startMs + 2000,
    durationMs: 3000,
    endMs: before.endMs!,
  });
  expect(await library.removeSegments([second!.id, second!.id, 'unknown'])).toBe(1);
  expect(library.recording(id)).toBeUndefined();
});

test('what is being recorded cannot be removed', async () => {
  const clock = new ManualClock();
  await using library = await open(newFolder(), clock);
  const id = library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['manual'] });
  await recordSegment(library, clock, id, 1);
  expect(await library.removeRecordings([id])).toBe(0);
  await library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });
  expect(await library.removeRecordings([id, id])).toBe(1);
});

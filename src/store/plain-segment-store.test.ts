import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { FailingDisk } from './failing-disk.ts';
import { type FileLayer, systemFileLayer } from './file-layer.ts';
import { PlainSegmentStore } from './plain-segment-store.ts';
import type { SegmentHeader } from './segment-boxes.ts';

let folder = '';
let clock = new ManualClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-store-'));
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const recordings = () => join(folder, 'recordings');
const storeOn = (files: FileLayer = systemFileLayer) =>
  new PlainSegmentStore({ folder: recordings(), asideFolder: join(folder, 'set-aside'), clock, files });

const header: SegmentHeader = {
  version: 1,
  segmentId: 's1',
  recordingId: 'r1',
  cameraId: 'door',
  startMs: Date.UTC(2026, 10, 21, 23, 59, 59),
  startSinceBootMs: 5000,
  bootId: 'boot',
  wallSynchronised: null,
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  width: 640,
  height: 360,
  reasons: ['motion'],
};
const box = (type: string, size: number, fill = 7) => {
  const bytes = new Uint8Array(size).fill(fill);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(new TextEncoder().encode(type), 4);
  return bytes;
};
const init = new Uint8Array(Buffer.concat([box('ftyp', 24), box('moov', 200)]));
const fragment = (fill: number) => new Uint8Array(Buffer.concat([box('moof', 40, fill), box('mdat', 90, fill)]));
const summary = { reasons: ['motion', 'manual'], peakLevel: 40, events: [], interrupted: false };

async function writeSegment(store: PlainSegmentStore, fragments: number) {
  const file = await store.create(header, init);
  for (let i = 1; i <= fragments; i++) await file.append(fragment(i), i * 1000);
  return file;
}
const names = (path: string): string[] => readdirSync(path, { recursive: true }).map(String).sort();

test('a finished file says of itself all that its rows need', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  expect(file.path).toBe('door/2026-11-21/1795305599000-s1.mp4');
  const done = await file.finish(summary);
  expect(done?.durationMs).toBe(3000);
  expect(await store.inspect(file.path)).toEqual({
    path: file.path,
    header,
    bytes: done!.bytes,
    durationMs: 3000,
    summary: { ...summary, durationMs: 3000 },
  });
  expect(await store.bytes(file.path)).toBe(done!.bytes);
});

test('every top-level box of a file is one that players know or skip', async () => {
  const file = await writeSegment(storeOn(), 2);
  await file.finish(summary);
  const bytes = readFileSync(join(recordings(), file.path));
  const types: string[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at))
    types.push(bytes.toString('latin1', at + 4, at + 8));
  expect(types.join(' ')).toBe('ftyp moov uuid uuid moof mdat uuid moof mdat uuid');
});

test('a tail torn at any byte is cut at the last whole fragment, and the rest is kept', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  const path = join(recordings(), file.path);
  const whole = readFileSync(path);
  const upTo2 = file.wholeBytes - 40 - fragment(3).length;
  for (let cut = upTo2; cut <= whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    const found = await store.recover(file.path);
    const fragments = cut === whole.length ? 3 : 2;
    expect(`cut at ${cut}: ${found?.durationMs}`).toBe(`cut at ${cut}: ${fragments * 1000}`);
    const kept = readFileSync(path);
    expect(kept.length).toBe(found!.bytes);
    expect(
      kept.subarray(0, fragments === 3 ? cut : upTo2).equals(whole.subarray(0, fragments === 3 ? cut : upTo2)),
    ).toBe(true);
    expect((await store.inspect(file.path))?.summary?.interrupted).toBe(true);
  }
});

test('a tail of zeros or of changed bytes, as a power cut may leave it, is not taken for video', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  const path = join(recordings(), file.path);
  const whole = readFileSync(path);
  for (const spoil of [
    (bytes: Buffer) => bytes.fill(0, bytes.length - 60),
    (bytes: Buffer) => bytes.fill(0, bytes.length - 160),
    (bytes: Buffer) => bytes.writeUInt8(bytes.at(-1)! ^ 1, bytes.length - 1),
  ]) {
    const spoiled = Buffer.from(whole);
    spoil(spoiled);
    writeFileSync(path, Buffer.concat([spoiled, Buffer.alloc(4096)]));
    expect((await store.recover(file.path))?.durationMs).toBe(2000);
  }
});

test('a file with nothing whole in it is removed, with the folder that is empty then', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 1);
  truncateSync(join(recordings(), file.path), file.wholeBytes - 1);
  expect(await store.recover(file.path)).toBeUndefined();
  expect(names(recordings())).toEqual(['door']);
});

test('what was appended is on the disk one second later, name and all', async () => {
  const disk = new FailingDisk(recordings());
  const store = storeOn(disk.layer);
  const file = await writeSegment(store, 2);
  await clock.advance(999);
  expect(disk.steps.some((step) => step.startsWith('fsync'))).toBe(false);
  await clock.advance(1);
  await file.append(fragment(3), 3000); // queues behind the fsync
  disk.cutPower();
  expect((await storeOn().recover(file.path))?.durationMs).toBe(2000);
});

test('after a full disk the segment takes no more, and what was written before is kept', async () => {
  const disk = new FailingDisk(recordings(), { step: 6, how: 'error', code: 'ENOSPC' });
  const store = storeOn(disk.layer);
  const file = await writeSegment(store, 1);
  await expect(file.append(fragment(2), 2000)).rejects.toMatchObject({ kind: 'no-space' });
  await expect(file.append(fragment(3), 3000)).rejects.toMatchObject({ kind: 'no-space' });
  expect(await file.finish(summary)).toMatchObject({ durationMs: 1000 });
  expect((await store.inspect(file.path))?.durationMs).toBe(1000);
});

test('no room for the head of a file leaves no file', async () => {
  const disk = new FailingDisk(recordings(), { step: 4, how: 'error', code: 'ENOSPC' });
  await expect(storeOn(disk.layer).create(header, init)).rejects.toMatchObject({ kind: 'no-space' });
  expect(names(recordings())).toEqual(['door', 'door/2026-11-21']);
});

test('after a failed fsync only what an earlier one confirmed is counted on', async () => {
  const disk = new FailingDisk(recordings(), { step: 11, how: 'error', code: 'EIO' });
  const store = storeOn(disk.layer);
  const file = await writeSegment(store, 1);
  await clock.advance(1000);
  await file.append(fragment(2), 2000);
  await clock.advance(1000);
  await expect(file.append(fragment(3), 3000)).rejects.toMatchObject({ kind: 'internal' });
  expect(disk.steps[10]).toStartWith('fsync door');
  expect(await file.finish(summary)).toMatchObject({ durationMs: 1000 });
  expect((await store.inspect(file.path))?.durationMs).toBe(1000);
});

test('any byte range of a file can be read', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  const { bytes } = (await file.finish(summary))!;
  const whole = readFileSync(join(recordings(), file.path));
  for (const [from, to] of [
    [0, bytes],
    [5, 6],
    [100, 100],
    [bytes - 1, bytes],
  ] as const) {
    const read = Buffer.from(await new Response(store.read(file.path, from, to)).arrayBuffer());
    expect(read.equals(whole.subarray(from, to))).toBe(true);
  }
  await expect(new Response(store.read(file.path, 0, bytes + 1)).arrayBuffer()).rejects.toThrow();
});

test('a camera or segment id cannot lead out of the recordings folder', () => {
  for (const cameraId of ['..', '../x', 'a/b', '', 'A']) {
    expect(() => storeOn().pathOf({ ...header, cameraId })).toThrow(RangeError);
  }
  expect(() => storeOn().pathOf({ ...header, segmentId: '../../x' })).toThrow(RangeError);
});

test('a file that is not ours is neither understood nor lost', async () => {
  const path = 'door/2026-11-21/5-x.mp4';
  mkdirSync(dirname(join(recordings(), path)), { recursive: true });
  writeFileSync(join(recordings(), path), 'holiday pictures');
  expect(await storeOn().inspect(path)).toBeUndefined();
  await storeOn().setAside(path);
  expect(names(join(folder, 'set-aside'))).toEqual(['door_2026-11-21_5-x.mp4']);
});

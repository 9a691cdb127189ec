import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { boxId, device, fixedRandom, vaultKeys, vaultPair } from '../vault/fixture-file.ts';
import { openSealed } from '../vault/open.ts';
import { deviceKeyOf } from '../vault/signed.ts';
import { type FileVerdict, verifyChains, verifyFile } from '../vault/verify.ts';
import { sourceOf } from '../vault/walk.ts';
import { FailingDisk } from './failing-disk.ts';
import { type FileLayer, systemFileLayer } from './file-layer.ts';
import { stillPath } from './layout.ts';
import { SealedSegmentStore } from './sealed-segment-store.ts';
import type { Sealing } from './sealing.ts';
import type { PictureHeader, SegmentHeader } from './segment-store.ts';

let folder = '';
let clock = new ManualClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-store-'));
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const recordings = () => join(folder, 'recordings');
const owned: Sealing = { publicKey: () => vaultPair.publicKey, device };
const storeOn = (files: FileLayer = systemFileLayer, sealing = owned) =>
  new SealedSegmentStore({ folder: recordings(), asideFolder: join(folder, 'set-aside'), clock, files, sealing });

const header: SegmentHeader = {
  fileId: 's1',
  recordingId: 'r1',
  cameraId: 'door',
  stream: 'main',
  startMs: Date.UTC(2026, 10, 21, 23, 59, 59),
  startSinceBootMs: 5000,
  bootId: 'boot',
  wallSynchronised: null,
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  width: 640,
  height: 360,
  reasons: ['motion'],
};
const init = new TextEncoder().encode('ftyp moov of the front door');
const fragment = (n: number) => fixedRandom(`fragment ${n}`)(130);
const end = { reasons: ['motion', 'manual'], peakLevel: 40, events: [], interrupted: false };

async function writeSegment(store: SealedSegmentStore, fragments: number, over: Partial<SegmentHeader> = {}) {
  const file = await store.create({ ...header, ...over }, init);
  for (let i = 1; i <= fragments; i++) {
    await file.append(fragment(i), i * 1000, { key: i % 2 === 1, moved: i * 10 });
  }
  return file;
}
const names = (path: string): string[] => readdirSync(path, { recursive: true }).map(String).sort();
const bytesAt = (path: string) => new Uint8Array(readFileSync(join(recordings(), path)));
async function openedPieces(path: string) {
  const reader = await openSealed(sourceOf(bytesAt(path)), vaultKeys);
  const pieces: string[] = [];
  for await (const piece of reader.pieces()) {
    pieces.push(piece.kind === 'gap' ? `gap ${piece.fromMs}–${piece.toMs}` : Buffer.from(piece.bytes).toString('hex'));
  }
  return { pieces, ending: reader.ending };
}
const plainPieces = (count: number) =>
  [init, ...Array.from({ length: count }, (_, i) => fragment(i + 1))].map((b) => Buffer.from(b).toString('hex'));
const verdict = (path: string): Promise<FileVerdict> => verifyFile(path, sourceOf(bytesAt(path)), device.publicKey);

test('a finished file says of itself all that its rows need, and the owner opens it whole', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  expect(file.path).toBe('door/2026-11-21/1795305599000-s1.nj');
  const done = await file.finish({ ...end, secret: { events: [{ id: 'e', zones: ['Path'] }] } });
  expect(done).toMatchObject({ durationMs: 3000, sequence: 1 });
  expect(await store.inspect(file.path)).toEqual({
    path: file.path,
    header: { ...header, kind: 'segment', boxId },
    bytes: done!.bytes,
    durationMs: 3000,
    sequence: 1,
    isSigned: true,
    summary: { ...end, durationMs: 3000 },
  });
  expect(await store.bytes(file.path)).toBe(done!.bytes);
  const { pieces, ending } = await openedPieces(file.path);
  expect(pieces).toEqual(plainPieces(3));
  expect(ending).toMatchObject({ how: 'finished', secret: { events: [{ id: 'e', zones: ['Path'] }] } });
  expect(await store.verify(file.path)).toEqual([]);
});

test('nothing of what was recorded, and not where it moved, stands in the file', async () => {
  const file = await writeSegment(storeOn(), 2);
  await file.finish({ ...end, secret: { events: [{ zones: ['Garden path'] }] } });
  const bytes = Buffer.from(bytesAt(file.path));
  for (const secret of [init, fragment(1).subarray(0, 16), fragment(2).subarray(50, 66), Buffer.from('Garden')]) {
    expect(bytes.includes(secret)).toBe(false);
  }
});

test('a box that nobody owns makes no file, and says why', async () => {
  const store = storeOn(systemFileLayer, { publicKey: () => undefined, device });
  expect(store.canSeal()).toBe(false);
  const words = { kind: 'unavailable', message: 'nobody owns this box yet, so nothing is recorded' };
  await expect(store.create(header, init)).rejects.toMatchObject(words);
  const picture: PictureHeader = { ...header, kind: 'still', mimeType: 'image/jpeg' };
  await expect(store.putPicture('door/2026-11-21/1-r1.still.nj', picture, init)).rejects.toMatchObject(words);
  expect(names(folder)).toEqual([]);
});

test('a torn tail is cut at the last whole fragment, signed, and opens up to there; no key of the vault is needed', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 2);
  const upTo2 = file.wholeBytes;
  await file.append(fragment(3), 3000, { key: true });
  const upTo3 = file.wholeBytes;
  await file.finish(end);
  const whole = bytesAt(file.path);
  const noKey = storeOn(systemFileLayer, { publicKey: () => undefined, device });
  // every byte: `vault/torn-tail.test.ts`
  const cuts = [upTo2, upTo2 + 1, upTo2 + 100, upTo3 - 1, upTo3, upTo3 + 200, whole.length - 200, whole.length - 1];
  for (const cut of cuts) {
    writeFileSync(join(recordings(), file.path), whole.subarray(0, cut));
    const found = await noKey.recover(file.path);
    const fragments = cut >= upTo3 ? 3 : 2;
    expect(`cut at ${cut}: ${found?.durationMs} ${found?.isSigned}`).toBe(`cut at ${cut}: ${fragments * 1000} true`);
    expect(found?.bytes).toBe(bytesAt(file.path).length);
    expect((await openedPieces(file.path)).pieces).toEqual(plainPieces(fragments));
    const { findings, record } = await verdict(file.path);
    expect(findings).toEqual(record?.state === 'recovered' ? ['recovered'] : []);
    expect(await store.inspect(file.path)).toEqual(found!);
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

test('a file that is whole but whose record a power cut has spoiled is signed anew', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 2);
  await file.finish(end);
  const bytes = bytesAt(file.path);
  bytes[bytes.length - 40]! ^= 1; // in the signature
  writeFileSync(join(recordings(), file.path), bytes);
  expect(await storeOn().recover(file.path)).toMatchObject({ durationMs: 2000, summary: { interrupted: false } });
  expect((await verdict(file.path)).findings).toEqual([]);
});

test('a file with nothing whole in it is removed, with the folder that is empty then', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 1);
  truncateSync(join(recordings(), file.path), file.wholeBytes - 1);
  expect(await store.recover(file.path)).toBeUndefined();
  expect(names(recordings())).toEqual(['door']);
});

test('what was appended is on the disk one second later, name and all, and one round serves all cameras', async () => {
  const disk = new FailingDisk(recordings());
  const store = storeOn(disk.layer);
  const door = await writeSegment(store, 2);
  await clock.advance(600);
  const yard = await writeSegment(store, 1, { cameraId: 'yard' });
  await clock.advance(399);
  expect(disk.steps.some((step) => step.startsWith('fsync'))).toBe(false);
  await clock.advance(1);
  // queue behind the fsyncs
  await door.append(fragment(3), 3000, { key: true });
  await yard.append(fragment(2), 2000, { key: true });
  disk.cutPower();
  expect((await storeOn().recover(door.path))?.durationMs).toBe(2000);
  expect((await storeOn().recover(yard.path))?.durationMs).toBe(1000);
});

/** A store whose disk fails once, at the first step of which the test says so. */
function failingOnce(isIt: (step: string) => boolean, code: string) {
  const disk = new FailingDisk(recordings());
  let hasFailed = false;
  const failing = (what: string) => {
    if (hasFailed || !isIt(what)) return;
    hasFailed = true;
    throw Object.assign(new Error(`${code}: ${what}`), { code });
  };
  const layer: FileLayer = {
    ...disk.layer,
    create: async (path) => {
      const file = await disk.layer.create(path);
      return {
        ...file,
        write: async (bytes, at) => {
          try {
            failing('write');
          } catch (error) {
            await file.write(bytes.subarray(0, bytes.length >> 1), at);
            throw error;
          }
          await file.write(bytes, at);
        },
        sync: async () => {
          failing('sync');
          await file.sync();
        },
      };
    },
  };
  return { store: storeOn(layer), hasFailed: () => hasFailed };
}

test('after a full disk the segment takes no more; what was written before is kept, signed, and opens without a hole', async () => {
  let writes = 0;
  const { store } = failingOnce((step) => step === 'write' && ++writes === 3, 'ENOSPC');
  const file = await writeSegment(store, 1);
  await expect(file.append(fragment(2), 2000, { key: true })).rejects.toMatchObject({ kind: 'no-space' });
  await expect(file.append(fragment(3), 3000, { key: true })).rejects.toMatchObject({ kind: 'no-space' });
  expect(await file.finish(end)).toMatchObject({ durationMs: 1000, sequence: 1 });
  const { pieces } = await openedPieces(file.path);
  // the number of the piece that was lost is not used again, and its absence is shown
  expect(pieces).toEqual([...plainPieces(1), 'gap 1000–1000']);
  expect((await verdict(file.path)).findings).toEqual([]);
});

test('without room even for its end a file is kept as it is, and signed by a later start', async () => {
  let writes = 0;
  const { store } = failingOnce((step) => step === 'write' && ++writes === 4, 'ENOSPC');
  const file = await writeSegment(store, 2);
  const whole = file.wholeBytes;
  expect(await file.finish(end)).toEqual({ bytes: whole, durationMs: 2000, sequence: 0 });
  expect(await store.inspect(file.path)).toMatchObject({ bytes: whole, isSigned: false });
  const next = await (await writeSegment(store, 1, { fileId: 's2' })).finish(end);
  expect(next?.sequence).toBe(1);
  expect(await store.recover(file.path)).toMatchObject({ durationMs: 2000, isSigned: true, sequence: 2 });
  expect((await openedPieces(file.path)).pieces).toEqual(plainPieces(2));
});

test('after a failed fsync only what an earlier one confirmed is counted on', async () => {
  let syncs = 0;
  const { store, hasFailed } = failingOnce((step) => step === 'sync' && ++syncs === 2, 'EIO');
  const file = await writeSegment(store, 1);
  await clock.advance(1000);
  await file.append(fragment(2), 2000, { key: true });
  await clock.advance(1000);
  await expect(file.append(fragment(3), 3000, { key: true })).rejects.toMatchObject({ kind: 'internal' });
  expect(hasFailed()).toBe(true);
  expect(file.index().entries).toHaveLength(2);
  expect(await file.finish(end)).toMatchObject({ durationMs: 1000 });
  expect((await store.inspect(file.path))?.durationMs).toBe(1000);
});

test('no room for the head of a file leaves no file', async () => {
  const { store } = failingOnce((step) => step === 'write', 'ENOSPC');
  await expect(store.create(header, init)).rejects.toMatchObject({ kind: 'no-space' });
  expect(names(recordings())).toEqual(['door', 'door/2026-11-21']);
});

test('the index is the same from memory while a file is written, from its end, and from a torn file', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  const running = file.index();
  expect(running).toMatchObject({ finished: false, bytes: file.wholeBytes });
  expect(running.entries.map(([number, , ...rest]) => [number, ...rest])).toEqual([
    [0, 0, 0, 1, 255],
    [1, 0, 1000, 2, 10],
    [2, 1000, 2000, 0, 20],
    [3, 2000, 3000, 2, 30],
  ]);
  const torn = await store.index(file.path);
  const done = await file.finish(end);
  const finished = await store.index(file.path);
  expect(finished).toEqual({ ...running, finished: true, bytes: done!.bytes });
  expect(torn!.entries).toEqual(running.entries);
  const bytes = bytesAt(file.path);
  bytes[running.entries[2]![1]] = 0; // no frame begins here any more
  bytes[bytes.length - 1] = 0; // and no record says where the end is
  writeFileSync(join(recordings(), file.path), bytes);
  expect((await store.index(file.path))?.entries.map(([number]) => number)).toEqual([0, 1, 3]);
});

test('the records of a camera are a chain: also over a restart, a file that was torn, and the removal of the newest', async () => {
  const first = storeOn();
  const paths = [];
  for (const fileId of ['a', 'b']) {
    const file = await writeSegment(first, 2, { fileId });
    await file.finish(end);
    paths.push(file.path);
  }
  const torn = await writeSegment(first, 2, { fileId: 'c' });
  paths.push(torn.path);

  const second = storeOn();
  await second.startChains([{ cameraId: 'door', sequence: 2, path: paths[1]! }], false);
  expect(await second.recover(torn.path)).toMatchObject({ sequence: 3 });
  await second.noteRemoved('door', [3], 'owner', 5);
  await second.remove([torn.path]);

  const third = storeOn();
  await third.startChains([{ cameraId: 'door', sequence: 2, path: paths[1]! }], false);
  const last = await writeSegment(third, 1, { fileId: 'd' });
  expect(await last.finish(end)).toMatchObject({ sequence: 4 });
  const verdicts = await Promise.all([paths[0]!, paths[1]!, last.path].map(verdict));
  expect(verdicts.map((v) => v.findings)).toEqual([[], [], []]);
  expect(verdicts[2]!.record!.follows).toHaveProperty('link');
  const note = { cameraId: 'door', stream: 'main', from: 3, to: 3, why: 'owner', atMs: 5 } as const;
  expect(verifyChains(verdicts, [note])[0]!.findings).toEqual([
    { kind: 'begins', sequence: 1 },
    { kind: 'removed', from: 3, to: 3, why: 'owner' },
  ]);
});

test('without a catalog the chain goes on after the highest number in any file; one that is only known goes on with a gap', async () => {
  const before = storeOn();
  for (const fileId of ['a', 'b']) await (await writeSegment(before, 1, { fileId })).finish(end);
  const again = storeOn();
  await again.startChains([], true);
  const file = await writeSegment(again, 1, { fileId: 'c' });
  expect(await file.finish(end)).toMatchObject({ sequence: 3 });
  expect((await verdict(file.path)).record!.follows).toHaveProperty('link');

  const knowing = storeOn();
  await knowing.startChains([{ cameraId: 'door', sequence: 9, path: 'door/2026-11-21/1-gone.nj' }], false);
  const later = await writeSegment(knowing, 1, { fileId: 'd' });
  expect(await later.finish(end)).toMatchObject({ sequence: 10 });
  expect((await verdict(later.path)).record!.follows).toEqual({ gap: 'lost' });
});

test('two files of one camera that end at the same time are signed one after the other', async () => {
  const store = storeOn();
  const files = await Promise.all(['a', 'b', 'c'].map((fileId) => writeSegment(store, 1, { fileId })));
  const ended = await Promise.all(files.map((file) => file.finish(end)));
  expect(ended.map((done) => done!.sequence)).toEqual([1, 2, 3]);
  const [chain] = verifyChains(await Promise.all(files.map((file) => verdict(file.path))));
  expect(chain!.findings).toEqual([{ kind: 'begins', sequence: 1 }]);
});

test('another box’s file is kept as it is: neither signed by this box nor counted in its chain', async () => {
  const other = { ...owned, device: deviceKeyOf(fixedRandom('another box')(32)) };
  const torn = await writeSegment(storeOn(systemFileLayer, other), 2);
  const whole = await writeSegment(storeOn(systemFileLayer, other), 2, { fileId: 's2' });
  await whole.finish(end);
  const before = bytesAt(torn.path);
  const store = storeOn();
  await store.startChains([], true);
  expect(await store.recover(torn.path)).toMatchObject({ durationMs: 2000, sequence: 0, isSigned: false });
  expect(bytesAt(torn.path)).toEqual(before);
  expect(await store.inspect(whole.path)).toMatchObject({ sequence: 0, isSigned: true });
  expect(await (await writeSegment(store, 1, { fileId: 's3' })).finish(end)).toMatchObject({ sequence: 1 });
});

test('a picture is one sealed file, known by its name, whole or not counted', async () => {
  const store = storeOn();
  for (const kind of ['still', 'difference'] as const) {
    const eventId = kind === 'difference' ? { eventId: 'e-1' } : {};
    const path = stillPath({ cameraId: 'door', recordingId: 'r1', atMs: header.startMs, ...eventId });
    const about: PictureHeader = { ...header, ...eventId, kind, mimeType: 'image/png' };
    const bytes = await store.putPicture(path, about, fragment(1));
    expect(await store.inspectPicture(path)).toEqual({ path, header: { ...about, boxId }, bytes });
    expect((await openedPieces(path)).pieces).toEqual([Buffer.from(fragment(1)).toString('hex')]);
    expect(await store.verify(path)).toEqual([]);
    expect(await store.inspect(path)).toBeUndefined();
    truncateSync(join(recordings(), path), bytes - 1);
    expect(await store.inspectPicture(path)).toBeUndefined();
  }
  expect(names(join(recordings(), 'door/2026-11-21'))).toEqual([
    '1795305599000-r1-e-1.diff.nj',
    '1795305599000-r1.still.nj',
  ]);
});

test('any byte range of a file can be read', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  const { bytes } = (await file.finish(end))!;
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

test('a changed file is told from a whole one', async () => {
  const store = storeOn();
  const file = await writeSegment(store, 3);
  await file.finish(end);
  const bytes = bytesAt(file.path);
  bytes[file.index().entries[1]![1] + 40]! ^= 1;
  writeFileSync(join(recordings(), file.path), bytes);
  expect(await store.verify(file.path)).toContain('changed');
});

test('a camera or file id cannot lead out of the recordings folder', () => {
  for (const cameraId of ['..', '../x', 'a/b', '', 'A']) {
    expect(() => storeOn().pathOf({ ...header, cameraId })).toThrow(RangeError);
  }
  expect(() => storeOn().pathOf({ ...header, fileId: '../../x' })).toThrow(RangeError);
});

test('a file that is not ours is neither understood nor lost; what lies beside the recordings is left alone', async () => {
  const path = 'door/2026-11-21/5-x.nj';
  mkdirSync(dirname(join(recordings(), path)), { recursive: true });
  writeFileSync(join(recordings(), path), 'holiday pictures');
  writeFileSync(join(recordings(), 'keyring.json'), '{}');
  writeFileSync(join(recordings(), 'door/removed.njn'), 'notes');
  const seen: string[] = [];
  for await (const { folder, paths } of storeOn().scan()) seen.push(folder, ...paths);
  expect(seen).toEqual(['door/2026-11-21', path]);
  expect(await storeOn().inspect(path)).toBeUndefined();
  await storeOn().setAside(path);
  expect(names(join(folder, 'set-aside'))).toEqual(['door_2026-11-21_5-x.nj']);
});

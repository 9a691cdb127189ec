// A disk that is really full. As root the whole data folder lies on a small tmpfs, catalog included; a developer who is not
// gets a layer that refuses bytes over a quota, which fills the recordings only. Either way every test below runs.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openLibrary } from '../library/library.ts';
import { quotaLayer } from '../library/quota-layer.ts';
import { sampleFragment, sampleSealing, sampleStream } from '../library/sample-footage.ts';
import { createSweeper } from './sweeper.ts';

const DISK_BYTES = 6 * 1024 * 1024;
let folder = '';
let isMounted = false;
let quota = quotaLayer(DISK_BYTES);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-full-'));
  const argv = ['mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder] as const;
  isMounted = (await runChild([...argv])).code === 0;
  quota = quotaLayer(DISK_BYTES);
});
afterEach(async () => {
  if (isMounted) await runChild(['umount', '-l', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const freeBytes = async () => {
  if (!isMounted) return quota.freeBytes();
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};
const open = () =>
  openLibrary({
    dataFolder: folder,
    clock: systemClock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (id) => id,
    ...(isMounted ? {} : { files: quota.layer }),
  });
type Opened = Awaited<ReturnType<typeof open>>;

let atMs = 0;
/** Records until the disk refuses. Answers how long what was accepted is. */
async function recordUntilFull(library: Opened): Promise<{ recordingId: string; acceptedMs: number }> {
  const recordingId = library.sink.openRecording({ cameraId: 'door', startMs: 1e12 + atMs, reasons: ['continuous'] });
  let acceptedMs = 0;
  for (let isFull = false; !isFull; ) {
    const start = { recordingId, cameraId: 'door', startMs: 1e12 + atMs, startMonotonicMs: atMs };
    const opened = await library.sink.openSegment({ ...start, stream: sampleStream }).catch((error) => {
      expect(error).toMatchObject({ kind: 'no-space' });
    });
    if (!opened) break;
    for (let i = 1; i <= 5 && !isFull; i++) {
      await opened.append(sampleFragment(i, 100_000), i * 1000, { key: true }).then(
        () => {
          atMs += 1000;
          acceptedMs += 1000;
        },
        (error) => {
          expect(error).toMatchObject({ kind: 'no-space' });
          isFull = true;
        },
      );
    }
    await opened.finish();
    atMs += 1000;
  }
  await library.sink.closeRecording(recordingId, { endMs: 1e12 + atMs, interrupted: true });
  return { recordingId, acceptedMs };
}

test('a full disk ends a recording cleanly, and a start on it works: with room every accepted fragment is there, and nothing is torn', async () => {
  let recorded: Awaited<ReturnType<typeof recordUntilFull>>;
  {
    await using library = await open();
    recorded = await recordUntilFull(library);
    expect(recorded.acceptedMs).toBeGreaterThan(20_000);
  }
  // A disk so full takes no row either: the start is told of what is owed when there is room.
  await using library = await open();
  if (isMounted) {
    const more = `remount,size=${2 * DISK_BYTES}`;
    expect((await runChild(['mount', '-o', more, folder])).code).toBe(0);
  }
  library.settle();
  expect((await library.check()).problems).toEqual([]);
  expect(library.recording(recorded.recordingId)?.durationMs).toBe(recorded.acceptedMs);
});

test('with not one byte left the oldest can still be removed, and recording goes on', async () => {
  await using library = await open();
  await recordUntilFull(library);
  if (isMounted) {
    // take what fragments did not fit into
    for (let bytes = 1 << 20; bytes >= 512; bytes >>= 1) {
      for (let i = 0; ; i++) {
        try {
          writeFileSync(join(folder, `filler-${bytes}-${i}`), new Uint8Array(bytes));
        } catch {
          break;
        }
      }
    }
    expect(await freeBytes()).toBe(0);
  }
  const before = library.totals().segments;
  const settings = () => ({ keepFreeMB: 1.5, maxAgeDays: 0, camera: () => undefined });
  await using sweeper = createSweeper({ library, freeBytes, settings, clock: systemClock, log: silentLog });
  await sweeper.sweep();
  expect(await freeBytes()).toBeGreaterThanOrEqual(1.5e6);
  expect(sweeper.isFull()).toBe(false);
  expect(library.totals().segments).toBeLessThan(before);
  const again = await recordUntilFull(library);
  expect(again.acceptedMs).toBeGreaterThan(5000);
  expect((await library.check()).problems.filter((p) => p.kind !== 'unfinished')).toEqual([]);
});

// A box that is started on a disk that somebody else has filled to the last byte: it starts, makes room and records again.

import { expect, test } from 'bun:test';
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingPage } from '../src/http/api.ts';
import { type Client, eventually, executable, startBox } from './support/box.ts';
import { startRtsp } from './support/rtsp.ts';
import { expectInNamespace, fill, mountsInNamespaceOnly, smallExt4 } from './support/small-disk.ts';

const recordings = async (client: Client) => (await client.json<RecordingPage>('/api/v1/recordings')).recordings;
const freeBytes = (folder: string) => statfsSync(folder).bavail * statfsSync(folder).bsize;

test('a box starts on a disk without one free byte, makes room and records again', async () => {
  if (mountsInNamespaceOnly()) return expectInNamespace(import.meta.path);
  using disk = smallExt4(160);
  const dataDir = join(disk.folder, 'data');
  const env = { NIGHTJAR_STORAGE_KEEP_FREE_MB: '50' };
  await using rtsp = await startRtsp('--pattern', 'snow', '--fps', '10', '--gop', '10', '--bitrate', '6000');
  {
    await using box = await startBox({ dataDir, env });
    const client = await box.claim();
    await client.json('/api/v1/cameras', {
      method: 'POST',
      json: {
        name: 'Door',
        source: { kind: 'rtsp', url: rtsp.url },
        record: { mode: 'continuous', segmentS: 2 },
        motion: { enabled: false },
      },
    });
    // More than the twentieth of the disk that stays whatever happens.
    await eventually(
      'recordings that may go',
      async () => ((await recordings(client)).reduce((sum, one) => sum + one.bytes, 0) > 14e6 ? true : undefined),
      60_000,
    );
    expect(await box.stop()).toBe(0);
  }
  const ballast = join(dataDir, 'ballast');
  expect(statSync(ballast).size).toBeGreaterThan(1e6);
  fill(disk.folder);
  expect(freeBytes(disk.folder)).toBe(0);

  await using box = await startBox({ dataDir, env });
  const startedMs = Date.now();
  expect(box.log()).toContain('the disk is full: the room that was set aside for a start is given up');
  const client = await box.signIn();
  await eventually(
    'the camera to be recorded again',
    async () => (await recordings(client)).find((r) => r.startMs > startedMs - 5000 && r.durationMs > 3000),
    45_000,
  );
  // The next start has its room, too.
  await eventually('room for the next start', async () => statSync(ballast, { throwIfNoEntry: false }));
  expect(statSync(ballast).size).toBeGreaterThan(1e6);
  expect(await box.stop()).toBe(0);
  const check = Bun.spawnSync([executable, 'check', '--data', dataDir]);
  expect({ code: check.exitCode, said: check.stdout.toString() }).toMatchObject({ code: 0 });
}, 150_000);

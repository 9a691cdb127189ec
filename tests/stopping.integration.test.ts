// How a box with four recording cameras ends: told to, it finishes what is being recorded and leaves no process behind; killed,
// its children end by themselves. And what no child may show to the other users of the machine.

import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import type { CameraView, RecordingPage } from '../src/http/api.ts';
import { type Client, eventually, executable, startBox } from './support/box.ts';
import { startRtsp } from './support/rtsp.ts';

/** The program and parent of a process that still runs; undefined for one that has ended. */
function running(pid: number): { readonly parent: number } | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return state === 'Z' ? undefined : { parent: Number(parent) };
  } catch {
    return undefined;
  }
}

const childrenOf = (pid: number) =>
  readdirSync('/proc')
    .map(Number)
    .filter((child) => child > 0 && running(child)?.parent === pid);

const nothingRuns = (pids: readonly number[], withinMs: number) =>
  eventually('the children to end', () => (pids.every((pid) => !running(pid)) ? true : undefined), withinMs);

const allRecorded = (client: Client) =>
  eventually('four cameras being recorded', async () => {
    const all = await client.json<CameraView[]>('/api/v1/cameras');
    return all.length === 4 && all.every((c) => c.health.state === 'live' && c.recording.length > 0) ? true : undefined;
  });

test('a box with four cameras stops within 15 s, and its children end with it, also when it is killed', async () => {
  await using rtsp = await startRtsp('--size', '320x240', '--auth', 'digest', '--password', 'known-to-two');
  const first = await startBox();
  const client = await first.claim();
  const demo = { kind: 'demo', width: 320, height: 240, fps: 10 };
  const door = { kind: 'rtsp', url: rtsp.url, username: 'admin', password: 'known-to-two' };
  for (const source of [door, demo, demo, demo]) {
    const record = { mode: 'continuous', segmentS: 2 };
    await client.json('/api/v1/cameras', { method: 'POST', json: { name: 'Cam', source, record } });
  }
  await allRecorded(client);
  const before = childrenOf(first.pid);
  expect(before.length).toBeGreaterThanOrEqual(4);
  const shown = before.map(
    (pid) => readFileSync(`/proc/${pid}/cmdline`) + String(readFileSync(`/proc/${pid}/environ`)),
  );
  expect(shown.join()).toContain('ffmpeg');
  expect(shown.join()).not.toContain('known-to-two');
  const toldMs = Date.now();
  expect(await first.stop()).toBe(0);
  expect(Date.now() - toldMs).toBeLessThan(15_000);
  await nothingRuns(before, 1000);
  const check = Bun.spawnSync([executable, 'check', '--data', first.dataDir]);
  expect({ code: check.exitCode, said: check.stdout.toString() }).toMatchObject({ code: 0 });

  const second = await startBox({ dataDir: first.dataDir });
  await allRecorded(await second.signIn());
  const orphans = childrenOf(second.pid);
  expect(orphans.length).toBeGreaterThanOrEqual(4);
  await second.kill();
  await nothingRuns(orphans, 15_000);

  await using box = await startBox({ dataDir: first.dataDir });
  const again = await box.signIn();
  await allRecorded(again);
  for (let i = 0; i < 3; i++) {
    // by the program: one that has ended meanwhile is no error
    Bun.spawnSync(['kill', '-KILL', ...childrenOf(box.pid).map(String)]);
    await Bun.sleep(300);
  }
  await allRecorded(again);
  const { recordings } = await again.json<RecordingPage>('/api/v1/recordings?limit=200');
  expect(new Set(recordings.map((r) => r.cameraId)).size).toBe(4);
}, 120_000);

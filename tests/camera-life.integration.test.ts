// What happens to a camera while the box runs: it goes and comes back, its address is wrong, its settings change, it is turned
// off, recorded by hand, removed. Each is named as what it is, and no other camera notices.

import { expect, test } from 'bun:test';
import type { CameraView, RecordingPage } from '../src/http/api.ts';
import { type Client, eventually, startBox } from './support/box.ts';
import { openedBytes } from './support/opened.ts';
import { lastingPort } from './support/port.ts';
import { startRtsp } from './support/rtsp.ts';

const camera = async (client: Client, id: string) =>
  (await client.json<CameraView[]>('/api/v1/cameras')).find((c) => c.id === id) as CameraView;
const add = (client: Client, name: string, url: string, more: object = {}) =>
  client.json<CameraView>('/api/v1/cameras', {
    method: 'POST',
    json: { name, source: { kind: 'rtsp', url }, ...more },
  });
const state = (client: Client, id: string, wanted: string, withinMs = 45_000) =>
  eventually(
    `${id} to be ${wanted}`,
    async () => ((await camera(client, id)).health.state === wanted ? camera(client, id) : undefined),
    withinMs,
  );

test('wrong addresses are named as what they are, and the camera beside them stays live', async () => {
  await using rtsp = await startRtsp('--auth', 'basic', '--password', 'right');
  await using box = await startBox({ args: ['--demo'] });
  const client = await box.claim();
  await state(client, 'demo', 'live');
  const login = rtsp.url.replace('rtsp://', 'rtsp://admin:right@');
  await add(client, 'Refused', 'rtsp://127.0.0.1:1/cam');
  await add(client, 'Stranger', rtsp.url);
  await add(client, 'Lost path', login.replace('/cam', '/nothing'));
  await add(client, 'No such name', 'rtsp://camera.invalid/cam');
  await add(client, 'A page', `rtsp://127.0.0.1:${new URL(box.http).port}/`);
  const fault = async (id: string) => (await state(client, id, 'lost')).health.fault;
  expect((await fault('refused'))?.kind).toBe('refused');
  expect((await fault('stranger'))?.kind).toBe('unauthorized');
  expect((await fault('lost-path'))?.kind).toBe('not-found');
  expect((await fault('no-such-name'))?.kind).toBe('wrong-address');
  expect((await fault('a-page'))?.advice).toBeTruthy();
  expect((await camera(client, 'demo')).health).toMatchObject({ state: 'live', restarts: 0 });
  expect(box.log()).not.toContain('right');
}, 120_000);

test('a box that was stopped starts again with the cameras it had, and they are live', async () => {
  const first = await startBox();
  const client = await first.claim();
  const json = { name: 'Yard', source: { kind: 'demo', width: 320, height: 240, fps: 10 } };
  const { id } = await client.json<CameraView>('/api/v1/cameras', { method: 'POST', json });
  await state(client, id, 'live');
  expect(await first.stop()).toBe(0);
  await using again = await startBox({ dataDir: first.dataDir });
  expect((await state(await again.signIn(), id, 'live')).name).toBe('Yard');
}, 60_000);

test('a camera that is unplugged is lost, what was recorded stays, and it comes back by itself', async () => {
  const first = await startRtsp('--port', String(lastingPort()));
  await using box = await startBox();
  const client = await box.claim();
  await add(client, 'Door', first.url, { record: { mode: 'continuous' } });
  await state(client, 'door', 'live');
  await Bun.sleep(6000);
  await first.stop();
  const lost = await state(client, 'door', 'lost');
  expect(lost.health.fault?.message).toBeTruthy();
  await using again = await startRtsp('--port', String(first.port));
  expect(again.port).toBe(first.port);
  await state(client, 'door', 'live', 60_000);
  const { recordings } = await client.json<RecordingPage>('/api/v1/recordings?camera=door');
  expect(recordings.reduce((sum, r) => sum + r.durationMs, 0)).toBeGreaterThan(4000);
}, 150_000);

test('changing one camera never disturbs another', async () => {
  // Two servers: GStreamer's sends everybody time stamps that go back when a second client joins a shared stream.
  await using rtsp = await startRtsp();
  await using other = await startRtsp();
  await using box = await startBox();
  const client = await box.claim();
  await add(client, 'One', rtsp.url, { record: { mode: 'continuous' } });
  await add(client, 'Two', other.url);
  const before = await state(client, 'one', 'live');
  await state(client, 'two', 'live');
  await client.json('/api/v1/cameras/two', {
    method: 'PUT',
    json: { motion: { sensitivity: 90 }, record: { mode: 'both' } },
  });
  await client.json('/api/v1/cameras/two', { method: 'PUT', json: { enabled: false } });
  await state(client, 'two', 'off');
  await client.json('/api/v1/cameras/two', { method: 'PUT', json: { enabled: true } });
  await state(client, 'two', 'live');
  expect((await client.fetch('/api/v1/cameras/two', { method: 'DELETE' })).status).toBeLessThan(300);
  expect(await camera(client, 'two')).toBeUndefined();
  const after = await camera(client, 'one');
  expect({ since: after.health.sinceMs, restarts: after.health.restarts }).toEqual({
    since: before.health.sinceMs,
    restarts: before.health.restarts,
  });
  const { recordings } = await client.json<RecordingPage>('/api/v1/recordings?camera=one');
  expect(recordings).toHaveLength(1);
}, 120_000);

test('a recording by hand starts, shows when it will stop, stops when told, and can be played', async () => {
  await using rtsp = await startRtsp();
  await using box = await startBox();
  const client = await box.claim();
  await add(client, 'Door', rtsp.url, { record: { mode: 'manual' } });
  await state(client, 'door', 'live');
  const running = await client.json<CameraView>('/api/v1/cameras/door/recording', {
    method: 'POST',
    json: { limitS: 30 },
  });
  expect(running.recording).toEqual(['manual']);
  expect((running.manualUntilMs ?? 0) - Date.now()).toBeGreaterThan(20_000);
  await Bun.sleep(4000);
  await client.json('/api/v1/cameras/door/recording', { method: 'DELETE' });
  const done = await eventually('the recording to be finished', async () => {
    const { recordings } = await client.json<RecordingPage>('/api/v1/recordings?reason=manual');
    return recordings.find((r) => r.endMs !== undefined);
  });
  expect(done.durationMs).toBeGreaterThan(2500);
  const { segments } = await client.json<{ segments: { id: string }[] }>(`/api/v1/recordings/${done.id}`);
  const path = `/api/v1/segments/${segments[0]?.id}/sealed`;
  const start = await client.fetch(path, { headers: { range: 'bytes=0-5' } });
  expect({ status: start.status, magic: await start.text() }).toEqual({ status: 206, magic: 'NJSEAL' });
  const firstBox = (await openedBytes(client, path)).subarray(4, 8);
  expect(new TextDecoder().decode(firstBox)).toBe('ftyp');
}, 90_000);

test('a process that is killed while it records loses at most the last two seconds, and starts again by itself', async () => {
  await using rtsp = await startRtsp();
  const first = await startBox();
  const client = await first.claim();
  await add(client, 'Door', rtsp.url, { record: { mode: 'continuous' } });
  await state(client, 'door', 'live');
  await Bun.sleep(8000);
  const killedMs = Date.now();
  await first.kill();
  await using box = await startBox({ dataDir: first.dataDir });
  const again = await box.signIn();
  const { recordings } = await again.json<RecordingPage>('/api/v1/recordings?camera=door');
  const cut = recordings.find((r) => r.interrupted);
  expect(cut?.endMs).toBeGreaterThan(killedMs - 2000);
  await state(again, 'door', 'live');
}, 90_000);

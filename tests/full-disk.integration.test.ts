// A disk that something else fills while the box records: recording stops cleanly and the owner is told, the page and the
// live picture go on, and recording goes on by itself. The data folder lies on a small file system of its own.

import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CameraView, ErrorBody, RecordingPage, StatusView } from '../src/http/api.ts';
import { type Client, eventually, executable, startBox } from './support/box.ts';
import { startMailServer } from './support/mail.ts';
import { film } from './support/opened.ts';
import { probe } from './support/probe.ts';
import { startRtsp } from './support/rtsp.ts';
import { expectInNamespace, fill, mountsInNamespaceOnly, smallDisk, unfill } from './support/small-disk.ts';

const run = (...argv: string[]) => Bun.spawnSync(argv, { stdio: ['ignore', 'pipe', 'pipe'] });
const door = async (client: Client) => (await client.json<CameraView[]>('/api/v1/cameras'))[0] as CameraView;
const status = (client: Client) => client.json<StatusView>('/api/v1/status');
const recordings = async (client: Client) => (await client.json<RecordingPage>('/api/v1/recordings')).recordings;

async function sendMailTo(client: Client, port: number): Promise<void> {
  const { mail } = await client.json<{ mail: object }>('/api/v1/settings');
  const here = {
    enabled: true,
    host: '127.0.0.1',
    port: port,
    security: 'none',
    from: 'b@example.org',
    to: ['me@example.org'],
  };
  await client.json('/api/v1/settings/mail', { method: 'PUT', json: { ...mail, ...here, proof: client.proof } });
}

test('a full disk: recording stops, the owner is told, page and live go on, and it records again when there is room', async () => {
  if (mountsInNamespaceOnly()) return expectInNamespace(import.meta.path);
  using disk = smallDisk();
  const elsewhere = mkdtempSync(join(tmpdir(), 'nightjar-elsewhere-'));
  await using rtsp = await startRtsp();
  await using server = await startMailServer();
  await using box = await startBox({ dataDir: join(disk.folder, 'data') });
  const client = await box.claim();
  await sendMailTo(client, server.port);
  await client.json('/api/v1/cameras', {
    method: 'POST',
    json: { name: 'Door', source: { kind: 'rtsp', url: rtsp.url }, record: { mode: 'continuous', segmentS: 2 } },
  });
  const before = await eventually('two segments', async () => {
    const [first] = await recordings(client);
    return (first?.durationMs ?? 0) > 5000 ? first : undefined;
  });
  expect((await status(client)).notices.filter((n) => n.level === 'error')).toEqual([]);

  fill(disk.folder);
  await eventually('the page to say so', async () => {
    const said = (await status(client)).notices.map((n) => n.message);
    return said.some((m) => /disk is full: Door/.test(m)) && said.some((m) => /other than recordings/.test(m))
      ? said
      : undefined;
  });
  await eventually('the mail', () => server.received.find((m) => /Subject: .*The disk is full/.test(m.raw)));
  fill(disk.folder);
  // What the disk has no room for is refused as that, and what can be had without it goes on.
  const { box: names } = await client.json<{ box: object }>('/api/v1/settings');
  const refused = await client.fetch('/api/v1/settings/box', { method: 'PUT', json: { ...names, name: 'Attic' } });
  expect([refused.status, ((await refused.json()) as ErrorBody).error.kind]).toEqual([507, 'no-space']);
  expect((await client.fetch('/')).status).toBe(200);
  expect((await door(client)).health.state).toBe('live');
  expect((await client.fetch('/snapshot.jpg?camera=door')).status).toBe(200);
  // The last recordings stay and can be played: what filled the disk was not they.
  const kept = await probe(await film(client, before.id, join(elsewhere, 'kept.mp4')));
  expect(kept.errors).toBe('');
  expect(kept.durationS).toBeGreaterThan(3.5);

  unfill(disk.folder);
  const roomMs = Date.now();
  await eventually(
    'the camera to be recorded again',
    async () => {
      const again = (await recordings(client)).find((r) => r.startMs > roomMs - 1000 && r.durationMs > 1500);
      return again && !(await status(client)).notices.some((n) => n.level === 'error') ? again : undefined;
    },
    45_000,
  );
  await eventually('the good news', () => server.received.find((m) => /Subject: .*Recording goes on/.test(m.raw)));
  // None is listed as running but the one that is.
  expect((await recordings(client)).filter((r) => r.endMs === undefined)).toHaveLength(1);
  expect(await box.stop()).toBe(0);
  const check = run(executable, 'check', '--data', join(disk.folder, 'data'));
  expect({ code: check.exitCode, said: check.stdout.toString() }).toMatchObject({ code: 0 });
  rmSync(elsewhere, { recursive: true, force: true });
}, 120_000);

test('a disk that refuses what is written is told by page and mail, and so is that it takes it again', async () => {
  await using server = await startMailServer();
  await using box = await startBox();
  const client = await box.claim();
  await sendMailTo(client, server.port);
  const inTheWay = join(box.dataDir, 'recordings', 'yard');
  mkdirSync(dirname(inTheWay), { recursive: true });
  writeFileSync(inTheWay, 'not a folder');
  await client.json('/api/v1/cameras', {
    method: 'POST',
    json: {
      name: 'Yard',
      source: { kind: 'demo', width: 320, height: 240 },
      record: { mode: 'continuous', segmentS: 2 },
      motion: { enabled: false },
    },
  });
  await eventually('the mail', () => server.received.find((m) => /Subject: .*Nothing can be recorded/.test(m.raw)));
  expect((await status(client)).notices[0]?.message).toContain('Yard cannot be recorded');
  rmSync(inTheWay);
  await eventually('the good news', () => server.received.find((m) => /Subject: .*Recording goes on/.test(m.raw)));
  expect((await status(client)).notices.filter((n) => n.level === 'error')).toEqual([]);
}, 60_000);

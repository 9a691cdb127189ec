// Cameras that go wrong while they run, and the ways of carrying video that the other tests do not take: GStreamer's RTSP server
// where it can misbehave, a puppet where only a made-up camera can.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { type Followed, follow, startMjpegServer, startRtspServer } from '../../tests/fixtures/camera-partners.ts';
import { type PuppetPart, puppetClip, startPuppet } from '../../tests/fixtures/rtsp-puppet.ts';
import { lastingPort } from '../../tests/support/port.ts';
import { Backoff } from '../base/backoff.ts';
import { freezeLimits } from './freeze-watch.ts';

setDefaultTimeout(40_000);

const quick = (ms = 200) => ({ backoff: new Backoff({ firstMs: ms, maxMs: ms }) });
const h264 = await puppetClip('h264');
const larger = await puppetClip('h264', 640, 360);
const h265 = await puppetClip('h265');

const times = (seen: Followed, state: string) => seen.states.filter((s) => s === state).length;

const troubles: readonly (readonly [string, string, readonly PuppetPart[]])[] = [
  [
    'H.264 that becomes garbage',
    'damaged',
    [
      { forMs: 2500, clip: h264 },
      { forMs: 2500, clip: h264, garbage: true },
    ],
  ],
  [
    'H.265 that becomes garbage',
    'damaged',
    [
      { forMs: 2500, clip: h265 },
      { forMs: 2500, clip: h265, garbage: true },
    ],
  ],
  ['a new size', 'stream-changed', [{ forMs: 2500, clip: h264 }, { clip: larger }]],
  ['H.264 that becomes H.265', 'stream-changed', [{ forMs: 2500, clip: h264 }, { clip: h265 }]],
  ['H.265 that becomes H.264', 'stream-changed', [{ forMs: 2500, clip: h265 }, { clip: h264 }]],
  ['a clock that is set back', 'time-backwards', [{ forMs: 2500, clip: h264, clockMs: 20_000 }, { clip: h264 }]],
  [
    'a clock that is set forward',
    'time-backwards',
    [
      { forMs: 2500, clip: h264 },
      { clip: h264, clockMs: 30_000 },
    ],
  ],
];

test.concurrent.each(troubles)('%s is named %s, and the camera is back by itself', async (_, kind, script) => {
  const last = script.at(-1)!;
  let wasLive = () => false;
  await using puppet = await startPuppet(
    [...script, { clip: last.clip, ...(last.clockMs ? { clockMs: last.clockMs } : {}) }],
    { holdFirst: () => !wasLive() },
  );
  await using seen = follow({ kind: 'rtsp', url: puppet.url }, {}, quick());
  wasLive = () => seen.states.includes('live');
  await seen.until((s) => times(s, `lost:${kind}`) === 1 && s.states.at(-1) === 'live');
  expect(seen.streams.at(-1)!.video).toMatchObject({ codec: last.clip.codec, width: last.clip.width });
  for (const [i, packet] of seen.packets.entries()) {
    if (i > 0) expect(packet.atMs).toBeGreaterThanOrEqual(seen.packets[i - 1]!.atMs - 100);
  }
});

test('a second viewer of a GStreamer camera, which sends everybody times that go back, costs a reconnect and no more', async () => {
  await using server = await startRtspServer('--gop', '25');
  await using seen = follow({ kind: 'rtsp', url: server.url }, {}, quick());
  await seen.until((s) => s.packets.length >= 50);
  await using second = follow({ kind: 'rtsp', url: server.url }, {}, quick());
  await second.until((s) => s.packets.length >= 25);
  const before = seen.packets.length;
  await seen.until((s) => s.packets.length >= before + 50);
  expect(seen.states.filter((s) => s.startsWith('lost') && s !== 'lost:time-backwards')).toEqual([]);
  expect(seen.states.at(-1)).toBe('live');
});

test('exactly the same picture is frozen, stays so across reconnects, and thaws when the picture changes again', async () => {
  const pace = { ...quick(), limits: { ...freezeLimits, samePictureMs: 1500 } };
  const still = await startRtspServer('--pattern', 'black', '--gop', '25', '--port', String(lastingPort()));
  await using seen = follow({ kind: 'rtsp', url: still.url }, {}, pace);
  await seen.until((s) => s.states.includes('lost:frozen'));
  // It is connected again, and its pictures come, but they are still the same.
  const { length: before } = seen.packets;
  await seen.until((s) => s.packets.length >= before + 25);
  expect(seen.states).toEqual(['starting', 'live', 'lost:frozen']);
  await still.stop();
  await using _moving = await startRtspServer('--pattern', 'ball', '--gop', '25', '--port', String(still.port));
  await seen.until((s) => s.states.at(-1) === 'live');
});

test('a quiet scene with a sensor’s noise is not frozen', async () => {
  await using server = await startRtspServer('--timecode', '--noise', '--gop', '25');
  await using seen = follow(
    { kind: 'rtsp', url: server.url },
    {},
    { limits: { ...freezeLimits, samePictureMs: 1500 } },
  );
  await seen.until((s) => s.frames.length >= 20);
  expect(seen.states).toEqual(['starting', 'live']);
});

test('detection watches the small stream while there is one, and the main one when it is gone, without losing the camera', async () => {
  await using main = await startRtspServer('--gop', '25', '--pattern', 'white');
  const small = await startRtspServer('--gop', '25', '--size', '320x180', '--pattern', 'black');
  await using seen = follow({ kind: 'rtsp', url: main.url, detectUrl: small.url });
  await seen.until((s) => s.frames.length >= 5 && s.packets.length >= 25);
  expect(seen.camera.feed.health.smallStream).toBe(true);
  expect(seen.frames.at(-1)!.data[0]).toBeLessThan(60);
  expect(seen.streams[0]!.video.width).toBe(640);
  await small.stop();
  const bright = (s: Followed) => (s.frames.at(-1)?.data[0] ?? 0) > 200;
  await seen.until(bright, 25_000);
  await seen.until((s) => s.healths.at(-1)!.state === 'live' && !s.healths.at(-1)!.smallStream);
  expect(seen.states).toEqual(['starting', 'live']);
});

test('a camera whose small stream freezes is frozen', async () => {
  await using main = await startRtspServer('--gop', '25');
  await using small = await startRtspServer('--gop', '25', '--size', '320x180', '--pattern', 'black');
  const limits = { ...freezeLimits, samePictureMs: 1500 };
  await using seen = follow({ kind: 'rtsp', url: main.url, detectUrl: small.url }, {}, { ...quick(), limits });
  await seen.until((s) => s.states.includes('lost:frozen'));
  await Bun.sleep(2500);
  expect(seen.states).toEqual(['starting', 'live', 'lost:frozen']);
});

test('G.711 sound, which MP4 cannot carry, becomes AAC on the second try, without a word of a lost camera', async () => {
  await using server = await startRtspServer('--audio', 'pcmu', '--gop', '25');
  await using seen = follow({ kind: 'rtsp', url: server.url }, { audio: true });
  await seen.until((s) => s.packets.filter((p) => p.track === 'audio').length >= 20);
  expect(seen.streams.at(-1)!.mimeType).toContain('mp4a.40.2');
  expect(seen.streams.at(-1)!.video.codec).toBe('h264');
  expect(seen.states).toEqual(['starting', 'live']);
});

test('a camera is also read over UDP', async () => {
  await using server = await startRtspServer('--gop', '25', '--auth', 'digest');
  const source = { kind: 'rtsp', url: server.url, transport: 'udp', username: 'admin', password: 'secret' };
  await using seen = follow(source);
  await seen.until((s) => s.packets.length >= 50 && s.frames.length >= 8);
  expect(seen.states).toEqual(['starting', 'live']);
});

test('an MJPEG camera that repeats one picture for ever is frozen', async () => {
  await using server = await startMjpegServer('--same');
  await using seen = follow(
    { kind: 'mjpeg', url: server.url },
    {},
    { limits: { ...freezeLimits, samePictureMs: 1500 } },
  );
  await seen.until((s) => s.states.includes('lost:frozen'));
});

test('100 reconnects leave neither a descriptor nor a program behind', async () => {
  let asked = 0;
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data: (socket) => {
        asked++;
        socket.end();
      },
    },
  });
  const open = () => {
    Bun.gc(true);
    return readdirSync('/proc/self/fd').length;
  };
  const children = () =>
    readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const url = `rtsp://127.0.0.1:${server.port}/cam`;
  // One after another is bound by starting programs; four at a time use both cores.
  const cameras = Array.from({ length: 4 }, () => follow({ kind: 'rtsp', url }, {}, quick(1)));
  const restarts = () => cameras.reduce((sum, c) => sum + c.camera.feed.health.restarts, 0);
  const reach = (n: number) => Promise.race(cameras.map((c) => c.until(() => restarts() >= n, 150_000)));
  await reach(10);
  const [descriptors, programs] = [open(), children().length];
  await reach(110);
  expect(open()).toBeLessThan(descriptors + 20);
  expect(children().length).toBeLessThanOrEqual(programs + 4);
  await Promise.all(cameras.map((c) => c.camera.close()));
  expect(children()).toEqual([]);
  expect(asked).toBeGreaterThanOrEqual(110);
  server.stop(true);
}, 200_000);

// Real cameras (GStreamer's RTSP server, an MJPEG server with login, a stand-in Pi camera) read by the real ffmpeg.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { follow, startMjpegServer, startRtspServer } from '../../tests/fixtures/camera-partners.ts';
import { lastingPort } from '../../tests/support/port.ts';
import { runChild } from '../base/child.ts';
import { sourceSettings } from '../config/camera.ts';
import { jpegOfPackets } from './still.ts';
import { testSource } from './test.ts';

setDefaultTimeout(40_000);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-camera-'));
const pathBefore = process.env.PATH;
beforeAll(() => {
  process.env.PATH = `${join(import.meta.dir, '../../tests/fixtures/camera-pi')}:${pathBefore}`;
});
afterAll(() => {
  process.env.PATH = pathBefore;
  rmSync(folder, { recursive: true, force: true });
});

const clip = async (name: string, lavfi: string, ...args: string[]): Promise<string> => {
  const path = join(folder, name);
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-bf', '0', ...args];
  const ran = await runChild(['ffmpeg', '-loglevel', 'error', '-f', 'lavfi', '-i', lavfi, ...encode, '-y', path]);
  expect(ran.stderr).toBe('');
  return path;
};

test('an H.264 camera with a digest login is copied, its password is in no argument, and a still can be made', async () => {
  await using server = await startRtspServer('--auth', 'digest', '--password', "p@ss/1'", '--gop', '25');
  await using seen = follow({ kind: 'rtsp', url: server.url, username: 'admin', password: "p@ss/1'" });
  await seen.until((s) => s.frames.length >= 10 && s.packets.length >= 50);
  expect(seen.states).toEqual(['starting', 'live']);
  expect(seen.streams[0]!.mimeType).toMatch(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}"$/);
  expect(seen.streams[0]!.video).toMatchObject({ codec: 'h264', width: 640, height: 360 });
  expect(seen.packets[0]!.key).toBe(true);
  for (const [i, packet] of seen.packets.entries()) {
    if (i === 0) continue;
    expect(packet.dts).toBeGreaterThan(seen.packets[i - 1]!.dts);
    expect(packet.atMs).toBeGreaterThanOrEqual(seen.packets[i - 1]!.atMs);
  }
  const commandLines = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.startsWith('ffmpeg'));
  expect(commandLines.some((line) => line.includes('concat'))).toBe(true);
  expect(commandLines.some((line) => line.includes('ss%2F1') || line.includes('ss/1'))).toBe(false);
  const jpeg = await jpegOfPackets(seen.streams[0]!, seen.packets, { maxWidth: 320 });
  const size = await runChild(
    ['ffprobe', '-loglevel', 'error', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', '-'],
    {
      stdin: jpeg,
    },
  );
  expect(new TextDecoder().decode(size.stdout).trim()).toBe('mjpeg,320,180');
});

test('an H.265 camera with a basic login is copied under the name that browsers and phones know', async () => {
  await using server = await startRtspServer('--codec', 'h265', '--auth', 'basic', '--gop', '25');
  await using seen = follow({ kind: 'rtsp', url: server.url, username: 'admin', password: 'secret' });
  await seen.until((s) => s.frames.length >= 3 && s.packets.length >= 20);
  const stream = seen.streams[0]!;
  expect(stream.mimeType).toMatch(/codecs="hvc1\.1\.6\.L\d+(\.[0-9A-F]+)*"$/);
  expect(stream.video).toMatchObject({ codec: 'h265', width: 640, height: 360 });
  expect((await jpegOfPackets(stream, seen.packets)).length).toBeGreaterThan(1000);
});

test('sound is left out unless asked for, and then made AAC beside the copied video', async () => {
  await using server = await startRtspServer('--audio', '--gop', '25');
  await using quiet = follow({ kind: 'rtsp', url: server.url });
  await quiet.until((s) => s.packets.length >= 20);
  expect(quiet.streams[0]!.audio).toBeUndefined();
  await using loud = follow({ kind: 'rtsp', url: server.url }, { audio: true });
  await loud.until((s) => s.packets.filter((p) => p.track === 'audio').length >= 20);
  expect(loud.streams[0]!.mimeType).toContain('mp4a.40.2');
});

test('a wrong password, a wrong path and a closed port are told apart', async () => {
  await using server = await startRtspServer('--auth', 'digest');
  await using free = await startRtspServer();
  await using wrong = follow({ kind: 'rtsp', url: server.url, username: 'admin', password: 'nope' });
  await using path = follow({ kind: 'rtsp', url: `rtsp://127.0.0.1:${free.port}/nothing` });
  await using port = follow({ kind: 'rtsp', url: 'rtsp://127.0.0.1:1/cam' });
  await wrong.until((s) => s.states.includes('lost:unauthorized'));
  await path.until((s) => s.states.includes('lost:not-found'));
  await port.until((s) => s.states.includes('lost:refused'));
});

test('a camera that goes away is lost, and back by itself when it returns', async () => {
  const first = await startRtspServer('--gop', '25', '--port', String(lastingPort()));
  await using seen = follow({ kind: 'rtsp', url: first.url });
  await seen.until((s) => s.states.at(-1) === 'live');
  await first.stop();
  await seen.until((s) => s.states.at(-1)!.startsWith('lost'));
  expect(seen.camera.feed.stream).toBeUndefined();
  expect(seen.camera.feed.currentGop()).toEqual([]);
  await using _again = await startRtspServer('--gop', '25', '--port', String(first.port));
  await seen.until((s) => s.states.at(-1) === 'live', 30_000);
  expect(seen.camera.feed.health.restarts).toBeGreaterThan(0);
});

test('pictures and small grey frames agree on when a flash was, to within 100 ms', async () => {
  // White from the 75th picture on, for a second.
  const path = await clip(
    'flash.mp4',
    "color=black:s=320x180:r=25:d=6,drawbox=color=white:t=fill:enable='between(t,2.99,3.99)'",
  );
  await using seen = follow({ kind: 'file', path });
  const bright = (s: typeof seen) => s.frames.findIndex((f) => f.data[0]! > 128);
  await seen.until((s) => bright(s) >= 0);
  const frameAt = seen.frames[bright(seen)]!.atMs;
  const flashAt = seen.packets[75]!.atMs;
  expect(Math.abs(frameAt - flashAt)).toBeLessThan(100);
});

test('an MJPEG camera with a digest login is encoded once, smaller and grey when asked', async () => {
  await using server = await startMjpegServer('--auth', 'digest', '--password', 'a b&c');
  await using seen = follow({
    kind: 'mjpeg',
    url: server.url,
    username: 'admin',
    password: 'a b&c',
    width: 320,
    height: 240,
    grayscale: true,
  });
  await seen.until((s) => s.frames.length >= 5 && s.packets.length >= 15);
  expect(seen.streams[0]!.video).toMatchObject({ codec: 'h264', width: 320, height: 180 });
  const spanMs = seen.packets[14]!.atMs - seen.packets[0]!.atMs;
  expect(spanMs).toBeGreaterThan(900);
  expect(spanMs).toBeLessThan(2200);
});

test('MJPEG that turns into garbage is damaged, and a page is no video', async () => {
  await using server = await startMjpegServer('--garbage-after', '2');
  await using seen = follow({ kind: 'mjpeg', url: server.url });
  await using page = follow({ kind: 'mjpeg', url: server.url.replace('video.mjpg', 'page.html') });
  await page.until((s) => s.states.includes('lost:not-video'));
  await seen.until((s) => s.states.includes('live'));
  await seen.until((s) => s.states.includes('lost:damaged'), 20_000);
});

test('a camera that goes silent is lost after 5 s', async () => {
  await using server = await startMjpegServer('--stall-after', '2');
  await using seen = follow({ kind: 'mjpeg', url: server.url });
  await seen.until((s) => s.states.includes('live'));
  const liveAt = performance.now();
  await seen.until((s) => s.states.includes('lost:no-packets'), 20_000);
  expect(performance.now() - liveAt).toBeLessThan(9500);
});

test('a file that is garbage from the middle on is damaged', async () => {
  const path = await clip('garbage.mp4', 'testsrc2=s=640x360:r=25:d=6');
  const bytes = readFileSync(path);
  const from = bytes.indexOf('mdat');
  const to = bytes.indexOf('moov') - 8;
  for (let i = (from + to) >> 1; i < to; i++) bytes[i] = (i * 2654435761) >>> 13;
  writeFileSync(path, bytes);
  await using seen = follow({ kind: 'file', path });
  await seen.until((s) => s.states.includes('live'));
  await seen.until((s) => s.states.includes('lost:damaged'), 20_000);
});

test('a stream that changes its size while running is named so, and fetched again', async () => {
  const headers = ['-x264-params', 'repeat-headers=1', '-f', 'h264'];
  const small = readFileSync(await clip('small.h264', 'testsrc2=s=320x180:r=25:d=4', ...headers));
  const large = readFileSync(await clip('large.h264', 'testsrc2=s=640x360:r=25:d=4', ...headers));
  const path = join(folder, 'both.h264');
  writeFileSync(path, Buffer.concat([small, large]));
  await using seen = follow({ kind: 'file', path });
  await seen.until((s) => s.states.includes('live'));
  expect(seen.streams[0]!.video.width).toBe(320);
  await seen.until((s) => s.states.includes('lost:stream-changed'), 20_000);
});

test('the Pi camera’s program feeds ffmpeg, and both end together', async () => {
  const seen = follow({ kind: 'picamera', width: 640, height: 480, fps: 15 });
  await seen.until((s) => s.frames.length >= 5 && s.packets.length >= 20);
  expect(seen.streams[0]!.video).toMatchObject({ codec: 'h264', width: 640, height: 480 });
  await seen.camera.close();
  expect(seen.states).toEqual(['starting', 'live', 'off']);
});

test('settings that the connection does not depend on leave it alone; another source makes a new one; off ends it', async () => {
  await using seen = follow({ kind: 'demo', scene: 'bars', width: 320, height: 240 });
  await seen.until((s) => s.packets.length >= 5);
  const { cameraSettings } = await import('../config/camera.ts');
  const settings = cameraSettings.parse({
    id: 'tested',
    name: 'Renamed',
    source: { kind: 'demo', scene: 'bars', width: 320, height: 240 },
  });
  await seen.camera.apply(settings);
  await seen.until((s) => s.packets.length >= 15);
  expect(seen.streams.length).toBe(1);
  await seen.camera.apply({ ...settings, source: { ...settings.source, width: 480 } as never });
  await seen.until((s) => s.streams.at(-1)?.video.width === 480);
  await seen.camera.apply({ ...settings, enabled: false });
  expect(seen.states.at(-1)).toBe('off');
});

test('a test of a source says which step failed, or shows a picture', async () => {
  await using server = await startRtspServer('--auth', 'basic', '--gop', '25');
  const login = { username: 'admin', password: 'secret' };
  const good = await testSource(sourceSettings.parse({ kind: 'rtsp', url: server.url, ...login }));
  expect(good.steps.map((s) => s.state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect(good.video).toMatchObject({ codec: 'H.264', width: 640, height: 360 });
  expect(Buffer.from(good.picture!, 'base64').subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  const states = async (source: unknown) => (await testSource(sourceSettings.parse(source))).steps.map((s) => s.state);
  expect(await states({ kind: 'rtsp', url: server.url })).toEqual(['ok', 'ok', 'failed', 'skipped', 'skipped']);
  expect(await states({ kind: 'rtsp', url: 'rtsp://127.0.0.1:1/cam' })).toEqual([
    'ok',
    'failed',
    'skipped',
    'skipped',
    'skipped',
  ]);
  expect(await states({ kind: 'rtsp', url: 'rtsp://no-such-host.invalid/cam' })).toEqual([
    'failed',
    'skipped',
    'skipped',
    'skipped',
    'skipped',
  ]);
  expect(await states({ kind: 'rtsp', url: `rtsp://127.0.0.1:${server.port}/nothing`, ...login })).toEqual([
    'ok',
    'ok',
    'ok',
    'failed',
    'skipped',
  ]);
  const pi = await testSource(sourceSettings.parse({ kind: 'picamera', width: 640, height: 480 }));
  expect(pi.ok).toBe(true);
});

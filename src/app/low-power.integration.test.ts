// A camera in low power in front of a real RTSP server: rest, waking, and everything that can go wrong with either.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Partner, startRtspServer } from '../../tests/fixtures/camera-partners.ts';
import { runChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openCamera } from '../camera/camera.ts';
import { cameraSettings } from '../config/camera.ts';
import type { CameraHealth } from '../media/types.ts';
import { MemorySink } from '../recorder/memory-sink.ts';
import { CameraUnit } from './camera-unit.ts';
import type { UnitEvent } from './unit-parts.ts';

setDefaultTimeout(120_000);

/** Somebody walks through the picture for 3 s, whenever the wall clock is a multiple of this. */
const EVERY_S = 16;
const sensor = (...more: string[]) =>
  startRtspServer('--noise', '--fps', '15', '--gop', '30', '--bitrate', '4000', ...more);
const visitedServer = (...more: string[]) => sensor('--visitor', String(EVERY_S), ...more);
/** Nobody comes before the year 2300. */
const quietServer = (...more: string[]) => sensor('--visitor', '10000000', ...more);

/** Decoders of low power among our own children. */
function decoders(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[1];
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
        const decodes = words.includes('pipe:0') && words.includes('yuv4mpegpipe') && !words.includes('concat');
        return Number(parent) === process.pid && decodes ? [Number(pid)] : [];
      } catch {
        return [];
      }
    });
}

interface Seen extends AsyncDisposable {
  readonly unit: CameraUnit;
  readonly sink: MemorySink;
  readonly healths: CameraHealth[];
  readonly events: (UnitEvent & { readonly toldMs: number })[];
  readonly packets: { readonly atMs: number; readonly wallMs: number }[];
  readonly state: () => string | undefined;
  until(what: string, holds: () => boolean, timeoutMs?: number): Promise<void>;
}

const settingsFor = (url: string, lowPower = true, detectUrl = '') =>
  cameraSettings.parse({
    ...{ id: 'yard', name: 'Yard', source: { kind: 'rtsp', url, detectUrl } },
    motion: { lowPower, mergeGapS: 1 },
    record: { preRollS: 3, postRollS: 1 },
  });

function watch(url: string, detectUrl = ''): Seen {
  const sink = new MemorySink();
  const healths: CameraHealth[] = [];
  const events: Seen['events'] = [];
  const packets: Seen['packets'] = [];
  const unit = new CameraUnit({
    settings: settingsFor(url, true, detectUrl),
    clock: systemClock,
    log: silentLog,
    openCamera: (settings, rest) => openCamera({ settings, rest, clock: systemClock, log: silentLog }),
    sink,
    jpegOf: async () => new Uint8Array(3),
    timeZone: () => 'UTC',
    isOwned: () => true,
    outputs: {
      changed: () => {},
      motion: () => {},
      event: (event) => void events.push({ ...event, toldMs: systemClock.wallMs() }),
      still: async () => {},
      health: (health) => void healths.push(health),
      recordingFails: () => {},
    },
  });
  unit.feed.listen({
    packet: ({ atMs, track }) => void (track === 'video' && packets.push({ atMs, wallMs: systemClock.wallMs() })),
  });
  const state = () => unit.feed.health.lowPower?.state;
  return {
    unit,
    sink,
    healths,
    events,
    packets,
    state,
    async until(what, holds, timeoutMs = 40_000) {
      const deadline = performance.now() + timeoutMs;
      while (!holds()) {
        if (performance.now() > deadline) throw new Error(`${what}: not in time; ${JSON.stringify(unit.feed.health)}`);
        await Bun.sleep(50);
      }
    },
    [Symbol.asyncDispose]: () => unit.close(),
  };
}

const servers: Partner[] = [];
const started = async (server: Promise<Partner>) => {
  const partner = await server;
  servers.push(partner);
  return partner;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  expect(decoders()).toEqual([]);
});

test('it rests, is woken by a visitor in time, tells when he came, records what was before, and rests again', async () => {
  const server = await started(visitedServer());
  await using seen = watch(server.url);
  await seen.until('rest', () => seen.state() === 'resting', 60_000);
  const resting = seen.unit.feed.health.lowPower!;
  expect(resting.unfit).toBeUndefined();
  // A visitor may have been there while it connected: what counts is one who comes while it rests.
  const fromMs = systemClock.wallMs();
  const visit = () => seen.events.find((e) => e.source.kind === 'start' && e.startMs > fromMs);
  await seen.until('a visit', () => visit() !== undefined, 60_000);
  const { startMs, toldMs } = visit()!;
  const cameMs = Math.round(startMs / (EVERY_S * 1000)) * EVERY_S * 1000;
  expect(startMs - cameMs).toBeGreaterThan(-300);
  // A busy machine serves the visitor late, too.
  expect(startMs - cameMs).toBeLessThan(3500);
  expect(toldMs - cameMs).toBeLessThan(6000);
  await seen.until('its end', () => seen.events.some((e) => e.id === visit()!.id && e.endMs !== undefined));
  await seen.until('the recording’s end', () => seen.sink.recordings.some((r) => r.end && r.end.endMs > startMs));
  const recording = seen.sink.recordings.find((r) => r.end && r.end.endMs > startMs)!;
  expect(recording.startMs).toBeLessThan(startMs - 2800);
  await seen.until('rest again', () => seen.state() === 'resting');
  expect(decoders().length).toBe(1);
});

test('a decoder that dies, resting or awake, is replaced, and nothing else notices', async () => {
  const server = await started(visitedServer());
  await using seen = watch(server.url);
  await seen.until('rest', () => seen.state() === 'resting', 60_000);
  const [first] = decoders();
  process.kill(first!, 'SIGKILL');
  await seen.until('another decoder', () => decoders().some((pid) => pid !== first));
  const fromMs = systemClock.wallMs();
  await seen.until('a visit', () => seen.events.some((e) => e.startMs > fromMs), 60_000);
  process.kill(decoders()[0]!, 'SIGKILL');
  const again = systemClock.wallMs();
  await seen.until('the next visit', () => seen.events.some((e) => e.startMs > again), 60_000);
  expect(seen.unit.feed.health.restarts).toBe(0);
  expect(decoders().length).toBe(1);
});

test('a camera that is lost while it rests comes back awake, and rests again, with one decoder', async () => {
  const server = await started(quietServer());
  await using seen = watch(server.url);
  await seen.until('rest', () => seen.state() === 'resting', 60_000);
  await server.stop();
  await seen.until('lost', () => seen.unit.feed.health.state === 'lost');
  expect(seen.unit.feed.health.lowPower).toBeUndefined();
  expect(decoders()).toEqual([]);
  await started(quietServer('--port', String(server.port)));
  await seen.until('live', () => seen.unit.feed.health.state === 'live', 60_000);
  await seen.until('rest again', () => seen.state() === 'resting', 60_000);
  expect(decoders().length).toBe(1);
});

test('turned off, every picture is decoded at once, without a new connection; without low power there is no decoder', async () => {
  const server = await started(quietServer());
  await using seen = watch(server.url);
  await seen.until('rest', () => seen.state() === 'resting', 60_000);
  let frames = 0;
  seen.unit.feed.listen({ frame: () => void frames++ });
  await seen.unit.apply(settingsFor(server.url, false));
  await seen.until('pictures at full rate', () => frames > 20, 20_000);
  expect(seen.state()).toBeUndefined();
  expect(seen.healths.filter((h) => h.state === 'starting').length).toBeLessThanOrEqual(1);
  expect(seen.unit.feed.health.restarts).toBe(0);
});

test('key pictures too far apart: it stays awake and says why', async () => {
  const server = await started(quietServer('--gop', '200'));
  await using seen = watch(server.url);
  await seen.until('the reason', () => seen.unit.feed.health.lowPower?.unfit === 'few-keys', 60_000);
  expect(seen.state()).toBe('awake');
});

test('with a small stream it is that which rests and is woken', async () => {
  const server = await started(visitedServer());
  const small = await started(visitedServer('--size', '320x180', '--bitrate', '500'));
  await using seen = watch(server.url, small.url);
  await seen.until('rest', () => seen.state() === 'resting', 60_000);
  expect(seen.unit.feed.health.smallStream).toBe(true);
  const fromMs = systemClock.wallMs();
  await seen.until('a visit', () => seen.events.some((e) => e.startMs > fromMs), 60_000);
  await seen.until('rest again', () => seen.state() === 'resting');
  expect(decoders().length).toBe(1);
});

test('H.265 rests and is woken as H.264 is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-low-power-'));
  const clip = join(folder, 'walk.mp4');
  const wall = 'color=c=gray:s=320x180:r=15:d=40,noise=alls=6:allf=t[wall];color=c=black:s=20x45:r=15:d=40[man]';
  const graph = `${wall};[wall][man]overlay=x='(t-25)*60':y=90:enable='between(t,25,29)'`;
  const encode = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=30:min-keyint=30:log-level=none'];
  const ran = await runChild(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', graph, ...encode, clip]);
  expect(ran.stderr).toBe('');
  const server = await started(startRtspServer('--codec', 'h265', '--file', clip));
  await using seen = watch(server.url);
  await seen.until('rest', () => seen.state() === 'resting', 20_000);
  await seen.until('a visit', () => seen.events.length > 0, 40_000);
  // Nobody but him: the camera was found at rest when he came.
  const firstMs = seen.packets[0]!.wallMs;
  expect(seen.events[0]!.startMs - firstMs).toBeGreaterThan(23_000);
  expect(seen.events[0]!.startMs - firstMs).toBeLessThan(27_500);
  await seen.until('rest again', () => seen.state() === 'resting', 20_000);
  rmSync(folder, { recursive: true });
});

import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openLibrary } from '../library/library.ts';
import { opened, recordClip, sampleSealing } from '../library/sample-footage.ts';
import { daysOf } from './days.ts';
import { downloadName } from './file-name.ts';
import { createPlayback } from './playback.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-playback-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('pages neither repeat nor leave out a recording while new ones arrive and old ones go', async () => {
  const clock = new ManualClock();
  const boot = { id: 'b', sinceBootMs: (ms: number) => ms, wallSynchronised: () => null };
  await using library = await openLibrary({
    ...{
      dataFolder: join(folder, 'pages'),
      clock,
      log: silentLog,
      sealing: sampleSealing,
      cameraName: (id) => id,
      boot,
    },
  });
  const playback = createPlayback({ library, timeZone: () => 'UTC' });
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift(await recordClip(library, clock, [1]));
  const first = playback.list({ limit: 2 });
  expect(first.recordings.map((r) => r.id)).toEqual(ids.slice(0, 2));
  await recordClip(library, clock, [1]);
  await playback.remove([ids[1]!]);
  const second = playback.list({ limit: 2, before: first.nextBefore! });
  expect(second.recordings.map((r) => r.id)).toEqual(ids.slice(2, 4));
  const third = playback.list({ limit: 2, before: second.nextBefore! });
  expect(third.recordings.map((r) => r.id)).toEqual(ids.slice(4));
  expect(third.nextBefore).toBeUndefined();

  expect(playback.list({ limit: 10, reason: 'manual' }).recordings).toEqual([]);
  expect(playback.list({ limit: 10, cameraId: 'yard' }).recordings).toEqual([]);
  const { startMs, endMs } = playback.get(ids[3]!)!;
  expect(playback.list({ limit: 10, fromMs: startMs, toMs: endMs! }).recordings.map((r) => r.id)).toEqual([ids[3]!]);
  expect(playback.days({ reason: 'motion' })).toMatchObject([{ day: '2026-01-01', recordings: 5 }]);
  expect(() => playback.list({ limit: 2, before: 'x' })).toThrow('nextBefore');
  expect(await playback.segment('unknown')).toBeUndefined();
  expect(await playback.segmentIndex('unknown')).toBeUndefined();
});

test('the timeline goes on where it stopped, and its segments open chunk by chunk from their index', async () => {
  const clock = new ManualClock();
  const boot = { id: 'b', sinceBootMs: (ms: number) => ms, wallSynchronised: () => null };
  await using library = await openLibrary({
    ...{
      dataFolder: join(folder, 'line'),
      clock,
      log: silentLog,
      sealing: sampleSealing,
      cameraName: (id) => id,
      boot,
    },
  });
  const playback = createPlayback({ library, timeZone: () => 'UTC' });
  const ids = [await recordClip(library, clock, [2, 1]), await recordClip(library, clock, [3])];
  const time = { cameraId: 'door', fromMs: 0, toMs: clock.wallMs() };
  const all = playback.timeline({ ...time, limit: 10 });
  expect(all.segments.map((s) => [s.recordingId, s.durationMs])).toEqual([
    [ids[0]!, 2000],
    [ids[0]!, 1000],
    [ids[1]!, 3000],
  ]);
  expect(all.next).toBeUndefined();
  const first = playback.timeline({ ...time, limit: 2 });
  const rest = playback.timeline({ ...time, limit: 2, after: first.next! });
  expect([...first.segments, ...rest.segments]).toEqual([...all.segments]);
  expect(playback.timeline({ ...time, cameraId: 'yard', limit: 2 }).segments).toEqual([]);
  expect(() => playback.timeline({ ...time, limit: 2, after: 'x' })).toThrow('next');

  const [segment] = all.segments;
  const index = (await playback.segmentIndex(segment!.id))!;
  expect(index.entries.map(([number, , , , flags]) => [number, flags])).toEqual([
    [0, 1],
    [1, 2],
    [2, 2],
  ]);
  const body = (await playback.segment(segment!.id))!;
  expect(index.bytes).toBeLessThanOrEqual(body.bytes);
  expect((await opened(await new Response(body.stream(0, body.bytes)).bytes())).length).toBeGreaterThan(600);
});

test('days are the box’s own, also where daylight saving begins and offsets are odd', () => {
  const at = (text: string) => Date.parse(text);
  const quarter = (fromMs: number) => ({
    quarter: Math.floor(fromMs / 900_000),
    recordings: 1,
    bytes: 10,
    fromMs,
    toMs: fromMs + 5000,
  });
  const berlin = ['2026-03-29T22:30Z', '2026-03-29T21:30Z', '2026-03-28T23:10Z', '2026-03-28T22:50Z'].map((t) =>
    quarter(at(t)),
  );
  expect(daysOf(berlin, 'Europe/Berlin')).toEqual([
    { day: '2026-03-30', recordings: 1, bytes: 10, fromMs: at('2026-03-29T22:30Z'), toMs: at('2026-03-29T22:30:05Z') },
    { day: '2026-03-29', recordings: 2, bytes: 20, fromMs: at('2026-03-28T23:10Z'), toMs: at('2026-03-29T21:30:05Z') },
    { day: '2026-03-28', recordings: 1, bytes: 10, fromMs: at('2026-03-28T22:50Z'), toMs: at('2026-03-28T22:50:05Z') },
  ]);
  expect(daysOf([quarter(at('2026-06-01T18:15Z'))], 'Asia/Kathmandu')[0]?.day).toBe('2026-06-02');
});

test.each([
  ['Front door', ['motion'], 'Europe/Berlin', 'front-door_2026-11-21_18-04-09_motion.mp4'],
  ['  Hof & Garten / „Süd“ ', ['motion', 'manual'], 'UTC', 'hof-garten-sud_2026-11-21_17-04-09_motion_manual.mp4'],
  ['../../etc/passwd', ['continuous'], 'UTC', 'etc-passwd_2026-11-21_17-04-09_continuous.mp4'],
  ['玄関', ['manual'], 'Asia/Tokyo', '玄関_2026-11-22_02-04-09_manual.mp4'],
  ['!!!', [], 'UTC', 'camera_2026-11-21_17-04-09.mp4'],
] as const)('a download of %p is named by camera, local time and reason', (cameraName, reasons, zone, name) => {
  expect(downloadName({ cameraName, reasons, startMs: Date.UTC(2026, 10, 21, 17, 4, 9, 500) }, zone)).toBe(name);
});

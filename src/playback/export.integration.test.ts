// Real video, cut into segments by ffmpeg, sealed and kept, opened again, and put together as one file.

import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type Library, openLibrary } from '../library/library.ts';
import { opened, sampleSealing, sampleStream } from '../library/sample-footage.ts';
import { exportBody, type SegmentMedia } from './export.ts';
import { downloadName } from './file-name.ts';
import { createPlayback, type Playback } from './playback.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A fragmented MP4 of a test picture, with sound, as init segment and fragments of one second. */
async function footage(seconds: number, size: string): Promise<{ init: Uint8Array; fragments: readonly Uint8Array[] }> {
  const input = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=duration=${seconds}`, '-c:a', 'aac', '-b:a', '32k'];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-pix_fmt', 'yuv420p'];
  const output = ['-f', 'mp4', '-movflags', 'empty_moov+default_base_moof+frag_keyframe', 'pipe:1'];
  const ran = await runChild(['ffmpeg', '-v', 'error', ...input, ...sound, ...video, ...output]);
  expect(ran.stderr).toBe('');
  const boxes: { type: string; bytes: Buffer }[] = [];
  for (let rest = Buffer.from(ran.stdout); rest.length > 0; rest = rest.subarray(rest.readUInt32BE(0))) {
    boxes.push({ type: rest.toString('latin1', 4, 8), bytes: rest.subarray(0, rest.readUInt32BE(0)) });
  }
  const fragments = boxes.flatMap(({ type, bytes }, i) =>
    type === 'moof' ? [new Uint8Array(Buffer.concat([bytes, boxes[i + 1]!.bytes]))] : [],
  );
  return { init: new Uint8Array(Buffer.concat(boxes.slice(0, 2).map((box) => box.bytes))), fragments };
}

async function record(library: Library, parts: readonly Awaited<ReturnType<typeof footage>>[]): Promise<string> {
  let startMs = Date.UTC(2026, 10, 21, 17, 4, 9);
  const recordingId = library.sink.openRecording({ cameraId: 'front-door', startMs, reasons: ['motion'] });
  for (const { init, fragments } of parts) {
    const stream = { ...sampleStream, init };
    // As if the machine had run then: else its library would date what it was told by its own clock.
    const startMonotonicMs = startMs - systemClock.wallMs() + systemClock.monotonicMs();
    const start = { recordingId, cameraId: 'front-door', stream, startMs, startMonotonicMs };
    const writer = await library.sink.openSegment(start);
    for (const [i, fragment] of fragments.entries()) await writer.append(fragment, (i + 1) * 1000, { key: true });
    await writer.finish();
    startMs += fragments.length * 1000;
  }
  await library.sink.closeRecording(recordingId, { endMs: startMs, interrupted: false });
  return recordingId;
}

/** What the segments of a recording hold, in memory. */
async function mediaOf(playback: Playback, recordingId: string): Promise<readonly SegmentMedia[]> {
  return await Promise.all(
    playback.get(recordingId)!.segments.map(async ({ id }) => {
      const sealed = (await playback.segment(id))!;
      const plain = await opened(await new Response(sealed.stream(0, sealed.bytes)).bytes());
      return {
        bytes: plain.length,
        open: async () => ({ read: async (from, to) => plain.slice(from, to), close: async () => {} }),
        stream: (from, to) => new Blob([plain.slice(from, to)]).stream(),
      };
    }),
  );
}

async function probe(path: string): Promise<{
  readonly streams: readonly {
    readonly codec_type: string;
    readonly nb_read_frames: string;
    readonly duration: string;
  }[];
  readonly format: { readonly duration: string };
}> {
  const ran = await runChild([
    'ffprobe',
    '-v',
    'error',
    '-count_frames',
    '-show_streams',
    '-show_format',
    '-of',
    'json',
    path,
  ]);
  expect(`${path}: ${ran.stderr}`).toBe(`${path}: `);
  return JSON.parse(new TextDecoder().decode(ran.stdout));
}

test('a recording of three segments becomes one fast-start file, whole and in any byte range', async () => {
  const names = { 'front-door': 'Front door' } as Record<string, string>;
  await using library = await openLibrary({
    dataFolder: folder,
    clock: systemClock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (id) => names[id]!,
  });
  const playback = createPlayback({ library, timeZone: () => 'Europe/Berlin' });
  const id = await record(library, [
    await footage(3, '160x120'),
    await footage(2, '160x120'),
    await footage(1, '160x120'),
  ]);
  const recording = playback.get(id)!;
  const body = (await exportBody(await mediaOf(playback, id), recording.startMs))!;
  const name = downloadName(recording, 'Europe/Berlin');
  expect(name).toBe('front-door_2026-11-21_18-04-09_motion.mp4');
  const whole = new Uint8Array(await new Response(body.stream(0, body.bytes)).arrayBuffer());
  expect(whole.length).toBe(body.bytes);

  const path = join(folder, name);
  await Bun.write(path, whole);
  const { streams, format } = await probe(path);
  expect(streams.map((s) => s.codec_type).sort()).toEqual(['audio', 'video']);
  expect(streams.find((s) => s.codec_type === 'video')?.nb_read_frames).toBe('60');
  expect(Number(format.duration)).toBeCloseTo(6, 0);
  expect(Buffer.from(whole).indexOf('moov')).toBeLessThan(Buffer.from(whole).indexOf('mdat'));
  const decoded = await runChild(['ffmpeg', '-v', 'error', '-i', path, '-f', 'null', '-']);
  expect([decoded.code, decoded.stderr]).toEqual([0, '']);

  for (let i = 0; i < 50; i++) {
    const from = Math.floor(Math.random() * body.bytes);
    const to = from + Math.floor(Math.random() * (body.bytes - from));
    const part = new Uint8Array(await new Response(body.stream(from, to)).arrayBuffer());
    expect(`${from}–${to} ${Buffer.compare(part, whole.subarray(from, to))}`).toBe(`${from}–${to} 0`);
  }
}, 30_000);

test('every segment, opened, is a file that ffprobe reads without a complaint, also one that is still being written', async () => {
  await using library = await openLibrary({
    dataFolder: folder,
    clock: systemClock,
    log: silentLog,
    sealing: sampleSealing,
    cameraName: (id) => id,
  });
  const playback = createPlayback({ library, timeZone: () => 'UTC' });
  const clip = await footage(2, '96x64');
  const id = await record(library, [clip]);
  const open = library.sink.openRecording({ cameraId: 'yard', startMs: Date.now(), reasons: ['manual'] });
  const start = { recordingId: open, cameraId: 'yard', startMs: Date.now(), startMonotonicMs: performance.now() };
  const writer = await library.sink.openSegment({ ...start, stream: { ...sampleStream, init: clip.init } });
  await writer.append(clip.fragments[0]!, 1000, { key: true });
  for (const [recordingId, frames] of [
    [id, '20'],
    [open, '10'],
  ] as const) {
    const [media] = await mediaOf(playback, recordingId);
    const path = join(folder, `${recordingId}.mp4`);
    await Bun.write(path, new Response(media!.stream(0, media!.bytes)));
    expect((await probe(path)).streams.find((s) => s.codec_type === 'video')?.nb_read_frames).toBe(frames);
  }
  // a running recording can be taken out as far as it is
  expect((await exportBody(await mediaOf(playback, open), 0))?.bytes).toBeGreaterThan(1000);
  await writer.finish();
  await library.sink.closeRecording(open, { endMs: Date.now(), interrupted: false });
}, 30_000);

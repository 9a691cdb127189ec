// What the recorder writes, judged by ffmpeg: real H.264 and H.265 with and without B-frames and sound, cut into files,
// joined into one, and cut short as a power failure would.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { ManualClock } from '../base/clock.ts';
import { LogBook } from '../base/log.ts';
import { concatBytes } from '../media/boxes.ts';
import { type ByteSource, indexSegment, planFastStart, type SegmentIndex } from '../media/fast-start.ts';
import { type MediaSample, Mp4Reader } from '../media/mp4-read.ts';
import type { CameraHealth, Feed, FeedListener, StreamInfo } from '../media/types.ts';
import { fileOf, MemorySink } from './memory-sink.ts';
import { createRecorder, type RecordParams } from './recorder.ts';

setDefaultTimeout(60_000);
const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Clip {
  readonly path: string;
  readonly stream: StreamInfo;
  readonly samples: readonly MediaSample[];
}

const sound = ['-f', 'lavfi', '-i', 'sine=440:sample_rate=48000'];
const h264 = (size: string, ...more: string[]) => [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-g',
  '25',
  ...more,
  '-s',
  size,
];
const cases = {
  'H.264': [...h264('320x180', '-bf', '0')],
  'H.264 with B-frames and sound': [...sound, ...h264('320x180', '-bf', '2'), '-c:a', 'aac'],
  'H.265 with sound': [
    ...[...sound, '-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-s', '320x180', '-c:a', 'aac'],
    ...['-x265-params', 'log-level=none:keyint=25:scenecut=0'],
  ],
} as const;

/** Twelve seconds, 25 pictures a second, a key frame every second, fragmented as the camera room has ffmpeg do it. */
async function film(name: string, argv: readonly string[]): Promise<Clip> {
  const path = join(folder, `${name.replaceAll(/\W/g, '-')}.mp4`);
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=25'];
  const flags = ['-movflags', '+empty_moov+default_base_moof+frag_every_frame+skip_trailer', '-pix_fmt', 'yuv420p'];
  await ffmpeg([...source, ...argv, '-t', '12', ...flags, path]);
  const items = new Mp4Reader().push(await Bun.file(path).bytes());
  const stream = items.find((item) => item.kind === 'stream')?.stream;
  if (!stream) throw new Error(`ffmpeg made no stream: ${name}`);
  return { path, stream, samples: items.flatMap((item) => (item.kind === 'sample' ? [item.sample] : [])) };
}

async function ffmpeg(argv: readonly string[]): Promise<Uint8Array> {
  const ran = await runChild(['ffmpeg', '-v', 'error', '-nostdin', '-y', ...argv]);
  if (ran.code !== 0 || ran.stderr !== '') throw new Error(`ffmpeg ${argv.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

const live: CameraHealth = { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 };

/** Plays clips one after the other into a recorder, in their own time, and returns what it wrote. */
async function record(clips: readonly Clip[], settings: Partial<RecordParams>): Promise<MemorySink> {
  const clock = new ManualClock();
  const sink = new MemorySink();
  let listener: FeedListener | undefined;
  const feed: Feed = {
    ...{ cameraId: 'yard', health: live, stream: clips[0]!.stream, currentGop: () => [] },
    listen: (l) => {
      listener = l;
      l.stream?.(clips[0]!.stream);
      return () => {};
    },
  };
  const log = new LogBook({
    clock,
    write: (line) => {
      throw new Error(`the recorder has something to say: ${line.message}`);
    },
  }).log('test');
  const recorder = createRecorder({
    ...{ cameraId: 'yard', feed, sink, clock, log, isOn: () => true },
    settings: {
      ...{
        mode: 'continuous',
        preRollS: 5,
        preRollMaxMB: 24,
        postRollS: 5,
        segmentS: 5,
        manualLimitS: 300,
        audio: true,
      },
      ...settings,
    },
  });
  let startMs = 0;
  for (const [i, { stream, samples }] of clips.entries()) {
    if (i > 0) listener?.stream?.(stream);
    for (const sample of samples) {
      const { timescale } = sample.track === 'video' ? stream.video : stream.audio!;
      const atMs = startMs + (sample.dts / timescale) * 1000;
      if (atMs > clock.monotonicMs()) await clock.advance(atMs - clock.monotonicMs());
      listener?.packet?.({ ...sample, atMs });
    }
    startMs += 12_000;
  }
  await recorder.close();
  return sink;
}

/** Decodes every picture; throws when ffmpeg has any complaint. One checksum a picture. */
async function pictures(path: string): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await ffmpeg(['-i', path, '-map', '0:v', '-f', 'framemd5', '-']));
  return text.split('\n').flatMap((line) => (line.startsWith('0,') ? [line.split(',').at(-1)!.trim()] : []));
}

interface Probed {
  readonly streams: readonly {
    readonly codec_type: string;
    readonly duration: string;
    readonly nb_read_packets: string;
  }[];
  readonly format: { readonly duration: string };
}
async function probe(path: string): Promise<Probed> {
  const shown = ['-count_packets', '-show_entries', 'stream=codec_type,duration,nb_read_packets:format=duration'];
  const ran = await runChild(['ffprobe', '-v', 'error', ...shown, '-of', 'json', path]);
  if (ran.code !== 0 || ran.stderr !== '') throw new Error(`ffprobe ${path}: ${ran.stderr}`);
  return JSON.parse(new TextDecoder().decode(ran.stdout));
}

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await Bun.write(path, bytes);
  return path;
}

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  bytes: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
});

async function joined(files: readonly Uint8Array[]): Promise<{ bytes: Uint8Array; durationMs: number }> {
  const indexes: SegmentIndex[] = [];
  for (const file of files) indexes.push((await indexSegment(sourceOf(file)))!);
  const plan = planFastStart(indexes, { createdAtMs: Date.UTC(2026, 10, 21) })!;
  const bytes = concatBytes([plan.header, ...plan.ranges.map((r) => files[r.source]!.subarray(r.from, r.to))]);
  expect(bytes.length).toBe(plan.bytes);
  return { bytes, durationMs: plan.durationMs };
}

describe.each(Object.entries(cases))('%s', (name, argv) => {
  let clip: Clip;
  let original: readonly string[];
  let files: readonly Uint8Array[];
  beforeAll(async () => {
    clip = await film(name, argv);
    original = await pictures(clip.path);
    const sink = await record([clip], {});
    files = sink.recordings.flatMap((r) => r.segments.map(fileOf));
  });

  test('is recorded in files that play on their own, with every picture', async () => {
    expect(files.length).toBe(3);
    const shown: string[] = [];
    for (const [i, file] of files.entries()) {
      const path = await save(`segment-${i}.mp4`, file);
      shown.push(...(await pictures(path)));
      const { format } = await probe(path);
      // 5, 5 and 2 s; B-frames are shown up to three pictures after they are decoded, sound ends up to a unit later.
      expect(Math.abs(Number(format.duration) - [5, 5, 2][i]!)).toBeLessThan(0.13);
    }
    expect(original.length).toBe(300);
    expect(shown).toEqual([...original]);
  });

  test('joins into one file with the right length, every picture and all sound', async () => {
    const { bytes, durationMs } = await joined(files);
    const path = await save('joined.mp4', bytes);
    expect(await pictures(path)).toEqual(original);
    const { streams, format } = await probe(path);
    expect(durationMs).toBeCloseTo(12_000, -1);
    expect(Number(format.duration)).toBeCloseTo(12, 1);
    for (const { codec_type, duration, nb_read_packets } of streams) {
      expect(Number(duration)).toBeCloseTo(12, 1);
      const track = codec_type as 'video' | 'audio';
      expect(Number(nb_read_packets)).toBe(clip.samples.filter((s) => s.track === track).length);
    }
  });

  test('that was cut short anywhere plays up to the last whole fragment', async () => {
    const [file] = files;
    const whole = (await indexSegment(sourceOf(file!)))!;
    expect([whole.torn, whole.wholeBytes]).toEqual([false, file!.length]);
    for (const share of [0.999, 0.6, 0.25]) {
      const cut = file!.subarray(0, Math.floor(file!.length * share));
      const index = (await indexSegment(sourceOf(cut)))!;
      expect(index.torn).toBe(true);
      const path = await save('cut.mp4', cut.subarray(0, index.wholeBytes));
      const left = await pictures(path);
      expect(left.length).toBe(Math.round(index.durationMs / 40));
      expect(left).toEqual(original.slice(0, left.length));
      const export_ = await joined([cut]);
      expect(await pictures(await save('cut-joined.mp4', export_.bytes))).toEqual(left);
    }
    expect(await indexSegment(sourceOf(file!.subarray(0, whole.init.length - 1)))).toBeUndefined();
  });

  test('is recorded without its sound where the settings say so', async () => {
    const sink = await record([clip], { audio: false, segmentS: 60 });
    const path = await save('silent.mp4', fileOf(sink.recordings[0]!.segments[0]!));
    const { streams } = await probe(path);
    expect(streams.map((s) => s.codec_type)).toEqual(['video']);
    expect(await pictures(path)).toEqual(original);
  });
});

test('a recording in which the size changed joins into one file that plays through', async () => {
  const small = await film('small', h264('320x180', '-bf', '0'));
  const large = await film('large', h264('640x360', '-bf', '0'));
  const sink = await record([small, large], { segmentS: 60 });
  expect(sink.recordings.map((r) => r.segments.length)).toEqual([2]);
  const { bytes, durationMs } = await joined(sink.recordings[0]!.segments.map(fileOf));
  expect(durationMs).toBeCloseTo(24_000, -1);
  const path = await save('changed.mp4', bytes);
  // ffmpeg's probe looks at the second size with the first one's parameters and grumbles; its decoder switches.
  const ran = await runChild(['ffprobe', '-v', 'quiet', '-show_entries', 'frame=width', '-of', 'csv=p=0', path]);
  const widths = [...(new TextDecoder().decode(ran.stdout).match(/\d+/g) ?? [])];
  expect(widths).toEqual(Array.from({ length: 600 }, (_, i) => (i < 300 ? '320' : '640')));
});

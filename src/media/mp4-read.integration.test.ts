// Reads what ffmpeg really writes and compares with what ffprobe, another reader, finds in it.

import { expect, test } from 'bun:test';
import { runChild } from '../base/child.ts';
import { ShapeWatch } from '../camera/shape-watch.ts';
import { type MediaSample, type Mp4Item, Mp4Reader } from './mp4-read.ts';

const fragmented = [
  '-movflags',
  '+empty_moov+default_base_moof+frag_every_frame+frag_discont+skip_trailer',
  '-f',
  'mp4',
  'pipe:1',
];

async function made(...args: string[]): Promise<Uint8Array> {
  const ran = await runChild([
    'ffmpeg',
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=320x180:r=25:d=2',
    ...args,
    ...fragmented,
  ]);
  expect(ran.stderr).toBe('');
  return ran.stdout;
}

function read(bytes: Uint8Array, step: number): Mp4Item[] {
  const reader = new Mp4Reader();
  const items: Mp4Item[] = [];
  for (let at = 0; at < bytes.length; at += step) items.push(...reader.push(bytes.subarray(at, at + step)));
  return items;
}

const samples = (items: readonly Mp4Item[]): MediaSample[] =>
  items.flatMap((i) => (i.kind === 'sample' ? [i.sample] : []));
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p'];

test('every packet is found as ffprobe finds it, however the bytes are cut', async () => {
  const bytes = await made(...h264, '-bf', '2');
  const probed = await runChild(
    ['ffprobe', '-loglevel', 'error', '-show_entries', 'packet=pts,dts,size,flags', '-of', 'csv=p=0', '-'],
    { stdin: bytes },
  );
  const expected = new TextDecoder()
    .decode(probed.stdout)
    .trim()
    .split('\n')
    .map((line) => line.replace(/,$/, ''));
  for (const step of [1, 997, bytes.length]) {
    const found = samples(read(bytes, step)).map(
      (s) => `${s.dts + s.ctsOffset},${s.dts},${s.data.length},${s.key ? 'K_' : '__'}`,
    );
    expect(found).toEqual(expected);
  }
}, 20_000);

test('H.264 with sound and H.265 are named as browsers want it, and their parameter sets tell the same size', async () => {
  const both = read(await made('-f', 'lavfi', '-i', 'sine=d=2', ...h264, '-c:a', 'aac'), 4096);
  const h265 = read(
    await made('-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p'),
    4096,
  );
  const [first, second] = [both[0]!, h265[0]!];
  if (first.kind !== 'stream' || second.kind !== 'stream') throw new Error('no stream came first');
  expect(first.stream.mimeType).toMatch(/^video\/mp4; codecs="avc1\.[0-9a-f]{6},mp4a\.40\.2"$/);
  expect(samples(both).some((s) => s.track === 'audio')).toBe(true);
  expect(second.stream.mimeType).toMatch(/codecs="hvc1\.1\.6\.L\d+(\.[0-9A-F]+)*"$/);
  expect(Buffer.from(second.stream.init).includes('hvc1')).toBe(true);
  for (const item of [first, second]) {
    const shape = new ShapeWatch(item.stream.video.codec, item.configuration);
    expect(shape.announced).toMatchObject({ width: 320, height: 180 });
  }
}, 20_000);

test('garbage ends the reading with a reason, and nothing is held', async () => {
  const bytes = await made(...h264);
  const reader = new Mp4Reader();
  const items = reader.push(bytes.subarray(0, bytes.length / 2));
  const noise = new Uint8Array(300_000).map((_, i) => (i * 2654435761) >>> 11);
  for (let i = 0; i < 200; i++) items.push(...reader.push(noise));
  expect(items.filter((i) => i.kind === 'damaged')).toHaveLength(1);
  expect(items.at(-1)!.kind).toBe('damaged');
  expect(reader.heldBytes).toBeLessThan(100_000);
  const huge = new Mp4Reader({ maxMediaBytes: 1000 });
  expect(huge.push(bytes).at(-1)!.kind).toBe('damaged');
}, 20_000);

// Real packets of a real encoder: the three pictures of a moment are what was filmed then, and before.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readlinkSync } from 'node:fs';
import { runChild } from '../base/child.ts';
import { Mp4Reader } from '../media/mp4-read.ts';
import type { Packet, StreamInfo } from '../media/types.ts';
import { picturesOfMoment } from './moment.ts';

// A machine that is busy with other tests must not fail these.
setDefaultTimeout(30_000);

/** Grey for three seconds with a key frame each second; a red square comes at 2.5 s. */
async function film(codec: 'libx264' | 'libx265', ...more: readonly string[]) {
  const { stdout, stderr } = await runChild([
    ...(['ffmpeg', '-loglevel', 'error', '-f', 'lavfi', '-i', 'color=gray:size=640x480:rate=10:duration=3'] as const),
    ...['-vf', "drawbox=x=320:y=240:w=160:h=160:color=red:t=fill:enable='gte(t,2.45)'", '-c:v', codec],
    ...['-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10', '-keyint_min', '10', '-tag:v'],
    ...[codec === 'libx264' ? 'avc1' : 'hvc1', ...more],
    ...['-movflags', 'empty_moov+default_base_moof+frag_keyframe', '-f', 'mp4', 'pipe:1'],
  ]);
  const reader = new Mp4Reader();
  let stream: StreamInfo | undefined;
  const packets: Packet[] = [];
  for (const item of reader.push(stdout)) {
    if (item.kind === 'stream') stream = item.stream;
    if (item.kind !== 'sample' || item.sample.track !== 'video' || !stream) continue;
    packets.push({ ...item.sample, atMs: (item.sample.dts / stream.video.timescale) * 1000 });
  }
  if (!stream) throw new Error(stderr);
  const keys = packets.filter((p) => p.key);
  expect(keys).toHaveLength(3);
  return { stream, packets, keys };
}

const colourAt = ({ width, data }: { width: number; data: Uint8Array }, x: number, y: number) =>
  [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)].map((v) => Math.round(v / 32));
const [GREY, RED] = [
  [4, 4, 4, 8],
  [8, 0, 0, 8],
];

test.each([
  ['H.264', 'libx264', []],
  ['H.264 with frames out of order', 'libx264', ['-bf', '2']],
  ['H.265', 'libx265', ['-x265-params', 'log-level=error:scenecut=0']],
] as const)(
  '%s: before it was grey, at the moment there is red, and the JPEG shows the moment',
  async (_, codec, more) => {
    const { stream, packets, keys } = await film(codec, ...more);
    const gop = packets.slice(packets.indexOf(keys[2]!));
    // A key frame of an earlier group, and the one that begins the moment's own group.
    for (const before of [keys[0]!, keys[2]!]) {
      const { jpeg, colour } = await picturesOfMoment(stream, gop, { before, atMs: 2900, maxWidth: 320 });
      expect([colour.now.width, colour.now.height]).toEqual([320, 240]);
      expect(colourAt(colour.before, 200, 160)).toEqual(GREY);
      expect(colourAt(colour.now, 200, 160)).toEqual(RED);
      expect(colourAt(colour.now, 20, 20)).toEqual(GREY);
      const { stdout } = await runChild(
        [
          ...([
            'ffmpeg',
            '-loglevel',
            'error',
            '-i',
            'pipe:0',
            '-pix_fmt',
            'rgba',
            '-f',
            'rawvideo',
            'pipe:1',
          ] as const),
        ],
        { stdin: jpeg },
      );
      expect(colourAt({ width: 320, data: stdout }, 200, 160)).toEqual(RED);
    }
  },
);

test('without an earlier picture, or with video that cannot be decoded, it says so and leaves no open pipe', async () => {
  const { stream, packets, keys } = await film('libx264');
  const isPipe = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
    } catch {
      return false; // the one that listed them
    }
  };
  const open = () => readdirSync('/proc/self/fd').filter(isPipe).length;
  await picturesOfMoment(stream, packets, { atMs: 2900, maxWidth: 320, before: keys[0]! });
  const before = open();
  const options = { atMs: 2900, maxWidth: 320 };
  const missing = { kind: 'missing' };
  await expect(picturesOfMoment(stream, packets, { ...options, before: packets.at(-1)! })).rejects.toMatchObject(
    missing,
  );
  await expect(picturesOfMoment(stream, [keys[2]!], { ...options, before: keys[2]! })).rejects.toMatchObject(missing);
  const broken = packets.map((p) => ({ ...p, data: new Uint8Array(p.data.length) }));
  for (let i = 0; i < 3; i++) {
    await expect(picturesOfMoment(stream, broken, { ...options, before: broken[0]! })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await picturesOfMoment(stream, packets, { ...options, before: keys[0]! });
  }
  expect(open()).toBeLessThanOrEqual(before);
});

// A real clip as the only thing left of an event: its picture is the one of the right moment.

import { expect, test } from 'bun:test';
import { runChild } from '../base/child.ts';
import { jpegOfPackets } from '../camera/still.ts';
import type { Packet } from '../media/types.ts';
import { pictureOfEvent } from './kept-picture.ts';

/** Two seconds black, two white; a key frame each second, fragments of half a second. */
async function clip(): Promise<Uint8Array> {
  const { stdout } = await runChild([
    ...(['ffmpeg', '-loglevel', 'error', '-f', 'lavfi', '-i', 'color=black:size=64x48:rate=10:duration=2'] as const),
    ...['-f', 'lavfi', '-i', 'color=white:size=64x48:rate=10:duration=2', '-filter_complex', 'concat'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10', '-frag_duration', '500000'],
    ...['-movflags', 'empty_moov+default_base_moof+skip_trailer', '-f', 'mp4', 'pipe:1'],
  ]);
  return stdout;
}

const startMs = Date.UTC(2026, 10, 21);

/** What is left of an event whose best moment was so many ms after the start of its recording. */
function left(bytes: Uint8Array, peakMs: number, segments = 1) {
  const event = { id: 'e', cameraId: 'yard', startMs, peakMs: startMs + peakMs, level: 9, recordingId: 'r' };
  const segment = { id: 's', startMs, durationMs: 4000, bytes: bytes.length, mimeType: '', width: 64, height: 48 };
  return {
    event: (id: string) => (id === 'e' ? event : undefined),
    segments: () => Array.from({ length: segments }, () => segment),
    bytesOf: () => ({
      bytes: bytes.length,
      stream: () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
      open: () => Promise.reject(new Error('not asked for')),
    }),
    still: async () => new Uint8Array([0xff, 0xd8, 1]),
  };
}

test('the picture is of the best moment, or of the last one that reached the disk', async () => {
  const bytes = await clip();
  const seen: { last: number; count: number }[] = [];
  const grey = async (peakMs: number, file = bytes) => {
    const jpeg = await pictureOfEvent(left(file, peakMs), 'e', (stream, packets: readonly Packet[], atMs) => {
      seen.push({ last: Math.round(packets.at(-1)!.atMs), count: packets.length });
      return jpegOfPackets(stream, packets, { atMs });
    });
    const { stdout } = await runChild(
      ['ffmpeg', '-loglevel', 'error', '-i', 'pipe:0', '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'],
      { stdin: jpeg! },
    );
    return stdout[1000]! > 128 ? 'white' : 'black';
  };
  expect(await grey(1510)).toBe('black');
  expect(await grey(2530)).toBe('white');
  expect(await grey(60_000)).toBe('white');
  expect(await grey(2530, bytes.subarray(0, bytes.length >> 1))).toBeDefined();
  expect(seen.slice(0, 3)).toEqual([
    { last: 1500, count: 6 },
    { last: 2500, count: 6 },
    { last: 3900, count: 10 },
  ]);
});

test('without a recorded moment there is the still that was kept, and of an unknown event nothing', async () => {
  const never = () => Promise.reject(new Error('nothing to decode'));
  expect(await pictureOfEvent(left(new Uint8Array(), 0, 0), 'e', never)).toEqual(new Uint8Array([0xff, 0xd8, 1]));
  expect(await pictureOfEvent(left(new Uint8Array(), 0), 'other', never)).toBeUndefined();
});

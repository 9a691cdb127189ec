// The pictures of one moment out of packets that were kept anyway, in one run of ffmpeg: the JPEG that mails and lists show and,
// small and in colour, what the camera saw then and what it saw before. What is compared with what is motion's business.

import { closeSync } from 'node:fs';
import { spawnChild } from '../base/child.ts';
import { NightjarError } from '../base/errors.ts';
import { writeFragment } from '../media/mp4-write.ts';
import type { Packet, StreamInfo } from '../media/types.ts';
import { StderrTail } from './stderr-tail.ts';
import { packetsForStill } from './still.ts';

/** Four bytes a pixel: red, green, blue, 255. Both of one size, the long side at most 320. */
export interface ColourPair {
  readonly before: ColourFrame;
  readonly now: ColourFrame;
}
export interface ColourFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface MomentPictures {
  readonly jpeg: Uint8Array;
  readonly colour: ColourPair;
}

export interface MomentOptions {
  /** A key frame from before, of the same stream. It is decoded alone: a picture costs that much and no more. */
  readonly before: Packet;
  readonly atMs: number;
  /** Of the JPEG; scaled down to this, never up. */
  readonly maxWidth: number;
  readonly signal?: AbortSignal;
}

const timeoutMs = 15_000;
const LONG_SIDE = 320;

/** The video's shape with a long side of 320 pixels, never larger than the video. */
function colourSize(video: { readonly width: number; readonly height: number }) {
  const shrink = Math.min(1, LONG_SIDE / Math.max(video.width, video.height));
  const pixels = (side: number) => Math.max(2, Math.round(side * shrink));
  return { width: pixels(video.width), height: pixels(video.height) };
}

/**
 * `packets`: from a key frame on, in order. Throws `missing` when there is no picture in them or none earlier than the
 * moment's, `unavailable` when ffmpeg cannot make all three.
 */
export async function picturesOfMoment(
  stream: StreamInfo,
  packets: readonly Packet[],
  { before, atMs, maxWidth, signal }: MomentOptions,
): Promise<MomentPictures> {
  const wanted = packetsForStill(packets, atMs);
  const first = wanted[0];
  if (!first || before.dts > first.dts) throw new NightjarError('missing', 'there is no earlier picture');
  const all = before.dts === first.dts ? wanted : [before, ...wanted];
  const last = all.at(-1)!;
  if (last === before) throw new NightjarError('missing', 'there is no earlier picture');
  // By their times and not by counting: a decoder leaves out pictures that refer to a group it has not seen.
  const [from, to] = [shownAt(before), Math.max(...wanted.map(shownAt))];
  const fragment = writeFragment(stream, all, { sequence: 1 });
  const clip = new Uint8Array(stream.init.length + fragment.length);
  clip.set(stream.init);
  clip.set(fragment, stream.init.length);
  const { width, height } = colourSize(stream.video);
  const timeout = AbortSignal.timeout(timeoutMs);
  await using child = spawnChild(
    [
      ...(['ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1'] as const),
      ...['-f', 'mp4', '-copyts', '-i', 'pipe:0'],
      ...[
        '-filter_complex',
        `[0:v:0]select='eq(pts,${from})+eq(pts,${to})',split[a][b];` +
          `[a]select='eq(n,1)',scale='min(${Math.round(maxWidth)},iw)':-2:flags=area,format=yuvj420p[jpeg];` +
          `[b]scale=${width}:${height}:flags=area,format=rgba[colour]`,
      ],
      ...[
        '-map',
        '[jpeg]',
        '-frames:v',
        '1',
        '-fps_mode',
        'passthrough',
        '-threads',
        '1',
        '-c:v',
        'mjpeg',
        '-q:v',
        '4',
      ],
      ...['-f', 'image2pipe', 'pipe:1'],
      ...['-map', '[colour]', '-frames:v', '2', '-fps_mode', 'passthrough', '-threads', '1', '-c:v', 'rawvideo'],
      ...['-f', 'rawvideo', 'pipe:3'],
    ],
    { stdin: clip, extraOutputs: 1, signal: signal ? AbortSignal.any([signal, timeout]) : timeout },
  );
  const tail = new StderrTail();
  const [jpeg, colour] = await Promise.all([
    new Response(child.stdout).bytes(),
    readAndClose(child.extraFds[0]!),
    tail.drain(child.stderr),
  ]);
  await child.exited;
  if (signal?.aborted) throw new NightjarError('unavailable', 'making pictures was cancelled');
  const bytes = width * height * 4;
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8 || colour.length !== 2 * bytes) {
    throw new NightjarError('unavailable', `no pictures could be made of the video (${tail.text.slice(0, 300)})`);
  }
  const frame = (from: number): ColourFrame => ({ width, height, data: colour.subarray(from, from + bytes) });
  return { jpeg, colour: { before: frame(0), now: frame(bytes) } };
}

const shownAt = ({ dts, ctsOffset }: Packet): number => dts + ctsOffset;

/** Bun closes neither an extra pipe nor the file it is read as: a descriptor would be lost with every moment. */
async function readAndClose(fd: number): Promise<Uint8Array> {
  try {
    return await new Response(Bun.file(fd).stream()).bytes();
  } catch {
    return new Uint8Array(); // the program is gone; that too little came is seen by its length
  } finally {
    closeSync(fd);
  }
}

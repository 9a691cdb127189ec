// One JPEG out of packets that were kept anyway: for alerts, snapshots and the connection test. Nothing is fetched.

import { spawnChild } from '../base/child.ts';
import { NightjarError } from '../base/errors.ts';
import { writeFragment } from '../media/mp4-write.ts';
import type { Packet, StreamInfo } from '../media/types.ts';
import { StderrTail } from './stderr-tail.ts';

export interface StillOptions {
  /** The picture nearest to this moment; default: the last one. */
  readonly atMs?: number;
  /** Scaled down to this, never up. */
  readonly maxWidth?: number;
  /** 2 best – 31 smallest, as ffmpeg's `-q:v`. */
  readonly quality?: number;
  readonly signal?: AbortSignal;
}

const timeoutMs = 15_000;

/**
 * `packets`: from a key frame on, in order. Only those up to the wanted picture are decoded. Throws `missing` when there is
 * no key frame in them, `unavailable` when ffmpeg cannot make a picture of them.
 */
export async function jpegOfPackets(
  stream: StreamInfo,
  packets: readonly Packet[],
  options: StillOptions = {},
): Promise<Uint8Array> {
  const wanted = packetsForStill(packets, options.atMs);
  if (wanted.length === 0) throw new NightjarError('missing', 'there is no picture yet');
  const fragment = writeFragment(stream, wanted, { sequence: 1 });
  const clip = new Uint8Array(stream.init.length + fragment.length);
  clip.set(stream.init);
  clip.set(fragment, stream.init.length);
  const scale = options.maxWidth ? `scale='min(${Math.round(options.maxWidth)},iw)':-2:flags=area,` : '';
  const timeout = AbortSignal.timeout(timeoutMs);
  await using child = spawnChild(
    [
      ...(['ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1'] as const),
      ...['-f', 'mp4', '-i', 'pipe:0', '-an', '-map', '0:v:0', '-fps_mode', 'passthrough'],
      // Only the last picture is wanted; the others are decoded, but neither converted nor encoded.
      ...['-vf', `select='eq(n,${wanted.length - 1})',${scale}format=yuvj420p`, '-frames:v', '1'],
      ...['-threads', '1', '-c:v', 'mjpeg', '-q:v', String(options.quality ?? 4), '-f', 'image2pipe', 'pipe:1'],
    ],
    { stdin: clip, signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout },
  );
  const tail = new StderrTail();
  const [jpeg] = await Promise.all([new Response(child.stdout).bytes(), tail.drain(child.stderr)]);
  await child.exited;
  if (options.signal?.aborted) throw new NightjarError('unavailable', 'making a picture was cancelled');
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) {
    throw new NightjarError('unavailable', `no picture could be made of the video (${tail.text.slice(0, 300)})`);
  }
  return jpeg;
}

/** The video packets to decode: from the last key frame not after the wanted picture up to that picture. */
export function packetsForStill(packets: readonly Packet[], atMs: number | undefined): readonly Packet[] {
  const video = packets.filter((p) => p.track === 'video');
  let last = video.length - 1;
  if (atMs !== undefined) {
    last = 0;
    for (const [i, p] of video.entries()) {
      if (Math.abs(p.atMs - atMs) <= Math.abs(video[last]!.atMs - atMs)) last = i;
    }
  }
  let first = last;
  while (first >= 0 && !video[first]!.key) first--;
  if (first < 0) {
    // Nothing decodable before it: the first key frame after it is the nearest picture there is.
    first = video.findIndex((p) => p.key);
    return first < 0 ? [] : [video[first]!];
  }
  return video.slice(first, last + 1);
}

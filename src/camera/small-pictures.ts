// The small grey pictures of packets that were kept anyway, decoded once with the words detection uses: so that somebody who
// opens the tuning page has a past to look at. Nothing is fetched.

import { spawnChild } from '../base/child.ts';
import { NightjarError } from '../base/errors.ts';
import { writeFragment } from '../media/mp4-write.ts';
import type { LumaFrame, Packet, StreamInfo } from '../media/types.ts';
import { LUMA_FPS, LumaReader, lumaDecoderOptions, lumaOutput } from './luma.ts';
import { StderrTail } from './stderr-tail.ts';

const timeoutMs = 15_000;

/**
 * Five pictures per second of `packets`, from their first key frame on, dated as the packets are. Empty when there is no key
 * frame. What cannot be decoded is left out; throws `unavailable` when ffmpeg cannot be started or makes nothing of it.
 */
export async function smallPicturesOf(
  stream: StreamInfo,
  packets: readonly Packet[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<readonly LumaFrame[]> {
  const video = packets.filter((p) => p.track === 'video');
  const first = video.findIndex((p) => p.key);
  const start = video[first];
  if (!start) return [];
  const fragment = writeFragment(stream, video.slice(first), { sequence: 1 });
  const clip = new Uint8Array(stream.init.length + fragment.length);
  clip.set(stream.init);
  clip.set(fragment, stream.init.length);
  const frames: LumaFrame[] = [];
  const reader = new LumaReader(({ width, height, data }, index) => {
    const atMs = start.atMs + (index * 1000) / LUMA_FPS;
    frames.push({ width, height, data: data.slice(), atMs });
  });
  const timeout = AbortSignal.timeout(timeoutMs);
  await using child = spawnChild(
    [
      ...(['ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error'] as const),
      ...lumaDecoderOptions(),
      ...['-f', 'mp4', '-i', 'pipe:0'],
      ...lumaOutput(1, 'reader'),
    ],
    { stdin: clip, signal: signal ? AbortSignal.any([signal, timeout]) : timeout },
  );
  const tail = new StderrTail();
  const read = (async () => {
    for await (const bytes of child.stdout) reader.push(bytes);
  })();
  await Promise.all([read, tail.drain(child.stderr)]);
  await child.exited;
  if (signal?.aborted) throw new NightjarError('unavailable', 'decoding was cancelled');
  if (frames.length === 0) {
    throw new NightjarError('unavailable', `no pictures could be made of the video (${tail.text.slice(0, 300)})`);
  }
  // The last may be a repeat of one that is older than its time.
  const lastMs = video.at(-1)!.atMs;
  return frames.filter((frame) => frame.atMs <= lastMs);
}

// `nightjar detect --low-power`: a clip read as a camera in low power is read, as fast as it goes. The packets, who decides,
// the decoder and the detector are those of the live path; only the waiting for the clock is left out.

import { spawnChild } from '../base/child.ts';
import { NightjarError } from '../base/errors.ts';
import { copyArgv } from '../camera/ffmpeg-argv.ts';
import { GatedDecoder } from '../camera/gated-decoder.ts';
import type { LumaPicture } from '../camera/luma.ts';
import { Mp4Reader } from '../media/mp4-read.ts';
import { compressedPicture } from '../media/picture-role.ts';
import type { StreamInfo } from '../media/types.ts';
import { createDetector } from '../motion/detector.ts';
import { createRestWatch } from '../motion/low-power.ts';
import type { MotionParams } from '../motion/params.ts';
import type { ClipMotion, Interval } from './detect.ts';

/** The decoder's pictures are waited for this often, in the clip's time: a camera's would come by themselves. */
const SETTLE_EVERY_MS = 200;

/** Throws `invalid` when it is no H.264 or H.265 that ffmpeg can read. */
export async function motionInClipResting(path: string, params: MotionParams): Promise<ClipMotion> {
  const before = process.cpuUsage();
  const detector = createDetector(params);
  const rest = createRestWatch();
  const intervals: Interval[] = [];
  let movingSince: number | undefined;
  const onPicture = ({ width, height, data }: LumaPicture, atMs: number, sparse: boolean) => {
    const frame = { width, height, data, atMs, ...(sparse ? { sparse: true as const } : {}) };
    const signal = detector.step(frame);
    rest.judged(signal, frame);
    if (signal.moving) movingSince ??= atMs / 1000;
    else if (movingSince !== undefined) {
      intervals.push([movingSince, atMs / 1000]);
      movingSince = undefined;
    }
  };

  await using child = spawnChild(copyArgv(path));
  const complaint = new Response(child.stderr).text();
  const reader = new Mp4Reader();
  let stream: StreamInfo | undefined;
  let decoder: GatedDecoder | undefined;
  let firstDts: number | undefined;
  let lastMs = 0;
  let settledMs = 0;
  let restingMs = 0;
  try {
    for await (const chunk of child.stdout) {
      for (const item of reader.push(chunk)) {
        if (item.kind === 'stream') {
          stream = item.stream;
          await decoder?.close();
          decoder = new GatedDecoder({
            stream,
            onPicture,
            nowMs: () => performance.now(),
          });
        }
        if (item.kind !== 'sample' || item.sample.track !== 'video' || !stream || !decoder) continue;
        const { sample } = item;
        firstDts ??= sample.dts;
        const atMs = ((sample.dts - firstDts) * 1000) / stream.video.timescale;
        const packet = { ...sample, atMs };
        const compressed = compressedPicture(stream.video, packet);
        const awake = rest.picture(compressed);
        decoder.packet(packet, compressed.reference, awake);
        if (!awake) restingMs += atMs - lastMs;
        lastMs = atMs;
        if (atMs - settledMs < SETTLE_EVERY_MS) continue;
        settledMs = atMs;
        await decoder.settled();
      }
    }
    await decoder?.finish();
  } finally {
    await decoder?.close();
  }
  const exit = await child.exited;
  if (firstDts === undefined || !decoder) {
    const why = exit.code === 0 ? 'low power needs H.264 or H.265' : await complaint;
    const last = why.trim().split('\n').at(-1)?.slice(0, 200);
    throw new NightjarError('invalid', `not a video that can be read (${last})`);
  }
  const seconds = lastMs / 1000;
  if (movingSince !== undefined) intervals.push([movingSince, seconds]);
  const own = process.cpuUsage(before);
  const cpuS = ((child.cpuMs() ?? 0) + decoder.cpuMs()) / 1000 + (own.user + own.system) / 1e6;
  return { intervals, seconds, cpuS, restingShare: lastMs > 0 ? restingMs / lastMs : 0 };
}

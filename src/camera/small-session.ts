// One connection to a small stream, which is there for detection only. In low power its packets are read, and decoded when
// they are worth it; else ffmpeg gives its pictures and nothing else.

import { type Mp4Item, Mp4Reader } from '../media/mp4-read.ts';
import { smallArgv, smallCopyArgv } from './ffmpeg-argv.ts';
import { FreezeWatch, limitsOf } from './freeze-watch.ts';
import { LUMA_FPS, type LumaPicture, LumaReader } from './luma.ts';
import { MediaClock } from './media-clock.ts';
import { RestingEye } from './resting-eye.ts';
import type { SessionEvents, SessionOptions } from './session.ts';
import { readChild } from './session-child.ts';
import type { InputPlan } from './source-plan.ts';
import { StderrTail } from './stderr-tail.ts';

export interface SmallEnd {
  readonly frames: number;
  /** It was ended because it showed the same picture for too long. */
  readonly frozen: boolean;
  /** The decoder of low power ended again and again. */
  readonly restFailed?: true;
  readonly detail: string;
}

/** Watches a small stream until it ends, stalls or freezes; its pictures are dated by when they came. */
export async function runSmallSession(
  input: InputPlan,
  { clock, signal, limits, rest }: Pick<SessionOptions, 'clock' | 'signal' | 'limits' | 'rest'>,
  events: Pick<SessionEvents, 'frame' | 'changed' | 'lowPower'>,
): Promise<SmallEnd> {
  const tail = new StderrTail();
  const mediaClock = new MediaClock();
  const freeze = new FreezeWatch(clock.monotonicMs(), limitsOf(limits, rest !== undefined));
  const stalled = new AbortController();
  let frames = 0;
  let frozen = false;
  const look = () => {
    const verdict = freeze.look(clock.monotonicMs());
    frozen = verdict === 'frozen';
    if (verdict !== 'ok') stalled.abort();
    else cancelLook = clock.after(1000, look);
  };
  let cancelLook = clock.after(1000, look);
  let fingerprint: number | bigint | undefined;
  const seen = ({ width, height, data }: LumaPicture, nowMs: number, atMs: number, sparse: boolean) => {
    if (signal.aborted) return;
    const print = Bun.hash(data);
    freeze.picture(print, nowMs);
    if (frames++ > 0 && print !== fingerprint) events.changed?.();
    fingerprint = print;
    events.frame({ width, height, data: data.slice(), atMs, ...(sparse ? { sparse } : {}) });
  };
  let restFailed = false;
  await using eye = rest
    ? new RestingEye({
        gate: rest,
        clock,
        onPicture: (picture, atMs, sparse) => seen(picture, clock.monotonicMs(), atMs, sparse),
        onHealth: (health) => events.lowPower?.(health),
        onFailed: () => {
          restFailed = true;
          stalled.abort();
        },
      })
    : undefined;
  const packets = new Mp4Reader();
  let timescale = 90_000;
  const take = (item: Mp4Item, nowMs: number) => {
    if (item.kind === 'damaged') return stalled.abort();
    if (item.kind === 'stream') {
      timescale = item.stream.video.timescale;
      return eye?.stream(item.stream);
    }
    if (item.sample.track !== 'video') return;
    freeze.packet(nowMs);
    eye?.packet({ ...item.sample, atMs: mediaClock.arrive((item.sample.dts * 1000) / timescale, nowMs) });
  };
  const pictures = new LumaReader((picture, index) => {
    const nowMs = clock.monotonicMs();
    freeze.packet(nowMs);
    seen(picture, nowMs, mediaClock.arrive((index * 1000) / LUMA_FPS, nowMs), false);
  });
  try {
    await readChild(eye ? smallCopyArgv(input) : smallArgv(input), input, {
      signal: AbortSignal.any([signal, stalled.signal]),
      tail,
      ...(eye ? {} : { luma: pictures }),
      onOutput: (bytes) => {
        if (!eye || stalled.signal.aborted) return;
        for (const item of packets.push(bytes)) take(item, clock.monotonicMs());
      },
    });
  } finally {
    cancelLook();
  }
  return { frames, frozen, detail: tail.text, ...(restFailed ? { restFailed } : {}) };
}

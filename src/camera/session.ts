// One connection to a source, from spawning ffmpeg to knowing why it ended. Reads packets and small grey pictures as
// they come and never lets a pipe stand. When to connect again is the keeper's decision.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { type MediaSample, type Mp4Item, Mp4Reader } from '../media/mp4-read.ts';
import type { Fault, LowPowerHealth, LumaFrame, Packet, StreamInfo } from '../media/types.ts';
import { fault, faultFrom, wantsAudioEncoded } from './faults.ts';
import { type AudioMode, type Encoder, mainArgv } from './ffmpeg-argv.ts';
import { type FreezeLimits, FreezeWatch, limitsOf } from './freeze-watch.ts';
import { LUMA_FPS, type LumaPicture, LumaReader } from './luma.ts';
import { MediaClock } from './media-clock.ts';
import { reachPeer } from './reach.ts';
import { type RestGate, RestingEye } from './resting-eye.ts';
import { readChild } from './session-child.ts';
import { ShapeWatch } from './shape-watch.ts';
import type { SourcePlan } from './source-plan.ts';
import { StderrTail } from './stderr-tail.ts';
import { TroubleWatch } from './trouble-watch.ts';

export interface SessionEvents {
  stream(stream: StreamInfo): void;
  packet(packet: Packet): void;
  frame(frame: LumaFrame): void;
  /** The small grey picture is not the one before. */
  changed?(): void;
  /** Of a camera in low power, when it changed or was measured. */
  lowPower?(health: LowPowerHealth | undefined): void;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly encoder?: Encoder;
  readonly audio: AudioMode;
  /** False where detection has a small stream of its own. */
  readonly withLuma: boolean;
  /** Low power: the pictures are decoded by themselves, and only when it says so. Nothing changes where they are encoded here. */
  readonly rest?: RestGate;
  readonly limits?: FreezeLimits;
}

export interface SessionEnd {
  /** Absent when the signal ended it. */
  readonly fault?: Fault;
  readonly hadPackets: boolean;
  /** The camera's sound cannot be copied: ask for AAC next time. */
  readonly wantsAudioEncoded: boolean;
  /** The decoder of low power ended again and again. */
  readonly restFailed?: true;
  /** ffmpeg's last lines, without secrets, for the log. */
  readonly detail: string;
}

const longestJumpMs = 10_000;
/** How long before the end ffmpeg's complaints have to do with it. */
const lastWordsMs = 5000;

export async function runSession(
  plan: SourcePlan,
  options: SessionOptions,
  events: SessionEvents,
): Promise<SessionEnd> {
  const { clock } = options;
  const startedAtMs = clock.monotonicMs();
  const rests = options.rest !== undefined && options.withLuma && !plan.encode;
  const freeze = new FreezeWatch(startedAtMs, limitsOf(options.limits, rests));
  const trouble = new TroubleWatch();
  const mediaClock = new MediaClock();
  const track = new TrackTimes(mediaClock);
  const ending = new AbortController();
  let decided: Fault | undefined;
  let timescale = 90_000;
  const end = (found: Fault) => {
    if (ending.signal.aborted) return;
    decided = found;
    ending.abort();
  };
  const onStop = () => ending.abort();
  options.signal.addEventListener('abort', onStop, { once: true });
  if (options.signal.aborted) onStop();

  const tail = new StderrTail((line) => {
    const verdict = track.hadVideo ? trouble.line(line, clock.monotonicMs(), timescale) : undefined;
    if (verdict) end(fault(verdict, plan.kind));
  }, clock.monotonicMs);
  const reader = new Mp4Reader();
  let shape: ShapeWatch | undefined;

  const take = (item: Mp4Item) => {
    if (item.kind === 'damaged') return end(fault(track.hadVideo ? 'damaged' : 'not-video', plan.kind));
    if (item.kind === 'stream') {
      shape = new ShapeWatch(item.stream.video.codec, item.configuration);
      track.scales = { video: item.stream.video.timescale, audio: item.stream.audio?.timescale ?? 1 };
      timescale = item.stream.video.timescale;
      eye?.stream(item.stream);
      return events.stream(item.stream);
    }
    const { sample } = item;
    if (sample.track === 'video') {
      const verdict = shape?.look(sample.data, sample.key);
      if (verdict === 'damaged') return end(fault('damaged', plan.kind));
      if (typeof verdict === 'object') return end(fault('stream-changed', plan.kind));
    }
    const nowMs = clock.monotonicMs();
    const timed = track.time(sample, nowMs);
    if (timed === 'backwards') return end(fault('time-backwards', plan.kind));
    if (timed === 'jumped') {
      return end({ ...fault('time-backwards', plan.kind), message: 'The camera’s time stamps jumped.' });
    }
    if (timed === undefined) return;
    if (sample.track === 'video') freeze.packet(nowMs);
    const packet = { ...sample, ...timed };
    events.packet(packet);
    if (packet.track === 'video') eye?.packet(packet);
  };

  let fingerprint: number | bigint | undefined;
  let lastFrameAtMs = Number.NEGATIVE_INFINITY;
  const seen = (data: Uint8Array, nowMs: number) => {
    const print = Bun.hash(data);
    freeze.picture(print, nowMs);
    if (fingerprint !== undefined && fingerprint !== print) events.changed?.();
    fingerprint = print;
  };
  let restFailed = false;
  await using eye = rests
    ? new RestingEye({
        gate: options.rest!,
        clock,
        onPicture: ({ width, height, data }, atMs, sparse) => {
          if (ending.signal.aborted) return;
          seen(data, clock.monotonicMs());
          events.frame({ width, height, data: data.slice(), atMs, ...(sparse ? { sparse } : {}) });
        },
        onHealth: (health) => events.lowPower?.(health),
        onFailed: () => {
          restFailed = true;
          ending.abort();
        },
      })
    : undefined;
  const withLuma = options.withLuma && !eye;
  const onPicture = ({ width, height, data }: LumaPicture, index: number) => {
    const nowMs = clock.monotonicMs();
    seen(data, nowMs);
    const mediaMs = track.videoStartMs + (index * 1000) / LUMA_FPS;
    const atMs = mediaClock.anchored ? Math.min(nowMs, mediaClock.at(mediaMs)) : nowMs;
    lastFrameAtMs = Math.max(lastFrameAtMs, atMs);
    events.frame({ width, height, data: data.slice(), atMs: lastFrameAtMs });
  };

  const look = () => {
    const verdict = freeze.look(clock.monotonicMs());
    if (verdict !== 'ok') end(fault(verdict, plan.kind));
    else cancelLook = clock.after(1000, look);
  };
  let cancelLook = clock.after(1000, look);

  let exitCode: number | null = null;
  try {
    const argv = mainArgv(plan, {
      audio: options.audio,
      withLuma,
      ...(options.encoder ? { encoder: options.encoder } : {}),
    });
    exitCode = await readChild(argv, plan.input, {
      signal: ending.signal,
      tail,
      onOutput: (bytes) => {
        for (const item of reader.push(bytes)) if (!ending.signal.aborted) take(item);
      },
      ...(withLuma ? { luma: new LumaReader((picture, i) => !ending.signal.aborted && onPicture(picture, i)) } : {}),
    });
  } catch (error) {
    if (!(error instanceof NightjarError) || error.kind !== 'unavailable') throw error;
    decided ??= fault('no-program', plan.kind);
  } finally {
    cancelLook();
    options.signal.removeEventListener('abort', onStop);
  }
  const result = { hadPackets: track.hadVideo, wantsAudioEncoded: wantsAudioEncoded(tail.text), detail: tail.text };
  if (decided) return { ...result, fault: decided };
  if (restFailed) return { ...result, restFailed };
  if (options.signal.aborted) return result;
  const ranMs = clock.monotonicMs() - startedAtMs;
  const words = track.hadVideo ? tail.since(clock.monotonicMs() - lastWordsMs) : tail.text;
  let found = faultFrom(words, exitCode, {
    kind: plan.kind,
    hadPackets: track.hadVideo,
    ranMs,
    timeoutMs: plan.timeoutMs,
  });
  if (found.kind === 'not-video' && plan.input.peer) {
    // ffmpeg's RTSP says "invalid data" for a machine it could not reach, too.
    const reached = await reachPeer(plan.input.peer, { signal: options.signal });
    if (!reached.ok) found = fault(reached.fault, plan.kind);
  }
  return { ...result, fault: found };
}

/** Dates samples: decode times of both tracks on the box's clock, and when they do not go forward. */
class TrackTimes {
  scales = { video: 90_000, audio: 48_000 };
  hadVideo = false;
  /** Media time of the first picture: the small grey pictures are counted from it. */
  videoStartMs = 0;
  readonly #clock: MediaClock;
  #lastVideoDts: number | undefined;
  #lastAudio: { readonly dts: number; readonly duration: number } | undefined;
  #videoMs = 0;
  #videoArrivedAtMs = 0;
  #audioAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: MediaClock) {
    this.#clock = clock;
  }

  /** Undefined: sound that nothing can be done with, such as before the first picture. */
  time(sample: MediaSample, nowMs: number): Timed | 'backwards' | 'jumped' | undefined {
    return sample.track === 'audio' ? this.#timeAudio(sample) : this.#timeVideo(sample.dts, nowMs);
  }

  /** Cameras put two frames of sound into one packet; ffmpeg gives both the first one's time. The second follows the first. */
  #timeAudio({ dts: claimed, duration }: MediaSample): Timed | undefined {
    if (!this.hadVideo) return undefined;
    const last = this.#lastAudio;
    let dts = claimed;
    if (last && dts < last.dts + last.duration) {
      if (last.dts - dts > this.scales.audio) return undefined;
      dts = last.dts + Math.max(1, last.duration);
    }
    this.#lastAudio = { dts, duration: duration || (last?.duration ?? 0) };
    this.#audioAtMs = Math.max(this.#audioAtMs, this.#clock.at((dts * 1000) / this.scales.audio));
    return { dts, atMs: this.#audioAtMs };
  }

  #timeVideo(dts: number, nowMs: number): Timed | 'backwards' | 'jumped' {
    if (this.#lastVideoDts !== undefined && dts <= this.#lastVideoDts) return 'backwards';
    this.#lastVideoDts = dts;
    const mediaMs = (dts * 1000) / this.scales.video;
    if (!this.hadVideo) this.videoStartMs = mediaMs;
    else if (mediaMs - this.#videoMs - (nowMs - this.#videoArrivedAtMs) > longestJumpMs) return 'jumped';
    this.hadVideo = true;
    this.#videoMs = mediaMs;
    this.#videoArrivedAtMs = nowMs;
    return { dts, atMs: this.#clock.arrive(mediaMs, nowMs) };
  }
}

interface Timed {
  readonly dts: number;
  readonly atMs: number;
}

// Tries a source once and says which step failed and what to do: address, reach, login, stream, picture. The same
// programs and arguments as in daily use, so that what passes here works there.

import { type Clock, systemClock } from '../base/clock.ts';
import type { SourceSettings } from '../config/camera.ts';
import { FeedHub } from '../media/feed.ts';
import type { Fault, FaultKind, StreamInfo } from '../media/types.ts';
import { formatsOf } from './devices.ts';
import { workingEncoder } from './encoders.ts';
import { fault } from './faults.ts';
import { piStill } from './pi-still.ts';
import { RateMeter } from './rate-meter.ts';
import { reachPeer } from './reach.ts';
import { runSession } from './session.ts';
import { installedFont, planSource, type SourcePlan } from './source-plan.ts';
import { jpegOfPackets } from './still.ts';

export type TestStepName = 'address' | 'reach' | 'login' | 'stream' | 'picture';

export interface TestReport {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: TestStepName;
    readonly state: 'ok' | 'failed' | 'skipped';
    readonly message: string;
  }[];
  readonly fault?: Fault;
  readonly video?: { readonly codec: string; readonly width: number; readonly height: number; readonly fps?: number };
  /** A JPEG, base64. */
  readonly picture?: string;
}

export interface TestOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly timeoutMs?: number;
  /** How long the stream is watched, to measure its rate. */
  readonly watchMs?: number;
}

const pictureWidth = 640;
const order: readonly TestStepName[] = ['address', 'reach', 'login', 'stream', 'picture'];

export async function testSource(source: SourceSettings, options: TestOptions = {}): Promise<TestReport> {
  const { clock = systemClock, timeoutMs = 20_000, watchMs = 3000 } = options;
  const scope = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(options.signal ? [options.signal] : [])]);
  const plan = await planFor(source, scope);
  if (plan.input.peer) {
    const reached = await reachPeer(plan.input.peer, { signal: scope });
    if (!reached.ok) return failed(reached.fault === 'wrong-address' ? 'address' : 'reach', fault(reached.fault), plan);
  }
  const watched = await watch(plan, { clock, scope, watchMs });
  if (!watched.stream) {
    const found = watched.fault ?? fault('no-packets', plan.kind);
    return failed(stepOf(found.kind), found, plan);
  }
  const video = {
    codec: watched.stream.video.codec === 'h264' ? 'H.264' : 'H.265',
    width: watched.stream.video.width,
    height: watched.stream.video.height,
    ...(watched.fps !== undefined ? { fps: watched.fps } : {}),
  };
  try {
    const jpeg = await pictureOf(source, watched.stream, watched.hub, scope);
    return {
      ok: true,
      steps: order.map((name) => ({
        name,
        state: isSkipped(name, plan) ? 'skipped' : 'ok',
        message: good(name, plan, video),
      })),
      video,
      picture: Buffer.from(jpeg).toString('base64'),
    };
  } catch {
    return { ...failed('picture', watched.fault ?? fault('damaged', plan.kind), plan), video };
  }
}

async function planFor(source: SourceSettings, signal: AbortSignal): Promise<SourcePlan> {
  if (source.kind === 'usb') return planSource(source, { formats: await formatsOf(source.device, signal) });
  return planSource(source, source.kind === 'demo' ? { fontFile: installedFont() } : {});
}

interface Watched {
  readonly stream: StreamInfo | undefined;
  readonly hub: FeedHub;
  readonly fps?: number;
  readonly fault?: Fault;
}

/** Takes the stream until it has been seen for `watchMs` and a key frame is there. */
async function watch(
  plan: SourcePlan,
  { clock, scope, watchMs }: { readonly clock: Clock; readonly scope: AbortSignal; readonly watchMs: number },
): Promise<Watched> {
  const hub = new FeedHub({
    cameraId: 'test',
    health: { state: 'starting', sinceMs: clock.wallMs(), smallStream: false, restarts: 0 },
  });
  const enough = new AbortController();
  const meter = new RateMeter();
  let startedAtMs: number | undefined;
  let kept: StreamInfo | undefined;
  const encoder = plan.encode ? await workingEncoder() : undefined;
  const ended = await runSession(
    plan,
    {
      clock,
      signal: AbortSignal.any([scope, enough.signal]),
      audio: 'none',
      withLuma: false,
      ...(encoder ? { encoder } : {}),
    },
    {
      stream: (stream) => hub.setStream(stream),
      packet: (packet) => {
        const nowMs = clock.monotonicMs();
        startedAtMs ??= nowMs;
        kept = hub.stream;
        meter.add(packet.data.length, packet.track === 'video', nowMs);
        hub.pushPacket(packet);
        if (nowMs - startedAtMs >= watchMs) enough.abort();
      },
      frame: () => {},
    },
  );
  const fps = meter.rate(clock.monotonicMs())?.fps;
  return { stream: kept, hub, ...(fps ? { fps } : {}), ...(ended.fault ? { fault: ended.fault } : {}) };
}

async function pictureOf(
  source: SourceSettings,
  stream: StreamInfo,
  hub: FeedHub,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (source.kind === 'picamera') {
    // The camera is free again: a still proves more than a frame of the video does, but is not worth failing for.
    const height = 2 * Math.round((pictureWidth * source.height) / source.width / 2);
    try {
      return await piStill({ index: source.index, rotation: source.rotation, width: pictureWidth, height });
    } catch {
      // the video's own picture will do
    }
  }
  return jpegOfPackets(stream, hub.currentGop(), { maxWidth: pictureWidth, quality: 5, signal });
}

/** Which step a fault belongs to. */
export function stepOf(kind: FaultKind): TestStepName {
  switch (kind) {
    case 'wrong-address':
      return 'address';
    case 'unreachable':
    case 'refused':
    case 'no-device':
    case 'busy':
    case 'no-program':
      return 'reach';
    case 'unauthorized':
      return 'login';
    default:
      return 'stream';
  }
}

function failed(at: TestStepName, found: Fault, plan: SourcePlan): TestReport {
  const index = order.indexOf(at);
  return {
    ok: false,
    fault: found,
    steps: order.map((name, i) => {
      if (i === index) return { name, state: 'failed', message: `${found.message} ${found.advice}` };
      if (i > index) return { name, state: 'skipped', message: 'Not tried.' };
      return isSkipped(name, plan)
        ? { name, state: 'skipped', message: 'Not needed.' }
        : { name, state: 'ok', message: good(name, plan) };
    }),
  };
}

/** A local source has no network and no login. */
const isSkipped = (name: TestStepName, plan: SourcePlan): boolean => name === 'login' && !plan.input.peer;

function good(name: TestStepName, plan: SourcePlan, video?: TestReport['video']): string {
  switch (name) {
    case 'address':
      return plan.input.peer ? 'The address is understood.' : 'The source is understood.';
    case 'reach':
      return plan.input.peer ? `A machine answers on port ${plan.input.peer.port}.` : 'It can be opened.';
    case 'login':
      return plan.input.peer ? 'The camera lets us in.' : 'Not needed.';
    case 'stream':
      return video
        ? `${video.codec}, ${video.width}×${video.height}${video.fps ? `, ${video.fps} pictures per second` : ''}.`
        : 'Video comes.';
    case 'picture':
      return 'Here is what the camera sees.';
  }
}

// Keeps one camera running for ever: connects, watches, and connects again after a pause of 1 to 30 s. Owns the camera's
// health, which is where everybody else learns that it is lost or back.

import { Backoff } from '../base/backoff.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { SourceSettings } from '../config/camera.ts';
import type { FeedHub } from '../media/feed.ts';
import type { CameraHealth, Fault, LowPowerHealth, VideoTrack } from '../media/types.ts';
import { formatsOf } from './devices.ts';
import { distrustHardware, softwareEncoder, workingEncoder } from './encoders.ts';
import { fault } from './faults.ts';
import type { AudioMode } from './ffmpeg-argv.ts';
import type { FreezeLimits } from './freeze-watch.ts';
import { RateMeter } from './rate-meter.ts';
import type { RestGate } from './resting-eye.ts';
import { runSession, type SessionEnd } from './session.ts';
import { runSmallSession, type SmallEnd } from './small-session.ts';
import { installedFont, planSource, type SourcePlan } from './source-plan.ts';

export interface KeeperOptions {
  readonly source: SourceSettings;
  readonly audio: boolean;
  readonly hub: FeedHub;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Low power: says which pictures are worth decoding. */
  readonly rest?: RestGate;
  readonly backoff?: Backoff;
  readonly limits?: FreezeLimits;
}

/** Live for this long, a camera is well again: the next failure starts with the short pause. */
const wellAfterMs = 30_000;
const healthEveryMs = 2000;
const smallStreamTries = 3;
/** So many changes of the small picture prove that a camera which had frozen sees again. */
const changesThatThaw = 3;

interface SmallWatch extends AsyncDisposable {
  /** Aborts when the main stream has to be read anew: the small one cannot be read, or is frozen. */
  readonly failed: AbortSignal;
  readonly frozen: boolean;
}

/** Resolves when the signal aborts, after every child has exited. */
export async function keepCamera(options: KeeperOptions): Promise<void> {
  await new Keeper(options).run();
}

class Keeper {
  readonly #o: KeeperOptions;
  readonly #backoff: Backoff;
  #health: CameraHealth;
  #audio: AudioMode;
  #restarts = 0;
  #meter = new RateMeter();
  #wasFrozen = false;
  #changes = 0;
  #video: VideoTrack | undefined;
  #liveSinceMs: number | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #smallFailed = false;
  #restFailed = false;
  #lowPower: LowPowerHealth | undefined;

  constructor(options: KeeperOptions) {
    this.#o = options;
    this.#backoff = options.backoff ?? new Backoff({ firstMs: 1000, maxMs: 30_000, jitter: 0.2 });
    this.#audio = options.audio ? 'copy' : 'none';
    this.#health = { state: 'starting', sinceMs: options.clock.wallMs(), smallStream: false, restarts: 0 };
  }

  async run(): Promise<void> {
    const { signal, clock, hub } = this.#o;
    hub.setHealth(this.#health);
    while (!signal.aborted) {
      const ended = await this.#connect();
      hub.setStream(undefined);
      if (signal.aborted) break;
      if (!ended.fault && this.#smallFailed && !ended.restFailed) continue;
      if (ended.restFailed) {
        this.#noRest(ended.detail);
        continue;
      }
      if (ended.wantsAudioEncoded && this.#audio === 'copy') {
        this.#o.log.info('the camera’s sound is made AAC, because it cannot be recorded as it is');
        this.#audio = 'encode';
        continue;
      }
      const found = ended.fault ?? fault('ended');
      if (this.#liveSinceMs !== undefined && clock.monotonicMs() - this.#liveSinceMs >= wellAfterMs)
        this.#backoff.reset();
      this.#liveSinceMs = undefined;
      this.#lost(found);
      const pauseMs = this.#backoff.nextMs();
      this.#o.log.warn(`${found.message} Trying again in ${Math.round(pauseMs / 1000)} s.`, {
        fault: found.kind,
        ...(ended.detail ? { detail: ended.detail.split('\n').slice(-4).join(' | ').slice(0, 800) } : {}),
      });
      await sleep(clock, pauseMs, signal);
      this.#restarts++;
    }
  }

  async #connect(): Promise<SessionEnd> {
    const { clock, signal, hub, limits } = this.#o;
    try {
      const plan = await this.#plan();
      const encoder = plan.encode ? await workingEncoder() : undefined;
      const withSmall = plan.small !== undefined && !this.#smallFailed;
      this.#meter = new RateMeter();
      this.#changes = 0;
      const rest = this.#restFailed ? undefined : this.#o.rest;
      this.#lowPower = rest && plan.encode ? { state: 'awake', unfit: 'encoded', restingShare: 0 } : undefined;
      await using small = withSmall ? this.#watchSmall(plan) : undefined;
      let ended = await runSession(
        plan,
        {
          clock,
          signal: withSmall ? AbortSignal.any([signal, small!.failed]) : signal,
          audio: this.#audio,
          withLuma: !withSmall,
          ...(encoder ? { encoder } : {}),
          ...(rest ? { rest } : {}),
          ...(limits ? { limits } : {}),
        },
        {
          stream: (stream) => {
            this.#video = stream.video;
            hub.setStream(stream);
          },
          packet: (packet) => {
            this.#meter.add(packet.data.length, packet.track === 'video', clock.monotonicMs());
            hub.pushPacket(packet);
            if (packet.track === 'video') this.#alive(withSmall);
          },
          frame: (frame) => hub.pushFrame(frame),
          changed: () => this.#changes++,
          lowPower: (health) => {
            this.#lowPower = health;
          },
        },
      );
      if (small?.frozen) ended = { ...ended, fault: fault('frozen', plan.kind) };
      if (!ended.hadPackets && encoder && encoder !== softwareEncoder && ended.fault?.kind !== 'unauthorized') {
        if (/encod|hwupload|\b(vaapi|qsv|nvenc|v4l2m2m)\b/i.test(ended.detail)) distrustHardware();
      }
      return ended;
    } catch (error) {
      // A surprise must not end the keeping: it is told, and tried again.
      this.#o.log.error(`reading the camera failed: ${describeError(error)}`);
      return { fault: fault('ended'), hadPackets: false, wantsAudioEncoded: false, detail: '' };
    }
  }

  async #plan(): Promise<SourcePlan> {
    const { source } = this.#o;
    if (source.kind === 'usb') return planSource(source, { formats: await formatsOf(source.device, this.#o.signal) });
    if (source.kind === 'demo') return planSource(source, { fontFile: installedFont() });
    return planSource(source);
  }

  /** Runs the small stream beside the main one. After a few failures in a row detection takes the main one instead. */
  #watchSmall(plan: SourcePlan): SmallWatch {
    const stop = new AbortController();
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#o.signal, stop.signal]);
    const { clock, limits, hub } = this.#o;
    let isFrozen = false;
    const running = (async () => {
      const backoff = new Backoff({ firstMs: 1000, maxMs: 10_000 });
      for (let failures = 0; !signal.aborted; ) {
        const rest = this.#restFailed ? undefined : this.#o.rest;
        const { frames, frozen, restFailed, detail }: SmallEnd = await runSmallSession(
          plan.small!,
          { clock, signal, ...(limits ? { limits } : {}), ...(rest ? { rest } : {}) },
          {
            frame: (frame) => hub.pushFrame(frame),
            changed: () => this.#changes++,
            lowPower: (health) => {
              this.#lowPower = health;
            },
          },
        ).catch((error: unknown) => ({ frames: 0, frozen: false, detail: describeError(error) }));
        if (signal.aborted) return;
        if (frozen) {
          isFrozen = true;
          failed.abort();
          return;
        }
        this.#lowPower = undefined;
        if (restFailed) {
          this.#noRest(detail);
          continue;
        }
        failures = frames > 0 ? 1 : failures + 1;
        if (failures >= smallStreamTries) {
          this.#o.log.warn('The small stream cannot be read; detection uses the main stream instead.', { detail });
          this.#smallFailed = true;
          failed.abort();
          return;
        }
        await sleep(clock, backoff.nextMs(), signal);
      }
    })();
    return {
      failed: failed.signal,
      get frozen() {
        return isFrozen;
      },
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        await running;
      },
    };
  }

  #alive(smallStream: boolean): void {
    const { clock, hub, log } = this.#o;
    const nowMs = clock.monotonicMs();
    if (this.#health.state !== 'live') {
      if (this.#wasFrozen && this.#changes < changesThatThaw) return;
      if (this.#health.state === 'lost') log.info('the camera is back');
      this.#wasFrozen = false;
      this.#liveSinceMs = nowMs;
      this.#toldAtMs = nowMs;
      this.#health = {
        state: 'live',
        sinceMs: clock.wallMs(),
        smallStream,
        restarts: this.#restarts,
        ...(this.#video ? { video: this.#video } : {}),
        ...(this.#lowPower ? { lowPower: this.#lowPower } : {}),
      };
      hub.setHealth(this.#health);
    } else if (nowMs - this.#toldAtMs >= healthEveryMs) {
      this.#toldAtMs = nowMs;
      const rate = this.#meter.rate(nowMs);
      const { lowPower: lowPowerBefore, ...before } = this.#health;
      const lowPower = this.#lowPower;
      const unchanged = rate?.fps === before.fps && rate?.kbps === before.kbps && smallStream === before.smallStream;
      if (!rate || (unchanged && Bun.deepEquals(lowPower, lowPowerBefore))) return;
      this.#health = {
        ...{ ...before, ...rate, smallStream },
        ...(this.#video ? { video: this.#video } : {}),
        ...(lowPower ? { lowPower } : {}),
      };
      hub.setHealth(this.#health);
    }
  }

  #noRest(detail: string): void {
    this.#restFailed = true;
    this.#o.log.warn('Low power does not work with this camera; every picture is decoded instead.', {
      detail: detail.split('\n').slice(-4).join(' | ').slice(0, 800),
    });
  }

  #lost(found: Fault): void {
    this.#wasFrozen ||= found.kind === 'frozen';
    const was = this.#health;
    this.#health = {
      state: 'lost',
      sinceMs: was.state === 'lost' ? was.sinceMs : this.#o.clock.wallMs(),
      fault: found,
      smallStream: false,
      restarts: this.#restarts,
    };
    this.#o.hub.setHealth(this.#health);
  }
}

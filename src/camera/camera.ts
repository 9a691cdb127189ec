// One camera as the rest of the box sees it: a feed, and a handle to change or close it.

import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CameraSettings } from '../config/camera.ts';
import { FeedHub } from '../media/feed.ts';
import type { CameraHealth, Feed } from '../media/types.ts';
import { type KeeperOptions, keepCamera } from './keeper.ts';
import type { RestGate } from './resting-eye.ts';

export interface CameraHandle extends AsyncDisposable {
  readonly feed: Feed;
  /** Takes new settings. The connection is made anew only when what it depends on has changed. Rejects nothing. */
  apply(settings: CameraSettings): Promise<void>;
  /** Resolves when every child has exited. */
  close(): Promise<void>;
}

export interface OpenCameraOptions {
  readonly settings: CameraSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Who says, in low power, which pictures are worth decoding. Without: all are. */
  readonly rest?: RestGate;
  /** Closes the camera when it aborts. */
  readonly signal?: AbortSignal;
  /** Other limits and pauses than in daily use: tests have no minute to wait. */
  readonly pace?: Pick<KeeperOptions, 'limits' | 'backoff'>;
}

export function openCamera({ settings, clock, log, rest, signal, pace = {} }: OpenCameraOptions): CameraHandle {
  const off = (): CameraHealth => ({ state: 'off', sinceMs: clock.wallMs(), smallStream: false, restarts: 0 });
  const hub = new FeedHub({
    cameraId: settings.id,
    health: off(),
    onListenerError: (error) => log.error(`a listener of the camera failed: ${describeError(error)}`),
  });
  let closed = false;
  let running:
    | { readonly key: string; readonly rests: boolean; readonly stop: AbortController; readonly ended: Promise<void> }
    | undefined;

  const stop = async () => {
    const was = running;
    if (!was) return;
    was.stop.abort();
    await was.ended;
    if (running === was) running = undefined;
  };
  const start = (next: CameraSettings) => {
    const controller = new AbortController();
    const ended = keepCamera({
      source: next.source,
      audio: next.record.audio,
      hub,
      clock,
      log,
      signal: controller.signal,
      ...(rest && next.motion.lowPower ? { rest } : {}),
      ...pace,
    });
    running = { key: connectionKey(next), rests: next.motion.lowPower, stop: controller, ended };
  };
  const applyNow = async (next: CameraSettings) => {
    // Turned off, low power ends within the connection; turned on, it needs one that is read in another way.
    if (closed || (running?.key === connectionKey(next) && (running.rests || !next.motion.lowPower))) return;
    if (!running && !next.enabled) return;
    await stop();
    if (closed) return;
    if (next.enabled) start(next);
    else hub.setHealth(off());
  };

  if (settings.enabled && !signal?.aborted) start(settings);
  // One change at a time, in the order in which they were asked for.
  let queue: Promise<void> = Promise.resolve();
  const close = async () => {
    closed = true;
    signal?.removeEventListener('abort', onAbort);
    await queue;
    await stop();
    hub.setHealth(off());
  };
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    feed: hub,
    apply: (next) => {
      queue = queue.then(() => applyNow(next));
      return queue;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the connection depends on; two settings with the same key need no new one. */
const connectionKey = (settings: CameraSettings): string =>
  settings.enabled ? JSON.stringify([settings.source, settings.record.audio]) : 'off';

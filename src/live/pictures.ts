// JPEG pictures of a camera for players and scripts that know no fragments: a picture of now, decoded at most once a second
// whatever the number of askers, and a run of pictures with one encoder for all viewers.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Feed, Packet, StreamInfo } from '../media/types.ts';
import type { Live } from './live.ts';
import { MjpegEncoder } from './mjpeg-encoder.ts';

/** Decodes the last picture of a group of pictures; implemented by `camera/`. */
export type JpegOf = (
  stream: StreamInfo,
  packets: readonly Packet[],
  options: { readonly signal: AbortSignal },
) => Promise<Uint8Array>;

export interface Pictures {
  snapshot(cameraId: string, signal: AbortSignal): Promise<Uint8Array>;
  mjpeg(cameraId: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** The process that encodes for this camera, while somebody looks: for status pages and tests. */
  encoderPid(cameraId: string): number | undefined;
  close(): Promise<void>;
}

const SNAPSHOT_FRESH_MS = 1000;
const SNAPSHOT_TIMEOUT_MS = 10_000;

interface Snapshot {
  readonly atMs: number;
  readonly jpeg: Promise<Uint8Array>;
}

interface Channel {
  readonly encoder: MjpegEncoder;
  readonly viewers: Set<(picture: Uint8Array | undefined) => void>;
}

export function createPictures(options: {
  readonly feeds: (cameraId: string) => Feed | undefined;
  readonly live: Live;
  readonly jpegOf: JpegOf;
  readonly clock: Clock;
  readonly log: Log;
  readonly ffmpeg?: string;
}): Pictures {
  const { feeds, live, jpegOf, clock, log, ffmpeg = 'ffmpeg' } = options;
  const snapshots = new Map<string, Snapshot>();
  const channels = new Map<string, Channel>();
  const leaving = new Set<Promise<void>>();

  const liveFeed = (cameraId: string): { feed: Feed; stream: StreamInfo } => {
    const feed = feeds(cameraId);
    if (!feed) throw new NightjarError('missing', 'there is no such camera');
    if (feed.health.state !== 'live' || !feed.stream) {
      throw new NightjarError('unavailable', feed.health.fault?.message ?? 'the camera is not showing a picture now');
    }
    return { feed, stream: feed.stream };
  };

  const decode = (cameraId: string): Promise<Uint8Array> => {
    const { feed, stream } = liveFeed(cameraId);
    const packets = feed.currentGop().filter((p) => p.track === 'video');
    if (packets.length === 0) throw new NightjarError('unavailable', 'the camera has not sent a whole picture yet');
    // Not the asker's signal: others wait for the same picture.
    return jpegOf(stream, packets, { signal: AbortSignal.timeout(SNAPSHOT_TIMEOUT_MS) });
  };

  const join = (cameraId: string, viewer: (picture: Uint8Array | undefined) => void): (() => void) => {
    let channel = channels.get(cameraId);
    if (!channel) {
      const viewers: Channel['viewers'] = new Set();
      const encoder = new MjpegEncoder({
        cameraId,
        live,
        clock,
        log: log.child(cameraId),
        ffmpeg,
        onPicture: (picture) => {
          for (const show of viewers) show(picture);
        },
      });
      channel = { encoder, viewers };
      channels.set(cameraId, channel);
    }
    const { encoder, viewers } = channel;
    viewers.add(viewer);
    return () => {
      if (!viewers.delete(viewer) || viewers.size > 0) return;
      if (channels.get(cameraId)?.encoder === encoder) channels.delete(cameraId);
      const left = encoder.stop().finally(() => leaving.delete(left));
      leaving.add(left);
    };
  };

  return {
    async snapshot(cameraId, signal) {
      const nowMs = clock.monotonicMs();
      let snapshot = snapshots.get(cameraId);
      if (!snapshot || nowMs - snapshot.atMs > SNAPSHOT_FRESH_MS) {
        snapshot = { atMs: nowMs, jpeg: decode(cameraId) };
        snapshots.set(cameraId, snapshot);
        snapshot.jpeg.catch(() => snapshots.delete(cameraId));
      } else {
        // A picture of a camera that was lost in the meantime is not "now".
        liveFeed(cameraId);
      }
      return abortable(snapshot.jpeg, signal);
    },
    mjpeg(cameraId, signal) {
      liveFeed(cameraId);
      return newest(signal, (show) => join(cameraId, show));
    },
    encoderPid: (cameraId) => channels.get(cameraId)?.encoder.pid,
    async close() {
      for (const { viewers } of [...channels.values()]) for (const show of [...viewers]) show(undefined);
      await Promise.all(leaving);
    },
  };
}

/** Pictures as they are asked for: who is slow gets the newest and misses those in between. */
async function* newest(
  signal: AbortSignal,
  join: (show: (picture: Uint8Array | undefined) => void) => () => void,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array | undefined;
  let over = signal.aborted;
  let wake = () => {};
  const end = () => {
    over = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });
  const leave = join((picture) => {
    if (picture === undefined) {
      end();
      leave();
      return;
    }
    waiting = picture;
    wake();
  });
  try {
    while (!over) {
      if (waiting) {
        const picture = waiting;
        waiting = undefined;
        yield picture;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', end);
    leave();
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new NightjarError('unavailable', 'nobody waits for the picture any more'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

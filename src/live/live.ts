// Live view of all cameras: who watches what on which channel. A camera that nobody watches costs nothing; the first viewer
// brings its stream up from the feed's init segment and current group of pictures, the last one lets it go.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Feed } from '../media/types.ts';
import { LiveStream } from './live-stream.ts';
import type { LiveSeat, LiveViewer } from './wire.ts';

/** Channels are one byte; a page with more cameras than this is a mistake. */
const MAX_CAMERAS_PER_VIEWER = 64;

export interface Live {
  join(viewer: LiveViewer): LiveSeat;
  /** Tells the viewers of one camera that something moves, or no longer does. The caller limits the rate. */
  motion(cameraId: string, moving: boolean, level: number): void;
  /** The camera has a new feed, or none any more (settings changed, removed): its viewers go on with that. */
  feedChanged(cameraId: string): void;
  readonly counts: { readonly viewers: number; readonly cameras: number; readonly droppedFragments: number };
  close(): void;
}

export function createLive(options: {
  readonly feeds: (cameraId: string) => Feed | undefined;
  readonly clock: Clock;
  readonly log: Log;
}): Live {
  const { feeds, clock, log } = options;
  const streams = new Map<string, LiveStream>();
  const seats = new Set<LiveSeat>();
  let droppedBefore = 0;

  const streamOf = (cameraId: string): LiveStream => {
    let stream = streams.get(cameraId);
    if (!stream) {
      stream = new LiveStream(cameraId, clock, log.child(cameraId));
      streams.set(cameraId, stream);
      stream.attach(feeds(cameraId));
    }
    return stream;
  };
  const release = (cameraId: string, viewer: LiveViewer) => {
    const stream = streams.get(cameraId);
    stream?.remove(viewer);
    if (!stream || stream.viewers > 0) return;
    droppedBefore += stream.droppedFragments;
    stream.detach();
    streams.delete(cameraId);
  };

  return {
    join(viewer) {
      const channels = new Map<string, number>();
      const allowance = { bytes: 0 };
      const seat: LiveSeat = {
        watch(cameraIds) {
          const wanted = new Set(cameraIds.slice(0, MAX_CAMERAS_PER_VIEWER));
          for (const id of [...channels.keys()]) {
            if (wanted.has(id)) continue;
            channels.delete(id);
            release(id, viewer);
          }
          for (const id of wanted) {
            if (channels.has(id)) continue;
            const channel = lowestFree(channels.values());
            channels.set(id, channel);
            streamOf(id).add(viewer, channel, allowance);
          }
        },
        drained() {
          for (const id of channels.keys()) streams.get(id)?.drained(viewer);
        },
        leave() {
          seat.watch([]);
          seats.delete(seat);
        },
      };
      seats.add(seat);
      return seat;
    },
    motion: (cameraId, moving, level) => streams.get(cameraId)?.motion(moving, level),
    feedChanged: (cameraId) => streams.get(cameraId)?.attach(feeds(cameraId)),
    get counts() {
      let droppedFragments = droppedBefore;
      for (const stream of streams.values()) droppedFragments += stream.droppedFragments;
      return { viewers: seats.size, cameras: streams.size, droppedFragments };
    },
    close() {
      for (const seat of [...seats]) seat.leave();
    },
  };
}

function lowestFree(taken: Iterable<number>): number {
  const used = new Set(taken);
  let channel = 0;
  while (used.has(channel)) channel++;
  return channel;
}

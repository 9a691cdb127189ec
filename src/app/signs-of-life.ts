// What the cameras show of themselves to whoever feeds the watchdog: state, tries and packets. Packets are counted by listening
// to each camera's feed, also of one that came later or was opened anew.

import type { Feed } from '../media/types.ts';
import type { CaptureSign } from '../system/health/capture-watch.ts';

interface Counted {
  readonly feed: Feed;
  packets: number;
  readonly leave: () => void;
}

export interface CamerasSeen {
  list(): readonly { readonly id: string; readonly name: string }[];
  feed(id: string): Feed | undefined;
}

export interface SignsOfLife {
  look(): readonly CaptureSign[];
  close(): void;
}

export function signsOfLife(cameras: CamerasSeen): SignsOfLife {
  const counted = new Map<string, Counted>();
  function count(id: string, feed: Feed): Counted {
    const known = counted.get(id);
    if (known?.feed === feed) return known;
    known?.leave();
    const one: Counted = {
      feed,
      packets: known?.packets ?? 0,
      // sound alone is no sign that a camera sees
      leave: feed.listen({
        packet: ({ track }) => {
          if (track === 'video') one.packets++;
        },
      }),
    };
    counted.set(id, one);
    return one;
  }
  return {
    look() {
      const signs = cameras.list().flatMap(({ id, name }) => {
        const feed = cameras.feed(id);
        if (!feed) return [];
        const { state, restarts } = feed.health;
        return [{ id, name, state, restarts, packets: count(id, feed).packets }];
      });
      for (const [id, one] of counted) {
        if (signs.some((sign) => sign.id === id)) continue;
        one.leave();
        counted.delete(id);
      }
      return signs;
    },
    close() {
      for (const one of counted.values()) one.leave();
      counted.clear();
    },
  };
}

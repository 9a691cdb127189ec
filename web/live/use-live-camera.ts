// Joins one camera of the live socket to one video element, and says what is to be shown over it.

import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CameraHealth } from '../../src/http/api.ts';
import { staleAfterMs } from './edge.ts';
import { LivePlayer, type LiveStats } from './live-player.ts';
import { liveSocket } from './live-socket.ts';
import { canPlay } from './media-source.ts';

export interface LiveCamera {
  /** Fresh pictures are on the screen. */
  readonly fresh: boolean;
  /** There was a picture before; when the last one came. */
  readonly lastPictureMs: number | undefined;
  readonly connected: boolean;
  /** This browser cannot decode the stream: show `/stream.mjpg` instead. */
  readonly unsupported: boolean;
  readonly health: CameraHealth | undefined;
  readonly motion: { readonly moving: boolean; readonly level: number } | undefined;
}

const start: LiveCamera = {
  fresh: false,
  lastPictureMs: undefined,
  connected: true,
  unsupported: false,
  health: undefined,
  motion: undefined,
};

export function useLiveCamera(cameraId: string) {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer | undefined>(undefined);
  const [live, setLive] = useState(start);

  // Not after the next paint, as an effect would be: the picture is on its way.
  useLayoutEffect(() => {
    let lastPictureMs: number | undefined;
    let rebuilds = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const change = (part: Partial<LiveCamera>) => setLive((old) => ({ ...old, ...part }));
    const drop = () => {
      player.current?.close();
      player.current = undefined;
    };
    const stop = liveSocket().watch(cameraId, {
      stream(notice) {
        drop();
        clearTimeout(retry);
        if (!canPlay(notice.mimeType)) return change({ unsupported: true });
        change({ unsupported: false });
        if (!video.current) return;
        player.current = new LivePlayer(video.current, notice.mimeType, {
          picture: () => {
            lastPictureMs = Date.now();
            rebuilds = 0;
            setLive((old) => (old.fresh ? old : { ...old, fresh: true }));
          },
          broken: () => {
            player.current = undefined;
            retry = setTimeout(() => liveSocket().restart(cameraId), Math.min(10_000, 300 * 2 ** rebuilds++));
          },
        });
      },
      fragment: (fragment) => player.current?.push(fragment),
      state: ({ health }) => change({ health }),
      motion: ({ moving, level }) => change({ motion: { moving, level } }),
      connected: (connected) => {
        if (!connected) drop();
        change({ connected });
      },
    });
    const watchdog = setInterval(() => {
      const fresh = lastPictureMs !== undefined && Date.now() - lastPictureMs < staleAfterMs;
      setLive((old) => (fresh || !old.fresh ? old : { ...old, fresh: false, lastPictureMs }));
    }, 500);
    return () => {
      clearInterval(watchdog);
      clearTimeout(retry);
      stop();
      drop();
    };
  }, [cameraId]);

  const stats = useCallback((): LiveStats | undefined => player.current?.stats(), []);
  return { video, live, stats };
}

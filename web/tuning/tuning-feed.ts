// The connection of a tuning page: what detection sees, picture by picture, while the page is looked at. Comes back by itself;
// rests while the page is hidden, so that the box does not keep pictures for nobody.

import type { ErrorBody, TuningFrame, TuningOpened } from '../../src/http/api.ts';
import { reportSignedOut, sentence } from '../api.ts';
import { reconnectMs } from '../live/edge.ts';
import { EventReader } from './event-stream.ts';

export interface TuningFeedListener {
  opened(opened: TuningOpened): void;
  frame(frame: TuningFrame): void;
  /** The connection broke, or was refused: why, in a sentence. It is tried again. */
  closed(why: string | undefined): void;
}

const restAfterMs = 4000;
const askAgainMs = 4000;

/** Returns what ends it. */
export function openTuningFeed(cameraId: string, listener: TuningFeedListener): () => void {
  let stop = new AbortController();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let rest: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let resting = false;
  let over = false;

  const again = (why: string | undefined, afterMs: number) => {
    if (over || resting) return;
    listener.closed(why);
    clearTimeout(retry);
    retry = setTimeout(() => void run(), afterMs);
  };
  const run = async () => {
    stop.abort();
    const mine = new AbortController();
    stop = mine;
    try {
      const response = await fetch(`/api/v1/cameras/${encodeURIComponent(cameraId)}/tuning`, {
        credentials: 'same-origin',
        signal: mine.signal,
      });
      if (response.status === 401) return reportSignedOut();
      if (!response.ok || !response.body) return again(await reasonOf(response), askAgainMs);
      tries = 0;
      const reader = new EventReader();
      const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await pieces.read();
        if (done) break;
        for (const { name, data } of reader.push(value)) {
          if (name === 'opened') listener.opened(data as TuningOpened);
          else if (name === 'frame') listener.frame(data as TuningFrame);
        }
      }
    } catch {
      // Gone, or given up by ourselves.
    }
    if (!mine.signal.aborted) again(undefined, reconnectMs(tries++));
  };
  const onVisibility = () => {
    clearTimeout(rest);
    if (document.hidden) {
      rest = setTimeout(() => {
        resting = true;
        clearTimeout(retry);
        stop.abort();
      }, restAfterMs);
    } else if (resting) {
      resting = false;
      void run();
    }
  };
  document.addEventListener('visibilitychange', onVisibility);
  void run();
  return () => {
    over = true;
    clearTimeout(retry);
    clearTimeout(rest);
    document.removeEventListener('visibilitychange', onVisibility);
    stop.abort();
  };
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as ErrorBody;
    return sentence(error.message);
  } catch {
    return `The box answered with error ${response.status}.`;
  }
}

// What a tuning page knows from the box: what detection sees now, and what draft and saved settings make of the last minutes.
// Asks for a replay when a slider has rested, and now and then for the minutes that have passed since.

import { useEffect, useRef, useState } from 'preact/hooks';
import type {
  CameraView,
  MotionSettings,
  TuningFrame,
  TuningOpened,
  TuningReplay,
  TuningReplayBody,
} from '../../src/http/api.ts';
import { ApiError, api, describe, type Issue } from '../api.ts';
import { openTuningFeed } from './tuning-feed.ts';

/** Frames that may still belong to the picture on the screen: five seconds. */
const mostFrames = 25;
/** A slider rests. */
const restMs = 180;
/** The strip moves on at least this slowly, and never takes more than a tenth of the box's time. */
const leastPauseMs = 2500;
const pauseTimesCost = 9;

export interface TuningFeed {
  readonly opened: TuningOpened | undefined;
  /** Newest last; the same array all the time, so that pictures draw without rendering the page. */
  readonly frames: readonly TuningFrame[];
  readonly watching: boolean;
  readonly sinceMs: number | undefined;
  readonly problem: string | undefined;
}

export function useTuningFeed(cameraId: string): TuningFeed {
  const frames = useRef<TuningFrame[]>([]);
  const [state, setState] = useState<Omit<TuningFeed, 'frames'>>({
    opened: undefined,
    watching: true,
    sinceMs: undefined,
    problem: undefined,
  });
  useEffect(
    () =>
      openTuningFeed(cameraId, {
        opened: (opened) => setState((old) => ({ ...old, opened, problem: undefined })),
        frame(frame) {
          frames.current.push(frame);
          if (frames.current.length > mostFrames) frames.current.shift();
          const watching = frame.cells !== undefined;
          setState((old) => {
            const same = old.watching === watching && Math.abs((old.sinceMs ?? 0) - (frame.sinceMs ?? 0)) < 5000;
            return same ? old : { ...old, watching, sinceMs: frame.sinceMs };
          });
        },
        closed: (problem) => {
          frames.current.length = 0;
          setState((old) => ({ ...old, opened: undefined, problem }));
        },
      }),
    [cameraId],
  );
  return { ...state, frames: frames.current };
}

export interface Replaying {
  readonly replay: TuningReplay | undefined;
  /** What the box says is wrong with the draft. */
  readonly issues: readonly Issue[];
  readonly error: string | undefined;
  /** The draft has changed, and what it does is not known yet. */
  readonly busy: boolean;
}

/** `still`: the strip is being looked at closely, and does not move on by itself. */
export function useReplay(
  camera: CameraView,
  opened: TuningOpened | undefined,
  draft: MotionSettings,
  still: boolean,
): Replaying {
  const [state, setState] = useState<Replaying>({ replay: undefined, issues: [], error: undefined, busy: true });
  const viewer = opened?.viewer;
  const draftText = JSON.stringify(draft);
  const savedText = JSON.stringify(camera.settings.motion);
  const answered = useRef('');
  useEffect(() => {
    if (viewer === undefined) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const key = `${viewer} ${draftText} ${savedText}`;
    if (answered.current !== key) setState((old) => ({ ...old, busy: true }));
    const ask = async () => {
      let pauseMs = leastPauseMs;
      try {
        const body: TuningReplayBody = { viewer, motion: JSON.parse(draftText) as MotionSettings };
        const path = `/cameras/${encodeURIComponent(camera.id)}/tuning/replay`;
        const replay = await api.post<TuningReplay>(path, body, stop.signal);
        answered.current = key;
        pauseMs = Math.max(leastPauseMs, replay.tookMs * pauseTimesCost);
        setState({ replay, issues: [], error: undefined, busy: false });
      } catch (failure) {
        if (stop.signal.aborted) return;
        const issues = failure instanceof ApiError ? failure.issues : [];
        // Another connection of this page took over: it asks by itself.
        const isPassing = failure instanceof ApiError && failure.kind === 'conflict';
        setState((old) => ({ ...old, issues, error: isPassing ? undefined : describe(failure), busy: false }));
        if (issues.length > 0) return;
      }
      if (!still) timer = setTimeout(() => void ask(), pauseMs);
    };
    const isKnown = answered.current === key;
    if (!(isKnown && still)) timer = setTimeout(() => void ask(), isKnown ? leastPauseMs : restMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [camera.id, viewer, draftText, savedText, still]);
  return state;
}

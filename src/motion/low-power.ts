// Decides whether a camera in low power rests (only key pictures are decoded) or is awake (every picture is). Hears of every
// compressed picture's size and of what the detector said. Pure; decoding is the business of whoever asks.

import type { CompressedPicture } from '../media/picture-role.ts';
import type { MotionSignal } from './detector.ts';
import { PacketSizes } from './packet-sizes.ts';

export interface RestWatch {
  /** Takes every picture of the stream, in decode order, and says whether it is to be decoded now. */
  picture(picture: CompressedPicture): boolean;
  /** What the detector said about a decoded picture. `sparse`: one of the single key pictures of a rest. */
  judged(
    signal: Pick<MotionSignal, 'moving' | 'suspect'>,
    frame: { readonly atMs: number; readonly sparse?: boolean | undefined },
  ): void;
  /** Another connection: sizes are learnt anew, awake. */
  restart(): void;
  readonly awake: boolean;
  /** Whether low power is on. */
  readonly wanted: boolean;
  /** Why it never rests; undefined while it may. */
  readonly unfit: RestUnfit | undefined;
}

/** `few-keys`: from a key picture to now there would be too much to decode. `all-keys`: there is nothing to leave out. */
export type RestUnfit = 'few-keys' | 'all-keys';

/** How long a start is watched: the detector's model is warm after 1.6 s, and the sizes of every kind have been seen. */
const START_MS = 3000;
/** Awake for so long after the last sign of anything. */
const STAY_MS = 3000;
/** Mean deviations above the usual, over 0.4 s. */
const WAKE_SCORE = 1.8;
/** Waking for nothing raises the bar by this share, at most doubled, and half of that is forgotten within a minute. */
const RAISE = 0.5;
const MOST_RAISED = 1;
const FORGET_MS = 60_000;
/** Longer groups than this are not caught up with in time: a small box decodes hardly faster than a camera sends. */
const LONGEST_GROUP_MS = 10_500;
/** Shorter ones leave nothing to save. */
const SHORTEST_GROUP = 4;

export interface RestOptions {
  /** Whether low power is on. Default: true. */
  readonly wanted?: () => boolean;
  /** Awake for so long after something moved; not shorter than 3 s. Default: that. */
  readonly stayMs?: () => number;
  /** False while nobody wants to know of motion, at this moment of the stream: then it rests whatever happens. Default: always true. */
  readonly isOn?: (atMs: number) => boolean;
}

export function createRestWatch({
  wanted = () => true,
  stayMs = () => STAY_MS,
  isOn = () => true,
}: RestOptions = {}): RestWatch {
  let sizes = new PacketSizes();
  let awake = true;
  let on = true;
  let startMs: number | undefined;
  let nowMs = 0;
  let wokenMs = 0;
  /** Of pictures: the last one that said anything, and the last that was looked at while awake. */
  let movedMs = Number.NEGATIVE_INFINITY;
  let loudMs = Number.NEGATIVE_INFINITY;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let moving = false;
  let found = true;
  let keyMs: number | undefined;
  let groupPictures = 0;
  let shortGroups = 0;
  let tooLong = false;
  /** How much the bar is raised, as a share, for sizes; and the level of key pictures that woke for nothing. */
  let raised = 0;
  let fruitlessLevel = 0;
  let wokenByLevel = 0;
  let forgotMs = 0;

  const forget = () => {
    const factor = 0.5 ** (Math.max(0, nowMs - forgotMs) / FORGET_MS);
    forgotMs = nowMs;
    raised *= factor;
    fruitlessLevel *= factor;
  };
  const wake = (level: number) => {
    if (awake) return;
    awake = true;
    wokenMs = nowMs;
    // A start is no waking that could be for nothing.
    found = nowMs === startMs;
    wokenByLevel = level;
  };
  const unfit = (): RestUnfit | undefined => (tooLong ? 'few-keys' : shortGroups >= 3 ? 'all-keys' : undefined);
  const rest = () => {
    awake = false;
    if (found) return;
    if (wokenByLevel > 0) fruitlessLevel = Math.max(fruitlessLevel, wokenByLevel * 1.5);
    else raised = Math.min(MOST_RAISED, raised + RAISE);
  };

  return {
    get awake() {
      return awake;
    },
    get wanted() {
      return wanted();
    },
    get unfit() {
      return unfit();
    },
    restart() {
      sizes = new PacketSizes();
      awake = true;
      startMs = undefined;
      keyMs = undefined;
      groupPictures = 0;
      shortGroups = 0;
      tooLong = false;
      moving = false;
      found = true;
      movedMs = loudMs = lookedMs = Number.NEGATIVE_INFINITY;
    },
    picture(picture) {
      nowMs = picture.decodeMs;
      const wasOn = on;
      on = isOn(nowMs);
      // What watching begins with is learnt as after a start.
      if (on && !wasOn) startMs = undefined;
      startMs ??= nowMs;
      forget();
      if (picture.key) {
        if (keyMs !== undefined) {
          shortGroups = groupPictures < SHORTEST_GROUP ? shortGroups + 1 : 0;
          tooLong = nowMs - keyMs > LONGEST_GROUP_MS;
        }
        keyMs = nowMs;
        groupPictures = 0;
      }
      groupPictures++;
      if (keyMs === undefined || nowMs - keyMs > LONGEST_GROUP_MS) tooLong = true;
      const loud = sizes.push(picture, awake && moving) > WAKE_SCORE * (1 + raised);
      if (loud) loudMs = nowMs;
      if (!on) awake = false;
      else if (loud || unfit() || nowMs === startMs) wake(0);
      else if (awake && nowMs - startMs >= START_MS) {
        // What was decoded must have been looked at: a decoder that is behind is waited for.
        const calmMs = Math.min(nowMs, lookedMs) - Math.max(wokenMs, loudMs);
        const stillMs = nowMs - movedMs;
        if (calmMs >= STAY_MS && stillMs >= Math.max(STAY_MS, stayMs())) rest();
      }
      return awake;
    },
    judged({ moving: moves, suspect = 0 }, { atMs, sparse }) {
      if (sparse) {
        forget();
        if (on && suspect > fruitlessLevel) wake(suspect);
        return;
      }
      lookedMs = atMs;
      moving = moves;
      if (!moves) return;
      movedMs = atMs;
      found = true;
    },
  };
}

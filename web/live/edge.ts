// Keeps a live picture at its live edge: when to jump, when to play a little faster, what to forget. Pure; the numbers
// were chosen on 720p25 with one fragment per frame.

export interface EdgeView {
  readonly nowS: number;
  /** What is buffered, in order. */
  readonly ranges: readonly (readonly [startS: number, endS: number])[];
  /** The rate that is set now: catching up goes on until the lag is small. */
  readonly rate: number;
}

export interface EdgeAction {
  readonly seekToS?: number;
  readonly rate: number;
  readonly removeBeforeS?: number;
}

/** Further behind than this: jump. A jump decodes from the last key frame, so it is not done lightly. */
const jumpLagS = 0.7;
const hurryLagS = 0.14;
const contentLagS = 0.07;
/** Distance to the edge after a jump: less and the picture stops at every late packet. */
const landS = 0.05;
const keepS = 8;
const trimWhenOverS = 20;

export function holdEdge({ nowS, ranges, rate }: EdgeView): EdgeAction {
  const last = ranges.at(-1);
  if (!last) return { rate: 1 };
  const [startS, endS] = last;
  const firstS = ranges[0]![0];
  // Only behind the picture, and never into the group of pictures that is still needed to decode it.
  const trim = endS - firstS > trimWhenOverS ? { removeBeforeS: endS - keepS } : {};
  const lagS = endS - nowS;
  if (nowS < startS || lagS > jumpLagS || lagS < -1) {
    return { seekToS: Math.max(startS, endS - landS), rate: 1, ...trim };
  }
  const catchingUp = rate > 1;
  if (lagS > hurryLagS || (catchingUp && lagS > contentLagS)) return { rate: lagS > 0.35 ? 1.5 : 1.12, ...trim };
  return { rate: 1, ...trim };
}

/** A picture that has not changed for this long is not live any more, whatever the state says. */
export const staleAfterMs = 3000;

/** Pause before the n-th try to connect again: 0.5 s doubling to 10 s, ±25 %. */
export function reconnectMs(tries: number, random: () => number = Math.random): number {
  const base = Math.min(10_000, 500 * 2 ** Math.min(tries, 10));
  return Math.round(base * (0.75 + 0.5 * random()));
}

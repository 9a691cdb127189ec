// How unusual the sizes of compressed pictures are, without decoding them: what moves costs bits. Keeps a baseline for each
// kind of picture and says how far the last 0.4 s lie above it. What follows from that is low-power.ts's decision.
//
// Sizes are compared as logarithms, so that only ratios count: a camera set to twice the bit rate is judged the same.

import type { CompressedPicture } from '../media/picture-role.ts';

/** Over this long sizes must be high together: one large picture is an encoder's whim, somebody walking is not. */
const WINDOW_MS = 400;
/** At least so many pictures are averaged; fewer count as if the missing ones were usual. */
const FEWEST = 3;
/** How fast a baseline follows. The clouds of a minute are followed, a visitor of seconds is not. */
const FOLLOW_MS = 6000;
/** Upwards more slowly: somebody who was not noticed must not become the usual, and what calms down is believed at once. */
const RISE = 1.5;
/** Times slower while something is known to move: the visitor must not become the usual. */
const WHILE_MOVING = 8;
/** Pictures of a kind until it is judged at all. */
const FEWEST_OF_KIND = 4;
/** Smallest deviation, as a share: encoders that spend exactly the same on every picture still vary by more when it matters. */
const LEAST_DEVIATION = 0.12;
/** Deviations that a single picture teaches at most: outliers move a baseline, but do not drag it. */
const MOST_TAUGHT = 3;
/** Deviations that a single picture counts at most, upwards and downwards. */
const MOST_ABOVE = 5;
const MOST_BELOW = -2;
/** Added to every size: headers, below which a ratio means nothing. */
const HEADER_BYTES = 24;

interface Baseline {
  /** Logarithm of the usual size, and mean deviation from it. */
  usual: number;
  deviation: number;
  seen: number;
  atMs: number;
}

export class PacketSizes {
  readonly #kinds = new Map<string, Baseline>();
  readonly #window: { readonly atMs: number; readonly above: number }[] = [];
  /** When the latest pictures of this group are shown: tells how far a picture is from those it is predicted from. */
  #shown: number[] = [];
  #sinceKey = 0;
  #intervalMs = 0;
  #lastMs = Number.NaN;

  /** Mean deviations by which the last 0.4 s lie above their baselines; around 0 while all is as usual. */
  score = 0;

  /** `moving`: the pictures themselves are being looked at, and something moves in them. Key pictures only begin a group. */
  push(picture: CompressedPicture, moving = false): number {
    const { decodeMs, showMs } = picture;
    if (![decodeMs, showMs, picture.bytes].every(Number.isFinite)) return this.score;
    const passedMs = decodeMs - this.#lastMs;
    this.#lastMs = decodeMs;
    if (passedMs > 0 && passedMs < 2000)
      this.#intervalMs += (passedMs - this.#intervalMs) * (this.#intervalMs ? 0.05 : 1);
    if (picture.key || this.#shown.length === 0) {
      this.#shown = [showMs];
      this.#sinceKey = 0;
      return this.score;
    }
    this.#sinceKey++;
    const baseline = this.#baselineOf(this.#kindOf(picture));
    this.#shown.push(showMs);
    if (this.#shown.length > 20) this.#shown.shift();
    const size = Math.log(Math.max(0, picture.bytes) + HEADER_BYTES);
    const deviation = Math.max(LEAST_DEVIATION, baseline.deviation);
    const above = baseline.seen < FEWEST_OF_KIND ? 0 : (size - baseline.usual) / deviation;
    this.#learn(baseline, size, decodeMs, moving);
    this.#window.push({ atMs: decodeMs, above: Math.min(MOST_ABOVE, Math.max(MOST_BELOW, above)) });
    // A clock that went back leaves nothing of what was before.
    while (this.#window[0]!.atMs < decodeMs - WINDOW_MS || this.#window[0]!.atMs > decodeMs) this.#window.shift();
    let sum = 0;
    for (const entry of this.#window) sum += entry.above;
    this.score = sum / Math.max(FEWEST, this.#window.length);
    return this.score;
  }

  /**
   * Pictures that are alike: forward or between two others, how many pictures away from the nearest it can be predicted from, whether
   * others build on it, and the first after a key picture, which repairs what the key picture left.
   */
  #kindOf({ showMs, reference, layer }: CompressedPicture): string {
    let nearestMs = Number.POSITIVE_INFINITY;
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const shown of this.#shown) {
      nearestMs = Math.min(nearestMs, Math.abs(showMs - shown));
      latestMs = Math.max(latestMs, shown);
    }
    const away = this.#intervalMs > 0 ? Math.min(4, Math.max(1, Math.round(nearestMs / this.#intervalMs))) : 1;
    return `${showMs > latestMs ? 'P' : 'B'}${away}${reference ? 'r' : ''}${layer}${this.#sinceKey === 1 ? '!' : ''}`;
  }

  #baselineOf(kind: string): Baseline {
    let baseline = this.#kinds.get(kind);
    if (!baseline) {
      baseline = { usual: 0, deviation: 0.3, seen: 0, atMs: Number.NaN };
      this.#kinds.set(kind, baseline);
    }
    return baseline;
  }

  #learn(baseline: Baseline, size: number, atMs: number, moving: boolean): void {
    const passedMs = Math.min(1000, Math.max(0, atMs - baseline.atMs)) || 0;
    baseline.atMs = atMs;
    baseline.seen++;
    if (baseline.seen === 1) {
      baseline.usual = size;
      return;
    }
    // A young baseline takes the plain mean.
    const off = size - baseline.usual;
    const slower = moving ? WHILE_MOVING : off > 0 ? RISE : 1;
    const share = Math.max(Math.min(1, passedMs / (FOLLOW_MS * slower)), 1 / baseline.seen);
    const most = MOST_TAUGHT * Math.max(LEAST_DEVIATION, baseline.deviation);
    const taught = baseline.seen > 6 ? Math.min(most, Math.max(-most, off)) : off;
    baseline.usual += share * taught;
    baseline.deviation += share * (Math.abs(taught) - baseline.deviation);
  }
}

// Judges ffmpeg's complaints while it runs: a lost packet is forgiven, garbage that goes on is not; neither is a camera
// whose time stamps go back, or which goes on in another codec. Pure; the caller brings the lines and the time.

import { countDamage, isForeignCodec, isTimeBackwards } from './faults.ts';

const windowMs = 5000;
/** At 5 pictures a second or more every unreadable picture makes at least one line; a lost packet makes a few. */
const maxDamage = 40;
const maxSmallSteps = 10;
const maxForeign = 5;

export class TroubleWatch {
  #damage: { readonly atMs: number; readonly count: number }[] = [];
  #steps: number[] = [];
  #foreign: number[] = [];
  #lastWasDamage = false;

  /** `timescale`: of the video track, to tell a step of seconds from one of ticks. */
  line(text: string, atMs: number, timescale: number): 'damaged' | 'time-backwards' | 'stream-changed' | undefined {
    if (isForeignCodec(text)) {
      this.#foreign = [...this.#foreign.filter((at) => atMs - at < windowMs), atMs];
      return this.#foreign.length >= maxForeign ? 'stream-changed' : undefined;
    }
    if (isTimeBackwards(text)) return this.#step(text, atMs, timescale);
    const repeated = /Last message repeated (\d+) times/.exec(text);
    const count = repeated ? (this.#lastWasDamage ? Number(repeated[1]) : 0) : countDamage(text);
    if (!repeated) this.#lastWasDamage = count > 0;
    if (count === 0) return undefined;
    this.#damage = this.#damage.filter((d) => atMs - d.atMs < windowMs);
    this.#damage.push({ atMs, count });
    return this.#damage.reduce((sum, d) => sum + d.count, 0) >= maxDamage ? 'damaged' : undefined;
  }

  #step(text: string, atMs: number, timescale: number): 'time-backwards' | undefined {
    // Stream 0:1 is sound, whose times are mended.
    if (/output stream 0:1|in stream 1/.test(text)) return undefined;
    const ticks = /previous: (-?\d+), current: (-?\d+)/.exec(text);
    if (ticks && (Number(ticks[1]) - Number(ticks[2])) / timescale > 1) return 'time-backwards';
    this.#steps = this.#steps.filter((at) => atMs - at < windowMs);
    this.#steps.push(atMs);
    return this.#steps.length >= maxSmallSteps ? 'time-backwards' : undefined;
  }
}

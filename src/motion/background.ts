// What every pixel usually looks like, and how much it usually flickers: the background and noise model. Says which pixels
// differ from the background and which changed just now; what that means is left to the detector.

import type { Thresholds } from './params.ts';

/** Bits of the mask. */
export const DIFFERS = 1;
export const CHANGED = 2;

export class Background {
  readonly width: number;
  readonly height: number;
  /** Usual grey level, in 1/256 level. */
  readonly level: Uint16Array;
  /** Mean change within the look-back, in 1/256 level. */
  readonly noise: Uint16Array;
  /** Per pixel: DIFFERS | CHANGED, inside the region only. Padded to whole words for the sparse passes. */
  readonly mask: Uint8Array;
  readonly maskWords: Int32Array;
  #frames = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    const n = width * height;
    this.level = new Uint16Array(n);
    this.noise = new Uint16Array(n);
    const padded = new ArrayBuffer((n + 7) & ~7);
    this.mask = new Uint8Array(padded);
    this.maskWords = new Int32Array(padded);
  }

  /** Forgets everything and takes this picture for the background. */
  restart(data: Uint8Array): void {
    const { level, noise } = this;
    for (let i = 0; i < level.length; i++) level[i] = data[i]! << 8;
    noise.fill(512);
    this.#frames = 0;
  }

  /** Takes this picture for the background at once but keeps what is known about flicker: after a lamp was switched. */
  adopt(data: Uint8Array): void {
    const { level } = this;
    for (let i = 0; i < level.length; i++) level[i] = data[i]! << 8;
  }

  /**
   * One frame: marks pixels and learns. `toBackground` and `toBefore` translate grey levels of `data` into the light of the
   * background and of the picture `before` (light.ts), in 1/256 level. No branch in the loop: it runs at memory speed
   * whatever the scene does (measured 0.12–0.2 ms at 320×180; with branches four times that).
   */
  step(
    data: Uint8Array,
    before: Uint8Array,
    toBackground: Int32Array,
    toBefore: Int32Array,
    region: Uint8Array,
    { floor, noiseTimes16 }: Thresholds,
  ): void {
    const { level, noise, mask } = this;
    const n = level.length;
    // A young model takes the plain mean of what it has seen; an old one forgets with a time constant of 64 frames.
    const frames = ++this.#frames;
    const learn = frames < 64 ? Math.max(2, Math.floor(Math.log2(frames + 1))) : 6;
    const half = 1 << (learn - 1);
    const fast = Math.min(learn, 4);
    for (let i = 0; i < n; i++) {
      const v = data[i]!;
      const usual = level[i]!;
      const flicker = noise[i]!;
      const d = toBackground[v]! - usual;
      const t = toBefore[v]! - (before[i]! << 8);
      const ad = (d ^ (d >> 31)) - (d >> 31);
      const at = (t ^ (t >> 31)) - (t >> 31);
      const limit = floor[usual >> 8]! + ((flicker * noiseTimes16) >> 4);
      const differs = (limit - ad) >> 31;
      const changed = (((limit * 3) >> 2) - at) >> 31;
      mask[i] = ((differs & DIFFERS) | (changed & CHANGED)) & region[i]!;
      // What differs is absorbed four times more slowly than what fits.
      level[i] = usual + (((v << 8) - usual) >> (fast + (differs & 2)));
      noise[i] = flicker + ((at - flicker + half) >> learn);
    }
  }

  get frames(): number {
    return this.#frames;
  }
}

// How far the whole picture has moved against its background: a knocked or swaying camera. Finds whole pixels and lays the
// picture back; what is left is less than a pixel, which the pixel model forgives edges anyway. Which pictures are worth
// asking about, and what follows from a shift that stays, is left to the detector.

import type { Light } from './light.ts';

export interface Shift {
  readonly dx: number;
  readonly dy: number;
}

export const noShift: Shift = { dx: 0, dy: 0 };

/** A picture of the background as the pixel model holds it: grey levels in 1/256, rows of `stride`. */
export interface Usual {
  readonly level: Uint16Array;
  readonly stride: number;
}

/** Farthest shift that is looked for, 2 % of a picture 320 wide: beyond it a camera was turned, not knocked. */
export const MOST_PIXELS = 6;
/** Edges are looked for anew after this many questions: the background is slow. */
const RENEW = 64;
/** Contrast across two pixels that makes an edge: about three times the noise of a good camera. */
const EDGE_LEVELS = 10;
/** Edges that are asked; fewer than the least say nothing. */
const MOST_EDGES = 360;
const LEAST_EDGES = 48;
/** A difference larger than this counts as this: what covers an edge says nothing about where the edge went. */
const MOST_LEVELS = 24;
/** Edges that fit this well on average lie where they were. */
const FITS_LEVELS = 4;
/** A shift must explain this much of the difference: somebody large explains nothing, a knock nearly all. */
const MUCH_BETTER = 0.7;

/** All shifts, the nearest first. */
const candidates: readonly Shift[] = Array.from({ length: (2 * MOST_PIXELS + 1) ** 2 }, (_, i) => ({
  dx: (i % (2 * MOST_PIXELS + 1)) - MOST_PIXELS,
  dy: Math.floor(i / (2 * MOST_PIXELS + 1)) - MOST_PIXELS,
}))
  .filter(({ dx, dy }) => dx !== 0 || dy !== 0)
  .sort((a, b) => Math.hypot(a.dx, a.dy) - Math.hypot(b.dx, b.dy));

export class Shake {
  readonly #width: number;
  readonly #height: number;
  readonly #points = new Int32Array(MOST_EDGES);
  readonly #expected = new Float32Array(MOST_EDGES);
  readonly #laidBack: Uint8Array;
  #count = 0;
  #asked = 0;
  #last = noShift;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#laidBack = new Uint8Array(width * height);
  }

  /** The background was learnt anew: its edges are others. */
  clear(): void {
    this.#asked = 0;
    this.#last = noShift;
  }

  /** How far the picture has moved: what the background has at (x, y) is now at (x + dx, y + dy). `toBackground` is its light. */
  find(data: Uint8Array, usual: Usual, toBackground: Light): Shift {
    if (this.#asked++ % RENEW === 0) this.#findEdges(usual);
    const n = this.#count;
    if (n < LEAST_EDGES) return noShift;
    const expected = this.#expected;
    for (let i = 0; i < n; i++) {
      const point = this.#points[i]!;
      const y = (point / this.#width) | 0;
      expected[i] = usual.level[y * usual.stride + point - y * this.#width]! / 256;
    }
    const still = this.#misfit(data, toBackground, 0, Number.POSITIVE_INFINITY);
    if (still <= n * FITS_LEVELS) return noShift;
    let best = noShift;
    let least = still * MUCH_BETTER;
    const ask = (shift: Shift) => {
      const misfit = this.#misfit(data, toBackground, shift.dy * this.#width + shift.dx, least);
      if (misfit >= least) return;
      least = misfit;
      best = shift;
    };
    if (this.#last !== noShift) ask(this.#last);
    for (const shift of candidates) ask(shift);
    this.#last = best;
    return best;
  }

  /** The picture as it would be without the shift; valid until the next call. What the camera no longer sees is as usual. */
  layBack(data: Uint8Array, { dx, dy }: Shift, usual: Usual, { gain, offset }: Light): Uint8Array {
    const width = this.#width;
    const height = this.#height;
    const out = this.#laidBack;
    const usualAt = (x: number, y: number) =>
      Math.max(0, Math.min(255, Math.round((usual.level[y * usual.stride + x]! / 256 - offset) / gain)));
    const left = Math.max(0, -dx);
    const right = Math.min(width, width - dx);
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const inside = y + dy >= 0 && y + dy < height;
      const [from, to] = inside ? [left, right] : [width, width];
      for (let x = 0; x < from; x++) out[row + x] = usualAt(x, y);
      if (inside) out.set(data.subarray(row + dy * width + dx + from, row + dy * width + dx + to), row + from);
      for (let x = to; x < width; x++) out[row + x] = usualAt(x, y);
    }
    return out;
  }

  /** Sum of differences at the edges; stops early beyond `enough`. */
  #misfit(data: Uint8Array, { gain, offset }: Light, by: number, enough: number): number {
    const points = this.#points;
    const expected = this.#expected;
    let sum = 0;
    for (let i = 0; i < this.#count; ) {
      for (const end = Math.min(this.#count, i + 32); i < end; i++) {
        const d = Math.abs(data[points[i]! + by]! * gain + offset - expected[i]!);
        sum += Math.min(d, MOST_LEVELS);
      }
      if (sum >= enough) return sum;
    }
    return sum;
  }

  /** The sharpest edge of each square of a grid, upright and level in turn, so that both directions have their say everywhere. */
  #findEdges({ level, stride }: Usual): void {
    const width = this.#width;
    const height = this.#height;
    const border = MOST_PIXELS + 1;
    const side = Math.max(8, Math.ceil(Math.sqrt((width * height) / MOST_EDGES)));
    let n = 0;
    for (let top = border, row = 0; top < height - border; top += side, row++) {
      for (let left = border, column = 0; left < width - border; left += side, column++) {
        const across = (row + column) % 2 === 0 ? 1 : stride;
        let sharpest = EDGE_LEVELS * 256;
        let at = -1;
        for (let y = top; y < Math.min(height - border, top + side); y++) {
          for (let x = left; x < Math.min(width - border, left + side); x++) {
            const i = y * stride + x;
            const step = Math.abs(level[i + across]! - level[i - across]!);
            if (step <= sharpest) continue;
            sharpest = step;
            at = y * width + x;
          }
        }
        if (at >= 0 && n < MOST_EDGES) this.#points[n++] = at;
      }
    }
    this.#count = n;
  }
}

// The coarse grid over a picture: mean grey per cell for the light fit, counts of marked pixels per cell for blobs, and
// how restless each cell usually is. Which cells belong together is decided in blobs.ts.

import { type Background, CHANGED, DIFFERS } from './background.ts';

export class Cells {
  readonly width: number;
  readonly height: number;
  readonly shift: number;
  readonly columns: number;
  readonly rows: number;
  /** Pixels that differ from the background, per cell. */
  readonly differing: Uint16Array;
  /** Pixels that differ and changed just now. */
  readonly moving: Uint16Array;
  /** Usual number of moving pixels, per cell: leaves, water, a screen. */
  readonly restless: Float32Array;
  /** Sums of coordinates of moving pixels, for centroids. */
  readonly sumX: Float64Array;
  readonly sumY: Float64Array;
  changedPixels = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.shift = Math.max(3, Math.round(Math.log2(Math.max(width, height) / 40)));
    this.columns = ((width - 1) >> this.shift) + 1;
    this.rows = ((height - 1) >> this.shift) + 1;
    const n = this.columns * this.rows;
    this.differing = new Uint16Array(n);
    this.moving = new Uint16Array(n);
    this.restless = new Float32Array(n);
    this.sumX = new Float64Array(n);
    this.sumY = new Float64Array(n);
  }

  get count(): number {
    return this.columns * this.rows;
  }

  /**
   * Mean grey (0–255) per cell from every second pixel of every second row. Stands twice, for bytes and for the background's
   * 1/256 levels: one loop over both kinds of array is not specialised by the engine and takes three times as long.
   */
  meansOfPicture(data: Uint8Array, out: Float32Array): void {
    const { width, height, shift } = this;
    const side = 1 << shift;
    for (let top = 0, cell = 0; top < height; top += side) {
      const bottom = Math.min(height, top + side);
      for (let left = 0; left < width; left += side, cell++) {
        const right = Math.min(width, left + side);
        let sum = 0;
        for (let y = top; y < bottom; y += 2) {
          for (let i = y * width + left, end = y * width + right; i < end; i += 2) sum += data[i]!;
        }
        out[cell] = sum / (((bottom - top + 1) >> 1) * ((right - left + 1) >> 1));
      }
    }
  }

  meansOfBackground(level: Uint16Array, out: Float32Array): void {
    const { width, height, shift } = this;
    const side = 1 << shift;
    for (let top = 0, cell = 0; top < height; top += side) {
      const bottom = Math.min(height, top + side);
      for (let left = 0; left < width; left += side, cell++) {
        const right = Math.min(width, left + side);
        let sum = 0;
        for (let y = top; y < bottom; y += 2) {
          for (let i = y * width + left, end = y * width + right; i < end; i += 2) sum += level[i]!;
        }
        out[cell] = sum / (((bottom - top + 1) >> 1) * ((right - left + 1) >> 1) * 256);
      }
    }
  }

  /**
   * Counts marked pixels. A pixel that differs from its own background but fits that of a neighbour is not counted: that
   * is an edge moved by a shaking camera or a leaf, not a thing that came. Quiet words are skipped four pixels at a time.
   */
  collect(background: Background, data: Uint8Array, toBackground: Int32Array, floor: Int32Array): void {
    const { width, height, shift, columns, differing, moving, sumX, sumY } = this;
    const { mask, maskWords } = background;
    differing.fill(0);
    moving.fill(0);
    sumX.fill(0);
    sumY.fill(0);
    let changed = 0;
    const words = (width * height + 3) >> 2;
    for (let word = 0; word < words; word++) {
      if (maskWords[word] === 0) continue;
      for (let i = word * 4, end = i + 4; i < end; i++) {
        const bits = mask[i]!;
        if (bits === 0) continue;
        changed += bits >> 1;
        if ((bits & DIFFERS) === 0) continue;
        const y = (i / width) | 0;
        const x = i - y * width;
        const cell = (y >> shift) * columns + (x >> shift);
        differing[cell]!++;
        if ((bits & CHANGED) === 0 || this.#fitsNeighbour(background, i, x, y, toBackground[data[i]!]!, floor))
          continue;
        moving[cell]!++;
        sumX[cell]! += x;
        sumY[cell]! += y;
      }
    }
    this.changedPixels = changed;
  }

  #fitsNeighbour(
    { level, noise }: Background,
    i: number,
    x: number,
    y: number,
    own: number,
    floor: Int32Array,
  ): boolean {
    const { width, height } = this;
    const limit = (floor[level[i]! >> 8]! >> 1) + noise[i]!;
    let low = 65_535;
    let high = 0;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      const last = row * width + Math.min(width - 1, x + 1);
      for (let j = row * width + Math.max(0, x - 1); j <= last; j++) {
        const l = level[j]!;
        low = Math.min(l, low);
        high = Math.max(l, high);
      }
    }
    return own >= low - limit && own <= high + limit;
  }

  /** Learns how restless each cell is. `share` is how much this frame counts. */
  learn(share: number): void {
    const { moving, restless } = this;
    for (let i = 0; i < restless.length; i++) restless[i]! += (moving[i]! - restless[i]!) * share;
  }
}

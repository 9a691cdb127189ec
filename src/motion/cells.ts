// The coarse grid over a picture: the counts of marked pixels per cell, as the kernel left them, and how restless each cell
// usually is. Which cells belong together is decided in blobs.ts.

import type { Pixels } from './pixels.ts';

export class Cells {
  readonly width: number;
  readonly height: number;
  readonly shift: number;
  readonly columns: number;
  readonly rows: number;
  readonly count: number;
  /** Pixels that differ from the background, per cell. */
  readonly differing: Int32Array;
  /** Pixels that differ and changed just now. */
  readonly moving: Int32Array;
  /** Usual number of moving pixels, per cell: leaves, water, a screen. */
  readonly restless: Float32Array;
  /** Sums of coordinates of moving pixels, for centroids. */
  readonly sumX: Int32Array;
  readonly sumY: Int32Array;

  constructor(pixels: Pixels) {
    this.width = pixels.width;
    this.height = pixels.height;
    this.shift = pixels.shift;
    this.columns = pixels.columns;
    this.rows = pixels.rows;
    this.count = pixels.cellCount;
    this.differing = pixels.differing;
    this.moving = pixels.moving;
    this.sumX = pixels.sumX;
    this.sumY = pixels.sumY;
    this.restless = new Float32Array(this.count);
  }

  /** Learns how restless each cell is. `share` is how much this frame counts. */
  learn(share: number): void {
    const { moving, restless } = this;
    for (let i = 0; i < restless.length; i++) restless[i]! += (moving[i]! - restless[i]!) * share;
  }
}

// Which cells form one thing: neighbouring cells that differ from the background, kept where something in them moves.

import type { Cells } from './cells.ts';

export interface Blob {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels that differ from the background. */
  readonly area: number;
  /** Pixels that move, beyond what is usual in those cells. */
  readonly moving: number;
  /** Centre of the moving pixels. */
  readonly centreX: number;
  readonly centreY: number;
}

/** Moving pixels, beyond what is usual in those cells, that make a speck: fewer are noise. */
const SPECK = 4;
/** Most blobs that are told apart; the rest of a very busy picture is left out. */
const MOST_BLOBS = 32;

export class BlobFinder {
  /** After `find`: how many things moved that were too small for it, at least SPECK pixels each. */
  specks = 0;
  readonly #stack: Int32Array;
  readonly #seen: Uint8Array;

  constructor(cells: number) {
    this.#stack = new Int32Array(cells);
    this.#seen = new Uint8Array(cells);
  }

  /** Blobs with at least `smallestMoving` pixels on the move, largest first. `calm` (≥ 1) times the usual restlessness is ignored. */
  find(cells: Cells, smallestMoving: number, calm: number): Blob[] {
    const { columns, rows, shift, differing, moving, restless, sumX, sumY, width, height } = cells;
    const seen = this.#seen;
    const stack = this.#stack;
    seen.fill(0);
    const blobs: Blob[] = [];
    this.specks = 0;
    for (let seed = 0; seed < cells.count; seed++) {
      if (seen[seed] || moving[seed]! < 2) continue;
      let [area, active, total, sx, sy] = [0, 0, 0, 0, 0];
      let [left, right, top, bottom] = [columns, -1, rows, -1];
      let depth = 0;
      stack[depth++] = seed;
      seen[seed] = 1;
      while (depth > 0) {
        const cell = stack[--depth]!;
        const cy = (cell / columns) | 0;
        const cx = cell - cy * columns;
        const m = moving[cell]!;
        area += differing[cell]!;
        active += Math.max(0, m - 1 - calm * restless[cell]!);
        total += m;
        sx += sumX[cell]!;
        sy += sumY[cell]!;
        left = Math.min(left, cx);
        right = Math.max(right, cx);
        top = Math.min(top, cy);
        bottom = Math.max(bottom, cy);
        for (let ny = Math.max(0, cy - 1); ny <= Math.min(rows - 1, cy + 1); ny++) {
          for (let nx = Math.max(0, cx - 1); nx <= Math.min(columns - 1, cx + 1); nx++) {
            const next = ny * columns + nx;
            if (seen[next] || differing[next]! < 3) continue;
            seen[next] = 1;
            stack[depth++] = next;
          }
        }
      }
      if (active < smallestMoving || total === 0) {
        this.specks += active >= SPECK ? 1 : 0;
        continue;
      }
      const x = left << shift;
      const y = top << shift;
      blobs.push({
        x,
        y,
        width: Math.min(width, (right + 1) << shift) - x,
        height: Math.min(height, (bottom + 1) << shift) - y,
        area,
        moving: active,
        centreX: sx / total,
        centreY: sy / total,
      });
    }
    return blobs.sort((a, b) => b.moving - a.moving).slice(0, MOST_BLOBS);
  }
}

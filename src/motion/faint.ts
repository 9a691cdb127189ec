// Things too faint for single pixels: their mark on the mean grey of whole cells, and the path it takes. The mean of 64 pixels
// flickers eight times less than one of them, so that a coat four levels from the bushes behind it stands out; what else
// stands out then (a branch, a codec's key picture, a patch of light) goes nowhere. Knows no limits of size: filters.ts does.

import type { Blob } from './blobs.ts';
import { type Light, sameLight } from './light.ts';
import type { Believed } from './tracks.ts';

/** Contrast that the mean of a cell must have at sensitivity 50, in grey levels: a codec's own steps stay below it. */
const LEAST_LEVELS = 1.25;
/** Times its own usual change that a cell must differ. */
const NOISE_TIMES = 4;
/** Pictures after which a cell's usual change is forgotten, as for pixels: 13 s. */
const FORGET = 64;
/** Share of the picture's cells that a faint thing may cover: a larger one has an edge that single pixels show; a patch of light has none. */
const LARGEST_SHARE = 1 / 40;
/** Marks per picture, beside believed things, up to which a faint thing is news: with more of them it snows, or rains. */
const USUAL_MARKS = 3;
/** Pictures after which the usual number of marks is forgotten: 6 s. */
const FORGET_MARKS = 32;
/** A path is judged over at most this time, and from this many sightings on: somebody faint who dawdles is still gone in it. */
const WINDOW_MS = 4000;
const LEAST_SIGHTINGS = 6;
const MOST_SIGHTINGS = 40;
/** Paths that are followed at once; what is beyond them is one of many anyway. */
const MOST_PATHS = 64;
/** It must have gone this many cells, and this many times what it wavers: what swings or flickers in place never does. */
const LEAST_CELLS = 1.25;
const WAVER_TIMES = 3;
/** Times its own height that it may go down in a second, when it goes more down than aside: who walks towards a camera does at most this, what falls does more. */
const FALLS_HEIGHTS = 0.5;
/** Cells that it may go from one sighting to the next. */
const REACH_CELLS = 2;
/** Pictures in which it may be out of sight: a step behind a bush, but not the pause between two pictures on a screen. */
const MOST_MISSES = 4;

export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly shift: number;
  readonly columns: number;
  readonly rows: number;
}

interface Sighting {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
}

interface Path {
  readonly id: number;
  sightings: Sighting[];
  misses: number;
  believed: boolean;
}

export class FaintThings {
  readonly #grid: Grid;
  readonly #usualChange: Float32Array;
  /** How far a cell differs and has changed, in units of its limit; after `mark`. */
  readonly #differs: Float32Array;
  readonly #changed: Float32Array;
  readonly #stack: Int32Array;
  readonly #seen: Uint8Array;
  #paths: Path[] = [];
  #ids = 0;
  /** Begins in doubt: a young model does not know yet whether it snows. */
  #usualMarks = 6;
  #learned = 0;
  #lightChanges = false;

  constructor(grid: Grid) {
    const cells = grid.columns * grid.rows;
    this.#grid = grid;
    this.#usualChange = new Float32Array(cells).fill(1);
    this.#differs = new Float32Array(cells);
    this.#changed = new Float32Array(cells);
    this.#stack = new Int32Array(cells);
    this.#seen = new Uint8Array(cells);
  }

  clear(): void {
    this.#paths = [];
  }

  /** Compares the means of a picture with those of the background and of the picture 0.4 s before, and learns. */
  mark(
    now: Float32Array,
    usual: Float32Array,
    toBackground: Light,
    before: Float32Array,
    toBefore: Light,
    factors: Float32Array,
    factor: number,
  ): void {
    // Where the light of a quarter of the picture changes, what the fit leaves over is no thing.
    this.#lightChanges = toBefore.gain !== sameLight.gain || toBefore.offset !== sameLight.offset;
    const share = Math.max(1 / FORGET, 1 / ++this.#learned);
    const change = this.#usualChange;
    for (let i = 0; i < now.length; i++) {
      const level = now[i]!;
      const d = Math.abs(level * toBackground.gain + toBackground.offset - usual[i]!);
      const t = Math.abs(level * toBefore.gain + toBefore.offset - before[i]!);
      const asked = factors[i]! * factor;
      // Who asks for less than usual wants to see few things, and the faint ones first of all not.
      const limit = LEAST_LEVELS * asked * Math.max(1, asked) + NOISE_TIMES * change[i]!;
      const watched = factors[i]! > 0 ? 1 / limit : 0;
      this.#differs[i] = d * watched;
      this.#changed[i] = t * watched;
      change[i]! += (t - change[i]!) * share;
    }
  }

  /** The faint things of the picture that was marked. */
  step(atMs: number): Believed[] {
    const marks = this.#find();
    const side = 1 << this.#grid.shift;
    const free = new Set(this.#paths);
    const believed: Believed[] = [];
    let others = 0;
    for (const mark of marks) {
      let best: Path | undefined;
      let least = REACH_CELLS * side;
      for (const path of free) {
        const last = path.sightings.at(-1)!;
        const distance = Math.hypot(mark.centreX - last.x, mark.centreY - last.y);
        if (distance < least) {
          best = path;
          least = distance;
        }
      }
      if (!best) {
        others++;
        if (this.#paths.length >= MOST_PATHS) continue;
        best = { id: --this.#ids, sightings: [], misses: 0, believed: false };
        this.#paths.push(best);
      }
      free.delete(best);
      best.misses = 0;
      // Whatever the clock does: neither going back nor standing still makes the list grow.
      best.sightings = best.sightings.slice(-MOST_SIGHTINGS).filter((s) => Math.abs(atMs - s.atMs) <= WINDOW_MS);
      best.sightings.push({ atMs, x: mark.centreX, y: mark.centreY });
      best.believed ||=
        !this.#lightChanges && this.#usualMarks < USUAL_MARKS && leadsSomewhere(best.sightings, side, mark.height);
      others += best.believed || best.sightings.length === 1 ? 0 : 1;
      if (best.believed) believed.push({ blob: mark, id: best.id, sinceMs: best.sightings[0]!.atMs });
    }
    this.#usualMarks += (others - this.#usualMarks) / FORGET_MARKS;
    for (const path of free) path.misses++;
    this.#paths = this.#paths.filter((path) => path.misses <= MOST_MISSES);
    return believed;
  }

  #find(): Blob[] {
    const { columns, rows, shift, width, height } = this.#grid;
    const differs = this.#differs;
    const changed = this.#changed;
    const seen = this.#seen;
    const stack = this.#stack;
    const side = 1 << shift;
    const most = Math.max(4, differs.length * LARGEST_SHARE);
    seen.fill(0);
    const marks: Blob[] = [];
    for (let seed = 0; seed < differs.length; seed++) {
      if (seen[seed] || differs[seed]! < 1 || changed[seed]! < 1) continue;
      let [cells, weights, sx, sy] = [0, 0, 0, 0];
      let [left, right, top, bottom] = [columns, -1, rows, -1];
      let depth = 0;
      stack[depth++] = seed;
      seen[seed] = 1;
      while (depth > 0) {
        const cell = stack[--depth]!;
        const cy = (cell / columns) | 0;
        const cx = cell - cy * columns;
        cells++;
        const weight = Math.max(0, changed[cell]! - 0.5);
        weights += weight;
        sx += weight * (cx + 0.5);
        sy += weight * (cy + 0.5);
        left = Math.min(left, cx);
        right = Math.max(right, cx);
        top = Math.min(top, cy);
        bottom = Math.max(bottom, cy);
        for (let ny = Math.max(0, cy - 1); ny <= Math.min(rows - 1, cy + 1); ny++) {
          for (let nx = Math.max(0, cx - 1); nx <= Math.min(columns - 1, cx + 1); nx++) {
            const next = ny * columns + nx;
            if (seen[next] || differs[next]! < 1) continue;
            seen[next] = 1;
            stack[depth++] = next;
          }
        }
      }
      // Of what only sticks in at the edge neither size nor path can be told.
      if (cells > most || left === 0 || top === 0 || right === columns - 1 || bottom === rows - 1) continue;
      const x = left << shift;
      const y = top << shift;
      // A thing covers about half of the cells that it touches.
      const area = (cells * side * side) / 2;
      marks.push({
        x,
        y,
        width: Math.min(width, (right + 1) << shift) - x,
        height: Math.min(height, (bottom + 1) << shift) - y,
        area,
        moving: area,
        centreX: (sx / weights) * side,
        centreY: (sy / weights) * side,
      });
    }
    return marks;
  }
}

/**
 * Whether the sightings lie along a line that is much longer than they lie beside it (least squares over time), and do not fall.
 * `side` of a cell and `height` of the thing in pixels.
 */
export function leadsSomewhere(sightings: readonly Sighting[], side: number, height: number): boolean {
  const n = sightings.length;
  if (n < LEAST_SIGHTINGS) return false;
  let [mt, mx, my] = [0, 0, 0];
  for (const { atMs, x, y } of sightings) {
    mt += atMs / n;
    mx += x / n;
    my += y / n;
  }
  let [tt, tx, ty, xx, yy] = [0, 0, 0, 0, 0];
  for (const { atMs, x, y } of sightings) {
    const t = atMs - mt;
    tt += t * t;
    tx += t * (x - mx);
    ty += t * (y - my);
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
  }
  if (tt === 0) return false;
  const vx = tx / tt;
  const vy = ty / tt;
  if (vy > Math.abs(vx) && vy * 1000 > FALLS_HEIGHTS * height) return false;
  const gone = Math.hypot(vx, vy) * (sightings.at(-1)!.atMs - sightings[0]!.atMs);
  const waver = Math.sqrt(Math.max(0, xx + yy - vx * tx - vy * ty) / n);
  return gone >= LEAST_CELLS * side && gone >= WAVER_TIMES * waver;
}

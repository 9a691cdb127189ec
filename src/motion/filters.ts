// What a moving thing must be like to count: its size and shape, by the limits of the zone it lies in. Things are judged
// after they were followed, not before: a thing that grows into its limits is known already and counts at once, and what is too
// large stays one thing instead of falling into pieces that are each small enough. What a thing is, blobs.ts and tracks.ts say.

import type { Blob } from './blobs.ts';
import type { MotionParams, MotionZone, ThingLimits } from './params.ts';
import { zoneBits } from './region.ts';
import type { Believed } from './tracks.ts';

/** A thing that was too large for a moment must fit this many times (0.4 s) before it counts: the tail of a lorry that leaves does not. */
const FITS_AFTER_TOO_LARGE = 3;
/** Frames (0.6 s) in a row that a thing may not fit and still be the same visitor; after more of them it begins anew. */
const MAY_NOT_FIT = 3;
/** Frames that a thing may be out of sight before what was known about it is forgotten. */
const FORGOTTEN_AFTER = 5;
/** Share of a thing's box that makes it lie in a zone although its centre lies elsewhere. */
const LIES_IN_SHARE = 1 / 3;
/** Share of a thing's pixels that are cut off at each side when it is measured: single specks beside it are not part of it. */
const TRIM_SHARE = 0.02;

const limitNames = [
  'smallestAreaPercent',
  'largestAreaPercent',
  'smallestWidthPercent',
  'largestWidthPercent',
  'smallestHeightPercent',
  'largestHeightPercent',
  'narrowestAspect',
  'widestAspect',
] as const satisfies readonly (keyof ThingLimits)[];

/** The limits in force in a zone: its own, and the camera's where it names none. */
export function limitsIn(params: ThingLimits, zone?: Pick<MotionZone, 'limits'>): ThingLimits {
  const limits = Object.fromEntries(limitNames.map((name) => [name, zone?.limits?.[name] ?? params[name]]));
  return limits as unknown as ThingLimits;
}

/** The smallest area, in percent, that counts anywhere: what is below it need not even be followed. */
export const smallestAnywhere = (params: MotionParams): number =>
  params.zones.length === 0
    ? params.smallestAreaPercent
    : Math.min(...params.zones.map((zone) => limitsIn(params, zone).smallestAreaPercent));

/** A thing as it is measured, in pixels. `moving` is what is compared with the smallest area, `area` with the largest. */
export interface Measured {
  readonly width: number;
  readonly height: number;
  readonly area: number;
  readonly moving: number;
}

export type Verdict = 'fits' | 'too small' | 'too large' | 'other shape';

/**
 * The smallest area is one of moving pixels: a person who only moves a hand is as small as the hand. The largest is one of all
 * pixels that differ: a lorry of which only the edges move is still a lorry.
 */
export function judgeThing(thing: Measured, limits: ThingLimits, picture: { width: number; height: number }): Verdict {
  const area = (picture.width * picture.height) / 100;
  const width = (100 * thing.width) / picture.width;
  const height = (100 * thing.height) / picture.height;
  const aspect = thing.width / Math.max(1, thing.height);
  if (
    thing.area > limits.largestAreaPercent * area ||
    width > limits.largestWidthPercent ||
    height > limits.largestHeightPercent
  )
    return 'too large';
  if (
    thing.moving < limits.smallestAreaPercent * area ||
    width < limits.smallestWidthPercent ||
    height < limits.smallestHeightPercent
  )
    return 'too small';
  return aspect < limits.narrowestAspect || aspect > limits.widestAspect ? 'other shape' : 'fits';
}

export interface Admitted {
  readonly blob: Blob;
  /** When it was first seen; for a thing that did not fit at first, when it began to. */
  readonly sinceMs: number;
  /** Names of the zones that let it count; none where there are no zones. */
  readonly zones: readonly string[];
}

interface Known {
  sinceMs: number | undefined;
  /** Frames in a row in which it did not fit. */
  unfit: number;
  /** Times it must still fit before it counts. */
  owed: number;
  seenIn: number;
}

export class Filter {
  readonly #width: number;
  readonly #height: number;
  #params: MotionParams;
  #bits: Uint16Array | undefined;
  #zoneLimits: readonly ThingLimits[] = [];
  #ownLimits: ThingLimits;
  #needsShape = false;
  #frame = 0;
  readonly #known = new Map<number, Known>();

  constructor(width: number, height: number, params: MotionParams) {
    this.#width = width;
    this.#height = height;
    this.#params = params;
    this.#ownLimits = params;
    this.apply(params);
  }

  /** New limits and zones from the next picture on. What is known about things stays. */
  apply(params: MotionParams): void {
    const { zones } = params;
    this.#params = params;
    this.#ownLimits = limitsIn(params);
    this.#zoneLimits = zones.map((zone) => limitsIn(params, zone));
    this.#bits = zones.length === 0 ? undefined : zoneBits(this.#width, this.#height, zones);
    const inForce = zones.length === 0 ? [this.#ownLimits] : this.#zoneLimits;
    this.#needsShape = inForce.some(hasShape);
  }

  /** The picture is learnt anew: what comes next are other things. */
  clear(): void {
    this.#known.clear();
  }

  /** Those of the things of one picture that count. `marks` are those of the pixel model. */
  step(things: readonly Believed[], atMs: number, marks: Marks): Admitted[] {
    const frame = ++this.#frame;
    const admitted: Admitted[] = [];
    for (const { blob, sinceMs, id } of things) {
      const { verdict, zones } = this.#judge(blob, marks);
      let known = this.#known.get(id);
      if (!known) {
        known = { sinceMs: verdict === 'fits' ? sinceMs : undefined, unfit: 0, owed: 0, seenIn: frame };
        this.#known.set(id, known);
      }
      known.seenIn = frame;
      if (verdict === 'too large') known.owed = FITS_AFTER_TOO_LARGE;
      if (verdict !== 'fits') {
        if (++known.unfit > MAY_NOT_FIT || verdict === 'too large') known.sinceMs = undefined;
        continue;
      }
      known.unfit = 0;
      known.sinceMs ??= atMs;
      if (known.owed > 0 && --known.owed > 0) continue;
      admitted.push({ blob, sinceMs: known.sinceMs, zones });
    }
    for (const [id, known] of this.#known) if (frame - known.seenIn > FORGOTTEN_AFTER) this.#known.delete(id);
    return admitted;
  }

  #judge(blob: Blob, marks: Marks): { verdict: Verdict; zones: readonly string[] } {
    const picture = { width: this.#width, height: this.#height };
    const box = this.#needsShape ? tightBox(blob, marks) : blob;
    const thing = { width: box.width, height: box.height, area: blob.area, moving: blob.moving };
    if (!this.#bits) return { verdict: judgeThing(thing, this.#ownLimits, picture), zones: [] };
    const zones: string[] = [];
    let refused: Verdict = 'too small';
    for (const zone of zonesOf(blob, this.#bits, this.#width, this.#height)) {
      const verdict = judgeThing(thing, this.#zoneLimits[zone]!, picture);
      if (verdict === 'fits') zones.push(this.#params.zones[zone]!.name);
      else if (refused !== 'too large') refused = verdict;
    }
    return { verdict: zones.length > 0 ? 'fits' : refused, zones };
  }
}

const hasShape = (limits: ThingLimits) =>
  limits.smallestWidthPercent > 0 ||
  limits.largestWidthPercent < 100 ||
  limits.smallestHeightPercent > 0 ||
  limits.largestHeightPercent < 100 ||
  limits.narrowestAspect > 0 ||
  limits.widestAspect < 100;

/** A byte per pixel, rows of `stride`: its lowest bit is set where the pixel differs from the background and counts. */
export interface Marks {
  readonly mask: Uint8Array;
  readonly stride: number;
}

type Box = Pick<Blob, 'x' | 'y' | 'width' | 'height'>;

/**
 * The zones in which a thing lies: the one that holds the centre of what moves, and each that holds a third of its box. Where
 * neither is so (a bent zone, many narrow ones) the zone that holds most of it; outside all zones none.
 */
export function zonesOf(
  blob: Box & Pick<Blob, 'centreX' | 'centreY'>,
  bits: Uint16Array,
  width: number,
  height: number,
): number[] {
  const at = (x: number, y: number) =>
    bits[Math.max(0, Math.min(height - 1, y | 0)) * width + Math.max(0, Math.min(width - 1, x | 0))] ?? 0;
  const held = new Uint16Array(16);
  // A few hundred samples are enough for a share.
  const step = Math.max(1, Math.floor(Math.sqrt((blob.width * blob.height) / 256)));
  let samples = 0;
  for (let y = blob.y + (step >> 1); y < blob.y + blob.height; y += step) {
    for (let x = blob.x + (step >> 1); x < blob.x + blob.width; x += step) {
      samples++;
      for (let left = at(x, y), zone = 0; left !== 0; left >>= 1, zone++) held[zone]! += left & 1;
    }
  }
  const centre = at(blob.centreX, blob.centreY);
  const all = Array.from(held.keys());
  const inside = all.filter((zone) => (centre >> zone) & 1 || held[zone]! >= samples * LIES_IN_SHARE);
  if (inside.length > 0) return inside;
  const most = Math.max(...held);
  return most === 0 ? [] : [held.indexOf(most)];
}

/** A blob's box is one of whole cells; this is one of the pixels that differ in it, without the outermost specks. */
export function tightBox(box: Box, marks: Marks): Box {
  const columns = new Uint32Array(box.width);
  const rows = new Uint32Array(box.height);
  let total = 0;
  for (let y = 0; y < box.height; y++) {
    for (let x = 0, i = (box.y + y) * marks.stride + box.x; x < box.width; x++, i++) {
      if (((marks.mask[i] ?? 0) & 1) === 0) continue;
      columns[x]!++;
      rows[y]!++;
      total++;
    }
  }
  if (total === 0) return box;
  const [left, right] = trimmed(columns, total * TRIM_SHARE);
  const [top, bottom] = trimmed(rows, total * TRIM_SHARE);
  return { x: box.x + left, y: box.y + top, width: right - left, height: bottom - top };
}

/** From where to where (exclusive) the counts reach when at most `cut` is left away at each end. */
function trimmed(counts: Uint32Array, cut: number): [number, number] {
  let [from, to] = [0, counts.length];
  for (let sum = counts[from]!; sum <= cut && from < to - 1; sum += counts[from]!) from++;
  for (let sum = counts[to - 1]!; sum <= cut && to - 1 > from; sum += counts[to - 1]!) to--;
  return [from, to];
}

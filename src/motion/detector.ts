// Says for each small grey picture whether something moves in it. Wires the model (background.ts), the light fit, cells,
// blobs and tracks; what a visit is, and when watching is on, is the watcher's business. Never throws, whatever it is fed.

import type { LumaFrame } from '../media/types.ts';
import { type Blob, BlobFinder } from './blobs.ts';
import { Cells } from './cells.ts';
import { FaintThings } from './faint.ts';
import { Filter, smallestAnywhere } from './filters.ts';
import { fitLight, sameLight } from './light.ts';
import { contrastFactor, type MotionParams, type Thresholds, thresholdsFor } from './params.ts';
import { Pixels } from './pixels.ts';
import { SAME, sensitivityMap } from './region.ts';
import { Steady } from './steady.ts';
import { type TrackRules, Tracks } from './tracks.ts';

export interface MotionSignal {
  readonly moving: boolean;
  /** How much moves, 0–100: the square root of the share of the picture. */
  readonly level: number;
  readonly blobs: readonly Pick<Blob, 'x' | 'y' | 'width' | 'height' | 'area'>[];
  /** The whole picture is changing or was just learnt: a lamp, a cloud, a knock, a reconnect. */
  readonly global: boolean;
  /** While moving: when the oldest of the blobs was first seen, before it was believed. */
  readonly sinceMs?: number;
  /** While moving in zones: their names. */
  readonly zones?: readonly string[];
  /** Of a sparse picture, which is never moving: the level of what is there and was not in the one before. */
  readonly suspect?: number;
}

export const quietSignal: MotionSignal = { moving: false, level: 0, blobs: [], global: false };
const settling: MotionSignal = { moving: false, level: 0, blobs: [], global: true };

/** Frames between the two pictures that are compared for change, 0.4 s: a slow walker far away moves two pixels in it. */
const LOOK_BACK = 2;
/** Pictures that are remembered, the newest included. */
const PICTURES = LOOK_BACK + 1;
/** Frames that a new model only learns. */
const WARM_UP = 8;
/** Share of the watched cells that move at once only when the whole picture changes. */
const GLOBAL_SHARE = 0.35;
/** Frames that must be calm after a global change: the look-back must no longer reach across it. */
const CALM_FRAMES = 2;
/** A whole picture that changes for longer than this, 3 s, is no lamp: somebody stands before the lens. */
const LONGEST_GLOBAL_FRAMES = 15;
/** Exact repeats of a picture, 1 s: a slow camera has fewer, a frozen one more, and in a frozen picture nothing moves. */
const MOST_REPEATS = 5;
/** Times its usual restlessness that a cell must move. */
const CALM = 3;
/** Seen three times (0.4 s) with at most one miss, each near the last: leaves, rain and insects rarely are. */
const TRACK_RULES: Pick<TrackRules, 'hits' | 'misses' | 'reach'> = { hits: 3, misses: 1, reach: 10 };
/** Share of the picture below which what moves is small: larger than any flake that is not on the lens. */
const SMALL_SHARE = 0.005;

/** A pause in the pictures longer than this means a reconnect: what is there now is learnt anew, quickly. */
const GAP_MS = 2000;
/** The same where a camera rests and gives key pictures only: its groups of pictures are not longer than this. */
const SPARSE_GAP_MS = 15_000;

interface Model {
  readonly width: number;
  readonly height: number;
  readonly pixels: Pixels;
  readonly cells: Cells;
  readonly finder: BlobFinder;
  readonly tracks: Tracks;
  readonly faint: FaintThings;
  readonly steady: Steady;
  readonly filter: Filter;
  readonly regionPixels: number;
  /** Contrast asked for in each cell, in multiples of the camera's; 0 where less than half of it is watched. */
  readonly cellFactors: Float32Array;
  readonly historyMeans: Float32Array[];
  readonly usualMeans: Float32Array;
  readonly scratch: Float32Array;
  /** Pictures since the model was started. */
  seen: number;
  settleFrames: number;
  /** Frames of the global change in progress. */
  globalFrames: number;
  repeats: number;
  lastAtMs: number;
  lastIsSparse: boolean;
  last: MotionSignal;
}

/** What the grid sees, for the tuning page. One byte per cell, row by row: the share of the cell's pixels, 0–255. */
export interface DetectorView {
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell in pixels of the picture. */
  readonly cell: number;
  /** Differ from the background now. */
  readonly differing: Uint8Array;
  /** Differ, changed just now and look like nothing beside them. */
  readonly moving: Uint8Array;
  /** Usually do. */
  readonly restless: Uint8Array;
}

export interface Detector {
  step(frame: LumaFrame): MotionSignal;
  /** A copy of what the grid holds after the last picture; undefined before the first. */
  view(): DetectorView | undefined;
  /** New settings from the next picture on. What was learnt about the scene stays. */
  apply(params: MotionParams): void;
}

export function createDetector(initial: MotionParams): Detector {
  let params = initial;
  let thresholds = thresholdsFor(initial.sensitivity);
  let model: Model | undefined;
  return {
    apply(next) {
      params = next;
      thresholds = thresholdsFor(next.sensitivity);
      if (!model) return;
      model = { ...model, ...watch(model.pixels, next) };
      model.filter.apply(next);
    },
    view: () => model && viewOf(model.cells),
    step(frame) {
      const { width, height } = frame;
      if (!isPicture(frame)) return quietSignal;
      if (!model || model.width !== width || model.height !== height) model = newModel(width, height, params);
      return stepModel(model, frame, params, thresholds);
    },
  };
}

const isPicture = ({ width, height, data }: LumaFrame) =>
  Number.isInteger(width) &&
  Number.isInteger(height) &&
  Math.min(width, height) >= 16 &&
  width * height <= 4_000_000 &&
  data.length >= width * height;

function viewOf({ columns, rows, shift, differing, moving, restless }: Cells): DetectorView {
  const bytes = (counts: ArrayLike<number>) =>
    Uint8Array.from(counts, (count) => Math.min(255, (count * 255) >> (2 * shift)));
  return {
    columns,
    rows,
    cell: 1 << shift,
    differing: bytes(differing),
    moving: bytes(moving),
    restless: bytes(restless),
  };
}

/** Tells the pixels where motion counts, and how much; gives back how many of them do, and the same for cells. */
function watch(pixels: Pixels, params: MotionParams): Pick<Model, 'regionPixels' | 'cellFactors'> {
  const { width, height, shift, columns, cellCount } = pixels;
  const factors = sensitivityMap(width, height, params);
  pixels.setFactors(factors);
  const sums = new Float32Array(cellCount);
  const watched = new Int32Array(cellCount);
  let regionPixels = 0;
  for (let i = 0; i < factors.length; i++) {
    const cell = (Math.floor(i / width) >> shift) * columns + ((i % width) >> shift);
    sums[cell]! += factors[i]!;
    watched[cell]! += factors[i]! > 0 ? 1 : 0;
    regionPixels += factors[i]! > 0 ? 1 : 0;
  }
  const half = 1 << (2 * shift - 1);
  return {
    regionPixels,
    cellFactors: sums.map((sum, cell) => (watched[cell]! < half ? 0 : sum / watched[cell]! / SAME)),
  };
}

function newModel(width: number, height: number, params: MotionParams): Model {
  const pixels = new Pixels(width, height, PICTURES);
  const cells = new Cells(pixels);
  const means = () => new Float32Array(cells.count);
  return {
    width,
    height,
    pixels,
    cells,
    finder: new BlobFinder(cells.count),
    tracks: new Tracks(),
    faint: new FaintThings(pixels),
    steady: new Steady(width, height),
    filter: new Filter(width, height, params),
    ...watch(pixels, params),
    historyMeans: Array.from({ length: PICTURES }, means),
    usualMeans: means(),
    scratch: means(),
    seen: 0,
    settleFrames: 0,
    globalFrames: 0,
    repeats: 0,
    lastAtMs: Number.NaN,
    lastIsSparse: false,
    last: quietSignal,
  };
}

function stepModel(model: Model, frame: LumaFrame, params: MotionParams, thresholds: Thresholds): MotionSignal {
  const { pixels, historyMeans } = model;
  const data =
    frame.data.length === model.width * model.height ? frame.data : frame.data.subarray(0, model.width * model.height);
  const sparse = frame.sparse === true;
  const afterSparse = model.lastIsSparse;
  const gap = Math.abs(frame.atMs - model.lastAtMs) > (sparse || afterSparse ? SPARSE_GAP_MS : GAP_MS);
  model.lastAtMs = frame.atMs;
  model.lastIsSparse = sparse;
  if (model.seen === 0 || gap) {
    pixels.remember(data, 0);
    pixels.restart(0);
    pixels.meansOfPicture(0, historyMeans[0]!);
    for (const old of historyMeans) old.set(historyMeans[0]!);
    model.tracks.clear();
    model.faint.clear();
    model.steady.restart();
    model.filter.clear();
    model.seen = 1;
    model.settleFrames = 0;
    model.globalFrames = 0;
    model.repeats = 0;
    model.last = settling;
    return settling;
  }
  // A camera slower than detection repeats pictures; a repeat says nothing new.
  const { raw } = model.steady;
  if (raw ? Buffer.compare(raw, data) === 0 : pixels.isIn(data, (model.seen - 1) % PICTURES)) {
    if (++model.repeats > MOST_REPEATS) model.last = quietSignal;
    return model.last;
  }
  model.repeats = 0;

  const slot = model.seen % PICTURES;
  // What lies before a sparse picture is too long ago to look back across it.
  const before = (model.seen + (sparse || afterSparse ? PICTURES - 1 : 1)) % PICTURES;
  const means = historyMeans[slot]!;
  pixels.remember(data, slot);
  pixels.meansOfPicture(slot, means);
  pixels.meansOfBackground(model.usualMeans);
  const guard = params.ignoreGlobalChange;
  let toBackground = guard ? fitLight(means, model.usualMeans, model.scratch) : sameLight;
  const laidBack = sparse ? undefined : model.steady.layBack(data, means, model.usualMeans, toBackground, pixels);
  if (laidBack) {
    pixels.remember(laidBack, slot);
    pixels.meansOfPicture(slot, means);
    if (guard) toBackground = fitLight(means, model.usualMeans, model.scratch);
  }
  const toBefore = guard ? fitLight(means, historyMeans[before]!, model.scratch) : sameLight;
  pixels.step(slot, before, toBackground, toBefore, thresholds);
  const { cellFactors, usualMeans } = model;
  const factor = contrastFactor(params.sensitivity);
  model.faint.mark(means, usualMeans, toBackground, historyMeans[before]!, toBefore, cellFactors, factor);
  model.seen++;
  model.last = judge(model, slot, params, guard, sparse);
  return model.last;
}

function judge(model: Model, slot: number, params: MotionParams, guard: boolean, sparse: boolean): MotionSignal {
  const { cells, pixels } = model;
  let active = 0;
  for (let i = 0; i < cells.count; i++) active += cells.moving[i]! > cells.restless[i]! * CALM + 4 ? 1 : 0;
  const watched = Math.max(1, (cells.count * model.regionPixels) / (model.width * model.height));
  const everywhere = guard && model.seen > WARM_UP && active > watched * GLOBAL_SHARE;
  if (everywhere && model.globalFrames < LONGEST_GLOBAL_FRAMES) model.settleFrames = CALM_FRAMES + 1;
  if (!everywhere && model.settleFrames === 0) model.globalFrames = 0;
  if (model.steady.movedForGood) model.settleFrames = CALM_FRAMES + 1;
  if (model.settleFrames > 0) {
    model.settleFrames--;
    model.globalFrames++;
    const { raw } = model.steady;
    if (raw) pixels.remember(raw, slot);
    pixels.adopt(slot);
    model.steady.restart();
    model.tracks.clear();
    model.faint.clear();
    return settling;
  }
  const area = (model.width * model.height * smallestAnywhere(params)) / 100;
  const blobs = model.finder.find(cells, Math.max(3, area), CALM);
  if (sparse) return suspected(model, blobs);
  cells.learn(Math.max(1 / 64, 1 / model.seen));
  if (model.seen <= WARM_UP) return settling;
  const picture = model.width * model.height;
  const rules = { ...TRACK_RULES, small: picture * SMALL_SHARE, picture };
  const believed = [
    ...model.tracks.step(blobs, model.finder.specks, model.lastAtMs, rules),
    ...model.faint.step(model.lastAtMs),
  ];
  const counting = model.filter.step(believed, model.lastAtMs, pixels);
  if (counting.length === 0) return quietSignal;
  let moved = 0;
  let sinceMs = model.lastAtMs;
  const zones = new Set<string>();
  for (const thing of counting) {
    moved += thing.blob.area;
    sinceMs = Math.min(sinceMs, thing.sinceMs);
    for (const zone of thing.zones) zones.add(zone);
  }
  const level = Math.min(100, Math.ceil(100 * Math.sqrt(moved / (model.width * model.height))));
  return {
    moving: true,
    level,
    blobs: counting.map(({ blob }) => blob),
    global: false,
    sinceMs,
    ...(zones.size > 0 ? { zones: [...zones] } : {}),
  };
}

/** One picture proves nothing, and what changes within seconds says little about how restless a place is. */
function suspected(model: Model, blobs: readonly Blob[]): MotionSignal {
  model.tracks.clear();
  model.faint.clear();
  model.filter.clear();
  if (blobs.length === 0 || model.seen <= WARM_UP) return quietSignal;
  const moved = blobs.reduce((sum, { area }) => sum + area, 0);
  return { ...quietSignal, suspect: 100 * Math.sqrt(moved / (model.width * model.height)) };
}

// Looks again, in colour: do the pictures before and at the moment really differ where the detector believed that something
// moves? Draws what differs. Leaves getting the pictures, and what follows from the answer, to others. Runs in slices of a
// few rows, so that whoever drives it can let other work in between: video flows through the same thread.

import pixelmatch from 'pixelmatch';
import type { Point } from '../media/types.ts';
import { fitLight } from './light.ts';
import { floorAt, type MotionMask, type MotionZone, thresholdsFor } from './params.ts';
import { sensitivityMap } from './region.ts';

/** A small colour picture: four bytes a pixel, red, green, blue and 255. */
export interface ColourPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A rectangle in shares of the picture's width and height, 0–1. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the detector believed. */
export interface Claim {
  readonly boxes: readonly Box[];
  /** 1–100, as in the settings. */
  readonly sensitivity: number;
  /** The smallest thing that counts, as a share of the picture. */
  readonly smallestAreaPercent: number;
  /** Where motion counts; without zones the whole picture. */
  readonly zones: readonly MotionZone[];
  readonly masks: readonly MotionMask[];
}

export interface Comparison {
  /** False only when the pictures show practically nothing there. */
  readonly confirmed: boolean;
  readonly differingPixels: number;
  /** Of the whole picture. */
  readonly sharePercent: number;
  /** The middle of what differs; absent when nothing does. */
  readonly centre?: Point;
  /** The moment, greyed and lightened, with what differs marked and the claimed boxes around it. */
  readonly drawn: ColourPicture;
}

/**
 * How far around a box to look, as a share of the long side: the colour picture of a moment may be up to 0.3 s from the grey
 * one it was believed in, in which somebody who runs gets this far.
 */
const MARGIN = 0.08;
/** Share of the contrast the detector asks for: the second look must not be harder than the first. */
const EASIER = 0.5;
/** What this share of the pixels outside the boxes stays below is noise: rain, grain, a pulse of the encoder are everywhere. */
const CALM_SHARE = 0.99;
/** Levels were rounded to be counted, and three channels together differ a little more than their grey. */
const ROUNDING = 1;
/** Noise may raise the threshold to the contrast that is asked for at this sensitivity, not further. */
const PLAIN_SENSITIVITY = 50;
/** Share of the smallest area that must differ. What the detector believes is several times that, at its best moment. */
const LEAST_SHARE = 0.25;
const LEAST_PIXELS = 4;
/** Differing pixels a cell must have to count: grain leaves single ones, the smallest visitor several side by side. */
const LEAST_IN_CELL = 4;
/** Rows at once: 320×16 pixels that all differ take 2–4 ms, the dearest case there is. */
const SLICE_ROWS = 16;
/** The anti-aliasing test of a pixel looks at the neighbours of its neighbours. */
const REACH = 2;
/** pixelmatch's threshold that a plain grey difference of one level just meets: √0.5053 / √35215 (its YIQ metric). */
const PER_LEVEL = Math.sqrt(0.5053 / 35_215);
/** Side of a cell whose mean is used for the light, and to guess the noise. */
const CELL = 8;

const SIGNAL = [226, 20, 60] as const;
const FRAME = [22, 84, 150] as const;
/** How much of the moment is left in the drawn picture; the rest is white. */
const OPACITY = 0.45;

/**
 * Compares two pictures of the same size; every `next` is one slice, the last one answers. Throws RangeError when the sizes
 * do not fit. `before` should be from before the thing was first seen.
 */
export function* compareInSlices(
  before: ColourPicture,
  now: ColourPicture,
  claim: Claim,
  sliceRows = SLICE_ROWS,
): Generator<void, Comparison> {
  const { width, height } = now;
  const bytes = width * height * 4;
  if (before.width !== width || before.height !== height || before.data.length !== bytes || now.data.length !== bytes) {
    throw new RangeError(`pictures of ${before.width}×${before.height} and ${width}×${height} cannot be compared`);
  }
  const relit = inLightOf(before, now);
  yield;
  const area = lookedAt(claim, width, height);
  const levels = thresholdLevels(relit, now, area, claim.sensitivity);
  // What is not looked at is as before by definition, and costs next to nothing.
  const [from, to] = [new Uint32Array(relit.buffer), new Uint32Array(new Uint8Array(now.data).buffer)];
  for (let i = 0; i < area.length; i++) if (area[i] === 0) from[i] = to[i]!;
  yield;

  const drawn = new Uint8Array(bytes);
  const threshold = levels * PER_LEVEL;
  for (let top = 0; top < height; top += sliceRows) {
    const bottom = Math.min(height, top + sliceRows);
    drawRows(new Uint8Array(to.buffer), relit, drawn, { width, height, top, bottom, threshold });
    // Rows in which nothing is looked at take next to no time.
    if (area.subarray(top * width, bottom * width).includes(1)) yield;
  }

  const columns = Math.ceil(width / CELL);
  const cells = new Uint16Array(columns * Math.ceil(height / CELL));
  let [differingPixels, sumX, sumY] = [0, 0, 0];
  for (let i = 0, at = 0; i < area.length; i++, at += 4) {
    if (drawn[at] !== SIGNAL[0] || drawn[at + 1] !== SIGNAL[1] || drawn[at + 2] !== SIGNAL[2]) continue;
    differingPixels++;
    sumX += i % width;
    sumY += Math.floor(i / width);
    cells[Math.floor(i / width / CELL) * columns + Math.floor((i % width) / CELL)]! += 1;
  }
  const together = cells.reduce((sum, n) => sum + (n >= LEAST_IN_CELL ? n : 0), 0);
  for (const box of claim.boxes) drawBox(drawn, width, height, box);
  const pixels = width * height;
  const least = Math.max(LEAST_PIXELS, ((LEAST_SHARE * claim.smallestAreaPercent) / 100) * pixels);
  return {
    confirmed: together >= least,
    differingPixels,
    sharePercent: (100 * differingPixels) / pixels,
    ...(differingPixels > 0
      ? { centre: { x: (sumX / differingPixels + 0.5) / width, y: (sumY / differingPixels + 0.5) / height } }
      : {}),
    drawn: { width, height, data: drawn },
  };
}

/** The same at once, for tests and measurements. */
export function compare(before: ColourPicture, now: ColourPicture, claim: Claim): Comparison {
  const slices = compareInSlices(before, now, claim);
  for (;;) {
    const step = slices.next();
    if (step.done) return step.value;
  }
}

/** `before` as it would look in the light of `now`, channel by channel: a lamp changes colours too. */
function inLightOf(before: ColourPicture, now: ColourPicture): Uint8Array<ArrayBuffer> {
  const relit = new Uint8Array(before.data);
  for (let channel = 0; channel < 3; channel++) {
    const [from, to] = [cellMeans(before, channel), cellMeans(now, channel)];
    const { gain, offset } = fitLight(from, to, new Float32Array(from.length));
    if (gain === 1 && offset === 0) continue;
    const table = Uint8Array.from({ length: 256 }, (_, v) => Math.min(255, Math.max(0, Math.round(v * gain + offset))));
    for (let i = channel; i < relit.length; i += 4) relit[i] = table[relit[i]!]!;
  }
  return relit;
}

function cellMeans({ width, height, data }: ColourPicture, channel: number): Float32Array {
  const columns = Math.ceil(width / CELL);
  const sums = new Float32Array(columns * Math.ceil(height / CELL));
  const counts = new Float32Array(sums.length);
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const cell = Math.floor(y / CELL) * columns + Math.floor(x / CELL);
      sums[cell]! += data[(y * width + x) * 4 + channel]!;
      counts[cell]! += 1;
    }
  }
  return sums.map((sum, i) => sum / counts[i]!);
}

/** 1 in and around the boxes, where motion counts. */
function lookedAt(claim: Claim, width: number, height: number): Uint8Array {
  const area = new Uint8Array(width * height);
  const margin = MARGIN * Math.max(width, height);
  const within = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
  for (const box of claim.boxes) {
    const [left, right] = [box.x * width - margin, (box.x + box.width) * width + margin].map((x) => within(x, width));
    const [top, bottom] = [box.y * height - margin, (box.y + box.height) * height + margin].map((y) =>
      within(y, height),
    );
    for (let y = top!; y < bottom!; y++) area.fill(1, y * width + left!, y * width + right!);
  }
  if (claim.zones.length + claim.masks.length > 0) {
    const counts = sensitivityMap(width, height, claim);
    for (let i = 0; i < area.length; i++) if (counts[i] === 0) area[i] = 0;
  }
  return area;
}

/**
 * The grey levels a pixel must differ by: half of what the detector asks for at that brightness, or a multiple of what
 * differs elsewhere in the picture, but never more than the detector asks for.
 */
function thresholdLevels(relit: Uint8Array, now: ColourPicture, area: Uint8Array, sensitivity: number): number {
  const elsewhere = new Uint32Array(256);
  let [outside, inside, light] = [0, 0, 0];
  for (let i = 0, at = 0; i < area.length; i++, at += 4) {
    const grey = greyAt(now.data, at);
    if (area[i] === 1) {
      inside++;
      light += Math.min(grey, greyAt(relit, at));
    } else {
      outside++;
      elsewhere[Math.round(Math.abs(grey - greyAt(relit, at)))]!++;
    }
  }
  const brightness = inside > 0 ? light / inside : 128;
  const askedAt = (setting: number) => floorAt(thresholdsFor(setting), brightness);
  const asked = askedAt(sensitivity);
  let [seen, noise] = [0, 0];
  for (let level = 0; level < 256 && seen < outside * CALM_SHARE; level++) {
    seen += elsewhere[level]!;
    noise = level;
  }
  return Math.min(Math.max(asked, askedAt(PLAIN_SENSITIVITY)), Math.max(asked * EASIER, noise + ROUNDING));
}

const greyAt = (data: Uint8Array, at: number): number =>
  0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;

/** Some rows through pixelmatch, with as many above and below as its test for anti-aliasing needs for the same answer. */
function drawRows(
  now: Uint8Array,
  before: Uint8Array,
  drawn: Uint8Array,
  o: {
    readonly width: number;
    readonly height: number;
    readonly top: number;
    readonly bottom: number;
    readonly threshold: number;
  },
): void {
  const [first, last] = [Math.max(0, o.top - REACH), Math.min(o.height, o.bottom + REACH)];
  const row = o.width * 4;
  const out = new Uint8Array((last - first) * row);
  const [a, b] = [now.subarray(first * row, last * row), before.subarray(first * row, last * row)];
  pixelmatch(a, b, out, o.width, last - first, {
    threshold: o.threshold,
    alpha: OPACITY,
    diffColor: [...SIGNAL],
    aaColor: [214, 190, 190],
  });
  drawn.set(out.subarray((o.top - first) * row, (o.bottom - first) * row), o.top * row);
}

/** A thin frame just outside the box. */
function drawBox(drawn: Uint8Array, width: number, height: number, box: Box): void {
  const [left, right] = [Math.round(box.x * width) - 2, Math.round((box.x + box.width) * width) + 1];
  const [top, bottom] = [Math.round(box.y * height) - 2, Math.round((box.y + box.height) * height) + 1];
  const dot = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    drawn.set(FRAME, (y * width + x) * 4);
  };
  for (let x = left; x <= right; x++) for (const y of [top, bottom]) dot(x, y);
  for (let y = top; y <= bottom; y++) for (const x of [left, right]) dot(x, y);
}

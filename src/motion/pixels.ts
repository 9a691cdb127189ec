// What every pixel usually looks like and how much it usually flickers, and what of that the newest picture breaks: marks
// pixels that differ from their background and those that also just changed, counts them per cell, and learns. Owns the
// memory in which the kernel (pixels-kernel.ts) works; what the counts mean is left to the detector.

import { routinesOf } from '../media/wasm/emit.ts';
import type { Light } from './light.ts';
import type { Thresholds } from './params.ts';
import { type KernelName, LEAST_NOISE_TIMES, pixelsKernel, STEP_PARAMETERS, TABLES } from './pixels-kernel.ts';

const PAGE = 65_536;

export class Pixels {
  readonly width: number;
  readonly height: number;
  /** Cells are squares of `1 << shift` pixels. */
  readonly shift: number;
  readonly columns: number;
  readonly rows: number;
  /** After `step`, per cell: pixels that differ from the background. */
  readonly differing: Int32Array;
  /** Pixels that differ, changed just now, and are not merely a neighbour's background that shook. */
  readonly moving: Int32Array;
  /** Sums of the coordinates of the moving pixels. */
  readonly sumX: Int32Array;
  readonly sumY: Int32Array;
  /** One byte per pixel, rows of `stride`: 1 where it differs from the background and counts. */
  readonly mask: Uint8Array;
  readonly stride: number;
  /** The background: usual grey levels in 1/256, rows of `stride`. */
  readonly level: Uint16Array;
  readonly #kernel: Readonly<Record<KernelName, (...numbers: number[]) => void>>;
  readonly #bytes: Uint8Array;
  readonly #grey: Int32Array;
  readonly #counts: Int32Array;
  /** Byte offsets in the memory. */
  readonly #pictures: readonly number[];
  readonly #level: number;
  readonly #noise: number;
  readonly #factors: number;
  readonly #bitSums: number;
  readonly #cells: number;
  #learned = 0;

  /** `pictures`: how many pictures are remembered, the newest included. */
  constructor(width: number, height: number, pictures: number) {
    this.width = width;
    this.height = height;
    this.shift = Math.max(3, Math.round(Math.log2(Math.max(width, height) / 40)));
    this.columns = ((width - 1) >> this.shift) + 1;
    this.rows = ((height - 1) >> this.shift) + 1;
    this.stride = (width + 7) & ~7;
    const pixels = this.stride * height;
    let end = 0;
    // A row and a vector on either side: neighbours of border pixels are read, too.
    const place = (bytes: number, border = 0) => {
      const start = end + border;
      end = (start + bytes + border + 15) & ~15;
      return start;
    };
    this.#bitSums = place(256);
    this.#pictures = Array.from({ length: pictures }, () => place(pixels));
    this.#factors = place(pixels);
    this.#level = place(pixels * 2, (this.stride + 8) * 2);
    this.#noise = place(pixels * 2);
    const mask = place(pixels);
    this.#cells = place(this.cellCount * 4 * TABLES.length);
    const pages = Math.ceil(end / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#kernel = routinesOf<KernelName>(pixelsKernel, memory);
    this.#bytes = new Uint8Array(memory.buffer);
    this.level = new Uint16Array(memory.buffer, this.#level, pixels);
    this.mask = new Uint8Array(memory.buffer, mask, pixels);
    this.#counts = new Int32Array(memory.buffer, this.#cells, this.cellCount * TABLES.length);
    const table = (name: (typeof TABLES)[number]) =>
      this.#counts.subarray(TABLES.indexOf(name) * this.cellCount, (TABLES.indexOf(name) + 1) * this.cellCount);
    this.differing = table('differing');
    this.moving = table('moving');
    this.sumX = table('sumX');
    this.sumY = table('sumY');
    this.#grey = table('grey');
    for (let bits = 0; bits < 256; bits++) {
      for (let i = 0; i < 8; i++) this.#bytes[this.#bitSums + bits]! += (bits >> i) & 1 ? i : 0;
    }
  }

  get cellCount(): number {
    return this.columns * this.rows;
  }

  /** How much more than usual a pixel must stand out, in 1/16; 0 where nothing counts. One byte per pixel (region.ts). */
  setFactors(factors: Uint8Array): void {
    this.#copyIn(factors, this.#factors, 0);
  }

  /** Remembers a picture of `width · height` bytes in this slot. */
  remember(data: Uint8Array, slot: number): void {
    this.#copyIn(data, this.#pictures[slot]!);
  }

  isIn(data: Uint8Array, slot: number): boolean {
    const at = this.#pictures[slot]!;
    if (this.stride === this.width) return Buffer.compare(this.#bytes.subarray(at, at + data.length), data) === 0;
    for (let y = 0; y < this.height; y++) {
      const row = at + y * this.stride;
      const own = this.#bytes.subarray(row, row + this.width);
      if (Buffer.compare(own, data.subarray(y * this.width, (y + 1) * this.width)) !== 0) return false;
    }
    return true;
  }

  /** Forgets everything and takes the picture of this slot for the background, and for all pictures before. */
  restart(slot: number): void {
    const at = this.#pictures[slot]!;
    const length = this.stride * this.height;
    for (const other of this.#pictures) if (other !== at) this.#bytes.copyWithin(other, at, at + length);
    new Uint16Array(this.#bytes.buffer, this.#noise, length).fill(512);
    this.#learned = 0;
    this.adopt(slot);
  }

  /** Takes this picture for the background at once but keeps what is known about flicker: after a lamp was switched. */
  adopt(slot: number): void {
    this.#kernel.adopt(this.#pictures[slot]!, this.#level, this.stride * this.height);
  }

  /** Mean grey per cell of a remembered picture (0–255), from every second row. */
  meansOfPicture(slot: number, out: Float32Array): void {
    this.#means(this.#kernel.sumsOfPicture, this.#pictures[slot]!, 1, out);
  }

  meansOfBackground(out: Float32Array): void {
    this.#means(this.#kernel.sumsOfLevel, this.#level, 256, out);
  }

  /**
   * One picture: marks pixels, counts them per cell and learns. The lights translate grey levels of the picture `now` into
   * the light of the background and of the picture `before`.
   */
  step(now: number, before: number, toBackground: Light, toBefore: Light, thresholds: Thresholds): void {
    // A young model takes the plain mean of what it has seen; an old one forgets with a time constant of 64 pictures.
    const learned = ++this.#learned;
    const learn = learned < 64 ? Math.max(2, Math.floor(Math.log2(learned + 1))) : 6;
    const { floorBase, floorSlope, floorMost, noiseTimes16 } = thresholds;
    this.#counts.fill(0);
    this.#padLevel();
    const values: Readonly<Record<(typeof STEP_PARAMETERS)[number], number>> = {
      now: this.#pictures[now]!,
      before: this.#pictures[before]!,
      level: this.#level,
      noise: this.#noise,
      factors: this.#factors,
      mask: this.mask.byteOffset,
      bitSums: this.#bitSums,
      cells: this.#cells,
      tableBytes: this.cellCount * 4,
      stride: this.stride,
      height: this.height,
      shift: this.shift,
      columns: this.columns,
      gainNow: inKernelUnits(toBackground.gain),
      offsetNow: inKernelUnits(toBackground.offset),
      gainBefore: inKernelUnits(toBefore.gain),
      offsetBefore: inKernelUnits(toBefore.offset),
      floorBase,
      floorSlope,
      floorMost,
      noiseTimes16: Math.max(0, noiseTimes16 - LEAST_NOISE_TIMES * 16),
      fast: Math.min(learn, 4),
      learn,
    };
    this.#kernel.step(...STEP_PARAMETERS.map((name) => values[name]));
  }

  /** Copies rows; what is beside the last pixel is filled like it, or with `fill`. */
  #copyIn(data: Uint8Array, at: number, fill?: number): void {
    const { width, height } = this;
    const stride = this.stride;
    const bytes = this.#bytes;
    if (stride === width) {
      bytes.set(data, at);
      return;
    }
    for (let y = 0; y < height; y++) {
      const row = at + y * stride;
      bytes.set(data.subarray(y * width, (y + 1) * width), row);
      bytes.fill(fill ?? bytes[row + width - 1]!, row + width, row + stride);
    }
  }

  /** The rows above the first and below the last are like them. */
  #padLevel(): void {
    const row = this.stride * 2;
    const end = this.#level + row * this.height;
    this.#bytes.copyWithin(this.#level - row, this.#level, this.#level + row);
    this.#bytes.copyWithin(end, end - row, end);
  }

  #means(sums: (...numbers: number[]) => void, at: number, unit: number, out: Float32Array): void {
    const { height, shift, columns, rows } = this;
    const stride = this.stride;
    this.#grey.fill(0);
    sums(at, this.#cells, this.cellCount * 4, stride, height, shift, columns);
    const side = 1 << shift;
    for (let row = 0, cell = 0; row < rows; row++) {
      const tall = (Math.min(height, (row + 1) * side) - row * side + 1) >> 1;
      for (let column = 0; column < columns; column++, cell++) {
        const broad = Math.min(stride, (column + 1) * side) - column * side;
        out[cell] = this.#grey[cell]! / (tall * broad * unit);
      }
    }
  }
}

const inKernelUnits = (factor: number) => Math.round(factor * 256);

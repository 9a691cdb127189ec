// Halves a grey picture: every pixel of the result is the mean of two by two. Detection wants small pictures; doing it here
// costs a tenth of what a scaler in the decoder's process does, which writes the pixels it has to a pipe either way.

import { i8x16, i16x8, i32, type Local, loop, moduleOf, Routine, routinesOf, sequence, v128 } from './wasm/emit.ts';

const PAGE = 65_536;

/** halve(from, fromStride, to, toStride, width, height): width and height of the result; rows are read beyond their end. */
function halveRoutine(): Routine {
  const routine = new Routine('halve', 6);
  const [from, fromStride, to, toStride, width, height] = routine.parameters as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const [x, y, upper] = [routine.i32(), routine.i32(), routine.i32()];
  const pairs = (row: readonly number[]) => i16x8.extaddPairwiseI8x16u(v128.load(row));
  const lower = i32.add(upper.get, fromStride.get);
  const two = i16x8.splat(i32.const(2));
  const means = i16x8.shrU(i16x8.add(i16x8.add(pairs(upper.get), pairs(lower)), two), i32.const(2));
  routine.body = loop(
    y,
    i32.const(0),
    height.get,
    i32.const(1),
    loop(
      x,
      i32.const(0),
      width.get,
      i32.const(8),
      sequence(
        upper.set(
          i32.add(
            from.get,
            i32.add(i32.mul(i32.shl(y.get, i32.const(1)), fromStride.get), i32.shl(x.get, i32.const(1))),
          ),
        ),
        v128.storeLow(i32.add(i32.add(to.get, i32.mul(y.get, toStride.get)), x.get), i8x16.narrowI16x8u(means, means)),
      ),
    ),
  );
  return routine;
}

const kernel = moduleOf([halveRoutine()]);

export class LumaHalver {
  /** Write the large picture here, row after row without gaps. */
  readonly input: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly #output: Uint8Array;
  readonly #halve: () => void;

  /** Size of the large picture in pixels; an odd last row or column is left out. */
  constructor(fromWidth: number, fromHeight: number) {
    this.width = fromWidth >> 1;
    this.height = fromHeight >> 1;
    // The last vector of a row reaches beyond it: into the next row, which is written after, or into the margin.
    const to = (fromWidth * fromHeight + 31) & ~15;
    const pages = Math.ceil((to + this.width * this.height + 32) / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.input = new Uint8Array(memory.buffer, 0, fromWidth * fromHeight);
    this.#output = new Uint8Array(memory.buffer, to, this.width * this.height);
    const { halve } = routinesOf<'halve'>(kernel, memory);
    this.#halve = () => halve(0, fromWidth, to, this.width, this.width, this.height);
  }

  /** The small picture, row after row without gaps; overwritten by the next call. */
  halve(): Uint8Array {
    this.#halve();
    return this.#output;
  }
}

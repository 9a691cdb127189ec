// Halves a grey picture: every pixel of the result is the mean of two by two. Detection wants small pictures; doing it here
// costs a tenth of what a scaler in the decoder's process does, which writes the pixels it has to a pipe either way.

import { i8x16, i16x8, i32, loop, moduleOf, Routine, routinesOf, sequence, v128 } from './wasm/emit.ts';

const PAGE = 65_536;

/** halve(from, fromStride, to, toStride, width, height): width and height of the result; rows are read beyond their end. */
function halveRoutine(): Routine {
  const routine = new Routine('halve', ['from', 'fromStride', 'to', 'toStride', 'width', 'height']);
  const { from, fromStride, to, toStride, width, height } = routine.parameters;
  const { x, y, upper } = routine.i32s('x', 'y', 'upper');
  const pairs = (row: readonly number[]) => i16x8.extaddPairwiseI8x16u(v128.load(row));
  const lower = i32.add(upper.get, fromStride.get);
  const two = routine.constant(i16x8.splat(i32.const(2)));
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

/** One memory for all, as nothing stays in it: engines reserve a great deal of address space for each. */
let workshop: { readonly memory: WebAssembly.Memory; readonly halve: (...numbers: number[]) => void } | undefined;

function workshopOf(bytes: number): NonNullable<typeof workshop> {
  if (!workshop) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    workshop = { memory, halve: routinesOf<'halve'>(moduleOf([halveRoutine()]), memory).halve };
  }
  const { memory } = workshop;
  if (memory.buffer.byteLength < bytes) memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
  return workshop;
}

export class LumaHalver {
  /** Write the large picture here, row after row without gaps. */
  readonly input: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly #output: Uint8Array;
  readonly #rowBytes: number;

  /** Size of the large picture in pixels; an odd last row or column is left out. */
  constructor(fromWidth: number, fromHeight: number) {
    this.width = fromWidth >> 1;
    this.height = fromHeight >> 1;
    this.#rowBytes = fromWidth;
    this.input = new Uint8Array(fromWidth * fromHeight);
    this.#output = new Uint8Array(this.width * this.height);
  }

  /** The small picture, row after row without gaps; overwritten by the next call. */
  halve(): Uint8Array {
    const { input, width, height } = this;
    const output = this.#output;
    // The last vector of a row reaches beyond it: into the next row, which is written after, or into the margin.
    const to = (input.length + 31) & ~15;
    const { memory, halve } = workshopOf(to + output.length + 32);
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(input);
    halve(0, this.#rowBytes, to, width, width, height);
    output.set(bytes.subarray(to, to + output.length));
    return output;
  }
}

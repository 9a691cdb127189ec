// The loops over every pixel, in WebAssembly with vector instructions: eight pixels at a time, without a branch where nothing
// moves. Grey levels of the model are unsigned 16-bit, in 1/256 level. What the numbers mean is told in pixels.ts.

import {
  type Code,
  i8x16,
  i16x8,
  i32,
  i32x4,
  type Local,
  loop,
  moduleOf,
  Routine,
  sequence,
  v128,
  when,
} from '../media/wasm/emit.ts';

const plus = i32.add;
const times2 = (code: Code) => i32.shl(code, i32.const(1));
const by = (value: Code, shift: Code) => i16x8.shrU(value, shift);

/** |a − b| of unsigned numbers. */
const distance = (a: Code, b: Code) => v128.or(i16x8.subSatU(a, b), i16x8.subSatU(b, a));

/** `(value · factor) >> shift`, held at 65 535; computed in 32 bits. */
const scaled = (value: Code, factor: Code, shift: number) =>
  i16x8.narrowI32x4u(
    i32x4.shrU(i32x4.extmulLowI16x8u(value, factor), i32.const(shift)),
    i32x4.shrU(i32x4.extmulHighI16x8u(value, factor), i32.const(shift)),
  );

/** Times its own usual flicker that a pixel must differ at least: under that, plain noise would count as things. */
export const LEAST_NOISE_TIMES = 3;

/** The tables of counts: each holds one 32-bit integer per cell. */
export const TABLES = ['differing', 'moving', 'sumX', 'sumY', 'grey'] as const;

/** Adds to what a table holds for a cell; `cell` points into the first table. */
const addTo = (table: (typeof TABLES)[number], tableBytes: Local, cell: Local, value: Code) => {
  const address = plus(cell.get, i32.mul(tableBytes.get, i32.const(TABLES.indexOf(table))));
  return i32.store(address, plus(i32.load(address), value));
};

/** Where the cell of pixel (x, y) stands in the first table. */
const cellAt = (cells: Local, x: Local, y: Local, shift: Local, columns: Local) =>
  plus(
    cells.get,
    i32.shl(plus(i32.mul(i32.shrS(y.get, shift.get), columns.get), i32.shrS(x.get, shift.get)), i32.const(2)),
  );

/** The parameters of `step`, in order. `noiseTimes16` is what goes beyond LEAST_NOISE_TIMES; lights are in 1/256. */
export const STEP_PARAMETERS = [
  ...(['now', 'before', 'level', 'noise', 'factors', 'mask', 'bitSums', 'cells', 'tableBytes'] as const),
  ...(['stride', 'height', 'shift', 'columns'] as const),
  ...(['gainNow', 'offsetNow', 'gainBefore', 'offsetBefore'] as const),
  ...(['floorBase', 'floorSlope', 'floorMost', 'noiseTimes16', 'fast', 'learn'] as const),
] as const;

/** Marks, counts and learns one picture. */
function stepRoutine(): Routine<(typeof STEP_PARAMETERS)[number]> {
  const routine = new Routine('step', STEP_PARAMETERS);
  const p = routine.parameters;
  const { now, before, level, noise, factors, mask, bitSums, cells, tableBytes } = p;
  const { stride, height, shift, columns, fast, learn } = p;
  const { x, y, row, at, wide, cell, bits, count } = routine.i32s(
    ...(['x', 'y', 'row', 'at', 'wide', 'cell', 'bits', 'count'] as const),
  );
  const { value, usual, flicker, here, byThen, off, change, floor } = routine.v128s(
    ...(['value', 'usual', 'flicker', 'here', 'byThen', 'off', 'change', 'floor'] as const),
  );
  const { limit, factor, differs, moves, low, high, target } = routine.v128s(
    ...(['limit', 'factor', 'differs', 'moves', 'low', 'high', 'target'] as const),
  );
  const everywhere = (value16: Code) => routine.constant(i16x8.splat(value16));
  const none = everywhere(i32.const(0));
  const one = everywhere(i32.const(1));
  const white = everywhere(i32.const(65_280));
  const leastNoise = everywhere(i32.const(LEAST_NOISE_TIMES * 16));
  const moreNoise = everywhere(p.noiseTimes16.get);
  const half = everywhere(i32.shl(i32.const(1), i32.sub(learn.get, i32.const(1))));
  const floors = {
    base: everywhere(p.floorBase.get),
    slope: everywhere(p.floorSlope.get),
    most: everywhere(p.floorMost.get),
  };
  const lightNow = { gain: everywhere(p.gainNow.get), offset: routine.constant(i32x4.splat(p.offsetNow.get)) };
  const lightBefore = { gain: everywhere(p.gainBefore.get), offset: routine.constant(i32x4.splat(p.offsetBefore.get)) };
  /** Grey levels (0–255) as they would look in another light: `value · gain + offset`, held within 0 … 65 280. */
  const inLight = ({ gain, offset }: typeof lightNow) =>
    i16x8.minU(
      i16x8.narrowI32x4u(
        i32x4.add(i32x4.extmulLowI16x8u(value.get, gain), offset),
        i32x4.add(i32x4.extmulHighI16x8u(value.get, gain), offset),
      ),
      white,
    );
  const usualAt = (dx: number, dy: -1 | 0 | 1) => {
    const start =
      dy === 0 ? wide.get : dy < 0 ? i32.sub(wide.get, times2(stride.get)) : plus(wide.get, times2(stride.get));
    return v128.load(plus(start, i32.const(dx * 2)));
  };
  const around = (pick: (a: Code, b: Code) => Code) => {
    let all = usual.get;
    for (const dy of [-1, 0, 1] as const) for (const dx of [-1, 0, 1]) if (dx || dy) all = pick(all, usualAt(dx, dy));
    return all;
  };
  // Up and down are moved apart because the numbers have no sign.
  const towards = (from: Local, to: Code, step: (way: Code) => Code) =>
    i16x8.sub(i16x8.add(from.get, step(i16x8.subSatU(to, from.get))), step(i16x8.subSatU(from.get, to)));

  const countMoving = sequence(
    low.set(around(i16x8.minU)),
    high.set(around(i16x8.maxU)),
    // What fits the background of a neighbour is an edge that shook, not a thing that came.
    target.set(i16x8.add(by(floor.get, i32.const(1)), flicker.get)),
    moves.set(
      v128.andnot(
        moves.get,
        v128.and(
          i16x8.leU(i16x8.subSatU(low.get, target.get), here.get),
          i16x8.leU(here.get, i16x8.addSatU(high.get, target.get)),
        ),
      ),
    ),
    bits.set(i16x8.bitmask(moves.get)),
    count.set(i32.popcnt(bits.get)),
    addTo('moving', tableBytes, cell, count.get),
    addTo('sumX', tableBytes, cell, plus(i32.mul(x.get, count.get), i32.load8u(plus(bitSums.get, bits.get)))),
    addTo('sumY', tableBytes, cell, i32.mul(y.get, count.get)),
  );

  const eightPixels = sequence(
    at.set(plus(row.get, x.get)),
    wide.set(plus(level.get, times2(at.get))),
    value.set(v128.load8x8u(plus(now.get, at.get))),
    usual.set(v128.load(wide.get)),
    flicker.set(v128.load(plus(noise.get, times2(at.get)))),
    here.set(inLight(lightNow)),
    byThen.set(i16x8.shl(v128.load8x8u(plus(before.get, at.get)), i32.const(8))),
    off.set(distance(here.get, usual.get)),
    change.set(distance(inLight(lightBefore), byThen.get)),
    floor.set(i16x8.minU(floors.most, i16x8.add(floors.base, i16x8.mul(by(usual.get, i32.const(8)), floors.slope)))),
    factor.set(v128.load8x8u(plus(factors.get, at.get))),
    // The least distance from flicker holds whatever the sensitivity: only what is asked beyond it belongs to the factor.
    limit.set(
      i16x8.addSatU(
        scaled(flicker.get, leastNoise, 4),
        scaled(i16x8.addSatU(floor.get, scaled(flicker.get, moreNoise, 4)), factor.get, 4),
      ),
    ),
    differs.set(i16x8.gtU(off.get, limit.get)),
    target.set(i16x8.shl(value.get, i32.const(8))),
    v128.store(
      wide.get,
      // What differs is absorbed four times more slowly than what fits.
      towards(usual, target.get, (way) =>
        v128.bitselect(by(way, plus(fast.get, i32.const(2))), by(way, fast.get), differs.get),
      ),
    ),
    v128.store(
      plus(noise.get, times2(at.get)),
      towards(flicker, change.get, (way) => by(i16x8.addSatU(way, half), learn.get)),
    ),
    // Where nothing counts the factor is 0.
    differs.set(v128.and(differs.get, i16x8.ne(factor.get, none))),
    v128.storeLow(plus(mask.get, at.get), i8x16.narrowI16x8u(v128.and(differs.get, one), differs.get)),
    when(
      v128.anyTrue(differs.get),
      sequence(
        cell.set(cellAt(cells, x, y, shift, columns)),
        addTo('differing', tableBytes, cell, i32.popcnt(i16x8.bitmask(differs.get))),
        moves.set(v128.and(differs.get, i16x8.gtU(change.get, i16x8.sub(limit.get, by(limit.get, i32.const(2)))))),
        when(v128.anyTrue(moves.get), countMoving),
      ),
    ),
  );
  routine.body = loop(
    y,
    i32.const(0),
    height.get,
    i32.const(1),
    sequence(row.set(i32.mul(y.get, stride.get)), loop(x, i32.const(0), stride.get, i32.const(8), eightPixels)),
  );
  return routine;
}

const lanesOf = (sum: Code) =>
  [1, 2, 3].reduce<Code>((all, lane) => plus(all, i32x4.extractLane(sum, lane)), i32x4.extractLane(sum, 0));

/** Adds the grey of every second row to each cell's sum. */
function sumsRoutine(name: string, bytesPerPixel: 1 | 2): Routine {
  const routine = new Routine(name, ['picture', 'cells', 'tableBytes', 'stride', 'height', 'shift', 'columns']);
  const { picture, cells, tableBytes, stride, height, shift, columns } = routine.parameters;
  const { x, y, cell } = routine.i32s('x', 'y', 'cell');
  const { sum } = routine.v128s('sum');
  const at = plus(i32.mul(y.get, stride.get), x.get);
  const eight = bytesPerPixel === 1 ? v128.load8x8u(plus(picture.get, at)) : v128.load(plus(picture.get, times2(at)));
  routine.body = loop(
    y,
    i32.const(0),
    height.get,
    i32.const(2),
    loop(
      x,
      i32.const(0),
      stride.get,
      i32.const(8),
      sequence(
        sum.set(i32x4.extaddPairwiseI16x8u(eight)),
        cell.set(cellAt(cells, x, y, shift, columns)),
        addTo('grey', tableBytes, cell, lanesOf(sum.get)),
      ),
    ),
  );
  return routine;
}

/** Takes a picture of bytes for the background. */
function adoptRoutine(): Routine {
  const routine = new Routine('adopt', ['picture', 'level', 'pixels']);
  const { picture, level, pixels } = routine.parameters;
  const { at } = routine.i32s('at');
  routine.body = loop(
    at,
    i32.const(0),
    pixels.get,
    i32.const(8),
    v128.store(plus(level.get, times2(at.get)), i16x8.shl(v128.load8x8u(plus(picture.get, at.get)), i32.const(8))),
  );
  return routine;
}

export type KernelName = 'step' | 'sumsOfPicture' | 'sumsOfLevel' | 'adopt';

export const pixelsKernel = moduleOf([
  stepRoutine(),
  sumsRoutine('sumsOfPicture', 1),
  sumsRoutine('sumsOfLevel', 2),
  adoptRoutine(),
]);

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

/** Grey levels (0–255) as they would look in another light: `value · gain + offset`, both in 1/256, held within 0 … 65 280. */
const inLight = (value: Code, gain: Code, offset: Code) =>
  i16x8.minU(
    i16x8.narrowI32x4u(
      i32x4.add(i32x4.extmulLowI16x8u(value, gain), offset),
      i32x4.add(i32x4.extmulHighI16x8u(value, gain), offset),
    ),
    i16x8.splat(i32.const(65_280)),
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

/**
 * step(now, before, level, noise, factors, cells, tableBytes, bitSums, mask, stride, height, shift, columns, gainNow, offsetNow, gainBefore,
 * offsetBefore, floorBase, floorSlope, floorMost, noiseTimes16 beyond the least, fast, learn): marks, counts and learns one picture.
 */
function stepRoutine(): Routine {
  const routine = new Routine('step', 23);
  const [
    now,
    before,
    level,
    noise,
    factors,
    cells,
    tableBytes,
    bitSums,
    mask,
    stride,
    height,
    shift,
    columns,
    ...rest
  ] = routine.parameters as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    ...Local[],
  ];
  const [gainNow, offsetNow, gainBefore, offsetBefore, floorBase, floorSlope, floorMost, noiseTimes16, fast, learn] =
    rest as [Local, Local, Local, Local, Local, Local, Local, Local, Local, Local];
  const [x, y, at, wide, cell, bits, count] = [0, 1, 2, 3, 4, 5, 6].map(() => routine.i32()) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const v = () => routine.v128();
  const [value, usual, flicker, here, byThen, off, change, floor, limit, factor, differs, moves, low, high, target] = [
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
    v(),
  ];
  const usualAt = (dx: number, dy: -1 | 0 | 1) => {
    const row =
      dy === 0 ? wide.get : dy < 0 ? i32.sub(wide.get, times2(stride.get)) : plus(wide.get, times2(stride.get));
    return v128.load(plus(row, i32.const(dx * 2)), 0);
  };
  const around = (pick: (a: Code, b: Code) => Code) => {
    let all = usual.get;
    for (const dy of [-1, 0, 1] as const) for (const dx of [-1, 0, 1]) if (dx || dy) all = pick(all, usualAt(dx, dy));
    return all;
  };
  // Up and down are moved apart because the numbers have no sign.
  const towards = (from: Local, to: Code, step: (way: Code) => Code) =>
    i16x8.sub(i16x8.add(from.get, step(i16x8.subSatU(to, from.get))), step(i16x8.subSatU(from.get, to)));
  const half = i16x8.splat(i32.shl(i32.const(1), i32.sub(learn.get, i32.const(1))));

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
    at.set(plus(i32.mul(y.get, stride.get), x.get)),
    wide.set(plus(level.get, times2(at.get))),
    value.set(v128.load8x8u(plus(now.get, at.get))),
    usual.set(v128.load(wide.get)),
    flicker.set(v128.load(plus(noise.get, times2(at.get)))),
    here.set(inLight(value.get, i16x8.splat(gainNow.get), i32x4.splat(offsetNow.get))),
    byThen.set(i16x8.shl(v128.load8x8u(plus(before.get, at.get)), i32.const(8))),
    off.set(distance(here.get, usual.get)),
    change.set(distance(inLight(value.get, i16x8.splat(gainBefore.get), i32x4.splat(offsetBefore.get)), byThen.get)),
    floor.set(
      i16x8.minU(
        i16x8.splat(floorMost.get),
        i16x8.add(i16x8.splat(floorBase.get), i16x8.mul(by(usual.get, i32.const(8)), i16x8.splat(floorSlope.get))),
      ),
    ),
    factor.set(v128.load8x8u(plus(factors.get, at.get))),
    // The least distance from flicker holds whatever the sensitivity: only what is asked beyond it belongs to the factor.
    limit.set(
      i16x8.addSatU(
        scaled(flicker.get, i16x8.splat(i32.const(LEAST_NOISE_TIMES * 16)), 4),
        scaled(i16x8.addSatU(floor.get, scaled(flicker.get, i16x8.splat(noiseTimes16.get), 4)), factor.get, 4),
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
    differs.set(v128.and(differs.get, i16x8.ne(factor.get, i16x8.splat(i32.const(0))))),
    v128.storeLow(
      plus(mask.get, at.get),
      i8x16.narrowI16x8u(v128.and(differs.get, i16x8.splat(i32.const(1))), differs.get),
    ),
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
    loop(x, i32.const(0), stride.get, i32.const(8), eightPixels),
  );
  return routine;
}

const lanesOf = (sum: Code) =>
  [1, 2, 3].reduce<Code>((all, lane) => plus(all, i32x4.extractLane(sum, lane)), i32x4.extractLane(sum, 0));

/** sums(picture, cells, tableBytes, stride, height, shift, columns): adds the grey of every second row to each cell's sum. */
function sumsRoutine(name: string, bytesPerPixel: 1 | 2): Routine {
  const routine = new Routine(name, 7);
  const [picture, cells, tableBytes, stride, height, shift, columns] = routine.parameters as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const [x, y, cell] = [routine.i32(), routine.i32(), routine.i32()];
  const at = plus(i32.mul(y.get, stride.get), x.get);
  const eight = bytesPerPixel === 1 ? v128.load8x8u(plus(picture.get, at)) : v128.load(plus(picture.get, times2(at)));
  const sum = routine.v128();
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

/** adopt(picture, level, pixels): takes a picture of bytes for the background. */
function adoptRoutine(): Routine {
  const routine = new Routine('adopt', 3);
  const [picture, level, pixels] = routine.parameters as [Local, Local, Local];
  const at = routine.i32();
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

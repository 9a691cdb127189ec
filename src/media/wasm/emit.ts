// A few words to write WebAssembly in: numbers in, module bytes out. The loops over every pixel need vector instructions,
// which JavaScript cannot say; with this they stand in the source as TypeScript, need no second compiler to build, and no
// generated file has to be trusted. Only what those loops use is here. Names are those of the specification.

/** Instructions in their binary form. What leaves a value on the stack can be the operand of what takes one. */
export type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;
type Kind = typeof I32 | typeof V128;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const binary =
  (...op: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...op];
const unary =
  (...op: number[]) =>
  (a: Code): Code => [...a, ...op];
/** A vector instruction: its number follows the prefix. */
const simd = (op: number) => [0xfd, ...unsigned(op)];
const load =
  (op: number[]) =>
  (address: Code, offset = 0) => [...address, ...op, 0, ...unsigned(offset)];
const store =
  (op: number[]) =>
  (address: Code, value: Code, offset = 0) => [...address, ...value, ...op, 0, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load([0x28]),
  load8u: load([0x2d]),
  store: store([0x36]),
  geS: binary(0x4e),
  popcnt: unary(0x69),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  shl: binary(0x74),
  shrS: binary(0x75),
};

export const v128 = {
  load: load(simd(0x00)),
  /** Eight bytes as eight 16-bit numbers. */
  load8x8u: load(simd(0x02)),
  store: store(simd(0x0b)),
  /** The lower eight bytes. */
  storeLow: (address: Code, value: Code): Code => [...address, ...value, ...simd(0x5b), 0, 0, 0],
  and: binary(...simd(0x4e)),
  /** a and not b. */
  andnot: binary(...simd(0x4f)),
  or: binary(...simd(0x50)),
  /** Bits of `a` where `mask` is set, of `b` elsewhere. */
  bitselect: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(0x52)],
  anyTrue: unary(...simd(0x53)),
};

export const i8x16 = { narrowI16x8u: binary(...simd(0x66)) };

export const i16x8 = {
  splat: unary(...simd(0x10)),
  ne: binary(...simd(0x2e)),
  gtU: binary(...simd(0x32)),
  leU: binary(...simd(0x34)),
  extaddPairwiseI8x16u: unary(...simd(0x7d)),
  bitmask: unary(...simd(0x84)),
  narrowI32x4u: binary(...simd(0x86)),
  shl: binary(...simd(0x8b)),
  shrU: binary(...simd(0x8d)),
  add: binary(...simd(0x8e)),
  addSatU: binary(...simd(0x90)),
  sub: binary(...simd(0x91)),
  subSatU: binary(...simd(0x93)),
  mul: binary(...simd(0x95)),
  minU: binary(...simd(0x97)),
  maxU: binary(...simd(0x99)),
};

export const i32x4 = {
  splat: unary(...simd(0x11)),
  extractLane: (value: Code, lane: number): Code => [...value, ...simd(0x1b), lane],
  extaddPairwiseI16x8u: unary(...simd(0x7f)),
  shrS: binary(...simd(0xac)),
  shrU: binary(...simd(0xad)),
  add: binary(...simd(0xae)),
  extmulLowI16x8u: binary(...simd(0xbe)),
  extmulHighI16x8u: binary(...simd(0xbf)),
};

/** A local variable or parameter. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** One exported function: all parameters are 32-bit integers, nothing is returned. */
export class Routine<Parameter extends string = string> {
  readonly name: string;
  readonly parameterNames: readonly Parameter[];
  readonly parameters: Readonly<Record<Parameter, Local>>;
  readonly #kinds: Kind[] = [];
  /** Runs once, before the body: what stays the same is worked out there. */
  #before: number[] = [];
  body: Code = [];

  constructor(name: string, parameterNames: readonly Parameter[]) {
    this.name = name;
    this.parameterNames = parameterNames;
    this.parameters = named(parameterNames, (index) => local(index));
  }

  i32s<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Local>> {
    return named(names, () => this.#local(I32));
  }

  v128s<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Local>> {
    return named(names, () => this.#local(V128));
  }

  /** A vector that stays the same while the routine runs. */
  constant(value: Code): Code {
    const held = this.#local(V128);
    this.#before.push(...held.set(value));
    return held.get;
  }

  #local(kind: Kind): Local {
    this.#kinds.push(kind);
    return local(this.parameterNames.length + this.#kinds.length - 1);
  }

  /** Locals, body and end, as the code section wants them. */
  encoded(): number[] {
    const locals = this.#kinds.flatMap((kind) => [1, kind]);
    return sized([...unsigned(this.#kinds.length), ...locals, ...this.#before, ...this.body, 0x0b]);
  }
}

const named = <Name extends string>(names: readonly Name[], make: (index: number) => Local) =>
  Object.fromEntries(names.map((name, index) => [name, make(index)])) as Record<Name, Local>;

const local = (index: number): Local => ({
  get: [0x20, ...unsigned(index)],
  set: (value) => [...value, 0x21, ...unsigned(index)],
});

/** `for (counter = from; counter < to; counter += step) body`, with signed comparison. */
export const loop = (counter: Local, from: Code, to: Code, step: Code, body: Code): Code => [
  ...counter.set(from),
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...i32.geS(counter.get, to), 0x0d, 1],
  ...body,
  ...counter.set(i32.add(counter.get, step)),
  ...[0x0c, 0, 0x0b, 0x0b],
];

/** Runs `body` when the 32-bit condition is not zero. */
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b];

export const sequence = (...codes: readonly Code[]): Code => codes.flat();

const sized = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes];
const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const text = (value: string) => sized([...new TextEncoder().encode(value)]);
const section = (id: number, body: readonly number[]) => [id, ...sized(body)];

/** A module of these routines that works on an imported memory, `env.memory`. */
export function moduleOf(routines: readonly Routine[]): WebAssembly.Module {
  const types = routines.map((r) => [0x60, ...vector(r.parameterNames.map(() => [I32])), 0]);
  return new WebAssembly.Module(
    new Uint8Array([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, vector(types)),
      ...section(2, vector([[...text('env'), ...text('memory'), 2, 0, 1]])),
      ...section(3, vector(routines.map((_, index) => unsigned(index)))),
      ...section(7, vector(routines.map((r, index) => [...text(r.name), 0, ...unsigned(index)]))),
      ...section(10, vector(routines.map((r) => r.encoded()))),
    ]),
  );
}

/** The routines of a module, ready to be called on this memory. */
export function routinesOf<Name extends string>(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Readonly<Record<Name, (...numbers: number[]) => void>> {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Record<Name, (...numbers: number[]) => void>;
}

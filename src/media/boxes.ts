// The primitives of the MP4 box format (ISO/IEC 14496-12): building boxes, walking them, finding them by path. What the
// boxes mean is for the readers and writers beside this file.

/** Where a box lies in a byte array. `bodyFrom` is after its header; `to` is exclusive. */
export interface Box {
  readonly type: string;
  readonly from: number;
  readonly bodyFrom: number;
  readonly to: number;
}

/** The header of a box. `bytes` is the whole box; 0 means "to the end of the file". */
export interface BoxHeader {
  readonly type: string;
  readonly headerBytes: number;
  readonly bytes: number;
}

/** Longest possible header: 32-bit size, type, 64-bit size. */
export const MAX_BOX_HEADER_BYTES = 16;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const fourCC = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);

/** Reads the header at `at`; undefined when it is not all there yet, or when its size cannot be true. */
export function readBoxHeader(bytes: Uint8Array, at: number): BoxHeader | undefined {
  if (at + 8 > bytes.length) return undefined;
  const view = viewOf(bytes);
  const small = view.getUint32(at);
  const type = fourCC(bytes, at + 4);
  if (small !== 1) return small === 0 || small >= 8 ? { type, headerBytes: 8, bytes: small } : undefined;
  if (at + 16 > bytes.length) return undefined;
  const large = Number(view.getBigUint64(at + 8));
  return large >= 16 && Number.isSafeInteger(large) ? { type, headerBytes: 16, bytes: large } : undefined;
}

/** The boxes that lie whole between `from` and `to`, in order. Stops at the first that is cut or damaged. */
export function* boxesIn(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Box> {
  for (let at = from; at < to; ) {
    const header = readBoxHeader(bytes, at);
    if (!header) return;
    const end = header.bytes === 0 ? to : at + header.bytes;
    if (end > to) return;
    yield { type: header.type, from: at, bodyFrom: at + header.headerBytes, to: end };
    at = end;
  }
}

/** As `boxesIn`, for what strangers send: throws RangeError at what is cut or damaged, or does not say its size. */
export function wholeBoxesIn(bytes: Uint8Array, from = 0, to = bytes.length): readonly Box[] {
  const found = [...boxesIn(bytes, from, to)];
  const end = found.at(-1)?.to ?? from;
  const view = viewOf(bytes);
  if (end + 8 <= to) throw new RangeError(`box of ${view.getUint32(end)} bytes does not fit`);
  if (found.some((box) => view.getUint32(box.from) === 0)) throw new RangeError('a box does not say its size');
  return found;
}

/** All boxes at a path of plain containers, e.g. `['moov', 'trak']`. */
export function findBoxes(bytes: Uint8Array, path: readonly string[], within?: Box): readonly Box[] {
  const [type, ...rest] = path;
  const found = [...boxesIn(bytes, within?.bodyFrom ?? 0, within?.to ?? bytes.length)].filter((b) => b.type === type);
  return rest.length === 0 ? found : found.flatMap((b) => findBoxes(bytes, rest, b));
}

/** The first box at a path of plain containers. */
export const findBox = (bytes: Uint8Array, path: readonly string[], within?: Box): Box | undefined =>
  findBoxes(bytes, path, within)[0];

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
export const u16 = (...values: readonly number[]): Uint8Array => fixed(values, 2, (v, at, n) => v.setUint16(at, n));
export const u32 = (...values: readonly number[]): Uint8Array => fixed(values, 4, (v, at, n) => v.setUint32(at, n));
export const i32 = (...values: readonly number[]): Uint8Array => fixed(values, 4, (v, at, n) => v.setInt32(at, n));
export const u64 = (...values: readonly number[]): Uint8Array =>
  fixed(values, 8, (v, at, n) => v.setBigUint64(at, BigInt(n)));

function fixed(values: readonly number[], bytesEach: number, put: (view: DataView, at: number, value: number) => void) {
  const bytes = new Uint8Array(values.length * bytesEach);
  const view = viewOf(bytes);
  values.forEach((value, i) => {
    put(view, i * bytesEach, value);
  });
  return bytes;
}

/** A box with a 32-bit size around its parts. */
export const box = (type: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  concatBytes([u32(8 + parts.reduce((sum, p) => sum + p.length, 0)), ascii(type), ...parts]);

/** A box that begins with a version and 24 flag bits. */
export const fullBox = (type: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  box(type, u32(((version << 24) | flags) >>> 0), ...parts);

// Bytes as the sealed format writes them: big-endian numbers, hex, UTF-8. The browser has no Buffer, so none is used.

const text = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (words: string): Uint8Array => text.encode(words);

/** Undefined when the bytes are not UTF-8. */
export function readUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** Undefined unless it is lower-case hex, of `length` bytes where that is given. */
export function unhex(words: unknown, length?: number): Uint8Array | undefined {
  if (typeof words !== 'string' || words.length % 2 !== 0 || !/^[0-9a-f]*$/.test(words)) return undefined;
  if (length !== undefined && words.length !== length * 2) return undefined;
  return Uint8Array.from({ length: words.length / 2 }, (_, i) => Number.parseInt(words.slice(i * 2, i * 2 + 2), 16));
}

/** Takes the same time wherever they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let differ = 0;
  for (let i = 0; i < a.length; i++) differ |= a[i]! ^ b[i]!;
  return differ === 0;
}

/** An object, or undefined when the bytes are not the JSON of one. */
export function readJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const words = readUtf8(bytes);
  if (words === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(words);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Where secret bytes come from: the system's generator, except for test vectors. */
export type Random = (bytes: number) => Uint8Array;
export const systemRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

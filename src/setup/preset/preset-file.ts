// The bytes of nightjar.toml as text: UTF-8, UTF-16 or the old Windows alphabet, as editors on PCs save it; and the last line that
// says that it was read. Pure.

import { createHash } from 'node:crypto';
import { readPreset } from './read.ts';
import { withoutSecrets } from './redact.ts';

const isWide = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xfe;

/** What the file says. */
export function decodePreset(bytes: Uint8Array): string {
  if (isWide(bytes)) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** One character for each unit of the file: what is as long as text is as long as bytes. */
const unitsOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString(isWide(bytes) ? 'utf16le' : 'latin1');
const bytesOf = (units: string, wide: boolean): Uint8Array =>
  new Uint8Array(Buffer.from(units, wide ? 'utf16le' : 'latin1'));

const lastLine = (mark: string) => `# Read by the box. Change anything above and it is read again. ${mark}\n`;
const lastLinePattern = /# Read by the box\. Change anything above and it is read again\. ([0-9a-f]{16})\s*$/;
const markOf = (body: string) => createHash('sha256').update(body, 'utf16le').digest('hex').slice(0, 16);

/** Whether it was read before, and nobody has changed it since. Says nothing of what stood in it before. */
export function wasRead(bytes: Uint8Array): boolean {
  const units = unitsOf(bytes);
  const found = lastLinePattern.exec(units);
  return found !== null && markOf(units.slice(0, found.index)) === found[1];
}

/**
 * The file as it stays on the card. Its first `inPlace` bytes stand where those of the original stood and are as many, whatever
 * part of them has been written; the last line comes behind them.
 */
export function readVersion(original: Uint8Array): { readonly bytes: Uint8Array; readonly inPlace: number } {
  const units = unitsOf(original);
  const before = lastLinePattern.exec(units);
  const isToml = readPreset(decodePreset(original)).isToml;
  const body = withoutSecrets(before ? units.slice(0, before.index) : units, isToml);
  const whole = body.endsWith('\n') || body === '' ? body : `${body}\n`;
  const wide = isWide(original);
  return {
    bytes: bytesOf(whole + lastLine(markOf(whole)), wide),
    inPlace: bytesOf(body, wide).length,
  };
}

/** Whether each byte is of the original or of its read version: what a power cut leaves while one is written over the other. */
export function isBetween(found: Uint8Array, original: Uint8Array, read: Uint8Array): boolean {
  if (found.length < Math.min(original.length, read.length) || found.length > Math.max(original.length, read.length))
    return false;
  // Behind the original's end a new block of the card may not have been filled yet.
  return found.every((byte, i) => byte === read[i] || (i < original.length ? byte === original[i] : byte === 0));
}

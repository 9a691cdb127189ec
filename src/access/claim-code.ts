// The code that proves that whoever claims the box can see its console. Made anew at each start of an unclaimed box and
// kept in memory only. Forty bits: with six guesses and three more a minute per address, guessing is hopeless.

import { timingSafeEqual } from 'node:crypto';

/** Crockford's base 32: no I, L, O or U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Eight letters and digits, grouped for reading: `K7QF-3MHD`. */
export function newClaimCode(random: (length: number) => Uint8Array): string {
  const letters = [...random(8)].map((byte) => alphabet[byte % 32]!).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** Whether the typed code is the right one. Case, spaces and dashes do not matter; O counts as 0, I and L as 1. Constant time. */
export function isClaimCode(typed: string, right: string): boolean {
  const [a, b] = [fold(typed), fold(right)];
  const padded = Buffer.alloc(b.length);
  padded.write(a.slice(0, b.length), 'latin1');
  return timingSafeEqual(padded, Buffer.from(b, 'latin1')) && a.length === b.length;
}

const fold = (code: string) =>
  code
    .slice(0, 64)
    .toUpperCase()
    .replace(/[\s\-–—_.]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
    .replace(/[^0-9A-Z]/g, '?');

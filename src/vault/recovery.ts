// The recovery key as what is printed once: fifteen words, or the text of a QR code; and back, from what somebody types in. Two of the
// words check the others, so that a slip is noticed, and in which word.

import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hex, join, type Random, sameBytes, systemRandom, unhex, utf8 } from './bytes.ts';
import { sha256Now } from './cipher.ts';
import { SealError } from './fault.ts';
import { type KeyPair, keyPairOf } from './key-pair.ts';
import { PREFIX_LETTERS, words } from './words.ts';

export const RECOVERY_BYTES = 16;
const DATA_WORDS = 13;
export const RECOVERY_WORDS = 15;
const QR_PREFIX = 'NIGHTJAR1:';
const DOMAIN = utf8('nightjar recovery v1\n');

export const newRecoveryKey = (random: Random = systemRandom): Uint8Array => random(RECOVERY_BYTES);

/** What vault secrets are sealed to, so that a new one can be sealed without the printed key at hand. */
export function recoveryPair(key: Uint8Array): KeyPair {
  return keyPairOf(hkdf(sha256, whole(key), undefined, DOMAIN, 32));
}

export function recoveryWords(key: Uint8Array): readonly string[] {
  const bits = `${Array.from(whole(key), (byte) => byte.toString(2).padStart(8, '0')).join('')}00`;
  const data = Array.from({ length: DATA_WORDS }, (_, i) => Number.parseInt(bits.slice(i * 10, i * 10 + 10), 2));
  return [...data, ...checksOf(data)].map((number) => words[number]!);
}

export const recoveryText = (key: Uint8Array): string =>
  (QR_PREFIX + hex(whole(key)) + hex(textCheck(key))).toUpperCase();

const textCheck = (key: Uint8Array) => sha256Now(join(DOMAIN, key)).subarray(0, 4);

/** Words or text, as typed in. Throws `recovery-words` or `recovery-text` and says what is wrong, without repeating the key. */
export function readRecoveryKey(typed: string): Uint8Array {
  const tight = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9:]/g, '');
  return tight.startsWith(QR_PREFIX) ? readText(tight.slice(QR_PREFIX.length)) : readWords(typed);
}

function readText(digits: string): Uint8Array {
  const bytes = unhex(digits.toLowerCase(), RECOVERY_BYTES + 4);
  if (!bytes) throw new SealError('recovery-text', 'It has 40 letters and digits after the colon.');
  const key = bytes.slice(0, RECOVERY_BYTES);
  if (!sameBytes(textCheck(key), bytes.subarray(RECOVERY_BYTES)))
    throw new SealError('recovery-text', 'A digit is wrong.');
  return key;
}

function readWords(typed: string): Uint8Array {
  const given =
    typed
      .normalize('NFKC')
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  const numbers = given.map((word, i) => {
    const number = wordNumber(word);
    if (number < 0) throw new SealError('recovery-words', `Word ${i + 1} is not one of the list.`);
    return number;
  });
  if (numbers.length !== RECOVERY_WORDS) {
    throw new SealError('recovery-words', `There are ${numbers.length} words; it must be ${RECOVERY_WORDS}.`);
  }
  const [first, second] = [syndrome(numbers, 1), syndrome(numbers, 2)];
  if (first !== 0 || second !== 0) throw new SealError('recovery-words', slipIn(first, second));
  const bits = numbers
    .slice(0, DATA_WORDS)
    .map((n) => n.toString(2).padStart(10, '0'))
    .join('');
  if (!bits.endsWith('00')) throw new SealError('recovery-words');
  return Uint8Array.from({ length: RECOVERY_BYTES }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2));
}

/** A word, or so much of its beginning that it can only be this one. −1 when it is none. */
export function wordNumber(typed: string): number {
  const exact = words.indexOf(typed);
  if (exact >= 0 || typed.length < PREFIX_LETTERS) return exact;
  return words.findIndex((word) => word.startsWith(typed));
}

/** With one wrong word, the two sums point at it. */
function slipIn(first: number, second: number): string {
  if (first !== 0 && second !== 0) {
    // one error e in word i: first = e·α^(14−i), second = e·α^(2(14−i))
    const place = RECOVERY_WORDS - 1 - ((((log[second]! - log[first]!) % ORDER) + ORDER) % ORDER);
    if (place >= 0 && place < RECOVERY_WORDS) return `Look at word ${place + 1} again.`;
  }
  return 'Two or more of them are wrong, or in the wrong order.';
}

function whole(key: Uint8Array): Uint8Array {
  if (key.length !== RECOVERY_BYTES) throw new RangeError(`a recovery key has ${RECOVERY_BYTES} bytes`);
  return key;
}

// Arithmetic in GF(2¹⁰) modulo x¹⁰+x³+1, by logarithms of x.
const ORDER = 1023;
const power: number[] = [];
const log: number[] = [];
for (let i = 0, value = 1; i < ORDER; i++) {
  power[i] = value;
  log[value] = i;
  value <<= 1;
  if (value > ORDER) value ^= 0b100_0000_1001;
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : power[(log[a]! + log[b]!) % ORDER]!);
const over = (a: number, b: number): number => (a === 0 ? 0 : power[(log[a]! - log[b]! + ORDER) % ORDER]!);

/** The sum over all words of number · α^(step · places after it). */
function syndrome(numbers: readonly number[], step: number): number {
  return numbers.reduce((sum, number) => times(sum, power[step]!) ^ number, 0);
}

/** The two numbers with which both sums are 0. */
function checksOf(data: readonly number[]): readonly [number, number] {
  const [a, b] = [syndrome([...data, 0, 0], 1), syndrome([...data, 0, 0], 2)];
  // x·α + y = a and x·α² + y = b
  const [alpha, square] = [power[1]!, power[2]!];
  const x = over(a ^ b, alpha ^ square);
  return [x, a ^ times(x, alpha)];
}

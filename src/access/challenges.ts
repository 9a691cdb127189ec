// Proof that somebody holds the recovery key: random bytes sealed to its public half, which only its holder can open. In memory
// only; a challenge is good once, and for five minutes.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hex, unhex } from '../vault/bytes.ts';
import { sealFor } from '../vault/key-pair.ts';

const GOOD_FOR_MS = 5 * 60_000;
/** The oldest goes first: a flood costs the owner another try, and the box no memory. */
const MOST = 200;

interface Challenge {
  readonly publicKey: string;
  readonly answer: Uint8Array;
  readonly untilMs: number;
}

export class Challenges {
  readonly #monotonicMs: () => number;
  readonly #random: (length: number) => Uint8Array;
  readonly #open = new Map<string, Challenge>();

  constructor(monotonicMs: () => number, random: (length: number) => Uint8Array = randomBytes) {
    this.#monotonicMs = monotonicMs;
    this.#random = random;
  }

  /** `publicKey`: of the recovery key, hex. */
  make(publicKey: string): { readonly id: string; readonly challenge: string } {
    const answer = Uint8Array.from(this.#random(32));
    const id = hex(Uint8Array.from(this.#random(16)));
    for (const old of [...this.#open.keys()].slice(0, Math.max(0, this.#open.size - MOST + 1))) this.#open.delete(old);
    this.#open.set(id, { publicKey, answer, untilMs: this.#monotonicMs() + GOOD_FOR_MS });
    const sealed = sealFor(unhex(publicKey, 32)!, answer, (length) => Uint8Array.from(this.#random(length)));
    return { id, challenge: hex(sealed) };
  }

  /** Whether it was opened with the recovery key of now. A wrong answer uses the challenge up; for a right one say `used`. */
  isAnswer(id: string, answer: string, publicKey: string): boolean {
    const challenge = this.#open.get(id);
    const given = unhex(answer, 32);
    const right =
      challenge !== undefined &&
      given !== undefined &&
      challenge.untilMs > this.#monotonicMs() &&
      challenge.publicKey === publicKey &&
      timingSafeEqual(given, challenge.answer);
    if (!right) this.#open.delete(id);
    return right;
  }

  used(id: string): void {
    this.#open.delete(id);
  }
}

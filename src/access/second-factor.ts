// The second factor: codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 s). It protects the session, not the
// keys. Where the secret is kept and how often somebody may guess is `access.ts`'s business.

import { Secret, TOTP } from 'otpauth';

const PERIOD_S = 30;
/** As long as it takes to find the app, and not as long as a page is left open. */
const OFFER_MS = 10 * 60_000;

const totpOf = (secret: string, issuer = 'Nightjar', label = '') =>
  new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret: Secret.fromBase32(secret) });

/** The step whose code this is: that of now, or the one before or after it. Undefined when it is none of them. */
export function stepOfCode(secret: string, code: string, nowMs: number): number | undefined {
  const token = code.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totpOf(secret).validate({ token, timestamp: nowMs, window: 1 });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

/** The code of a moment, for tests. */
export const codeAt = (secret: string, atMs: number): string => totpOf(secret).generate({ timestamp: atMs });

/** Secrets that were shown and not confirmed yet, one per person, in memory only. */
export class SecondFactorOffers {
  readonly #monotonicMs: () => number;
  readonly #random: (length: number) => Uint8Array;
  readonly #offers = new Map<string, { readonly secret: string; readonly untilMs: number }>();

  constructor(monotonicMs: () => number, random: (length: number) => Uint8Array) {
    this.#monotonicMs = monotonicMs;
    this.#random = random;
  }

  make(personId: string, boxName: string, personName: string): { readonly secret: string; readonly uri: string } {
    const buffer = Uint8Array.from(this.#random(20)).buffer;
    const secret = new Secret({ buffer }).base32;
    this.#offers.set(personId, { secret, untilMs: this.#monotonicMs() + OFFER_MS });
    // The colon parts issuer and label in the address.
    const plain = (text: string, otherwise: string) => text.replace(/:/g, ' ').trim() || otherwise;
    return { secret, uri: totpOf(secret, plain(boxName, 'Nightjar'), plain(personName, 'owner')).toString() };
  }

  /** The secret that waits for its first code. */
  of(personId: string): string | undefined {
    const offer = this.#offers.get(personId);
    return offer && offer.untilMs > this.#monotonicMs() ? offer.secret : undefined;
  }

  forget(personId: string): void {
    this.#offers.delete(personId);
  }
}

// What makes a passphrase acceptable, and how it is turned into something that can be kept. Rules ask for length only:
// required digits and signs make people choose worse ones. Hashing is argon2id, at most two at a time.

import { NightjarError } from '../base/errors.ts';
import { PASSPHRASE_MAX } from './weakness.ts';

export { weakness } from './weakness.ts';

/**
 * 19 MiB and two passes, OWASP's first choice for argon2id. Measured on one x86 core: 89 ms. A Pi 3 is about eight times
 * slower at this: 0.7 s, which is bearable once per login; 64 MiB would be over 2 s and a sixteenth of its memory.
 */
const cost = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const;

/** Hashes and checks passphrases, two at a time, so that a flood of logins cannot use up memory; too many waiting are turned away. */
export class PassphraseHasher {
  readonly #maxWaiting: number;
  readonly #cost: { readonly algorithm: 'argon2id'; readonly memoryCost: number; readonly timeCost: number };
  #running = 0;
  #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;

  constructor(
    options: { readonly maxWaiting?: number; readonly memoryCost?: number; readonly timeCost?: number } = {},
  ) {
    this.#maxWaiting = options.maxWaiting ?? 8;
    this.#cost = {
      algorithm: cost.algorithm,
      memoryCost: options.memoryCost ?? cost.memoryCost,
      timeCost: options.timeCost ?? cost.timeCost,
    };
  }

  hash(passphrase: string): Promise<string> {
    return this.#inTurn(() => Bun.password.hash(passphrase.normalize('NFC'), this.#cost));
  }

  /** Takes as long for an unknown person (`hash` undefined) as for a known one. Throws `throttled` when too many wait. */
  async verify(passphrase: string, hash: string | undefined): Promise<boolean> {
    if (passphrase === '' || passphrase.length > PASSPHRASE_MAX * 4) return false;
    return this.#inTurn(async () => {
      const against = hash ?? (await this.#dummyHash());
      const right = await Bun.password.verify(passphrase.normalize('NFC'), against);
      return right && hash !== undefined;
    });
  }

  #dummyHash(): Promise<string> {
    this.#dummy ??= Bun.password.hash(crypto.randomUUID(), this.#cost);
    return this.#dummy;
  }

  /** Makes the stand-in hash ahead of time, so that the first unknown name does not take twice as long. */
  async warmUp(): Promise<void> {
    await this.#inTurn(() => this.#dummyHash());
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= 2) {
      if (this.#waiting.length >= this.#maxWaiting)
        throw new NightjarError('throttled', 'too many people sign in at once');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

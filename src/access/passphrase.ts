// What makes a passphrase acceptable, and how it is turned into something that can be kept. Rules ask for length only:
// required digits and signs make people choose worse ones. Hashing is argon2id, at most two at a time.

import { NightjarError } from '../base/errors.ts';

export const PASSPHRASE_MIN = 10;
export const PASSPHRASE_MAX = 200;

/** Among the most used ones of ten letters or more, and what one types on being asked for a long one. Compared without case, spaces and signs. */
const obvious = new Set(
  [
    '1234567890 0123456789 0987654321 9876543210 12345678910 123456789a 1234567891 1029384756 qwertyuiop asdfghjkl1',
    '1q2w3e4r5t q1w2e3r4t5 1qaz2wsx3edc zaq12wsxcde3 qwerty1234 qwerty12345 qwerty123456 qwertzuiop azertyuiop',
    'password12 password123 password1234 passwordpassword passphrase passphrase1 mypassphrase mypassword mypassword1',
    'letmeinplease letmein123 iloveyou12 iloveyou123 iloveyou1234 administrator admin12345 adminadmin changemeplease',
    'changeme123 welcome123 welcome1234 superman123 football123 baseball123 princess123 sunshine123 trustno1trustno1',
    'correcthorsebatterystaple abcdefghij abcdefghijk abcdefghijkl abcd123456 abc1234567 nightjar123 nightjarnightjar',
    'securitycamera surveillance mysecretpassphrase topsecret123 raspberrypi raspberry123 unbelievable opensesame1',
  ].flatMap((line) => line.split(' ')),
);

/** Why a passphrase is refused, for its owner; undefined when it is fine. */
export function weakness(passphrase: string, names: readonly string[]): string | undefined {
  const length = [...passphrase].length;
  if (length < PASSPHRASE_MIN)
    return `Use at least ${PASSPHRASE_MIN} characters. Three or four words that nobody would guess are good.`;
  if (length > PASSPHRASE_MAX) return `Use at most ${PASSPHRASE_MAX} characters.`;
  const bare = plain(passphrase);
  if (new Set(bare).size < 4)
    return 'This repeats a few characters only. Three or four words that nobody would guess are good.';
  if (obvious.has(bare))
    return 'This is one of the passphrases that are tried first. Choose something only you would think of.';
  if (names.some((name) => plain(name) !== '' && bare.replaceAll(plain(name), '').length < 4)) {
    return 'This is little more than a name. Choose something that is not on the page.';
  }
  return undefined;
}

const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

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

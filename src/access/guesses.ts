// Counting guesses of a sign-in, per network and per person. What a guess is, and whether it was right, the caller knows.

import { addressKey } from './address.ts';
import { foldName, type KeptPerson } from './people.ts';
import { type Taken, Throttle } from './throttle.ts';

/** Per network: six at once, then three a minute. */
const PER_ADDRESS = { burst: 6, refillMs: 20_000, maxKeys: 2000 };
/** Per person from networks they never signed in from: twenty at once, then six a minute, from the whole world together. */
const PER_PERSON = { burst: 20, refillMs: 10_000, maxKeys: 100 };
/** Names nobody has share this many counters, so that trying many of them gains nothing and remembers nothing. */
const UNKNOWN_NAME_COUNTERS = 16;

export type Guess =
  | Extract<Taken, { ok: false }>
  | {
      readonly ok: true;
      /** All was right: the network's wrong guesses are forgotten. */
      right(): void;
      /** It was not judged, or not to the end: it does not count. */
      takeBack(): void;
    };

export class Guesses {
  readonly #perAddress: Throttle;
  readonly #perPerson: Throttle;

  constructor(monotonicMs: () => number) {
    this.#perAddress = new Throttle(PER_ADDRESS, monotonicMs);
    this.#perPerson = new Throttle(PER_PERSON, monotonicMs);
  }

  /** Counted before it is judged, so that a hundred sent at once gain nothing. `name`: of somebody unknown. */
  begin(address: string, person: KeptPerson | undefined, name: string): Guess {
    const from = addressKey(address);
    const byAddress = this.#perAddress.take(from);
    if (!byAddress.ok) return byAddress;
    // Guesses from elsewhere never lock the owner out of a network they have signed in from.
    const isKnownHere = person?.knownAddresses.includes(from) ?? false;
    const key = person ? person.id : `unknown ${Bun.hash.crc32(foldName(name)) % UNKNOWN_NAME_COUNTERS}`;
    if (!isKnownHere) {
      const byPerson = this.#perPerson.take(key);
      if (!byPerson.ok) {
        this.#perAddress.refund(from);
        return byPerson;
      }
    }
    const refundPerson = () => {
      if (!isKnownHere) this.#perPerson.refund(key);
    };
    return {
      ok: true,
      right: () => {
        this.#perAddress.forgive(from);
        refundPerson();
      },
      takeBack: () => {
        this.#perAddress.refund(from);
        refundPerson();
      },
    };
  }

  /** A guess that concerns nobody in particular, such as a claim code. */
  beginAt(address: string): Guess {
    const from = addressKey(address);
    const byAddress = this.#perAddress.take(from);
    if (!byAddress.ok) return byAddress;
    return {
      ok: true,
      right: () => this.#perAddress.forgive(from),
      takeBack: () => this.#perAddress.refund(from),
    };
  }
}

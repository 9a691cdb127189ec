// Tokens that open a camera's pictures to a player that cannot sign in. Shown once, kept as hashes, taken back by name. The
// list lies in access.json, which is `roster.ts`'s.

import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { addressKey } from './address.ts';
import type { KeptStreamToken } from './people.ts';
import type { Roster } from './roster.ts';
import { Throttle } from './throttle.ts';

export const MAX_STREAM_TOKENS = 100;
const PER_ADDRESS = { burst: 20, refillMs: 5000, maxKeys: 2000 };

export interface StreamToken {
  readonly id: string;
  readonly name: string;
  /** null: every camera. */
  readonly cameraId: string | null;
  readonly createdAtMs: number;
  readonly lastUsedMs?: number;
  /** Only in the answer to its creation. */
  readonly token?: string;
}

/** A new token: what is kept, and the secret that is shown once. Throws `invalid` for a name that cannot be shown. */
export function newStreamToken(
  name: string,
  cameraId: string | null,
  nowMs: number,
  random: (length: number) => Uint8Array,
): { readonly kept: KeptStreamToken; readonly token: string } {
  const shown = name.trim().replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ');
  if (shown === '' || [...shown].length > 60)
    throw new NightjarError('invalid', 'a token needs a name of 1 to 60 characters');
  const token = `nj_${Buffer.from(random(32)).toString('base64url')}`;
  const id = Buffer.from(random(9)).toString('base64url');
  return { kept: { id, name: shown, cameraId, hash: tokenHash(token), createdAtMs: nowMs }, token };
}

/** The token that opens this camera. Looked up by hash, so that its bytes are never compared one by one. */
export function tokenFor(
  tokens: readonly KeptStreamToken[],
  token: string,
  cameraId: string,
): KeptStreamToken | undefined {
  if (token.length < 20 || token.length > 100) return undefined;
  const hash = tokenHash(token);
  return tokens.find((t) => t.hash === hash && (t.cameraId === null || t.cameraId === cameraId));
}

export const tokenHash = (token: string) => createHash('sha256').update(token).digest('base64url');

/** What a page may know of a token. */
export const viewOf = ({ id, name, cameraId, createdAtMs, lastUsedMs }: KeptStreamToken): StreamToken => ({
  id,
  name,
  cameraId,
  createdAtMs,
  ...(lastUsedMs === undefined ? {} : { lastUsedMs }),
});

export class TokenBook {
  readonly #roster: Roster;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #random: (length: number) => Uint8Array;
  readonly #perAddress: Throttle;
  /** `<network> <token id>` of tokens that opened something in this run. */
  readonly #openedFrom = new Set<string>();

  constructor(roster: Roster, clock: Clock, log: Log, random: (length: number) => Uint8Array) {
    this.#roster = roster;
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
    this.#perAddress = new Throttle(PER_ADDRESS, clock.monotonicMs);
  }

  list(): readonly StreamToken[] {
    return this.#roster.streamTokens.map(viewOf);
  }

  /** Throws `invalid` for a bad name and `conflict` when there are too many. */
  create(name: string, cameraId: string | null): StreamToken {
    const before = this.#roster.streamTokens;
    if (this.#roster.isDamaged) throw new NightjarError('conflict', 'the list of people is damaged; see the log');
    if (before.length >= MAX_STREAM_TOKENS) {
      throw new NightjarError('conflict', `there are ${MAX_STREAM_TOKENS} stream tokens already; remove one first`);
    }
    const { kept, token } = newStreamToken(name, cameraId, this.#clock.wallMs(), this.#random);
    this.#roster.keepStreamTokens([...before, kept]);
    return { ...viewOf(kept), token };
  }

  revoke(id: string): boolean {
    const before = this.#roster.streamTokens;
    const left = before.filter((token) => token.id !== id);
    if (left.length === before.length) return false;
    this.#roster.keepStreamTokens(left);
    return true;
  }

  opens(token: string, cameraId: string, address: string): boolean {
    const from = addressKey(address);
    const found = tokenFor(this.#roster.streamTokens, token, cameraId);
    // A forgotten player that keeps trying a revoked token must not shut out the good one beside it in the same house.
    const known = found !== undefined && this.#openedFrom.has(`${from} ${found.id}`);
    if (!known && !this.#perAddress.hasLeft(from)) return false;
    if (!found) {
      this.#perAddress.take(from);
      if (!this.#perAddress.hasLeft(from)) this.#log.warn('wrong stream tokens are being tried', { from });
      return false;
    }
    if (this.#openedFrom.size > 2000) this.#openedFrom.clear();
    this.#openedFrom.add(`${from} ${found.id}`);
    const lastUsedMs = this.#clock.wallMs();
    this.#roster.noteStreamTokensLater(
      this.#roster.streamTokens.map((one) => (one.id === found.id ? { ...one, lastUsedMs } : one)),
    );
    return true;
  }
}

// One order, from the account to a certificate that is proven to belong to its key and name (RFC 8555, DNS-01). Every step can be let go
// and ends by itself in time; the proof is taken back afterwards, however it went. Knows no schedule and keeps nothing.

import type * as Acme from 'acme-client';
import { type Clock, sleep } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { connectAuthority, type LastRefusal, refusalOf } from './authority.ts';
import type { TxtVisible } from './lookup.ts';
import { describeFailure, type OrderFailure, orderFailed, recordRefused } from './order-failure.ts';
import { type CertificateFacts, fitsName, judgePair, type TlsCertificate } from './pem.ts';

/** What is to be had. */
export interface Wanted {
  /** At DuckDNS: the part before `.duckdns.org`. */
  readonly domain: string;
  readonly token: string;
  /** For the authority; may be empty. */
  readonly email: string;
  /** The name that the certificate is for: my-house.duckdns.org */
  readonly hostName: string;
}

type TxtResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused' | 'unreachable'; readonly message: string; readonly advice: string };

/** Whoever keeps the name's one TXT record. Throws only when the signal aborts; ends by itself in time. */
export interface TxtRecord {
  setTxt(
    record: { readonly domain: string; readonly token: string; readonly value: string },
    signal: AbortSignal,
  ): Promise<TxtResult>;
  clearTxt(of: { readonly domain: string; readonly token: string }, signal: AbortSignal): Promise<unknown>;
}

export interface AccountKey {
  read(): string | undefined;
  /** PEM. */
  keep(key: string): void;
  forget(): void;
}

export interface OrderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly txt: TxtRecord;
  readonly txtVisible: TxtVisible;
  readonly account: AccountKey;
  /** Default: Let’s Encrypt. */
  readonly directoryUrl?: string | undefined;
  /** PEM: trusted for the directory instead of the system's authorities. For tests. */
  readonly trustedCa?: string | undefined;
  /** Pause between two looks at what the authority is working on. */
  readonly lookMs?: number | undefined;
}

export type Ordered =
  | { readonly ok: true; readonly pair: TlsCertificate; readonly facts: CertificateFacts }
  | { readonly ok: false; readonly failure: OrderFailure };

const WHOLE_ORDER_MS = 15 * 60_000;
const WORKING_MS = 3 * 60_000;
/** DuckDNS has this long to take the proof back, and while the box shuts down only that. */
const CLEAR_MS = 15_000;
const CLEAR_AT_END_MS = 2000;
/** The library itself tries five times within each. */
const NONCE_TRIES = 3;

/** @param onDoing told with a sentence what begins. Throws the signal's reason when that aborts, and nothing else. */
export async function orderCertificate(
  options: OrderOptions,
  wanted: Wanted,
  onDoing: (sentence: string) => void,
  signal: AbortSignal,
): Promise<Ordered> {
  const late = new AbortController();
  const calm = options.clock.after(WHOLE_ORDER_MS, () => late.abort(orderFailed('too-long')));
  const ends = AbortSignal.any([signal, late.signal]);
  // 0.2 s and 15 MB that a box without such a certificate does not pay
  const acme: typeof Acme = await import('acme-client');
  const refusal = connectAuthority(acme.axios, { ...options, signal: ends });
  try {
    const order = new Order(acme, refusal, options, wanted, onDoing, ends);
    return { ok: true, ...(await order.run(signal)) };
  } catch (error) {
    signal.throwIfAborted();
    options.log.debug('a certificate order failed', { reason: describeError(error) });
    const failure = describeFailure(late.signal.aborted ? late.signal.reason : error, wanted.hostName, refusal.get());
    if (failure.kind === 'account') options.account.forget();
    return { ok: false, failure };
  } finally {
    calm();
  }
}

class Order {
  readonly #acme: typeof Acme;
  readonly #refusal: LastRefusal;
  readonly #o: OrderOptions;
  readonly #wanted: Wanted;
  readonly #doing: (sentence: string) => void;
  readonly #signal: AbortSignal;

  constructor(
    acme: typeof Acme,
    refusal: LastRefusal,
    options: OrderOptions,
    wanted: Wanted,
    onDoing: (sentence: string) => void,
    signal: AbortSignal,
  ) {
    this.#acme = acme;
    this.#refusal = refusal;
    this.#o = options;
    this.#wanted = wanted;
    this.#doing = onDoing;
    this.#signal = signal;
  }

  /** @param outer aborted: the box is shutting down, or wants something else. */
  async run(outer: AbortSignal): Promise<{ readonly pair: TlsCertificate; readonly facts: CertificateFacts }> {
    const { hostName } = this.#wanted;
    this.#doing('Asking the certificate authority for a certificate.');
    const client = await this.#account();
    const order = await this.#step(() => client.createOrder({ identifiers: [{ type: 'dns', value: hostName }] }));
    const authorization = () => this.#step(async () => (await client.getAuthorizations(order))[0]!);
    const first = await authorization();
    if (first.status !== 'valid') await this.#prove(client, first, authorization, outer);

    this.#doing('Fetching the certificate.');
    const newest = () => this.#step(() => client.getOrder(order));
    await this.#working(newest, ({ status }) => status !== 'pending');
    const [key, request] = await this.#acme.crypto.createCsr(
      { altNames: [hostName] },
      await this.#acme.crypto.createPrivateEcdsaKey('P-256'),
    );
    await this.#step(() => client.finalizeOrder(order, request));
    const finished = await this.#working(newest, ({ status }) => status !== 'processing' && status !== 'ready');
    if (finished.status !== 'valid') this.#judged(finished.error, `the order is ${finished.status}`);
    const certificate = await this.#step(() => client.getCertificate(finished));
    // Without the time: a certificate is not thrown away because the clock is wrong.
    const judged = judgePair({ certificate, key: key.toString() });
    if (!judged.ok) throw new Error(judged.problem);
    if (!fitsName(judged.facts, hostName)) throw new Error(`the certificate is not for ${hostName}`);
    return judged;
  }

  async #account(): Promise<Acme.Client> {
    const { account, directoryUrl = this.#acme.directory.letsencrypt.production } = this.#o;
    const kept = account.read();
    const accountKey = kept ?? (await this.#acme.crypto.createPrivateEcdsaKey('P-256')).toString();
    if (kept === undefined) account.keep(accountKey);
    const client = new this.#acme.Client({ directoryUrl, accountKey });
    const { email } = this.#wanted;
    // Finds the account of that key where there is one, and updates it: an update that says nothing is refused.
    const mine = { termsOfServiceAgreed: true, contact: email === '' ? [] : [`mailto:${email}`] };
    try {
      await this.#step(() => client.createAccount(mine));
    } catch (error) {
      const refusal = this.#refusal.get();
      // Closed over there: it stays closed.
      if (refusal?.type === 'unauthorized') this.#refusal.set({ ...refusal, type: 'accountDoesNotExist' });
      throw error;
    }
    return client;
  }

  async #prove(
    client: Acme.Client,
    first: Acme.Authorization,
    authorization: () => Promise<Acme.Authorization>,
    outer: AbortSignal,
  ): Promise<void> {
    const { domain, token, hostName } = this.#wanted;
    const { txt, txtVisible } = this.#o;
    const challenge = first.challenges.find(({ type }) => type === 'dns-01');
    if (!challenge) throw new Error('the authority offers no proof by DNS');
    const value = await client.getChallengeKeyAuthorization(challenge);
    this.#doing('Putting the proof that the name is yours into DuckDNS.');
    let isSet = true;
    try {
      const set = await this.#let(txt.setTxt({ domain, token, value }, this.#signal));
      if (set.kind !== 'ok') {
        isSet = set.kind !== 'refused';
        throw recordRefused(set);
      }
      this.#doing('Waiting until the name servers show it.');
      const seen = await this.#let(txtVisible(`_acme-challenge.${hostName}`, value, this.#signal));
      if (!seen) throw orderFailed('not-visible');
      this.#doing('Waiting until the certificate authority has looked at it.');
      await this.#step(() => client.completeChallenge(challenge));
      const judged = await this.#working(authorization, ({ status }) => status !== 'pending');
      if (judged.status !== 'valid') {
        const problem = judged.challenges.find(({ error }) => error !== undefined)?.error;
        this.#judged(problem ?? { type: 'unauthorized' }, `the proof is ${judged.status}`);
      }
    } finally {
      if (isSet) await this.#clear(outer);
    }
  }

  /** Best effort: the next order replaces it anyway. */
  async #clear(outer: AbortSignal): Promise<void> {
    const { clock, txt, log } = this.#o;
    const { domain, token } = this.#wanted;
    const enough = new AbortController();
    const give = (ms: number) => clock.after(ms, () => enough.abort());
    const calm = [give(CLEAR_MS)];
    const hurry = () => calm.push(give(CLEAR_AT_END_MS));
    if (outer.aborted) hurry();
    outer.addEventListener('abort', hurry, { once: true });
    try {
      await Promise.race([txt.clearTxt({ domain, token }, enough.signal), rejectedBy(enough.signal)]);
    } catch (error) {
      log.debug('the proof could not be taken back from DuckDNS', { reason: describeError(error) });
    } finally {
      outer.removeEventListener('abort', hurry);
      for (const stop of calm) stop();
    }
  }

  /** Asked until it is done. */
  async #working<T>(look: () => Promise<T>, isDone: (found: T) => boolean): Promise<T> {
    const { clock, lookMs = 2000 } = this.#o;
    const endMs = clock.monotonicMs() + WORKING_MS;
    for (;;) {
      const found = await look();
      if (isDone(found)) return found;
      if (clock.monotonicMs() > endMs) throw orderFailed('too-long');
      await sleep(clock, lookMs, this.#signal);
      this.#signal.throwIfAborted();
    }
  }

  async #step<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      this.#signal.throwIfAborted();
      this.#refusal.set(undefined);
      try {
        const done = await act();
        // A nonce that was refused on the way.
        this.#refusal.set(undefined);
        return done;
      } catch (error) {
        if (this.#refusal.get()?.type !== 'badNonce' || tries === NONCE_TRIES) throw error;
      }
    }
  }

  #judged(problem: object | undefined, words: string): never {
    this.#refusal.set(refusalOf(403, new Headers(), JSON.stringify(problem ?? {}), this.#o.clock.wallMs()));
    throw new Error(words);
  }

  /** Lets go of what does not let go by itself. */
  #let<T>(what: Promise<T>): Promise<T> {
    return Promise.race([what, rejectedBy(this.#signal)]);
  }
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

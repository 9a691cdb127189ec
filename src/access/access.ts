// Who may do what: claiming the box, signing in and out, passphrases, stream tokens. Owns access.json and sessions.json.
// Cookies, Origin checks and status codes are http's; which address asked is told by the caller.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { privateFolder } from '../base/durable.ts';
import { DurableJsonFile } from '../base/durable-json.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { addressKey } from './address.ts';
import { isClaimCode, newClaimCode } from './claim-code.ts';
import { PassphraseHasher, weakness } from './passphrase.ts';
import { type AccessFile, accessFile, foldName, type KeptPerson, nameProblem, nobody, sameName } from './people.ts';
import { Sessions } from './sessions.ts';
import { MAX_STREAM_TOKENS, newStreamToken, type StreamToken, tokenFor, viewOf } from './stream-tokens.ts';
import { type Taken, Throttle } from './throttle.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
}
export interface Session {
  readonly id: string;
  readonly person: Person;
}
export type LoginResult =
  | { readonly ok: true; readonly session: Session; readonly cookie: string }
  | { readonly ok: false; readonly reason: 'wrong' | 'throttled'; readonly retryAfterS?: number };
export type ClaimResult =
  | LoginResult
  | { readonly ok: false; readonly reason: 'claimed' | 'weak'; readonly message: string };
export type PassphraseResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'wrong' | 'throttled' | 'weak'; readonly message: string };

export interface AccessOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: (length: number) => Uint8Array;
  /** A passphrase that is little more than the box's name is refused. */
  readonly boxName?: () => string;
  /** Somebody has used up their guesses. Called again and again while they go on: space what you make of it. */
  readonly onGuessing?: (from: string) => void;
  readonly hasher?: PassphraseHasher;
}

/** Reads what is kept, and makes a claim code when nobody owns the box yet. Throws only when the folder cannot be made. */
export function openAccess(options: AccessOptions): Access {
  privateFolder(options.dataDir);
  return new Access(options);
}

/** Guesses per network: six at once, then three a minute. */
const PER_ADDRESS = { burst: 6, refillMs: 20_000, maxKeys: 2000 };
/** Guesses per person from networks they never signed in from: twenty at once, then six a minute, from the whole world together. */
const PER_PERSON = { burst: 20, refillMs: 10_000, maxKeys: 100 };
const PER_TOKEN_ADDRESS = { burst: 20, refillMs: 5000, maxKeys: 2000 };
/** Names nobody has share this many counters, so that trying many of them gains nothing and remembers nothing. */
const UNKNOWN_NAME_COUNTERS = 16;

export class Access {
  readonly #o: AccessOptions;
  readonly #random: (length: number) => Uint8Array;
  readonly #file: DurableJsonFile<AccessFile>;
  readonly #sessions: Sessions;
  readonly #hasher: PassphraseHasher;
  readonly #perAddress: Throttle;
  readonly #perPerson: Throttle;
  readonly #perTokenAddress: Throttle;
  /** `<network> <token id>` of tokens that opened something in this run. */
  readonly #openedFrom = new Set<string>();
  #kept: AccessFile;
  #damaged = false;
  #claimCode: string | undefined;
  #cancelUseSave: (() => void) | undefined;

  constructor(options: AccessOptions) {
    this.#o = options;
    const { clock, log, dataDir } = options;
    this.#random = options.random ?? ((length) => randomBytes(length));
    this.#hasher = options.hasher ?? new PassphraseHasher();
    this.#perAddress = new Throttle(PER_ADDRESS, clock.monotonicMs);
    this.#perPerson = new Throttle(PER_PERSON, clock.monotonicMs);
    this.#perTokenAddress = new Throttle(PER_TOKEN_ADDRESS, clock.monotonicMs);
    this.#file = new DurableJsonFile({
      path: join(dataDir, 'access.json'),
      parse: (value) => accessFile.parse(value),
    });
    const kept = this.#file.read();
    this.#kept = kept ?? nobody;
    if (kept && this.#file.source === 'last-good') {
      log.warn(`access.json could not be read (${firstWords(this.#file.problem)}); its last good copy is used.`);
      this.#write(kept);
    } else if (!kept && this.#file.problem) {
      // Fail closed: a box whose owner list is damaged must not offer itself to the next visitor.
      this.#damaged = true;
      log.error(
        `access.json and its last good copy cannot be read (${firstWords(this.#file.problem)}). Nobody can sign in. ` +
          'To claim the box anew, remove access.json and access.json.last-good from the data folder and restart.',
      );
    }
    this.#sessions = new Sessions({ path: join(dataDir, 'sessions.json'), clock, log, random: this.#random });
    if (!this.isClaimed()) this.#claimCode = newClaimCode(this.#random);
  }

  isClaimed(): boolean {
    return this.#damaged || this.#kept.people.length > 0;
  }

  /** The code to print on the console; undefined once the box has an owner. New at each start. */
  claimCode(): string | undefined {
    return this.#claimCode;
  }

  async claim(
    body: { readonly code: string; readonly name: string; readonly passphrase: string },
    address: string,
  ): Promise<ClaimResult> {
    const claimed = {
      ok: false,
      reason: 'claimed',
      message: 'This box has an owner already. Sign in instead.',
    } as const;
    if (this.isClaimed() || this.#claimCode === undefined) return claimed;
    const from = addressKey(address);
    const taken = this.#perAddress.take(from);
    if (!taken.ok) return throttled(taken);
    if (!isClaimCode(body.code, this.#claimCode)) {
      this.#o.log.warn('a wrong claim code was tried', { from });
      return { ok: false, reason: 'wrong' };
    }
    this.#perAddress.refund(from);
    const name = body.name.trim();
    const message = nameProblem(name) ?? weakness(body.passphrase, this.#namesOf(name));
    if (message) return { ok: false, reason: 'weak', message };
    let passphraseHash: string;
    try {
      passphraseHash = await this.#hasher.hash(body.passphrase);
    } catch (error) {
      if (isBusy(error)) return busy;
      throw error;
    }
    // Two people may have come this far at once: from here to the write nothing else can run.
    if (this.isClaimed()) return claimed;
    const person: KeptPerson = {
      id: Buffer.from(this.#random(9)).toString('base64url'),
      name,
      passphraseHash,
      createdAtMs: this.#o.clock.wallMs(),
      knownAddresses: [from],
    };
    this.#write({ ...this.#kept, people: [person] });
    this.#claimCode = undefined;
    this.#perAddress.forgive(from);
    this.#o.log.info('the box has an owner now', { from });
    return this.#begin(person);
  }

  async login(body: { readonly name: string; readonly passphrase: string }, address: string): Promise<LoginResult> {
    const person = this.#kept.people.find((p) => sameName(p.name, body.name));
    const checked = await this.#check(person, body.name, body.passphrase, addressKey(address));
    if (checked !== 'right') return checked;
    // The person may be gone by the time the hash was computed.
    const still = this.#kept.people.find((p) => p.id === person?.id);
    if (!still || still.passphraseHash !== person?.passphraseHash) return { ok: false, reason: 'wrong' };
    this.#rememberAddress(still, addressKey(address));
    return this.#begin(still);
  }

  session(cookie: string): Session | undefined {
    const found = this.#sessions.find(cookie);
    const person = found && this.#kept.people.find((p) => p.id === found.personId);
    return found && person ? { id: found.id, person: { id: person.id, name: person.name } } : undefined;
  }

  logout(sessionId: string): void {
    this.#sessions.end(sessionId);
  }

  /** Sets a new passphrase and ends the person's sessions, except the one that asked when it is named. */
  async changePassphrase(
    person: { readonly id: string },
    current: string,
    next: string,
    address: string,
    keepSessionId?: string,
  ): Promise<PassphraseResult> {
    const kept = this.#kept.people.find((p) => p.id === person.id);
    const checked = await this.#check(kept, '', current, addressKey(address));
    if (checked !== 'right') {
      const message =
        checked.reason === 'wrong'
          ? 'The present passphrase is not right.'
          : `Too many tries. Try again in ${checked.retryAfterS ?? 2} seconds.`;
      return { ...checked, message };
    }
    const weak =
      current.normalize('NFC') === next.normalize('NFC')
        ? 'This is the passphrase you have now.'
        : weakness(next, this.#namesOf(kept!.name));
    if (weak) return { ok: false, reason: 'weak', message: weak };
    let passphraseHash: string;
    try {
      passphraseHash = await this.#hasher.hash(next);
    } catch (error) {
      if (isBusy(error)) return { ...busy, message: 'Too many people sign in at once. Try again in 2 seconds.' };
      throw error;
    }
    this.#write({
      ...this.#kept,
      people: this.#kept.people.map((p) => (p.id === person.id ? { ...p, passphraseHash } : p)),
    });
    this.#sessions.endOthers(person.id, keepSessionId);
    this.#o.log.info('a passphrase was changed; sessions on other devices have ended');
    return { ok: true };
  }

  streamTokens(): readonly StreamToken[] {
    return this.#kept.streamTokens.map(viewOf);
  }

  /** Throws `invalid` for a bad name and `conflict` when there are too many. */
  createStreamToken(name: string, cameraId: string | null): StreamToken {
    if (this.#damaged) throw new NightjarError('conflict', 'access.json is damaged; see the log');
    if (this.#kept.streamTokens.length >= MAX_STREAM_TOKENS) {
      throw new NightjarError('conflict', `there are ${MAX_STREAM_TOKENS} stream tokens already; remove one first`);
    }
    const { kept, token } = newStreamToken(name, cameraId, this.#o.clock.wallMs(), this.#random);
    this.#write({ ...this.#kept, streamTokens: [...this.#kept.streamTokens, kept] });
    return { ...viewOf(kept), token };
  }

  revokeStreamToken(id: string): boolean {
    const left = this.#kept.streamTokens.filter((t) => t.id !== id);
    if (left.length === this.#kept.streamTokens.length) return false;
    this.#write({ ...this.#kept, streamTokens: left });
    return true;
  }

  streamTokenOpens(token: string, cameraId: string, address: string): boolean {
    const from = addressKey(address);
    const found = tokenFor(this.#kept.streamTokens, token, cameraId);
    // A forgotten player that keeps trying a revoked token must not shut out the good one beside it in the same house.
    const known = found !== undefined && this.#openedFrom.has(`${from} ${found.id}`);
    if (!known && !this.#perTokenAddress.hasLeft(from)) return false;
    if (!found) {
      this.#perTokenAddress.take(from);
      if (!this.#perTokenAddress.hasLeft(from)) this.#o.log.warn('wrong stream tokens are being tried', { from });
      return false;
    }
    if (this.#openedFrom.size > 2000) this.#openedFrom.clear();
    this.#openedFrom.add(`${from} ${found.id}`);
    this.#noteUse(found.id);
    return true;
  }

  /** Puts what is still in memory on the disk. */
  close(): void {
    if (this.#cancelUseSave) this.#saveUse();
    this.#sessions.close();
  }

  /** Counts, then checks. An unknown person costs the same work as a known one. */
  async #check(
    person: KeptPerson | undefined,
    name: string,
    passphrase: string,
    from: string,
  ): Promise<'right' | Extract<LoginResult, { ok: false }>> {
    const byAddress = this.#perAddress.take(from);
    if (!byAddress.ok) {
      this.#o.onGuessing?.(from);
      return throttled(byAddress);
    }
    // Guesses from elsewhere never lock the owner out of a network they have signed in from.
    const key = person ? person.id : `unknown ${Bun.hash.crc32(foldName(name)) % UNKNOWN_NAME_COUNTERS}`;
    const isKnownHere = person?.knownAddresses.includes(from) ?? false;
    if (!isKnownHere) {
      const byPerson = this.#perPerson.take(key);
      if (!byPerson.ok) {
        this.#o.onGuessing?.(from);
        this.#perAddress.refund(from);
        return throttled(byPerson);
      }
    }
    let right: boolean;
    try {
      right = await this.#hasher.verify(passphrase, person?.passphraseHash);
    } catch (error) {
      this.#perAddress.refund(from);
      if (!isKnownHere) this.#perPerson.refund(key);
      if (isBusy(error)) return busy;
      throw error;
    }
    if (!right) {
      // The name is not logged: people type their passphrase into the wrong field.
      this.#o.log.warn(person ? 'a wrong passphrase was tried' : 'somebody unknown tried to sign in', { from });
      return { ok: false, reason: 'wrong' };
    }
    this.#perAddress.forgive(from);
    if (!isKnownHere) this.#perPerson.refund(key);
    return 'right';
  }

  #begin(person: KeptPerson): Extract<LoginResult, { ok: true }> {
    const { session, cookie } = this.#sessions.begin(person.id);
    return { ok: true, session: { id: session.id, person: { id: person.id, name: person.name } }, cookie };
  }

  #rememberAddress(person: KeptPerson, from: string): void {
    if (person.knownAddresses.includes(from)) return;
    const knownAddresses = [...person.knownAddresses, from].slice(-32);
    const people = this.#kept.people.map((p) => (p.id === person.id ? { ...p, knownAddresses } : p));
    try {
      this.#write({ ...this.#kept, people });
    } catch (error) {
      this.#o.log.warn(`a sign-in could not be noted (${describeError(error)})`);
    }
  }

  #noteUse(tokenId: string): void {
    const lastUsedMs = this.#o.clock.wallMs();
    const streamTokens = this.#kept.streamTokens.map((t) => (t.id === tokenId ? { ...t, lastUsedMs } : t));
    this.#kept = { ...this.#kept, streamTokens };
    // A player that reconnects every second must not wear out the card.
    this.#cancelUseSave ??= this.#o.clock.after(10 * 60_000, () => this.#saveUse());
  }

  #saveUse(): void {
    this.#cancelUseSave?.();
    this.#cancelUseSave = undefined;
    try {
      this.#write(this.#kept);
    } catch (error) {
      this.#o.log.warn(`the last use of a stream token could not be saved (${describeError(error)})`);
    }
  }

  /** On the disk first: what could not be kept is not claimed to hold. */
  #write(next: AccessFile): void {
    try {
      this.#file.write(next);
    } catch (cause) {
      const full = (cause as { code?: unknown }).code === 'ENOSPC';
      throw new NightjarError(full ? 'no-space' : 'internal', 'access.json could not be written', { cause });
    }
    this.#kept = next;
  }

  #namesOf(name: string): readonly string[] {
    return [name, this.#o.boxName?.() ?? '', 'nightjar'];
  }
}

const throttled = (taken: Extract<Taken, { ok: false }>) =>
  ({ ok: false, reason: 'throttled', retryAfterS: taken.retryAfterS }) as const;
const busy = { ok: false, reason: 'throttled', retryAfterS: 2 } as const;
const isBusy = (error: unknown) => error instanceof NightjarError && error.kind === 'throttled';
const firstWords = (text: string | undefined) => (text ?? '').replace(/\s+/g, ' ').slice(0, 160);

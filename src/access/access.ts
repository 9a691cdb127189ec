// Who may do what: claiming the box, signing in and out, people, passphrases, recovery, the second factor, stream tokens.
// Cookies, Origin checks, which role may ask for which route, and status codes are http's; which address asked is told by the
// caller. The box never sees a passphrase, and holds no key that opens a recording.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type FileSteps, privateFolder } from '../base/durable.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { hex } from '../vault/bytes.ts';
import { type Keyring, sealingKey } from '../vault/keyring.ts';
import type { DeviceKey } from '../vault/signed.ts';
import { addressKey } from './address.ts';
import { Challenges } from './challenges.ts';
import { isClaimCode, newClaimCode } from './claim-code.ts';
import { openDeviceKey } from './device-key.ts';
import { type Guess, Guesses } from './guesses.ts';
import { Household, newPerson, personOf, whichOwner } from './household.ts';
import { keyringProblem, tidyKeyring } from './keyring-change.ts';
import { nameProblem, sameName, seenFrom } from './people.ts';
import type {
  Begun,
  ClaimResult,
  LoginResult,
  No,
  PersonInList,
  ProofResult,
  RecoverResult,
  SentKeyring,
  Session,
  Throttled,
  VaultView,
} from './results.ts';
import { type Member, Roster } from './roster.ts';
import { SecondFactorOffers, stepOfCode } from './second-factor.ts';
import { Sessions } from './sessions.ts';
import { isRightSecret, type NamedParameters, parametersOf, standInParameters } from './sign-in-secret.ts';
import { type StreamToken, TokenBook } from './stream-tokens.ts';
import { Throttle, throttled } from './throttle.ts';

export type { Person, Session } from './results.ts';

export interface AccessOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: (length: number) => Uint8Array;
  /** What authenticator apps call the box. */
  readonly boxName?: () => string;
  /** For this long from now an unclaimed box asks for no code: nobody sees the console of a box without a screen. */
  readonly claimWithoutCodeForMs?: number;
  /** Somebody has used up their guesses. Called again and again while they go on: space what you make of it. */
  readonly onGuessing?: (from: string) => void;
  /** Made to fail in tests. */
  readonly steps?: FileSteps;
}

/**
 * Reads what is kept, makes the box's own key at its first start, and a claim code when nobody owns the box yet. Throws when
 * the folder cannot be made, and `unavailable` when the box's key is damaged or gone.
 */
export function openAccess(options: AccessOptions): Access {
  privateFolder(options.dataDir);
  return new Access(options);
}

/** Questions that give nothing away, and only must not become a flood. */
const PER_ASKER = { burst: 30, refillMs: 2000, maxKeys: 2000 };
const CHALLENGES_FROM_ALL = { burst: 60, refillMs: 1000, maxKeys: 1 };
/** How exactly it is kept when somebody was last here. */
const SEEN_EVERY_MS = 10 * 60_000;

export class Access {
  readonly #o: AccessOptions;
  readonly #random: (length: number) => Uint8Array;
  readonly #roster: Roster;
  readonly #device: DeviceKey;
  readonly #sessions: Sessions;
  readonly #tokens: TokenBook;
  readonly #guesses: Guesses;
  readonly #perAsker: Throttle;
  readonly #challengesFromAll: Throttle;
  readonly #challenges: Challenges;
  readonly #offers: SecondFactorOffers;
  readonly #household: Household;
  readonly #codeNeededFromMs: number;
  #claimCode: string | undefined;

  constructor(options: AccessOptions) {
    this.#o = options;
    const { clock, log, dataDir } = options;
    this.#random = options.random ?? ((length) => randomBytes(length));
    this.#roster = new Roster({
      dataDir,
      clock,
      log,
      random: this.#random,
      ...(options.steps ? { steps: options.steps } : {}),
    });
    this.#device = openDeviceKey(dataDir, () => this.#roster.isOwned, this.#random);
    this.#roster.settle(this.deviceKey());
    this.#sessions = new Sessions({ path: join(dataDir, 'sessions.json'), clock, log, random: this.#random });
    this.#tokens = new TokenBook(this.#roster, clock, log, this.#random);
    this.#guesses = new Guesses(clock.monotonicMs);
    this.#perAsker = new Throttle(PER_ASKER, clock.monotonicMs);
    this.#challengesFromAll = new Throttle(CHALLENGES_FROM_ALL, clock.monotonicMs);
    this.#challenges = new Challenges(clock.monotonicMs, this.#random);
    this.#offers = new SecondFactorOffers(clock.monotonicMs, this.#random);
    const [roster, sessions, offers] = [this.#roster, this.#sessions, this.#offers];
    this.#household = new Household({ roster, sessions, offers, deviceKey: this.deviceKey(), clock, log });
    this.#codeNeededFromMs = clock.monotonicMs() + (options.claimWithoutCodeForMs ?? 0);
    if (!this.isClaimed()) this.#claimCode = newClaimCode(this.#random);
  }

  /** The box's Ed25519 public key, hex. */
  deviceKey(): string {
    return hex(this.#device.publicKey);
  }

  /** Undefined while nobody owns the box. */
  keyring(): Keyring | undefined {
    return this.#roster.keyring;
  }

  /** What the store asks for: `store/sealing.ts`. Always that of now. */
  sealing(): { publicKey(): Uint8Array | undefined; readonly device: DeviceKey } {
    let last: { readonly keyring: Keyring; readonly publicKey: Uint8Array } | undefined;
    return {
      device: this.#device,
      publicKey: () => {
        const keyring = this.#roster.keyring;
        if (!keyring) return undefined;
        if (last?.keyring !== keyring) last = { keyring, publicKey: sealingKey(keyring) };
        return last.publicKey;
      },
    };
  }

  isClaimed(): boolean {
    return this.#roster.isOwned;
  }

  /** The code to print on the console; undefined once the box has an owner. New at each start. */
  claimCode(): string | undefined {
    return this.#claimCode;
  }

  /** Whether claiming asks for the code now; false once the box has an owner. */
  isClaimCodeNeeded(): boolean {
    return !this.isClaimed() && this.#o.clock.monotonicMs() >= this.#codeNeededFromMs;
  }

  /** `code` may be left out while none is needed. */
  claim(
    body: { readonly code?: string; readonly name: string; readonly keyring: unknown; readonly signIn: string },
    address: string,
  ): ClaimResult {
    if (this.isClaimed() || this.#claimCode === undefined) {
      return { ok: false, reason: 'claimed', message: 'This box has an owner already. Sign in instead.' };
    }
    const guess = this.#guesses.beginAt(address);
    if (!guess.ok) return throttled(guess);
    if (this.isClaimCodeNeeded()) {
      if (!isClaimCode(body.code ?? '', this.#claimCode)) {
        this.#o.log.warn('a wrong claim code was tried', { from: addressKey(address) });
        return { ok: false, reason: 'wrong' };
      }
      guess.takeBack();
    }
    const keyring = tidyKeyring(body.keyring);
    const message = nameProblem(body.name) ?? keyringProblem({ kind: 'claim' }, undefined, keyring, this.deviceKey());
    if (message) return { ok: false, reason: 'invalid', message };
    const owner = keyring.people[0]!;
    const { wrapped, id } = owner;
    this.#roster.claim(keyring, newPerson(id, body.name, wrapped.salt, body.signIn, this.#o.clock.wallMs()));
    this.#claimCode = undefined;
    guess.right();
    this.#o.log.info('the box has an owner now', { from: addressKey(address) });
    return this.#begin(this.#roster.member(owner.id)!, address);
  }

  /** What a browser needs to stretch a passphrase. The same for the same name, also for a name that nobody has. */
  loginParameters(
    name: string,
    address: string,
  ): { readonly ok: true; readonly parameters: NamedParameters } | Throttled {
    const asked = this.#perAsker.take(addressKey(address));
    if (!asked.ok) return throttled(asked);
    const standIn = standInParameters(name, this.#roster.secret, this.#roster.members[0]?.entry);
    const member = this.#roster.named(name);
    return { ok: true, parameters: member ? parametersOf(member.entry) : standIn };
  }

  login(
    body: { readonly name: string; readonly signIn: string; readonly code?: string },
    address: string,
  ): LoginResult {
    const member = this.#roster.named(body.name);
    const guess = this.#judge(member, body.name, body.signIn, address);
    if (!guess.ok) return guess.refusal;
    const { totp } = member!.kept;
    if (totp && body.code === undefined) {
      guess.takeBack();
      return { ok: false, reason: 'second-factor' };
    }
    const step = totp && stepOfCode(totp.secret, body.code ?? '', this.#o.clock.wallMs());
    if (totp && (step === undefined || step <= totp.lastUsedStep)) {
      this.#o.log.warn('a wrong or used code of a second factor was tried', { from: addressKey(address) });
      return { ok: false, reason: 'wrong' };
    }
    // Noted before it opens anything.
    if (totp) this.#roster.note({ ...member!.kept, totp: { ...totp, lastUsedStep: step! } });
    guess.right();
    return this.#begin(this.#roster.member(member!.kept.id)!, address);
  }

  session(cookie: string): Session | undefined {
    const found = this.#sessions.find(cookie);
    const member = found && this.#roster.member(found.personId);
    if (!member) return undefined;
    const nowMs = this.#o.clock.wallMs();
    if (Math.abs(nowMs - (member.kept.lastSeenMs ?? 0)) > SEEN_EVERY_MS) {
      this.#roster.noteLater({ ...member.kept, lastSeenMs: nowMs });
    }
    return { id: found.id, person: personOf(member), ...(found.recovering ? { recovering: true } : {}) };
  }

  logout(sessionId: string): void {
    this.#sessions.end(sessionId);
  }

  vault(personId: string): VaultView {
    return this.#household.view(personId);
  }

  changeKeys(sent: SentKeyring): VaultView {
    return this.#household.changeKeys(sent);
  }

  people(): readonly PersonInList[] {
    return this.#household.list();
  }

  addPerson(body: Parameters<Household['add']>[0]): PersonInList {
    return this.#household.add(body);
  }

  removePerson(id: string, sent: SentKeyring): void {
    this.#household.remove(id, sent);
  }

  resetPerson(...args: Parameters<Household['reset']>): ReturnType<Household['reset']> {
    return this.#household.reset(...args);
  }

  /** Whoever asks has typed the passphrase, or come with the recovery key: a stolen cookie must not change who holds which key. */
  prove(session: Session, secret: string | undefined, address: string): ProofResult {
    return session.recovering ? { ok: true } : this.#proof(session.person.id, secret ?? '', address);
  }

  /** Oneself, with the present secret. Ends one's other sessions. Throws `invalid` for a wrapping that is none. */
  changePassphrase(
    session: Session,
    body: { readonly current: string; readonly signIn: string; readonly wrapped: unknown },
    address: string,
  ): ProofResult {
    const proof = this.#proof(session.person.id, body.current, address);
    if (proof.ok) this.#household.rewrap(session.person.id, session.id, body);
    return proof;
  }

  /** A challenge that only the recovery key opens. Throws `conflict` while nobody owns the box. */
  recover(address: string): { readonly ok: true; readonly id: string; readonly challenge: string } | Throttled {
    const keyring = this.#roster.keyring;
    if (!keyring) throw new NightjarError('conflict', 'Nobody owns this box yet.');
    const asked = this.#perAsker.take(addressKey(address));
    if (!asked.ok) return throttled(asked);
    const all = this.#challengesFromAll.take('all');
    if (!all.ok) return throttled(all);
    return { ok: true, ...this.#challenges.make(keyring.recovery.publicKey) };
  }

  /** A session of the owner of that name, without their second factor: whoever holds the recovery key may do what an owner may. */
  answerRecovery(
    body: { readonly id: string; readonly answer: string; readonly name?: string },
    address: string,
  ): RecoverResult {
    const guess = this.#guesses.beginAt(address);
    if (!guess.ok) {
      this.#o.onGuessing?.(addressKey(address));
      return throttled(guess);
    }
    const publicKey = this.#roster.keyring?.recovery.publicKey ?? '';
    if (!this.#challenges.isAnswer(body.id, body.answer, publicKey)) {
      this.#o.log.warn('a recovery was tried without the recovery key', { from: addressKey(address) });
      return { ok: false, reason: 'wrong' };
    }
    guess.right();
    const owners = this.#roster.members.filter(({ entry }) => entry.role === 'owner');
    const { name } = body;
    const meant = name === undefined ? owners : owners.filter(({ kept }) => sameName(kept.name, name));
    if (meant.length !== 1) {
      return { ok: false, reason: 'invalid', message: whichOwner(owners.length, name) };
    }
    this.#challenges.used(body.id);
    this.#o.log.info('an owner came in with the recovery key', { from: addressKey(address) });
    return this.#begin(meant[0]!, address, true);
  }

  /** Counts once `confirmSecondFactor` has seen a code. Throws `conflict` when one is on: whoever has it must switch it off. */
  offerSecondFactor(personId: string): { readonly secret: string; readonly uri: string } {
    const { kept } = this.#household.member(personId);
    if (kept.totp) throw new NightjarError('conflict', 'The second factor is on already. Switch it off first.');
    return this.#offers.make(personId, this.#o.boxName?.() ?? 'Nightjar', kept.name);
  }

  /** False for a wrong code. Throws `conflict` when nothing was offered, or too long ago. */
  confirmSecondFactor(personId: string, code: string): boolean {
    const { kept } = this.#household.member(personId);
    const secret = this.#offers.of(personId);
    if (secret === undefined || kept.totp) throw new NightjarError('conflict', 'That took too long. Begin again.');
    const step = stepOfCode(secret, code, this.#o.clock.wallMs());
    if (step === undefined) return false;
    this.#roster.keep({ ...kept, totp: { secret, lastUsedStep: step } });
    this.#offers.forget(personId);
    this.#o.log.info('a second factor was switched on');
    return true;
  }

  removeSecondFactor(personId: string, signIn: string, address: string): ProofResult {
    const proof = this.#proof(personId, signIn, address);
    if (!proof.ok) return proof;
    const { totp: _off, ...kept } = this.#household.member(personId).kept;
    this.#roster.keep(kept);
    this.#o.log.info('a second factor was switched off');
    return { ok: true };
  }

  streamTokens(): readonly StreamToken[] {
    return this.#tokens.list();
  }

  /** Throws `invalid` for a bad name and `conflict` when there are too many. */
  createStreamToken(name: string, cameraId: string | null): StreamToken {
    return this.#tokens.create(name, cameraId);
  }

  revokeStreamToken(id: string): boolean {
    return this.#tokens.revoke(id);
  }

  streamTokenOpens(token: string, cameraId: string, address: string): boolean {
    return this.#tokens.opens(token, cameraId, address);
  }

  /** Puts what is still in memory on the disk. */
  close(): void {
    this.#roster.close();
    this.#sessions.close();
  }

  #proof(personId: string, secret: string, address: string): ProofResult {
    const guess = this.#judge(this.#household.member(personId), '', secret, address);
    if (!guess.ok) return guess.refusal;
    guess.right();
    return { ok: true };
  }

  /** Counts, then checks the sign-in secret. Somebody unknown costs the same work as somebody known. */
  #judge(
    member: Member | undefined,
    name: string,
    signIn: string,
    address: string,
  ): Extract<Guess, { ok: true }> | { readonly ok: false; readonly refusal: Throttled | No<'wrong'> } {
    const guess = this.#guesses.begin(address, member?.kept, name);
    const from = addressKey(address);
    if (!guess.ok) {
      this.#o.onGuessing?.(from);
      return { ok: false, refusal: throttled(guess) };
    }
    if (isRightSecret(signIn, member?.kept.signIn?.hash)) return guess;
    // The name is not logged: people type their passphrase into the wrong field.
    this.#o.log.warn(member ? 'a wrong passphrase was tried' : 'somebody unknown tried to sign in', { from });
    return { ok: false, refusal: { ok: false, reason: 'wrong' } };
  }

  #begin(member: Member, address: string, recovering = false): Begun {
    const { kept } = member;
    const from = addressKey(address);
    this.#roster.note({ ...seenFrom(kept, from), lastSeenMs: this.#o.clock.wallMs() });
    const { session, cookie } = this.#sessions.begin(kept.id, recovering);
    const person = personOf(this.#roster.member(kept.id) ?? member);
    return { ok: true, session: { id: session.id, person, ...(recovering ? { recovering: true } : {}) }, cookie };
  }
}

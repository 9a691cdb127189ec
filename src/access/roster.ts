// The people of the box: names and sign-in hashes in access.json, roles and keys in the keyring. Keeps the two files true to
// each other over power cuts. Who may ask for a change, and whether a keyring is well formed, is decided before.
//
// Order of a change: access.json gets what will hold (`next`), vault.json is replaced (that is the moment at which it holds),
// access.json forgets what held. A person counts only with the keyring entry that their sign-in hash goes with, so each half
// of a change means either the old state or the new one.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type FileSteps, systemFileSteps } from '../base/durable.ts';
import { DurableJsonFile } from '../base/durable-json.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Keyring, Person as KeyringPerson } from '../vault/keyring.ts';
import { type AccessFile, type KeptPerson, type KeptStreamToken, readAccessFile, sameName } from './people.ts';
import { notWritten, revisionOf, VaultFile } from './vault-file.ts';

/** Somebody who can sign in. */
export interface Member {
  readonly kept: KeptPerson;
  readonly entry: KeyringPerson;
}

export interface RosterOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: (length: number) => Uint8Array;
  /** Made to fail in tests. */
  readonly steps?: FileSteps;
}

const USE_SAVE_MS = 10 * 60_000;

export class Roster {
  readonly #o: RosterOptions;
  readonly #file: DurableJsonFile<AccessFile>;
  readonly #vault: VaultFile;
  #kept: AccessFile;
  #damaged = false;
  #deviceKey = '';
  #cancelSave: (() => void) | undefined;

  constructor(options: RosterOptions) {
    this.#o = options;
    this.#vault = new VaultFile(options);
    this.#file = new DurableJsonFile({
      path: join(options.dataDir, 'access.json'),
      parse: readAccessFile,
      steps: options.steps ?? systemFileSteps,
    });
    const kept = this.#file.read();
    const secret = () => Buffer.from((options.random ?? randomBytes)(32)).toString('hex');
    this.#kept = kept ?? { version: 2, secret: secret(), people: [], streamTokens: [] };
    if (kept && this.#file.source === 'last-good') {
      options.log.warn(
        `access.json could not be read (${firstWords(this.#file.problem)}); its last good copy is used.`,
      );
      this.#write(kept);
    } else if (!kept && this.#file.problem) {
      this.#close(`access.json and its last good copy cannot be read (${firstWords(this.#file.problem)}).`);
    }
  }

  /** Somebody has made this box theirs; also when who it was cannot be read. */
  get isOwned(): boolean {
    return this.#damaged || this.#kept.people.some((person) => person.signIn !== undefined) || this.members.length > 0;
  }

  /** Nobody can sign in: a box whose list of people is damaged must not offer itself to the next visitor. */
  get isDamaged(): boolean {
    return this.#damaged;
  }

  /** Joins the two files after a start. `deviceKey`: hex; the keyring must be of this box. */
  settle(deviceKey: string): void {
    this.#deviceKey = deviceKey;
    const { people } = this.#kept;
    if (this.isOwned) this.#vault.heal(deviceKey);
    const keyring = this.#vault.keyring;
    this.#kept = { ...this.#kept, people: people.map((person) => settled(person, keyring)) };
    const owned = this.#kept.people.filter((person) => person.signIn);
    if (owned.length === 0 || this.#damaged) return;
    if (!keyring) this.#close(`vault.json cannot be read (${firstWords(this.#vault.problem ?? 'it is gone')}).`);
    else if (keyring.deviceKey !== deviceKey) this.#close('vault.json was made for another device.key.');
    else if (this.members.length === 0) this.#close('access.json and vault.json do not belong together.');
  }

  /** To which new files are sealed; undefined while nobody owns the box. */
  get keyring(): Keyring | undefined {
    const keyring = this.isOwned ? this.#vault.keyring : undefined;
    return keyring?.deviceKey === this.#deviceKey ? keyring : undefined;
  }

  get revision(): string {
    return this.keyring ? revisionOf(this.keyring) : '';
  }

  /** Known to this box alone. */
  get secret(): Uint8Array {
    return Buffer.from(this.#kept.secret, 'hex');
  }

  get members(): readonly Member[] {
    const keyring = this.#vault.keyring;
    if (this.#damaged || !keyring) return [];
    return this.#kept.people.flatMap((kept) => {
      const entry = keyring.people.find((person) => person.id === kept.id);
      return entry && kept.signIn?.salt === entry.wrapped.salt ? [{ kept, entry }] : [];
    });
  }

  member(id: string): Member | undefined {
    return this.members.find(({ kept }) => kept.id === id);
  }

  named(name: string): Member | undefined {
    return this.members.find(({ kept }) => sameName(kept.name, name));
  }

  /** The keyring of the first owner. One of an owner before is set aside, beside the recordings that it opens. */
  claim(keyring: Keyring, owner: KeptPerson): void {
    this.#vault.keepEarlier();
    this.change(keyring, [owner]);
  }

  /** A new keyring, and the people who go with it. Durable when it returns; when it throws, nothing has changed. */
  change(keyring: Keyring, people: readonly KeptPerson[]): void {
    const before = this.members.map(({ kept }) => kept);
    const gone = before.filter(({ id }) => !people.some((person) => person.id === id));
    const announced = people.map((person) =>
      announcedFrom(
        before.find(({ id }) => id === person.id),
        person,
      ),
    );
    this.#write({ ...this.#kept, people: [...announced, ...gone] });
    this.#vault.write(keyring);
    // From here on it holds. What is left over in access.json counts for nothing, and goes with the next write.
    this.#kept = { ...this.#kept, people: [...people] };
    this.#writeIfPossible('who may sign in');
  }

  /** Facts about one person that do not touch the keyring. They hold also when the disk is full. */
  note(person: KeptPerson): void {
    this.#remember(person);
    this.#writeIfPossible('a sign-in');
  }

  /** As `note`, but throws `no-space` or `internal` when it cannot be kept. */
  keep(person: KeptPerson): void {
    this.#write({ ...this.#kept, people: this.#with(person) });
  }

  /** As `note`, but on the disk some minutes later: it comes often, and must not wear out the card. */
  noteLater(person: KeptPerson): void {
    this.#remember(person);
    this.#saveLater();
  }

  get streamTokens(): readonly KeptStreamToken[] {
    return this.#kept.streamTokens;
  }

  keepStreamTokens(streamTokens: readonly KeptStreamToken[]): void {
    this.#write({ ...this.#kept, streamTokens: [...streamTokens] });
  }

  noteStreamTokensLater(streamTokens: readonly KeptStreamToken[]): void {
    this.#kept = { ...this.#kept, streamTokens: [...streamTokens] };
    this.#saveLater();
  }

  close(): void {
    if (this.#cancelSave) this.#save();
    this.#vault.close();
  }

  #with(person: KeptPerson): KeptPerson[] {
    return this.#kept.people.map((one) => (one.id === person.id ? person : one));
  }

  #remember(person: KeptPerson): void {
    this.#kept = { ...this.#kept, people: this.#with(person) };
  }

  #saveLater(): void {
    this.#cancelSave ??= this.#o.clock.after(USE_SAVE_MS, () => this.#save());
  }

  #save(): void {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    this.#writeIfPossible('what was used last');
  }

  #writeIfPossible(what: string): void {
    try {
      this.#write(this.#kept);
    } catch (error) {
      this.#o.log.warn(`${what} could not be noted on the disk (${describeError(error)})`);
    }
  }

  /** On the disk first: what could not be kept is not claimed to hold. */
  #write(next: AccessFile): void {
    // Never over a file that could not be read: it may be all there is to put right by hand.
    if (this.#damaged) throw notWritten('access.json', new Error('the list of people is damaged; see the log'));
    try {
      this.#file.write(next);
    } catch (cause) {
      throw notWritten('access.json', cause);
    }
    this.#kept = next;
  }

  #close(why: string): void {
    this.#damaged = true;
    this.#o.log.error(
      `${why} Nobody can sign in. Put the files back from a copy; or, to claim the box anew, remove access.json and ` +
        'vault.json with their .last-good copies from the data folder and restart. What was recorded opens with the recovery key.',
    );
  }
}

/** What access.json says between the two writes. */
function announcedFrom(before: KeptPerson | undefined, after: KeptPerson): KeptPerson {
  if (!after.signIn || before?.signIn?.salt === after.signIn.salt) return before ?? after;
  const next = { ...after.signIn, dropsSecondFactor: after.totp === undefined };
  const { signIn: _later, ...rest } = after;
  return { ...(before ?? rest), next };
}

/** What holds after a start: the sign-in that goes with the keyring as it is. */
function settled(person: KeptPerson, keyring: Keyring | undefined): KeptPerson {
  const { next, ...rest } = person;
  if (!next) return person;
  const salt = keyring?.people.find(({ id }) => id === person.id)?.wrapped.salt;
  if (salt !== next.salt) return rest;
  const { totp, ...without } = rest;
  const signIn = { salt: next.salt, hash: next.hash };
  return { ...without, ...(totp && !next.dropsSecondFactor ? { totp } : {}), signIn };
}

const firstWords = (text: string | undefined) => (text ?? '').replace(/\s+/g, ' ').slice(0, 160);

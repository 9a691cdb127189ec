// Who lives with the box: what owners change about people and keys, and what everybody sees of it. The keyring comes whole from a
// browser; it is compared with the one that is kept, and its form judged. Who may ask is decided before.

import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Keyring, mayOpenRecordings, type Wrapped } from '../vault/keyring.ts';
import { type KeyringChange, keyringProblem, tidyKeyring } from './keyring-change.ts';
import { type KeptPerson, MAX_PEOPLE, nameProblem, sameName } from './people.ts';
import type { No, Person, PersonInList, SentKeyring, Session, VaultView } from './results.ts';
import type { Member, Roster } from './roster.ts';
import type { SecondFactorOffers } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import { signInHash } from './sign-in-secret.ts';

export interface HouseholdOptions {
  readonly roster: Roster;
  readonly sessions: Sessions;
  readonly offers: SecondFactorOffers;
  readonly deviceKey: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class Household {
  readonly #o: HouseholdOptions;
  readonly #roster: Roster;

  constructor(options: HouseholdOptions) {
    this.#o = options;
    this.#roster = options.roster;
  }

  /** The whole keyring for an owner; for others, what concerns them alone. Throws `missing` for somebody unknown. */
  view(personId: string): VaultView {
    const { entry } = this.member(personId);
    const keyring = this.#roster.keyring!;
    const { revision } = this.#roster;
    if (entry.role === 'owner') return { keyring, revision };
    const newest = keyring.vaultKeys.at(-1)!;
    const held = keyring.vaultKeys.filter((key) => key.id in entry.sealed);
    return {
      keyring: {
        ...keyring,
        vaultKeys: mayOpenRecordings(entry.role) ? held : [newest],
        people: [entry],
        recovery: { publicKey: keyring.recovery.publicKey, sealed: {} },
      },
      revision,
    };
  }

  /** Another vault key or recovery key. Throws `conflict` for an old revision, `invalid` for what is more than that. */
  changeKeys(sent: SentKeyring): VaultView {
    this.#change({ kind: 'keys' }, sent, (people) => people);
    this.#o.log.info('the keys of the vault were changed by an owner');
    return { keyring: this.#roster.keyring!, revision: this.#roster.revision };
  }

  /** A new passphrase for the same key. The caller has seen the present secret. Throws `invalid` for a wrapping that is none. */
  rewrap(id: string, sessionId: string, body: { readonly signIn: string; readonly wrapped: unknown }): void {
    const before = this.#roster.keyring;
    const wrapped = body.wrapped as Wrapped;
    const people = before?.people.map((one) => (one.id === id ? { ...one, wrapped } : one));
    const sent = { keyring: { ...before, people }, revision: this.#roster.revision };
    this.#change({ kind: 'rewrap', personId: id }, sent, (all, after) => withSignIn(all, id, after, body.signIn));
    this.#o.sessions.endOthers(id, sessionId);
    this.#o.log.info('a passphrase was changed; sessions on other devices have ended');
  }

  /** Everybody in the keyring, also an entry that nobody can sign in with: its owner must be able to remove it. */
  list(): readonly PersonInList[] {
    return (this.#roster.keyring?.people ?? []).map((entry) => {
      const member = this.#roster.member(entry.id);
      return member
        ? inList(member)
        : { id: entry.id, name: 'Nobody', role: entry.role, secondFactor: false, createdAtMs: 0 };
    });
  }

  /** Throws `conflict` for a name that is taken, too many people or an old revision; `invalid` for a bad name or keyring. */
  add(body: SentKeyring & { readonly name: string; readonly personId: string; readonly signIn: string }): PersonInList {
    const { name, personId: id, signIn } = body;
    const problem = nameProblem(name);
    if (problem) throw new NightjarError('invalid', problem);
    this.#change({ kind: 'add', personId: id }, body, (people, after) => {
      if (people.length >= MAX_PEOPLE)
        throw new NightjarError('conflict', `There can be at most ${MAX_PEOPLE} people.`);
      if (people.some((one) => sameName(one.name, name))) {
        throw new NightjarError('conflict', 'Somebody of this name is in the list already. Choose another name.');
      }
      return [...people, newPerson(id, name, saltOf(after, id), signIn, this.#o.clock.wallMs())];
    });
    this.#o.log.info('a person was added', { people: this.#roster.members.length });
    return inList(this.member(id));
  }

  /** Ends their sessions. Throws `missing`, `conflict` for an old revision, `invalid`. */
  remove(id: string, sent: SentKeyring): void {
    if (!this.#roster.keyring?.people.some((person) => person.id === id)) throw nobodyThere();
    this.#change({ kind: 'remove', personId: id }, sent, (people) => {
      const left = people.filter((one) => one.id !== id);
      // An owner in the keyring with whom nobody can sign in is no owner.
      if (!left.some((one) => this.#roster.member(one.id)?.entry.role === 'owner')) {
        throw new NightjarError('conflict', 'One owner must remain.');
      }
      return left;
    });
    this.#o.sessions.endOthers(id, undefined);
    this.#o.offers.forget(id);
    this.#o.log.info('a person was removed', { people: this.#roster.members.length });
  }

  /**
   * A new key and passphrase for somebody. Their sessions end and their second factor is off. Oneself only after a recovery:
   * else a borrowed browser would be enough to take the box over. Throws as `remove` does.
   */
  reset(
    by: Session,
    id: string,
    body: SentKeyring & { readonly signIn: string },
  ): { readonly ok: true } | No<'current-needed'> {
    this.member(id);
    const isSelf = by.person.id === id;
    if (isSelf && !by.recovering) return { ok: false, reason: 'current-needed' };
    this.#change({ kind: 'reset', personId: id }, body, (people, after) =>
      withSignIn(people, id, after, body.signIn).map((one) => {
        const { totp: _off, ...rest } = one;
        return one.id === id ? rest : one;
      }),
    );
    this.#o.sessions.endOthers(id, isSelf ? by.id : undefined);
    if (isSelf) this.#o.sessions.recovered(by.id);
    this.#o.offers.forget(id);
    this.#o.log.info('a person was given a new passphrase; their sessions have ended');
    return { ok: true };
  }

  /** Throws `missing`. */
  member(id: string): Member {
    const member = this.#roster.member(id);
    if (!member) throw nobodyThere();
    return member;
  }

  #change(
    change: KeyringChange,
    sent: SentKeyring,
    peopleAfter: (before: readonly KeptPerson[], after: Keyring) => readonly KeptPerson[],
  ): void {
    const before = this.#roster.keyring;
    if (!before || this.#roster.isDamaged)
      throw new NightjarError('conflict', 'The list of people is damaged; see the log.');
    if (sent.revision !== this.#roster.revision) {
      throw new NightjarError(
        'conflict',
        'The list of people has changed meanwhile. Look at it again, then repeat this.',
      );
    }
    const after = tidyKeyring(sent.keyring);
    const problem = keyringProblem(change, before, after, this.#o.deviceKey);
    if (problem) throw new NightjarError('invalid', problem);
    this.#roster.change(
      after,
      peopleAfter(
        this.#roster.members.map(({ kept }) => kept),
        after,
      ),
    );
  }
}

export const newPerson = (id: string, name: string, salt: string, signIn: string, createdAtMs: number): KeptPerson => ({
  id,
  name: name.trim(),
  signIn: { salt, hash: signInHash(signIn) },
  createdAtMs,
  knownAddresses: [],
});

export const personOf = ({ kept, entry }: Member): Person => ({
  id: kept.id,
  name: kept.name,
  role: entry.role,
  secondFactor: kept.totp !== undefined,
});

const inList = (member: Member): PersonInList => ({
  ...personOf(member),
  createdAtMs: member.kept.createdAtMs,
  ...(member.kept.lastSeenMs === undefined ? {} : { lastSeenMs: member.kept.lastSeenMs }),
});

const saltOf = (keyring: Keyring, id: string) => keyring.people.find((one) => one.id === id)?.wrapped.salt ?? '';

const withSignIn = (people: readonly KeptPerson[], id: string, keyring: Keyring, signIn: string): KeptPerson[] =>
  people.map((one) =>
    one.id === id ? { ...one, signIn: { salt: saltOf(keyring, id), hash: signInHash(signIn) } } : one,
  );

const nobodyThere = () => new NightjarError('missing', 'There is no such person.');

/** Why nobody is meant by this name, or by none. `owners`: how many can sign in. */
export function whichOwner(owners: number, name: string | undefined): string {
  if (owners === 0) return 'The list of people on this box is damaged. Its log says what to do.';
  return name === undefined
    ? 'Say your name: this box has more than one owner.'
    : 'No owner of this box has that name.';
}

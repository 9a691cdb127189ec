// What `access/` answers: people, sessions, and outcomes as values. Types only; http makes status codes and cookies of them.

import type { Keyring, Role } from '../vault/keyring.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly secondFactor: boolean;
}
export interface PersonInList extends Person {
  readonly createdAtMs: number;
  readonly lastSeenMs?: number;
}
export interface Session {
  readonly id: string;
  readonly person: Person;
  /** Begun with the recovery key: may set a new passphrase for oneself without the present one. */
  readonly recovering?: true;
}

export type Throttled = { readonly ok: false; readonly reason: 'throttled'; readonly retryAfterS: number };
export type Begun = { readonly ok: true; readonly session: Session; readonly cookie: string };
export type No<Reason extends string> = { readonly ok: false; readonly reason: Reason };

export type LoginResult = Begun | Throttled | No<'wrong' | 'second-factor'>;
export type ClaimResult = Begun | Throttled | No<'wrong'> | (No<'claimed' | 'invalid'> & { readonly message: string });
/** Of what asks for the present sign-in secret once more. */
export type ProofResult = { readonly ok: true } | Throttled | No<'wrong'>;
export type RecoverResult = Begun | Throttled | No<'wrong'> | (No<'invalid'> & { readonly message: string });

export interface VaultView {
  readonly keyring: Keyring;
  readonly revision: string;
}
/** A keyring as a browser sent it, changed from the one of that revision. */
export interface SentKeyring {
  readonly keyring: unknown;
  readonly revision: string;
}

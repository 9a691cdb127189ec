// A box with an owner, for tests: what a browser would send, with keyrings that have only the form of real ones.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Keyring, Role } from '../vault/keyring.ts';
import { type Access, type AccessOptions, openAccess, type Session } from './access.ts';
import { madeKeyring, signInOf, withoutPerson, withPerson, withReset } from './fixture-keyring.ts';
import type { LoginResult } from './results.ts';

export const home = '192.168.1.10';

const folders: string[] = [];
export function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-access-'));
  folders.push(path);
  return path;
}
export function removeFolders(): void {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
}

export type Rest = Partial<Omit<AccessOptions, 'dataDir' | 'clock'>>;
export const openBox = (dataDir: string, clock = new ManualClock(), rest: Rest = {}): Access =>
  openAccess({ dataDir, clock, log: silentLog, boxName: () => 'Garden shed box', ...rest });

export const claimBody = (access: Access, name = 'Ada') => ({
  code: access.claimCode() ?? '',
  name,
  keyring: madeKeyring(access.deviceKey()),
  signIn: signInOf('ada'),
});

/** Ada's box. */
export function claimedBox(dataDir = newFolder(), clock = new ManualClock(), rest: Rest = {}) {
  const access = openBox(dataDir, clock, rest);
  const result = access.claim(claimBody(access), home);
  if (!result.ok) throw new Error(`claim failed: ${result.reason}`);
  return { access, dataDir, clock, cookie: result.cookie, session: result.session };
}

export const logIn = (access: Access, name: string, id: string, passphrase?: string, from = home): LoginResult =>
  access.login({ name, signIn: signInOf(id, passphrase) }, from);

/** The session and cookie of somebody whose first passphrase still holds. Throws when it does not. */
export function signedIn(
  access: Access,
  name: string,
  id: string,
): { readonly session: Session; readonly cookie: string } {
  const result = logIn(access, name, id);
  if (!result.ok) throw new Error(`login failed: ${result.reason}`);
  return result;
}

/** What a browser sends to change the keyring as it is now. */
export const sent = (access: Access, change: (keyring: Keyring) => Keyring) => ({
  keyring: change(access.keyring()!),
  revision: access.vault('ada').revision,
});

export const add = (access: Access, id: string, role: Role, name = id) =>
  access.addPerson({ ...sent(access, (k) => withPerson(k, id, role)), name, personId: id, signIn: signInOf(id) });

export const remove = (access: Access, id: string) =>
  access.removePerson(
    id,
    sent(access, (k) => withoutPerson(k, id)),
  );

export const reset = (access: Access, by: Session, id: string, passphrase: string) =>
  access.resetPerson(by, id, {
    ...sent(access, (k) => withReset(k, id, passphrase)),
    signIn: signInOf(id, passphrase),
  });

/** A new passphrase for the same key. */
export const rewrap = (access: Access, by: Session, passphrase: string, current = 'first') =>
  access.changePassphrase(
    by,
    {
      current: signInOf(by.person.id, current),
      signIn: signInOf(by.person.id, passphrase),
      wrapped: withReset(access.keyring()!, by.person.id, passphrase).people.find(({ id }) => id === by.person.id)!
        .wrapped,
    },
    home,
  );

import { afterEach, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import {
  add,
  claimedBox,
  home,
  logIn,
  newFolder,
  openBox,
  remove,
  removeFolders,
  reset,
  rewrap,
  sent,
  signedIn,
} from './fixture-access.ts';
import { keyIdsOf, madeUp, rotated, sealedTo, signInOf, withPerson, withReset } from './fixture-keyring.ts';
import { revisionOf } from './vault-file.ts';

afterEach(removeFolders);

describe('people', () => {
  test('are added by name and role, sign in, and outlive a restart', () => {
    const { access, dataDir } = claimedBox();
    expect(add(access, 'bob', 'viewer', ' Bob ')).toMatchObject({
      id: 'bob',
      name: 'Bob',
      role: 'viewer',
      secondFactor: false,
    });
    add(access, 'guest', 'live-only');
    expect(signedIn(access, 'BOB', 'bob').session.person.role).toBe('viewer');
    const again = openBox(dataDir);
    expect(again.people().map(({ id, role }) => `${id} ${role}`)).toEqual([
      'ada owner',
      'bob viewer',
      'guest live-only',
    ]);
    expect(logIn(again, 'guest', 'guest').ok).toBe(true);
    expect(logIn(again, 'guest', 'bob').ok).toBe(false);
  });

  test('have names that can be shown and told apart', () => {
    const { access } = claimedBox();
    expect(() => add(access, 'bob', 'viewer', ' ADA')).toThrow('Choose another name');
    expect(() => add(access, 'bob', 'viewer', '\u0007')).toThrow('cannot be shown');
    expect(access.people()).toHaveLength(1);
  });

  test('two owners who change the list at once: the second is told to look again', () => {
    const { access } = claimedBox();
    const stale = sent(access, (k) => withPerson(k, 'cid', 'viewer'));
    add(access, 'bob', 'viewer');
    expect(() => access.addPerson({ ...stale, name: 'Cid', personId: 'cid', signIn: signInOf('cid') })).toThrow(
      'has changed meanwhile',
    );
    expect(access.people().map(({ id }) => id)).toEqual(['ada', 'bob']);
  });

  test('who is removed is out at once, and what follows is sealed to another key', () => {
    const { access, dataDir } = claimedBox();
    const sealing = access.sealing();
    add(access, 'bob', 'viewer');
    const { cookie } = signedIn(access, 'bob', 'bob');
    const before = sealing.publicKey();
    remove(access, 'bob');
    expect(access.session(cookie)).toBeUndefined();
    expect(logIn(access, 'bob', 'bob').ok).toBe(false);
    expect(sealing.publicKey()).not.toEqual(before);
    expect(Buffer.from(sealing.publicKey()!).toString('hex')).toBe(access.keyring()!.vaultKeys[1]!.publicKey);
    expect(openBox(dataDir).session(cookie)).toBeUndefined();
    expect(() => remove(access, 'bob')).toThrow('no such person');
    add(access, 'bob', 'viewer');
    expect(access.session(cookie), 'the same id again').toBeUndefined();
    remove(access, 'bob');
    expect(() => remove(access, 'ada')).toThrow('One owner must remain');
  });

  test('an owner may go when another remains', () => {
    const { access, cookie } = claimedBox();
    add(access, 'bob', 'owner');
    remove(access, 'ada');
    expect(access.session(cookie)).toBeUndefined();
    expect(access.people().map(({ id }) => id)).toEqual(['bob']);
  });

  test('when somebody was last here is kept to ten minutes', async () => {
    const { access, clock, cookie } = claimedBox();
    const seenAfter = () => access.people()[0]!.lastSeenMs! - access.people()[0]!.createdAtMs;
    expect(seenAfter()).toBe(0);
    await clock.advance(9 * 60_000);
    access.session(cookie);
    expect(seenAfter()).toBe(0);
    await clock.advance(2 * 60_000);
    access.session(cookie);
    expect(seenAfter()).toBe(11 * 60_000);
  });
});

describe('a new passphrase', () => {
  test('of somebody who forgot theirs ends their sessions, and only those', () => {
    const { access, session, cookie } = claimedBox();
    add(access, 'bob', 'viewer');
    const bob = signedIn(access, 'bob', 'bob');
    expect(reset(access, session, 'bob', 'second')).toEqual({ ok: true });
    expect([access.session(bob.cookie), access.session(cookie)?.id]).toEqual([undefined, session.id]);
    expect([logIn(access, 'bob', 'bob').ok, logIn(access, 'bob', 'bob', 'second').ok]).toEqual([false, true]);
  });

  test('of oneself needs the present one, so that a borrowed browser does not take the box over', () => {
    const { access, session } = claimedBox();
    expect(reset(access, session, 'ada', 'second')).toEqual({ ok: false, reason: 'current-needed' });
    expect(rewrap(access, session, 'second', 'not this')).toEqual({ ok: false, reason: 'wrong' });
    expect(rewrap(access, session, 'second')).toEqual({ ok: true });
    expect(access.keyring()!.people[0]!.publicKey).toBe(madeUp('public ada first', 32));
    expect(logIn(access, 'Ada', 'ada', 'second').ok).toBe(true);
  });

  test('that is none is refused, and the old one holds', () => {
    const { access, session } = claimedBox();
    const { wrapped } = access.keyring()!.people[0]!;
    const change = (next: unknown) =>
      access.changePassphrase(session, { current: signInOf('ada'), signIn: signInOf('ada', 'x'), wrapped: next }, home);
    expect(() => change(wrapped)).toThrow();
    expect(() => change({ ...wrapped, salt: madeUp('new salt', 16), n: 1024 })).toThrow('damaged');
    expect(() => change(undefined)).toThrow('damaged');
    expect(logIn(access, 'Ada', 'ada').ok).toBe(true);
  });

  test('guessing the present one is throttled like signing in', () => {
    const { access, session } = claimedBox();
    const results = Array.from({ length: 7 }, (_, i) => rewrap(access, session, 'second', `guess ${i}`));
    expect(results.at(-1)).toMatchObject({ ok: false, reason: 'throttled' });
  });
});

describe('the keyring', () => {
  test('is given whole to owners; to others as if they were alone', () => {
    const { access } = claimedBox();
    access.changeKeys(sent(access, rotated));
    const [first, second] = keyIdsOf(access.keyring()!) as [string, string];
    const cidsKeys = (k: Parameters<Parameters<typeof sent>[1]>[0]) => ({
      ...withPerson(k, 'cid', 'viewer'),
      people: withPerson(k, 'cid', 'viewer').people.map((p) =>
        p.id === 'cid' ? { ...p, sealed: sealedTo(p.publicKey, [second]) } : p,
      ),
    });
    access.addPerson({ ...sent(access, cidsKeys), name: 'Cid', personId: 'cid', signIn: signInOf('cid') });
    add(access, 'guest', 'live-only');
    const seen = (id: string) => {
      const { keyring, revision } = access.vault(id);
      expect(revision).toBe(revisionOf(access.keyring()!));
      return [
        keyring.people.map((p) => p.id),
        keyring.vaultKeys.map((k) => k.id),
        Object.keys(keyring.recovery.sealed).length,
      ];
    };
    expect(seen('ada')).toEqual([['ada', 'cid', 'guest'], [first, second], 2]);
    expect(seen('cid')).toEqual([['cid'], [second], 0]);
    expect(seen('guest')).toEqual([['guest'], [second], 0]);
    expect(() => access.vault('nobody')).toThrow('no such person');
  });

  test('lies in three places, the same in each', () => {
    const { access, dataDir } = claimedBox();
    add(access, 'bob', 'viewer');
    const texts = ['vault.json', 'vault.json.last-good', 'recordings/keyring.json'].map((name) =>
      readFileSync(join(dataDir, name), 'utf8'),
    );
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0]!)).toEqual(access.keyring());
  });

  test('that changes more than was asked changes nothing', () => {
    const { access } = claimedBox();
    const before = access.keyring();
    expect(() => access.changeKeys(sent(access, (k) => withPerson(k, 'eve', 'viewer')))).toThrow('other people');
    expect(() => access.changeKeys(sent(access, (k) => withReset(k, 'ada', 'x')))).toThrow('more than it says');
    expect(access.keyring()).toBe(before!);
  });
});

test('a claimed box seals on after a restart, also with another clock', () => {
  const { access, dataDir } = claimedBox();
  const again = openBox(dataDir, new ManualClock(0)).sealing();
  expect([again.publicKey(), again.device]).toEqual([access.sealing().publicKey(), access.sealing().device]);
  expect(again.publicKey()).toBe(again.publicKey()!);
});

test('no box shares its key with another', () => {
  expect(openBox(newFolder()).deviceKey()).not.toBe(openBox(newFolder()).deviceKey());
});

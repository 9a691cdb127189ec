import { afterEach, describe, expect, test } from 'bun:test';
import { hex, unhex } from '../vault/bytes.ts';
import { openSealedFor } from '../vault/key-pair.ts';
import { recoveryPair } from '../vault/recovery.ts';
import type { Access } from './access.ts';
import {
  add,
  claimedBox,
  home,
  logIn,
  newFolder,
  openBox,
  removeFolders,
  reset,
  sent,
  signedIn,
} from './fixture-access.ts';
import { keyIdsOf, sealedTo, signInOf } from './fixture-keyring.ts';
import { codeAt } from './second-factor.ts';

// The two other ways of proving who one is: a second factor beside the passphrase, the recovery key instead of it.

afterEach(removeFolders);

describe('the second factor', () => {
  const withFactor = () => {
    const box = claimedBox();
    const { secret, uri } = box.access.offerSecondFactor('ada');
    const code = (offsetMs = 0) => codeAt(secret, box.clock.wallMs() + offsetMs);
    expect(box.access.confirmSecondFactor('ada', code())).toBe(true);
    const enter = (given?: string, from = home) =>
      box.access.login({ name: 'Ada', signIn: signInOf('ada'), ...(given === undefined ? {} : { code: given }) }, from);
    return { ...box, secret, uri, code, enter };
  };

  test('counts once a code of it was seen', () => {
    const { access, clock } = claimedBox();
    const { secret, uri } = access.offerSecondFactor('ada');
    expect(uri).toBe(
      `otpauth://totp/Garden%20shed%20box:Ada?issuer=Garden%20shed%20box&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
    );
    expect(access.confirmSecondFactor('ada', '000000')).toBe(false);
    expect(logIn(access, 'Ada', 'ada').ok).toBe(true);
    expect(access.confirmSecondFactor('ada', codeAt(secret, clock.wallMs()).replace(/^.../, '$& '))).toBe(true);
    expect(logIn(access, 'Ada', 'ada')).toEqual({ ok: false, reason: 'second-factor' });
    expect(access.people()[0]!.secondFactor).toBe(true);
  });

  test('an offer is good for ten minutes, and a factor that is on is not replaced', async () => {
    const { access, clock } = claimedBox();
    const { secret } = access.offerSecondFactor('ada');
    await clock.advance(10 * 60_000);
    expect(() => access.confirmSecondFactor('ada', codeAt(secret, clock.wallMs()))).toThrow('took too long');
    expect(() => withFactor().access.offerSecondFactor('ada')).toThrow('on already');
  });

  test('asks whoever has the right passphrase, and nobody else', () => {
    const { access, enter } = withFactor();
    expect(enter()).toEqual({ ok: false, reason: 'second-factor' });
    expect(logIn(access, 'Ada', 'ada', 'guess')).toEqual({ ok: false, reason: 'wrong' });
  });

  test('a code is good once, half a minute early or late, also after a restart', async () => {
    const { clock, code, enter, dataDir } = withFactor();
    const used = code();
    expect(enter(used)).toEqual({ ok: false, reason: 'wrong' });
    await clock.advance(30_000);
    const now = code();
    expect(enter(now).ok).toBe(true);
    expect(enter(now)).toEqual({ ok: false, reason: 'wrong' });
    const again = openBox(dataDir, clock);
    expect(again.login({ name: 'Ada', signIn: signInOf('ada'), code: now }, home).ok).toBe(false);
    expect(enter(code(60_000))).toEqual({ ok: false, reason: 'wrong' });
    expect(enter(code(30_000)).ok).toBe(true);
    await clock.advance(120_000);
    expect(enter(code(-60_000))).toEqual({ ok: false, reason: 'wrong' });
    expect(enter(code(-30_000)).ok).toBe(true);
  });

  test('guessing codes is throttled; asking for the code costs no guess', () => {
    const { enter } = withFactor();
    for (let i = 0; i < 20; i++)
      expect(enter(undefined, '203.0.113.5')).toEqual({ ok: false, reason: 'second-factor' });
    const reasons = Array.from({ length: 7 }, (_, i) => enter(`00000${i}`, '203.0.113.5'));
    expect(reasons.map((r) => (r.ok ? 'in' : r.reason))).toEqual([
      ...Array.from({ length: 6 }, () => 'wrong' as const),
      'throttled',
    ]);
  });

  test('goes with the passphrase, and with a reset', () => {
    const { access } = withFactor();
    expect(access.removeSecondFactor('ada', signInOf('ada', 'guess'), home)).toEqual({ ok: false, reason: 'wrong' });
    expect(access.removeSecondFactor('ada', signInOf('ada'), home)).toEqual({ ok: true });
    expect(logIn(access, 'Ada', 'ada').ok).toBe(true);

    const other = withFactor();
    add(other.access, 'bob', 'owner');
    reset(other.access, signedIn(other.access, 'bob', 'bob').session, 'ada', 'second');
    expect(logIn(other.access, 'Ada', 'ada', 'second').ok).toBe(true);
    expect(logIn(openBox(other.dataDir), 'Ada', 'ada', 'second').ok).toBe(true);
  });
});

describe('the recovery key', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i);
  const pair = recoveryPair(key);
  /** Ada's box, whose recovery key is at hand. */
  const recoverable = () => {
    const box = claimedBox(newFolder());
    useKey(box.access, hex(pair.publicKey));
    return box;
  };
  const useKey = (access: Access, publicKey: string) =>
    access.changeKeys(
      sent(access, (k) => ({ ...k, recovery: { publicKey, sealed: sealedTo(publicKey, keyIdsOf(k)) } })),
    );
  const challenged = (access: Access, from = home) => {
    const asked = access.recover(from);
    if (!asked.ok) throw new Error('throttled');
    return { id: asked.id, answer: hex(openSealedFor(pair, unhex(asked.challenge)!)!) };
  };

  test('lets its holder in as the owner, once, and set a new passphrase without the present one', () => {
    const { access } = recoverable();
    const answer = challenged(access);
    const came = access.answerRecovery(answer, home);
    if (!came.ok) throw new Error(came.reason);
    expect(came.session).toMatchObject({ person: { id: 'ada', role: 'owner' }, recovering: true });
    expect(access.answerRecovery(answer, home)).toMatchObject({ ok: false, reason: 'wrong' });
    expect(reset(access, came.session, 'ada', 'second')).toEqual({ ok: true });
    const after = access.session(came.cookie)!;
    expect([after.id, after.recovering]).toEqual([came.session.id, undefined]);
    expect(reset(access, after, 'ada', 'third')).toEqual({ ok: false, reason: 'current-needed' });
    expect(logIn(access, 'Ada', 'ada', 'second').ok).toBe(true);
  });

  test('that the session is a recovery outlives a restart', () => {
    const { access, dataDir } = recoverable();
    const came = access.answerRecovery(challenged(access), home);
    access.close();
    expect(openBox(dataDir).session((came as { cookie: string }).cookie)?.recovering).toBe(true);
  });

  test('needs no second factor', () => {
    const { access, clock } = recoverable();
    const { secret } = access.offerSecondFactor('ada');
    access.confirmSecondFactor('ada', codeAt(secret, clock.wallMs()));
    expect(access.answerRecovery(challenged(access), home).ok).toBe(true);
  });

  test('of several owners one is named; a slip in the name costs no new challenge', () => {
    const { access } = recoverable();
    add(access, 'bob', 'owner', 'Bob');
    add(access, 'cid', 'viewer', 'Cid');
    const answer = challenged(access);
    expect(access.answerRecovery(answer, home)).toMatchObject({
      reason: 'invalid',
      message: expect.stringContaining('more than one owner'),
    });
    expect(access.answerRecovery({ ...answer, name: 'Cid' }, home)).toMatchObject({ reason: 'invalid' });
    expect(access.answerRecovery({ ...answer, name: ' bob' }, home)).toMatchObject({
      session: { person: { id: 'bob' } },
    });
  });

  test('a challenge is good for five minutes, for one answer, and for the key of now', async () => {
    const { access, clock } = recoverable();
    const late = challenged(access);
    await clock.advance(5 * 60_000);
    expect(access.answerRecovery(late, home).ok).toBe(false);
    const wrong = challenged(access);
    expect(access.answerRecovery({ ...wrong, answer: '00'.repeat(32) }, home).ok).toBe(false);
    expect(access.answerRecovery(wrong, home).ok).toBe(false);
    const old = challenged(access);
    useKey(access, hex(recoveryPair(key.toReversed()).publicKey));
    expect(access.answerRecovery(old, home).ok).toBe(false);
  });

  test('guessing is throttled, and so is asking for challenges', () => {
    const { access } = recoverable();
    const tries = Array.from({ length: 7 }, () => access.answerRecovery({ id: 'x', answer: '' }, '203.0.113.5'));
    expect(tries.at(-1)).toMatchObject({ reason: 'throttled' });
    const asked = Array.from({ length: 31 }, () => access.recover('203.0.113.6'));
    expect(asked.at(-1)).toMatchObject({ reason: 'throttled' });
    expect(() => openBox(newFolder()).recover(home)).toThrow('Nobody owns this box yet');
  });
});

import { afterEach, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Access } from './access.ts';
import { claimBody, claimedBox, home, logIn, newFolder, openBox, removeFolders, rewrap } from './fixture-access.ts';
import { madeKeyring, madeUp, signInOf } from './fixture-keyring.ts';
import { signInHash } from './sign-in-secret.ts';
import { weakness } from './weakness.ts';

afterEach(removeFolders);
const day = 86_400_000;
const wrongGuess = (name: string) => ({ name, signIn: madeUp('a wrong guess', 32) });

/** The contents of every file in the folder, as one text. */
const everythingKept = (path: string): string =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

const damage = (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));

describe('claiming', () => {
  test('the code works without regard to case, spaces, dashes and look-alike letters, and only until it was used', () => {
    const access = openBox(newFolder());
    expect(access.isClaimed()).toBe(false);
    const body = claimBody(access);
    expect(body.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = ` ${body.code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    expect(access.claim({ ...body, code: typed }, home)).toMatchObject({
      ok: true,
      session: { person: { id: 'ada', name: 'Ada', role: 'owner', secondFactor: false } },
    });
    expect(access.claimCode()).toBeUndefined();
    expect(access.claim(body, home)).toMatchObject({ reason: 'claimed' });
  });

  test('wrong codes are throttled per address, and say when to try again', () => {
    const access = openBox(newFolder());
    const guess = () => access.claim({ ...claimBody(access), code: '0000-0000' }, '10.0.0.9');
    const reasons = Array.from({ length: 7 }, () => ((r) => (r.ok ? 'ok' : r.reason))(guess()));
    expect(reasons).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'throttled']);
    expect(guess()).toMatchObject({ retryAfterS: 20 });
    expect(access.claim(claimBody(access), home).ok).toBe(true);
  });

  test('an appliance asks for no code in its first hour, then for the one on its screen, and never lets two claim it', async () => {
    const [clock, hour] = [new ManualClock(), 3_600_000];
    const access = openBox(newFolder(), clock, { claimWithoutCodeForMs: hour });
    const { code, ...body } = claimBody(access);
    await clock.advance(hour - 1);
    expect([access.isClaimCodeNeeded(), access.claim({ ...body, name: '' }, home)]).toMatchObject([
      false,
      { reason: 'invalid' },
    ]);
    await clock.advance(1);
    expect([access.isClaimCodeNeeded(), access.claim(body, home)]).toEqual([true, { ok: false, reason: 'wrong' }]);
    expect(access.claim({ ...body, code }, home).ok).toBe(true);

    const inTime = openBox(newFolder(), new ManualClock(), { claimWithoutCodeForMs: hour });
    const { code: _seen, ...free } = claimBody(inTime);
    expect(inTime.claim(free, home).ok).toBe(true);
    expect([inTime.isClaimCodeNeeded(), inTime.claim(free, home)]).toMatchObject([false, { reason: 'claimed' }]);
  });

  test('without a code, tries are counted all the same', () => {
    const access = openBox(newFolder(), new ManualClock(), { claimWithoutCodeForMs: 3_600_000 });
    const tries = Array.from({ length: 7 }, () => access.claim({ ...claimBody(access), name: '' }, '10.0.0.9'));
    expect(tries.map((r) => (r.ok ? 'ok' : r.reason))).toEqual([...Array(6).fill('invalid'), 'throttled']);
  });

  test('needs a name that can be shown and a keyring of this box', () => {
    const access = openBox(newFolder());
    const body = claimBody(access);
    expect(access.claim({ ...body, name: ' \u0007' }, home)).toMatchObject({ ok: false, reason: 'invalid' });
    const foreign = { ...body.keyring, deviceKey: madeUp('another box', 32) };
    expect(access.claim({ ...body, keyring: foreign }, home)).toMatchObject({
      reason: 'invalid',
      message: 'This keyring was made for another box.',
    });
    expect(() => access.claim({ ...body, keyring: { version: 1 } }, home)).toThrow('damaged');
    expect([access.isClaimed(), access.keyring(), access.sealing().publicKey()]).toEqual([false, undefined, undefined]);
  });

  test('gives files somebody to be sealed to at once, so that recording begins', () => {
    const access = openBox(newFolder());
    const sealing = access.sealing();
    expect(sealing.publicKey()).toBeUndefined();
    access.claim(claimBody(access), home);
    expect(Buffer.from(sealing.publicKey()!).toString('hex')).toBe(access.keyring()!.vaultKeys[0]!.publicKey);
  });

  test('a keyring of an owner before stays beside the recordings that it opens', () => {
    const { access, dataDir } = claimedBox();
    const before = readFileSync(join(dataDir, 'vault.json'), 'utf8');
    access.close();
    for (const name of ['access.json', 'access.json.last-good']) rmSync(join(dataDir, name));
    const again = openBox(dataDir);
    expect([again.isClaimed(), again.keyring()]).toEqual([false, undefined]);
    expect(again.claim({ ...claimBody(again), keyring: madeKeyring(again.deviceKey(), 'eve') }, home).ok).toBe(true);
    expect(again.keyring()?.people.map(({ id }) => id)).toEqual(['eve']);
    const kept = readdirSync(join(dataDir, 'recordings')).filter((name) => name.startsWith('keyring-'));
    expect(kept.map((name) => readFileSync(join(dataDir, 'recordings', name), 'utf8'))).toEqual([before]);
  });

  test('an unclaimed box has a new code at each start, and never writes it down', () => {
    const dataDir = newFolder();
    const first = openBox(dataDir).claimCode()!;
    expect(openBox(dataDir).claimCode()).not.toBe(first);
    expect(everythingKept(dataDir)).not.toContain(first);
  });
});

test.each([
  ['short', 'Use at least 10'],
  ['x'.repeat(201), 'Use at most 200'],
  ['Password123', 'tried first'],
  ['1212121212', 'repeats'],
  ['Garden Shed Box', 'little more than a name'],
  ['adaadaadaada12', 'little more than a name'],
])('a passphrase such as %p is refused in plain words', (passphrase, words) => {
  expect(weakness(passphrase, ['Ada', 'Garden shed box'])).toContain(words);
  expect(weakness('seven quiet herons', ['Ada', 'Garden shed box'])).toBeUndefined();
});

describe('signing in', () => {
  test('works with the right secret, whatever the case of the name and the form of its accents', () => {
    const access = openBox(newFolder());
    access.claim(claimBody(access, 'Zoë'), home);
    expect(logIn(access, ' zoë '.normalize('NFD'), 'ada')).toMatchObject({
      ok: true,
      session: { person: { name: 'Zoë' } },
    });
    expect(logIn(access, 'Zoë', 'ada', 'second')).toEqual({ ok: false, reason: 'wrong' });
    expect(access.login({ name: 'Zoë', signIn: '' }, home)).toEqual({ ok: false, reason: 'wrong' });
  });

  test('neither sign-in secret nor cookie nor stream token is on the disk, and others may not read the files', () => {
    const { access, dataDir, cookie } = claimedBox();
    const { token } = access.createStreamToken('hall tablet', null);
    access.close();
    const kept = everythingKept(dataDir);
    for (const secret of [signInOf('ada'), cookie, token!]) expect(kept).not.toContain(secret);
    expect(kept).toContain(signInHash(signInOf('ada')));
    for (const name of readdirSync(dataDir)) expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
  });

  test('parameters are those of the keyring, and of nobody: like them, and the same each time', () => {
    const { access, dataDir } = claimedBox();
    const ask = (name: string, of = access) => of.loginParameters(name, '203.0.113.9');
    const { n, r, p, salt } = access.keyring()!.people[0]!.wrapped;
    expect(ask(' ADA')).toEqual({ ok: true, parameters: { n, r, p, salt, personId: 'ada' } });
    const eve = ask('Eve');
    expect(eve).toMatchObject({ ok: true, parameters: { n, r, p, salt: expect.stringMatching(/^[0-9a-f]{32}$/) } });
    expect(ask(' eve ')).toEqual(eve);
    expect(ask('Eva')).not.toEqual(eve);
    access.close();
    expect(ask('Eve', openBox(dataDir))).toEqual(eve);
    expect(ask('Eve', claimedBox().access)).not.toEqual(eve);
    const answers = Array.from({ length: 31 }, () => access.loginParameters('Eve', '203.0.113.8').ok);
    expect(answers.filter((ok) => !ok)).toHaveLength(1);
  });

  test('guessing from one address is throttled there and nowhere else; the right answer helps no longer', async () => {
    const { access, clock } = claimedBox();
    for (let i = 0; i < 6; i++)
      expect(logIn(access, 'Ada', 'ada', `wrong ${i}`, '203.0.113.5')).toMatchObject({ reason: 'wrong' });
    const right = () => logIn(access, 'Ada', 'ada', 'first', '203.0.113.5');
    expect(right()).toEqual({ ok: false, reason: 'throttled', retryAfterS: 20 });
    expect(logIn(access, 'Ada', 'ada').ok).toBe(true);
    await clock.advance(20_000);
    expect(right().ok).toBe(true);
  });

  test('an IPv6 network counts as one address', () => {
    const { access } = claimedBox();
    const guess = (from: string) => access.login(wrongGuess('Ada'), from);
    for (let i = 0; i < 6; i++) expect(guess(`2001:db8:1:2::${i + 1}`)).toMatchObject({ reason: 'wrong' });
    expect(guess('2001:db8:1:2::7')).toMatchObject({ reason: 'throttled' });
    expect(guess('2001:db8:1:3::1')).toMatchObject({ reason: 'wrong' });
  });

  test('guesses from all over the world are throttled per person, and the owner still signs in from home', () => {
    const { access } = claimedBox();
    const reasons = Array.from({ length: 30 }, (_, i) => access.login(wrongGuess('Ada'), `198.51.100.${i}`));
    expect(reasons.filter((r) => !r.ok && r.reason === 'wrong')).toHaveLength(20);
    expect(logIn(access, 'Ada', 'ada', 'first', '198.51.100.99')).toMatchObject({ reason: 'throttled' });
    expect(logIn(access, 'Ada', 'ada').ok).toBe(true);
  });

  test('names that nobody has are throttled the same', () => {
    const { access } = claimedBox();
    const reasons = Array.from({ length: 30 }, (_, i) => access.login(wrongGuess('Eve'), `198.51.100.${i}`));
    expect(reasons.filter((r) => !r.ok && r.reason === 'wrong')).toHaveLength(20);
  });

  test('that is being guessed at is told, so that the owner can be mailed', () => {
    const told: string[] = [];
    const { access } = claimedBox(newFolder(), new ManualClock(), { onGuessing: (from) => void told.push(from) });
    for (let i = 0; i < 7; i++) access.login(wrongGuess('Ada'), '203.0.113.5');
    expect(told).toEqual(['203.0.113.5']);
  });

  test('the log names neither what was typed as name nor the secret', () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, warn: (message, fields) => void lines.push(message + JSON.stringify(fields)) };
    const { access } = claimedBox(newFolder(), new ManualClock(), { log });
    access.login(wrongGuess('seven quiet herons'), home);
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('herons');
    expect(lines.join()).not.toContain(wrongGuess('').signIn);
  });
});

describe('sessions', () => {
  test('outlive a restart', async () => {
    const { access, dataDir, cookie, session } = claimedBox();
    access.close();
    expect(openBox(dataDir).session(cookie)).toEqual(session);
  });

  test('are on the disk a second after signing in, without an orderly end', async () => {
    const { dataDir, clock, cookie } = claimedBox();
    await clock.advance(1000);
    expect(openBox(dataDir).session(cookie)).toBeDefined();
  });

  test('end after thirty days without use, and after half a year with use', async () => {
    const idle = claimedBox();
    await idle.clock.advance(29 * day);
    expect(idle.access.session(idle.cookie)).toBeDefined();
    await idle.clock.advance(31 * day);
    expect(idle.access.session(idle.cookie)).toBeUndefined();

    const busy = claimedBox();
    for (let i = 0; i < 17; i++) {
      await busy.clock.advance(10 * day);
      expect(busy.access.session(busy.cookie)).toBeDefined();
    }
    await busy.clock.advance(11 * day);
    expect(busy.access.session(busy.cookie)).toBeUndefined();
  });

  test('days on which the box was off count', async () => {
    const { access, dataDir, clock, cookie } = claimedBox();
    access.close();
    expect(openBox(dataDir, new ManualClock(clock.wallMs() + 31 * day)).session(cookie)).toBeUndefined();
  });

  test('survive a clock that starts in 1970 and is set later, and do not become immortal by it', async () => {
    const { access, dataDir, cookie } = claimedBox();
    access.close();
    const clock = new ManualClock(0);
    const later = openBox(dataDir, clock);
    expect(later.session(cookie)).toBeDefined();
    clock.stepWallMs(Date.UTC(2026, 6, 1));
    expect(later.session(cookie)).toBeDefined();
    clock.stepWallMs(-Date.UTC(2026, 6, 1));
    await clock.advance(31 * day);
    expect(later.session(cookie)).toBeUndefined();
  });

  test('end for good at sign-out, even when the power goes right after', async () => {
    const { access, dataDir, clock, cookie, session } = claimedBox();
    await clock.advance(1000);
    access.logout(session.id);
    expect(access.session(cookie)).toBeUndefined();
    expect(openBox(dataDir).session(cookie)).toBeUndefined();
  });

  test('on other devices end when the passphrase changes; the one that asked stays', () => {
    const { access, dataDir, cookie, session } = claimedBox();
    const phone = logIn(access, 'Ada', 'ada');
    expect(rewrap(access, session, 'second')).toEqual({ ok: true });
    expect(access.session(cookie)).toBeDefined();
    expect(access.session((phone as { cookie: string }).cookie)).toBeUndefined();
    const restarted = openBox(dataDir);
    expect(restarted.session(cookie)).toBeDefined();
    expect(logIn(restarted, 'Ada', 'ada').ok).toBe(false);
    expect(logIn(restarted, 'Ada', 'ada', 'second').ok).toBe(true);
  });

  test('are bounded in number: the least used goes first', async () => {
    const { access, clock, cookie } = claimedBox();
    for (let i = 0; i < 40; i++) {
      await clock.advance(10);
      expect(logIn(access, 'Ada', 'ada').ok).toBe(true);
    }
    expect(access.session(cookie)).toBeUndefined();
  });

  test('a damaged list means signing in again, not a box that does not start', async () => {
    const { access, dataDir, cookie } = claimedBox();
    access.close();
    damage(join(dataDir, 'sessions.json'));
    const restarted = openBox(dataDir);
    expect(restarted.session(cookie)).toBeUndefined();
    expect(logIn(restarted, 'Ada', 'ada').ok).toBe(true);
  });
});

describe('access.json', () => {
  test('when cut off, the last good copy is used', async () => {
    const { access, dataDir } = claimedBox();
    access.close();
    damage(join(dataDir, 'access.json'));
    expect(logIn(openBox(dataDir), 'Ada', 'ada').ok).toBe(true);
    expect(logIn(openBox(dataDir), 'Ada', 'ada').ok).toBe(true);
  });

  test('when nothing of it can be read, the box stays closed instead of offering itself to the next visitor', async () => {
    const { access, dataDir } = claimedBox();
    access.close();
    damage(join(dataDir, 'access.json'));
    damage(join(dataDir, 'access.json.last-good'));
    const restarted = openBox(dataDir);
    expect(restarted.isClaimed()).toBe(true);
    expect(restarted.claimCode()).toBeUndefined();
    expect(logIn(restarted, 'Ada', 'ada').ok).toBe(false);
  });
});

describe('stream tokens', () => {
  const opens = (access: Access, token: string, camera = 'door', from = home) =>
    access.streamTokenOpens(token, camera, from);

  test('open their camera or every camera, until they are revoked, and are shown once', async () => {
    const { access, dataDir } = claimedBox();
    const door = access.createStreamToken('tablet', 'door');
    const all = access.createStreamToken('recorder', null);
    expect([opens(access, door.token!), opens(access, door.token!, 'yard'), opens(access, all.token!, 'yard')]).toEqual(
      [true, false, true],
    );
    expect(access.streamTokens().map((t) => ['token' in t, t.name, t.lastUsedMs !== undefined])).toEqual([
      [false, 'tablet', true],
      [false, 'recorder', true],
    ]);
    expect(opens(openBox(dataDir), door.token!)).toBe(true);
    expect(access.revokeStreamToken(door.id)).toBe(true);
    expect(access.revokeStreamToken(door.id)).toBe(false);
    expect([opens(access, door.token!), opens(openBox(dataDir), door.token!)]).toEqual([false, false]);
  });

  test('guessing is throttled per address, without stopping a player that was already welcome there', async () => {
    const { access, clock } = claimedBox();
    const known = access.createStreamToken('tablet', null).token!;
    const fresh = access.createStreamToken('new tablet', null).token!;
    expect(opens(access, known)).toBe(true);
    for (let i = 0; i < 20; i++) expect(opens(access, `nj_${'x'.repeat(43)}`)).toBe(false);
    expect([opens(access, known), opens(access, fresh), opens(access, fresh, 'door', '10.9.9.9')]).toEqual([
      true,
      false,
      true,
    ]);
    await clock.advance(5000);
    expect(opens(access, fresh)).toBe(true);
  });
});

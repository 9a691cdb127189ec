import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { silentLog } from '../base/log.ts';
import { type Access, openAccess } from './access.ts';
import { PassphraseHasher } from './passphrase.ts';

const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-access-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const home = '192.168.1.10';
const good = 'seven quiet herons';
const quick = () => new PassphraseHasher({ memoryCost: 64, timeCost: 1 });
const open = (dataDir: string, clock = new ManualClock(), log: Log = silentLog) =>
  openAccess({ dataDir, clock, log, hasher: quick(), boxName: () => 'Garden shed box' });
const day = 86_400_000;

async function claimed(dataDir = folder(), clock = new ManualClock()) {
  const access = open(dataDir, clock);
  const result = await access.claim({ code: access.claimCode()!, name: 'Ada', passphrase: good }, home);
  if (!result.ok) throw new Error(`claim failed: ${result.reason}`);
  return { access, dataDir, clock, cookie: result.cookie, session: result.session };
}

/** The contents of every file in the folder, as one text. */
const everythingKept = (path: string) =>
  readdirSync(path)
    .map((name) => readFileSync(join(path, name), 'utf8'))
    .join('\n');

const damage = (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));

describe('claiming', () => {
  test('the code works without regard to case, spaces, dashes and look-alike letters, and only until it was used', async () => {
    const access = open(folder());
    expect(access.isClaimed()).toBe(false);
    const code = access.claimCode()!;
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = ` ${code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    expect(await access.claim({ code: typed, name: 'Ada', passphrase: good }, home)).toMatchObject({ ok: true });
    expect(access.claimCode()).toBeUndefined();
    expect(await access.claim({ code, name: 'Eve', passphrase: good }, home)).toMatchObject({ reason: 'claimed' });
  });

  test('of two claims at the same moment one wins', async () => {
    const access = open(folder());
    const code = access.claimCode()!;
    const results = await Promise.all(
      ['Ada', 'Eve'].map((name) => access.claim({ code, name, passphrase: good }, home)),
    );
    expect(results.map((r) => (r.ok ? 'won' : r.reason)).sort()).toEqual(['claimed', 'won']);
  });

  test('wrong codes are throttled per address, and say when to try again', async () => {
    const access = open(folder());
    const guess = () => access.claim({ code: '0000-0000', name: 'Eve', passphrase: good }, '10.0.0.9');
    const reasons: string[] = [];
    for (let i = 0; i < 7; i++) reasons.push(((r) => (r.ok ? 'ok' : r.reason))(await guess()));
    expect(reasons).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'throttled']);
    expect(await guess()).toMatchObject({ retryAfterS: 20 });
    const owner = await access.claim({ code: access.claimCode()!, name: 'Ada', passphrase: good }, home);
    expect(owner.ok).toBe(true);
  });

  test.each([
    ['short', 'Use at least 10'],
    ['x'.repeat(201), 'Use at most 200'],
    ['Password123', 'tried first'],
    ['1212121212', 'repeats'],
    ['Garden Shed Box', 'little more than a name'],
    ['adaadaadaada12', 'little more than a name'],
  ])('a passphrase such as %p is refused in plain words', async (passphrase, words) => {
    const access = open(folder());
    const result = await access.claim({ code: access.claimCode()!, name: 'Ada', passphrase }, home);
    expect(result).toMatchObject({ ok: false, reason: 'weak', message: expect.stringContaining(words) });
    expect(access.isClaimed()).toBe(false);
  });

  test('an unclaimed box has a new code at each start, and never writes it down', () => {
    const dataDir = folder();
    const first = open(dataDir).claimCode()!;
    expect(open(dataDir).claimCode()).not.toBe(first);
    expect(everythingKept(dataDir)).not.toContain(first);
  });
});

describe('signing in', () => {
  test('works with the right passphrase, whatever the case of the name and the form of its accents', async () => {
    const access = open(folder());
    const code = access.claimCode()!;
    await access.claim({ code, name: 'Zoë', passphrase: 'café under rain' }, home);
    const again = await access.login(
      { name: ' zoë '.normalize('NFD'), passphrase: 'café under rain'.normalize('NFD') },
      home,
    );
    expect(again).toMatchObject({ ok: true, session: { person: { name: 'Zoë' } } });
    expect(await access.login({ name: 'Zoë', passphrase: 'Café under rain' }, home)).toEqual({
      ok: false,
      reason: 'wrong',
    });
  });

  test('neither passphrase nor cookie nor stream token is on the disk, and others may not read the files', async () => {
    const { access, dataDir, cookie } = await claimed();
    const { token } = access.createStreamToken('hall tablet', null);
    access.close();
    const kept = everythingKept(dataDir);
    for (const secret of [good, cookie, token!]) expect(kept).not.toContain(secret);
    for (const name of readdirSync(dataDir)) expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
  });

  test('guessing from one address is throttled there and nowhere else; the right answer helps no longer', async () => {
    const { access, clock } = await claimed();
    const guess = (passphrase: string, from: string) => access.login({ name: 'Ada', passphrase }, from);
    for (let i = 0; i < 6; i++)
      expect(await guess(`wrong guess ${i}`, '203.0.113.5')).toMatchObject({ reason: 'wrong' });
    expect(await guess(good, '203.0.113.5')).toEqual({ ok: false, reason: 'throttled', retryAfterS: 20 });
    expect((await guess(good, home)).ok).toBe(true);
    await clock.advance(20_000);
    expect((await guess(good, '203.0.113.5')).ok).toBe(true);
  });

  test('an IPv6 network counts as one address', async () => {
    const { access } = await claimed();
    const guess = (i: number) => access.login({ name: 'Ada', passphrase: 'wrong guess' }, `2001:db8:1:2::${i + 1}`);
    for (let i = 0; i < 6; i++) expect(await guess(i)).toMatchObject({ reason: 'wrong' });
    expect(await guess(7)).toMatchObject({ reason: 'throttled' });
    expect(await access.login({ name: 'Ada', passphrase: 'wrong' }, '2001:db8:1:3::1')).toMatchObject({
      reason: 'wrong',
    });
  });

  test('guesses from all over the world are throttled per person, and the owner still signs in from home', async () => {
    const { access } = await claimed();
    const reasons: string[] = [];
    for (let i = 0; i < 30; i++) {
      const result = await access.login({ name: 'Ada', passphrase: 'wrong guess' }, `198.51.100.${i}`);
      reasons.push(result.ok ? 'ok' : result.reason);
    }
    expect(reasons.filter((r) => r === 'wrong')).toHaveLength(20);
    expect(await access.login({ name: 'Ada', passphrase: good }, '198.51.100.99')).toMatchObject({
      reason: 'throttled',
    });
    expect((await access.login({ name: 'Ada', passphrase: good }, home)).ok).toBe(true);
  });

  test('that is being guessed at is told, so that the owner can be mailed', async () => {
    const dataDir = folder();
    await claimed(dataDir);
    const told: string[] = [];
    const onGuessing = (from: string) => void told.push(from);
    const access = openAccess({ dataDir, clock: new ManualClock(), log: silentLog, hasher: quick(), onGuessing });
    for (let i = 0; i < 7; i++) await access.login({ name: 'Ada', passphrase: 'wrong guess' }, '203.0.113.5');
    expect(told).toEqual(['203.0.113.5']);
  });

  test('the log names neither what was typed as name nor as passphrase', async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, warn: (message, fields) => void lines.push(message + JSON.stringify(fields)) };
    const access = open(folder(), new ManualClock(), log);
    await access.claim({ code: access.claimCode()!, name: 'Ada', passphrase: good }, home);
    await access.login({ name: good, passphrase: 'oops wrong field' }, home);
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('herons');
    expect(lines.join()).not.toContain('oops');
  });
});

describe('sessions', () => {
  test('outlive a restart', async () => {
    const { access, dataDir, cookie, session } = await claimed();
    access.close();
    expect(open(dataDir).session(cookie)).toEqual(session);
  });

  test('are on the disk a second after signing in, without an orderly end', async () => {
    const { dataDir, clock, cookie } = await claimed();
    await clock.advance(1000);
    expect(open(dataDir).session(cookie)).toBeDefined();
  });

  test('end after thirty days without use, and after half a year with use', async () => {
    const idle = await claimed();
    await idle.clock.advance(29 * day);
    expect(idle.access.session(idle.cookie)).toBeDefined();
    await idle.clock.advance(31 * day);
    expect(idle.access.session(idle.cookie)).toBeUndefined();

    const busy = await claimed();
    for (let i = 0; i < 17; i++) {
      await busy.clock.advance(10 * day);
      expect(busy.access.session(busy.cookie)).toBeDefined();
    }
    await busy.clock.advance(11 * day);
    expect(busy.access.session(busy.cookie)).toBeUndefined();
  });

  test('days on which the box was off count', async () => {
    const { access, dataDir, clock, cookie } = await claimed();
    access.close();
    expect(open(dataDir, new ManualClock(clock.wallMs() + 31 * day)).session(cookie)).toBeUndefined();
  });

  test('survive a clock that starts in 1970 and is set later, and do not become immortal by it', async () => {
    const { access, dataDir, cookie } = await claimed();
    access.close();
    const clock = new ManualClock(0);
    const later = open(dataDir, clock);
    expect(later.session(cookie)).toBeDefined();
    clock.stepWallMs(Date.UTC(2026, 6, 1));
    expect(later.session(cookie)).toBeDefined();
    clock.stepWallMs(-Date.UTC(2026, 6, 1));
    await clock.advance(31 * day);
    expect(later.session(cookie)).toBeUndefined();
  });

  test('end for good at sign-out, even when the power goes right after', async () => {
    const { access, dataDir, clock, cookie, session } = await claimed();
    await clock.advance(1000);
    access.logout(session.id);
    expect(access.session(cookie)).toBeUndefined();
    expect(open(dataDir).session(cookie)).toBeUndefined();
  });

  test('on other devices end when the passphrase changes; the one that asked stays', async () => {
    const { access, dataDir, cookie, session } = await claimed();
    const phone = await access.login({ name: 'Ada', passphrase: good }, home);
    const next = 'eleven loud geese';
    expect(await access.changePassphrase(session.person, good, next, home, session.id)).toEqual({ ok: true });
    expect(access.session(cookie)).toBeDefined();
    expect(access.session((phone as { cookie: string }).cookie)).toBeUndefined();
    const restarted = open(dataDir);
    expect(restarted.session(cookie)).toBeDefined();
    expect((await restarted.login({ name: 'Ada', passphrase: good }, home)).ok).toBe(false);
    expect((await restarted.login({ name: 'Ada', passphrase: next }, home)).ok).toBe(true);
  });

  test('changing the passphrase needs the present one, and a good next one', async () => {
    const { access, session } = await claimed();
    const change = (current: string, next: string) => access.changePassphrase(session.person, current, next, home);
    expect(await change('not the one', 'eleven loud geese')).toMatchObject({ reason: 'wrong' });
    expect(await change(good, 'short')).toMatchObject({ reason: 'weak' });
    expect(await change(good, good)).toMatchObject({ reason: 'weak' });
  });

  test('are bounded in number: the least used goes first', async () => {
    const { access, clock, cookie } = await claimed();
    for (let i = 0; i < 40; i++) {
      await clock.advance(10);
      expect((await access.login({ name: 'Ada', passphrase: good }, home)).ok).toBe(true);
    }
    expect(access.session(cookie)).toBeUndefined();
  });

  test('a damaged list means signing in again, not a box that does not start', async () => {
    const { access, dataDir, cookie } = await claimed();
    access.close();
    damage(join(dataDir, 'sessions.json'));
    const restarted = open(dataDir);
    expect(restarted.session(cookie)).toBeUndefined();
    expect((await restarted.login({ name: 'Ada', passphrase: good }, home)).ok).toBe(true);
  });
});

describe('access.json', () => {
  test('when cut off, the last good copy is used', async () => {
    const { access, dataDir } = await claimed();
    access.close();
    damage(join(dataDir, 'access.json'));
    expect((await open(dataDir).login({ name: 'Ada', passphrase: good }, home)).ok).toBe(true);
    expect((await open(dataDir).login({ name: 'Ada', passphrase: good }, home)).ok).toBe(true);
  });

  test('when nothing of it can be read, the box stays closed instead of offering itself to the next visitor', async () => {
    const { access, dataDir } = await claimed();
    access.close();
    damage(join(dataDir, 'access.json'));
    damage(join(dataDir, 'access.json.last-good'));
    const restarted = open(dataDir);
    expect(restarted.isClaimed()).toBe(true);
    expect(restarted.claimCode()).toBeUndefined();
    expect((await restarted.login({ name: 'Ada', passphrase: good }, home)).ok).toBe(false);
  });
});

describe('stream tokens', () => {
  const opens = (access: Access, token: string, camera = 'door', from = home) =>
    access.streamTokenOpens(token, camera, from);

  test('open their camera or every camera, until they are revoked, and are shown once', async () => {
    const { access, dataDir } = await claimed();
    const door = access.createStreamToken('tablet', 'door');
    const all = access.createStreamToken('recorder', null);
    expect([opens(access, door.token!), opens(access, door.token!, 'yard'), opens(access, all.token!, 'yard')]).toEqual(
      [true, false, true],
    );
    expect(access.streamTokens().map((t) => ['token' in t, t.name, t.lastUsedMs !== undefined])).toEqual([
      [false, 'tablet', true],
      [false, 'recorder', true],
    ]);
    expect(opens(open(dataDir), door.token!)).toBe(true);
    expect(access.revokeStreamToken(door.id)).toBe(true);
    expect(access.revokeStreamToken(door.id)).toBe(false);
    expect([opens(access, door.token!), opens(open(dataDir), door.token!)]).toEqual([false, false]);
  });

  test('guessing is throttled per address, without stopping a player that was already welcome there', async () => {
    const { access, clock } = await claimed();
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

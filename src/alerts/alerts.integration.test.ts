import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastingPort } from '../../tests/support/port.ts';
import { type Child, spawnChild } from '../base/child.ts';
import { ManualClock, systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type Alerts, type AlertsOptions, openAlerts } from './alerts.ts';
import type { BoxOrder } from './fixture-box.ts';
import { makeCertificates, type Received, readMail, reply, startServer } from './fixture-server.ts';
import type { MailSettings } from './mail.ts';
import { GIVE_UP_MS, type MailState } from './outbox-options.ts';

// A machine that is busy with other tests must not fail these.
setDefaultTimeout(20_000);

const folders: string[] = [];
const open: Alerts[] = [];
const newFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-alerts-'));
  folders.push(path);
  return path;
};
afterEach(async () => {
  for (const alerts of open.splice(0)) await alerts.close();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const jpeg = (fill: number) => new Uint8Array(60_000).fill(fill);
const mailTo = (port: number, more: Partial<MailSettings> = {}): MailSettings => ({
  enabled: true,
  preset: 'own',
  host: '127.0.0.1',
  port,
  security: 'none',
  verifyCertificate: true,
  username: '',
  password: '',
  from: 'box@example.org',
  to: ['ada@example.org'],
  ...more,
});

interface Setup extends Partial<AlertsOptions> {
  readonly coolDownS?: number;
  readonly dataDir?: string;
}

/** The alerts room of a box with two cameras. Settings may be changed while it runs. */
function home(mail: MailSettings, { coolDownS = 60, dataDir = newFolder(), clock = systemClock, ...rest }: Setup = {}) {
  const states: string[] = [];
  const asked: number[] = [];
  const now = { mail };
  const alerts = openAlerts({
    dataDir,
    pictureKey: new Uint8Array(32).fill(1),
    clock,
    log: silentLog,
    settings: () => ({
      mail: now.mail,
      boxName: 'Home',
      timeZone: 'Europe/Berlin',
      publicUrl: 'https://box.example',
      camera: (id) =>
        id === 'gone' ? undefined : { name: `The ${id}`, mailOnMotion: id !== 'quiet', mailOnLost: true, coolDownS },
    }),
    pictureOf: async (_, atMs) => {
      asked.push(atMs);
      return jpeg(1);
    },
    linkTo: (id) => `https://box.example/recordings/${id}`,
    onMailState: (id, state) => void states.push(`${id} ${state}`),
    settleMs: 50,
    ...rest,
  });
  open.push(alerts);
  const start = (id: string, camera = 'door', recordingId?: string) =>
    alerts.motion(camera, { kind: 'start', id, atMs: clock.monotonicMs(), level: 10 }, recordingId);
  return { alerts, states, asked, now, start, dataDir, clock };
}

const subjectOf = async ({ raw }: Received) => (await readMail(raw)).headers.subject![0]!;
const messageIdOf = ({ raw }: Received) => /^message-id:\s*(\S+)/im.exec(raw.toString('latin1'))![1]!;

describe('motion', () => {
  test('makes one mail with the picture of the best moment so far, and a link to its recording', async () => {
    await using server = await startServer();
    const { alerts, states, asked, start, clock } = home(mailTo(server.port), { settleMs: 100 });
    const atMs = clock.monotonicMs();
    start('e1');
    alerts.motion('door', { kind: 'peak', id: 'e1', atMs: atMs + 20, level: 62 }, 'r7');
    alerts.motion('door', { kind: 'peak', id: 'e1', atMs: atMs + 40, level: 30 });
    await server.count(1);
    alerts.motion('door', { kind: 'peak', id: 'e1', atMs: atMs + 900, level: 99 });
    alerts.motion('door', { kind: 'end', id: 'e1', atMs: atMs + 2000, level: 99 });
    await alerts.idle();
    expect(server.received).toHaveLength(1);
    expect(asked).toEqual([atMs + 20]);
    const { headers, parts } = await readMail(server.received[0]!.raw);
    expect(headers.subject).toEqual(['Home: Motion at The door']);
    const text = Buffer.from(parts.find((p) => p.type === 'text/plain')!.base64, 'base64').toString();
    expect(text).toContain('Motion level: 62 of 100');
    expect(text).toContain('https://box.example/recordings/r7');
    const picture = parts.find((p) => p.type === 'image/jpeg')!;
    expect([picture.cid, Buffer.from(picture.base64, 'base64').length]).toEqual(['<picture@nightjar>', 60_000]);
    expect(states).toEqual(['e1 waiting', 'e1 sent']);
  });

  test('goes out as soon as it is over, without waiting for a better picture', async () => {
    await using server = await startServer();
    const { alerts, start, clock } = home(mailTo(server.port), { settleMs: 60_000 });
    start('e1');
    alerts.motion('door', { kind: 'end', id: 'e1', atMs: clock.monotonicMs(), level: 10 });
    await server.count(1);
  });

  test('within the cool-down is held back; of a quiet camera or with mail switched off nothing is said of a mail; none leaves anything', async () => {
    await using server = await startServer();
    const { alerts, states, start, now, dataDir } = home(mailTo(server.port));
    expect(start('e1')).toBe('waiting');
    await server.count(1);
    expect(start('e2')).toBe('held-back');
    expect(start('e3', 'quiet')).toBeUndefined();
    expect(start('e4', 'yard')).toBe('waiting');
    await server.count(2);
    now.mail = mailTo(server.port, { enabled: false });
    expect(start('e5', 'garage')).toBeUndefined();
    now.mail = mailTo(server.port, { to: [] });
    expect(start('e6', 'garage')).toBeUndefined();
    await alerts.idle();
    expect(states.filter((s) => !/e1|e4/.test(s))).toEqual([]);
    expect(server.received).toHaveLength(2);
    expect(readdirSync(join(dataDir, 'outbox'))).toEqual([]);
  });

  test('that power cut off before its mail, or its picture, was on the disk is made up for, once', async () => {
    const dataDir = newFolder();
    const cut = home(mailTo(9), { dataDir, settleMs: 60_000, pictureOf: async () => undefined });
    cut.start('no-picture');
    while (cut.states.length === 0) await Bun.sleep(5);
    await using server = await startServer();
    const atMs = Date.now();
    const states = new Map<string, MailState>([
      ['no-picture', 'waiting'],
      ['no-mail', 'waiting'],
      ['went', 'sent'],
      ['long-ago', 'waiting'],
    ]);
    const event = (id: string) => ({ id, cameraId: 'door', startMs: atMs, level: 40, recordingId: `of-${id}` });
    const { alerts } = home(mailTo(server.port), {
      dataDir,
      startPauseMs: 0,
      kept: {
        waiting: () => [
          event('no-picture'),
          event('no-mail'),
          { ...event('long-ago'), startMs: atMs - GIVE_UP_MS - 1 },
        ],
        event,
        mailState: (id) => states.get(id),
      },
      onMailState: (id, state) => void states.set(id, state),
    });
    await server.count(2);
    await alerts.idle();
    const mails = await Promise.all(server.received.map((received) => readMail(received.raw)));
    const seen = mails.map(({ parts }) => {
      const text = Buffer.from(parts.find((p) => p.type === 'text/plain')!.base64, 'base64').toString();
      return [/recordings\/(\S+)/.exec(text)?.[1], /is in the recording/.test(text)];
    });
    expect(seen.sort()).toEqual([
      ['of-no-mail', true],
      ['of-no-picture', true],
    ]);
    expect(Object.fromEntries(states)).toEqual({
      'no-picture': 'sent',
      'no-mail': 'sent',
      went: 'sent',
      'long-ago': 'failed',
    });
  });

  test('whose picture fails is mailed without one', async () => {
    await using server = await startServer();
    const pictureOf = () => Promise.reject(new Error('decoder died'));
    const { start } = home(mailTo(server.port), { pictureOf });
    start('e1');
    await server.count(1);
    expect((await readMail(server.received[0]!.raw)).parts.map((p) => p.type)).not.toContain('image/jpeg');
  });
});

test('a lost camera is mailed with its fault, and its return with how long it was away', async () => {
  await using server = await startServer();
  const clock = new ManualClock();
  const { alerts } = home(mailTo(server.port), { clock });
  const fault = { message: 'It refuses the password.', advice: 'Type it in again.' };
  alerts.cameraHealth('door', { state: 'live' });
  alerts.cameraHealth('door', { state: 'lost', fault });
  await clock.advance(9000);
  alerts.cameraHealth('door', { state: 'live' });
  await clock.advance(60_000);
  alerts.cameraHealth('door', { state: 'lost', fault });
  await clock.advance(90_000);
  await server.count(1);
  alerts.cameraHealth('door', { state: 'live' });
  await clock.advance(20_000);
  await server.count(2);
  const subjects = await Promise.all(server.received.map(subjectOf));
  expect(subjects).toEqual(['Home: The door is lost', 'Home: The door is back']);
  expect(server.received[0]!.raw.toString()).toContain('It refuses the password.');
  expect(server.received[1]!.raw.toString()).toContain('2 minutes');
});

test('notices of a kind do not repeat; "records again" only answers "cannot record"', async () => {
  await using server = await startServer();
  const { alerts } = home(mailTo(server.port));
  alerts.notice('recording-again', 'There is room again.');
  await alerts.idle();
  expect(server.received).toEqual([]);
  for (let i = 0; i < 5; i++) alerts.notice('recording-blocked', 'The disk is full.');
  alerts.notice('recording-again', 'There is room again.');
  await alerts.idle();
  await server.count(2);
  expect(await Promise.all(server.received.map(subjectOf))).toEqual([
    'Home: Nothing can be recorded',
    'Home: Recording goes on',
  ]);
});

describe('the mail server', () => {
  test('down for an hour: every alert arrives afterwards, once, with its picture, and says it is late', async () => {
    const port = lastingPort();
    const clock = new ManualClock(Date.UTC(2026, 10, 21));
    const { alerts, states, start } = home(mailTo(port), { clock, coolDownS: 0 });
    for (let i = 0; i < 12; i++) {
      start(`e${i}`);
      for (let s = 0; s < 300; s += 20) {
        await clock.advance(20_000);
        await alerts.idle();
      }
    }
    expect(alerts.status()).toMatchObject({
      waiting: 12,
      lastError: expect.stringContaining('refused the connection'),
    });
    await using server = await startServer({ port });
    for (let s = 0; s < 16 * 60; s += 20) {
      await clock.advance(20_000);
      await alerts.idle();
    }
    expect(server.received).toHaveLength(12);
    expect(new Set(server.received.map(messageIdOf)).size).toBe(12);
    const { parts } = await readMail(server.received[0]!.raw);
    expect(parts.map((p) => p.type)).toContain('image/jpeg');
    expect(Buffer.from(parts.find((p) => p.type === 'text/plain')!.base64, 'base64').toString()).toContain(
      'late: it could not be sent earlier',
    );
    expect(states.filter((s) => s.endsWith(' sent'))).toHaveLength(12);
    expect(alerts.status()).toEqual({ waiting: 0 });
  });

  test('changed in the settings is used at the next try, at once', async () => {
    await using wrong = await startServer();
    wrong.answers = { data: () => reply(451, 'try later') };
    await using right = await startServer();
    const { alerts, start, now } = home(mailTo(wrong.port));
    start('e1');
    while (alerts.status().lastError === undefined) await Bun.sleep(5);
    now.mail = mailTo(right.port, { to: ['bob@example.org'] });
    alerts.apply();
    await right.count(1);
    expect(right.received[0]!.to).toEqual(['bob@example.org']);
    expect(wrong.received).toEqual([]);
  });

  test('answers a test mail with its own words, also while mail is switched off', async () => {
    await using server = await startServer();
    const { alerts } = home(mailTo(server.port, { enabled: false, to: [] }));
    const signal = new AbortController().signal;
    expect(await alerts.test(undefined, signal)).toMatchObject({ ok: false, message: 'There is no recipient.' });
    expect(await alerts.test('eve@example.org', signal)).toEqual({ ok: true, message: '250 kept as 4711' });
    expect(server.received[0]!.to).toEqual(['eve@example.org']);
  });

  test('takes an alert within a second, over STARTTLS with login, outbox and all', async () => {
    const { ca, good } = await makeCertificates();
    await using server = await startServer({
      ...good,
      disabledCommands: [],
      onAuth: (auth: { username?: string }, _: unknown, done: (e: null, r: { user: string }) => void) =>
        done(null, { user: auth.username ?? '' }),
    } as never);
    const mail = mailTo(server.port, {
      security: 'starttls',
      username: 'box@example.org',
      password: 'x',
      host: 'localhost',
    });
    const { alerts, start } = home(mail, { trustedCa: ca, settleMs: 0, coolDownS: 0 });
    const tookMs: number[] = [];
    for (let i = 1; i <= 15; i++) {
      const startedMs = performance.now();
      start(`e${i}`);
      await server.count(i);
      tookMs.push(server.received.at(-1)!.atMs - startedMs);
      await alerts.idle();
    }
    tookMs.sort((a, b) => a - b);
    const ms = (share: number) => Math.round(tookMs[Math.floor((tookMs.length - 1) * share)]!);
    // smtp-server itself waits 100 ms before it greets.
    console.log(`enqueue → accepted: median ${ms(0.5)} ms, p95 ${ms(0.95)} ms`);
    expect(ms(0.5)).toBeLessThan(1000);
  }, 30_000);
});

describe('killed with SIGKILL', () => {
  const box = (order: BoxOrder): Child =>
    spawnChild([process.execPath, join(import.meta.dir, 'fixture-box.ts'), JSON.stringify(order)]);
  /** Reads the child's lines until all of these were there. */
  async function lines(child: Child, wanted: readonly string[]): Promise<void> {
    const left = new Set(wanted);
    let text = '';
    const reader = child.stdout.getReader();
    while (left.size > 0) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the box ended; still waiting for ${[...left]}`);
      text += new TextDecoder().decode(value);
      for (const line of text.split('\n')) left.delete(line);
    }
    reader.releaseLock();
  }
  const kill = async (child: Child) => {
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
  };
  const events = ['a', 'b', 'c', 'd', 'e'];

  test('while the server stalls in the middle of a mail: every alert arrives after the restart, once', async () => {
    const dataDir = newFolder();
    await using server = await startServer();
    const stalled = Promise.withResolvers<void>();
    server.answers = {
      data: () => {
        stalled.resolve();
        return 'stall';
      },
    };
    const first = box({ dataDir, mail: mailTo(server.port), events });
    await lines(
      first,
      events.map((e) => `${e} waiting`),
    );
    await stalled.promise;
    await kill(first);
    server.answers = {};
    await using second = box({ dataDir, mail: mailTo(server.port), events: [] });
    await lines(
      second,
      events.map((e) => `${e} sent`),
    );
    expect(server.received).toHaveLength(5);
    expect(new Set(server.received.map(messageIdOf)).size).toBe(5);
    // A mail leaves the disk after it was told that it went.
    while (readdirSync(join(dataDir, 'outbox')).length > 0) await Bun.sleep(20);
  }, 20_000);

  test('again and again at any moment: every alert arrives; a mail that arrives twice has the same Message-ID', async () => {
    const dataDir = newFolder();
    await using server = await startServer();
    let child = box({ dataDir, mail: mailTo(server.port), events });
    await lines(
      child,
      events.map((e) => `${e} waiting`),
    );
    for (const afterMs of [0, 130, 260]) {
      await Bun.sleep(afterMs);
      await kill(child);
      child = box({ dataDir, mail: mailTo(server.port), events: [] });
      await lines(child, ['ready']);
    }
    await using last = child;
    expect(last.pid).toBeGreaterThan(0);
    while (readdirSync(join(dataDir, 'outbox')).length > 0) await Bun.sleep(20);
    const ids = server.received.map(messageIdOf);
    expect(new Set(ids).size).toBe(5);
    // Each kill can catch at most one mail between the server's answer and its removal.
    expect(ids.length).toBeLessThanOrEqual(5 + 3);
  }, 20_000);
});

import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Alert } from './alert.ts';
import type { Attempt, Job } from './attempt.ts';
import { Outbox } from './outbox.ts';
import type { MailState, OutboxOptions } from './outbox-options.ts';

const folders: string[] = [];
const newFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-outbox-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const alert = (title: string): Alert => ({ kind: 'notice', title, text: 'It happened.', atMs: 0 });
const titleOf = (job: Job) => (job.alert.kind === 'notice' ? job.alert.title : job.alert.kind);
const down: Attempt = { kind: 'server-failed', message: 'refused the connection', ownersFault: false };
const takes = (to: readonly string[]): Attempt => ({ kind: 'answered', accepted: to, refused: [], later: [] });
const minutes = (n: number) => n * 60_000;
const hours = (n: number) => n * 3_600_000;
const picture = (bytes: number) => new Uint8Array(bytes).fill(7);

interface Box extends Partial<OutboxOptions> {
  readonly clock?: ManualClock;
  readonly answer?: (job: Job) => Attempt;
}

/** An outbox on a mail server that answers as told, and what the server saw. */
function box({ answer = (job) => takes(job.to), folder = newFolder(), clock = new ManualClock(), ...rest }: Box = {}) {
  const tries: { title: string; atMs: number; messageId: string; to: readonly string[]; pictureBytes: number }[] = [];
  const states: string[] = [];
  const server = { answer };
  const outbox = new Outbox({
    folder,
    pictureKey: new Uint8Array(32).fill(1),
    clock,
    log: silentLog,
    random: () => 0.5,
    recipients: () => ['ada@example.org'],
    onState: (eventId, state) => void states.push(`${eventId} ${state}`),
    deliver: async (job) => {
      const { messageId, to } = job;
      tries.push({
        title: titleOf(job),
        atMs: clock.monotonicMs(),
        messageId,
        to,
        pictureBytes: job.picture?.length ?? 0,
      });
      return server.answer(job);
    },
    ...rest,
  });
  const put = (title: string, o: { hold?: boolean; picture?: Uint8Array } = {}) =>
    outbox.put(alert(title), { domain: 'example.org', eventId: title, ...o });
  /** Moves time on in steps, so that every try has ended before the next may begin. */
  const pass = async (ms: number, stepMs = 10_000) => {
    await outbox.idle();
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advance(Math.min(stepMs, left));
      await outbox.idle();
    }
  };
  const files = () => readdirSync(folder).filter((name) => name !== 'failed' && name !== 'damaged');
  return { outbox, put, pass, tries, states, server, folder, clock, files };
}

test('a mail that the server takes leaves nothing behind', async () => {
  const { outbox, put, tries, states, files } = box();
  await put('a', { picture: picture(10) });
  await outbox.idle();
  expect(tries.map((t) => [t.title, t.pictureBytes])).toEqual([['a', 10]]);
  expect(states).toEqual(['a waiting', 'a sent']);
  expect(files()).toEqual([]);
  expect(outbox.status()).toEqual({ waiting: 0 });
});

test('what became of a mail is told before it leaves the disk, and before nothing waits any more', async () => {
  const found: string[] = [];
  const { outbox, put } = box({
    folder: newFolder(),
    onState: (id, state) => void found.push(`${id} ${state}, ${outbox.status().waiting} waiting`),
  });
  await put('a', { picture: picture(10) });
  await outbox.idle();
  expect(found).toEqual(['a waiting, 1 waiting', 'a sent, 1 waiting']);
});

test('a mail is on the disk, with its picture, before its first try', async () => {
  const folder = newFolder();
  const seen: string[][] = [];
  const { outbox, put } = box({
    folder,
    answer: (job) => {
      seen.push(readdirSync(folder).map((name) => name.split('.').at(-1)!));
      return takes(job.to);
    },
  });
  await put('a', { picture: picture(10) });
  await outbox.idle();
  expect(seen.map((s) => s.toSorted())).toEqual([['json', 'sealed']]);
});

test('tries again after 10 s, 20 s, 40 s … and every 15 minutes, always with the same Message-ID', async () => {
  const { put, pass, tries } = box({ answer: () => down });
  await put('a');
  await pass(hours(1));
  const pauses = tries.slice(1).map((t, i) => (t.atMs - tries[i]!.atMs) / 1000);
  expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
  expect(new Set(tries.map((t) => t.messageId)).size).toBe(1);
});

test('server down for an hour: every mail arrives afterwards, once, in order', async () => {
  const { put, pass, tries, server, outbox } = box({ answer: () => down });
  const titles = Array.from({ length: 30 }, (_, i) => `mail ${i}`);
  for (const title of titles) {
    await put(title);
    await pass(minutes(2));
  }
  tries.length = 0;
  server.answer = (job) => takes(job.to);
  await pass(minutes(16));
  expect(tries.map((t) => t.title)).toEqual(titles);
  expect(outbox.status().waiting).toBe(0);
});

test('after two days the mail is set aside and its failure told', async () => {
  const failed: string[] = [];
  const { put, pass, states, folder, outbox } = box({
    answer: () => down,
    onFailed: (_, message) => void failed.push(message),
  });
  await put('a', { picture: picture(5) });
  await pass(hours(47), minutes(15));
  expect(outbox.status().waiting).toBe(1);
  await pass(hours(2), minutes(15));
  expect(states.at(-1)).toBe('a failed');
  expect(failed).toEqual(['refused the connection']);
  expect(readdirSync(join(folder, 'failed')).map((n) => n.split('.').at(-1))).toEqual(['json']);
});

test('a clock that jumps from 1970 to today does not age a mail', async () => {
  const clock = new ManualClock(0);
  const { put, pass, server, states } = box({ answer: () => down, clock });
  await put('a');
  await pass(minutes(1));
  clock.stepWallMs(Date.UTC(2026, 10, 21));
  server.answer = (job) => takes(job.to);
  await pass(minutes(16));
  expect(states).toEqual(['a waiting', 'a sent']);
});

test('something new is tried at once, though not more than every ten seconds', async () => {
  const { put, pass, tries, server } = box({ answer: () => down });
  await put('a');
  await pass(minutes(30));
  server.answer = (job) => takes(job.to);
  const before = tries.length;
  await put('b');
  await pass(10_000);
  expect(tries.slice(before).map((t) => t.title)).toEqual(['a', 'b']);
});

test('a refused password is not tried again just because something new happens', async () => {
  const { put, pass, tries } = box({ answer: () => ({ ...down, ownersFault: true }) });
  await put('a');
  await pass(minutes(30));
  const before = tries.length;
  for (let i = 0; i < 5; i++) {
    await put(`b${i}`);
    await pass(minutes(1));
  }
  expect(tries.length - before).toBeLessThanOrEqual(1);
});

test('new settings are tried at once', async () => {
  const { outbox, put, pass, states, server } = box({ answer: () => ({ ...down, ownersFault: true }) });
  await put('a');
  await pass(minutes(30));
  server.answer = (job) => takes(job.to);
  outbox.retryNow();
  await outbox.idle();
  expect(states.at(-1)).toBe('a sent');
});

test('mail that is switched off drops what waits', async () => {
  let recipients = ['ada@example.org'];
  const { outbox, put, pass, states, files } = box({ answer: () => down, recipients: () => recipients });
  await put('a');
  await pass(minutes(1));
  recipients = [];
  outbox.retryNow();
  await outbox.idle();
  expect(states.at(-1)).toBe('a held-back');
  expect(files()).toEqual([]);
});

describe('recipients', () => {
  test('one who is refused does not keep the mail from the others, nor get it again and again', async () => {
    const { put, pass, tries, states } = box({
      recipients: () => ['ada@example.org', 'typo@example.org'],
      answer: () => ({
        kind: 'answered',
        accepted: ['ada@example.org'],
        refused: [{ address: 'typo@example.org', message: '550 no such user' }],
        later: [],
      }),
    });
    await put('a');
    await pass(hours(1));
    expect(tries).toHaveLength(1);
    expect(states.at(-1)).toBe('a sent');
  });

  test('one who is put off is tried alone, also after a restart', async () => {
    const folder = newFolder();
    const recipients = () => ['ada@example.org', 'Bob@example.org'];
    const first = box({
      folder,
      recipients,
      answer: () => ({
        kind: 'answered',
        accepted: ['ada@example.org'],
        refused: [],
        later: [{ address: 'Bob@example.org', message: '450 greylisted' }],
      }),
    });
    await first.put('a');
    await first.outbox.idle();
    expect(first.outbox.status().waiting).toBe(1);
    await first.outbox.close();
    const second = box({ folder, recipients });
    await second.pass(minutes(1));
    expect(second.tries.map((t) => t.to)).toEqual([['Bob@example.org']]);
    expect(second.tries[0]!.messageId).toBe(first.tries[0]!.messageId);
  });

  test('when all are refused the mail has failed', async () => {
    const { outbox, put, states } = box({
      answer: ({ to }) => ({
        kind: 'answered',
        accepted: [],
        refused: [{ address: to[0]!, message: '550 no' }],
        later: [],
      }),
    });
    await put('a');
    await outbox.idle();
    expect(states.at(-1)).toBe('a failed');
  });
});

test('one mail that makes the server hang up does not hold up the others', async () => {
  const { put, pass, states } = box({
    answer: (job) =>
      titleOf(job) === 'poison'
        ? { kind: 'mail-failed', message: 'closed the connection', answered: false }
        : takes(job.to),
  });
  await put('poison');
  await put('a');
  await put('b');
  await pass(minutes(2));
  expect(states.filter((s) => s.endsWith('sent'))).toEqual(['a sent', 'b sent']);
});

test('a picture that the server finds too large stays at home; the words go', async () => {
  const { outbox, put, tries, states } = box({
    answer: (job) => (job.picture ? { kind: 'mail-refused', message: '552 too large', tooLarge: true } : takes(job.to)),
  });
  await put('a', { picture: picture(99) });
  await outbox.idle();
  expect(tries.map((t) => t.pictureBytes)).toEqual([99, 0]);
  expect(states.at(-1)).toBe('a sent');
});

test('over the limit the oldest pictures go first, then the oldest mails', async () => {
  const { put, pass, server, tries, states } = box({ answer: () => down, maxPictureBytes: 250, maxMails: 4 });
  for (const title of ['a', 'b', 'c', 'd', 'e']) await put(title, { picture: picture(100) });
  server.answer = (job) => takes(job.to);
  tries.length = 0;
  await pass(minutes(1));
  expect(tries.map((t) => [t.title, t.pictureBytes])).toEqual([
    ['b', 0],
    ['c', 0],
    ['d', 100],
    ['e', 100],
  ]);
  expect(states).toContain('a failed');
});

describe('closing', () => {
  test('lets a running try end, so that its mail does not go out twice', async () => {
    const folder = newFolder();
    const server = Promise.withResolvers<Attempt>();
    const first = box({ folder, deliver: () => server.promise });
    await first.put('a');
    const closed = first.outbox.close();
    server.resolve(takes(['ada@example.org']));
    await closed;
    expect(first.states).toEqual(['a waiting', 'a sent']);
    expect(first.files()).toEqual([]);
  });

  test('does not wait for a server that says nothing; the mail stays', async () => {
    const clock = new ManualClock();
    const first = box({
      clock,
      deliver: (_, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ...down, message: 'aborted' }))),
    });
    await first.put('a');
    const closed = first.outbox.close();
    await clock.advance(3000);
    await closed;
    const second = box({ folder: first.folder });
    await second.outbox.idle();
    expect(second.tries.map((t) => t.title)).toEqual(['a']);
  });
});

test('a stolen card shows no picture of a waiting mail', async () => {
  const { put, files, folder, outbox } = box({ answer: () => down });
  await put('a', { picture: picture(1000) });
  await outbox.close();
  const seven = Buffer.alloc(16, 7);
  expect(files().filter((name) => readFileSync(join(folder, name)).includes(seven))).toEqual([]);
  expect(files().filter((name) => name.endsWith('.jpg.sealed'))).toHaveLength(1);
});

describe('a restart', () => {
  test('goes on with what waited, pictures and all', async () => {
    const first = box({ answer: () => down });
    await first.put('a', { picture: picture(42) });
    await first.put('b');
    await first.outbox.close();
    const second = box({ folder: first.folder });
    await second.outbox.idle();
    expect(second.tries.map((t) => [t.title, t.pictureBytes])).toEqual([
      ['a', 42],
      ['b', 0],
    ]);
  });

  test('does not send what was told to have gone, though power went before it left the disk', async () => {
    const first = box({ answer: () => down });
    for (const title of ['went', 'failed', 'waits']) await first.put(title, { picture: picture(10) });
    await first.outbox.close();
    const told = new Map<string, MailState>([
      ['went', 'sent'],
      ['failed', 'failed'],
      ['waits', 'waiting'],
    ]);
    const second = box({ folder: first.folder, stateOf: (id) => told.get(id) });
    await second.outbox.idle();
    expect(second.tries.map((t) => t.title)).toEqual(['waits']);
    await second.outbox.close();
    expect(second.files()).toEqual([]);
    expect(readdirSync(join(first.folder, 'failed'))).toHaveLength(1);
  });

  test('after a power cut the words go without the picture: its key was in memory only', async () => {
    const first = box({ answer: () => down });
    await first.put('a', { picture: picture(42) });
    await first.outbox.close();
    const second = box({ folder: first.folder, pictureKey: new Uint8Array(32).fill(2) });
    await second.outbox.idle();
    expect(second.tries.map((t) => [t.title, t.pictureBytes])).toEqual([['a', 0]]);
    expect(second.files()).toEqual([]);
  });

  test('sends a mail whose picture was still to come', async () => {
    const first = box();
    await first.put('a', { hold: true });
    await first.pass(minutes(1));
    expect(first.tries).toEqual([]);
    const second = box({ folder: first.folder });
    await second.outbox.idle();
    expect(second.tries.map((t) => t.title)).toEqual(['a']);
  });

  test('sets aside what cannot be read, removes left-overs, and sends the rest', async () => {
    const first = box({ answer: () => down });
    await first.put('cut');
    await first.outbox.idle();
    const [cut] = first.files();
    await first.put('good');
    await first.outbox.close();
    const path = join(first.folder, cut!);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 50));
    writeFileSync(join(first.folder, 'garbage.json'), '\u0000\u0001\u0002');
    writeFileSync(join(first.folder, 'orphan.jpg'), 'x');
    writeFileSync(join(first.folder, 'half.json.new'), '{');
    const second = box({ folder: first.folder });
    await second.outbox.idle();
    expect(second.tries.map((t) => t.title)).toEqual(['good']);
    expect(readdirSync(join(first.folder, 'damaged')).toSorted()).toEqual([cut!, 'garbage.json'].toSorted());
    expect(second.files()).toEqual([]);
  });
});

test('a picture that had to wait for room reaches the disk as soon as there is some', async () => {
  const { put, pass, folder, server, tries } = box({ answer: () => down });
  rmSync(folder, { recursive: true });
  await put('disk full', { picture: picture(3) });
  await pass(1000);
  mkdirSync(folder);
  await pass(minutes(1));
  expect(
    readdirSync(folder)
      .map((n) => n.split('.').at(-1))
      .toSorted(),
  ).toEqual(['json', 'sealed']);
  server.answer = (job) => takes(job.to);
  await pass(minutes(16));
  expect(tries.at(-1)!.pictureBytes).toBe(3);
});

test('on a disk that takes nothing the mail is sent all the same', async () => {
  const { outbox, put, tries, folder } = box();
  rmSync(folder, { recursive: true });
  await put('disk full', { picture: picture(3) });
  await outbox.idle();
  expect(existsSync(folder)).toBe(false);
  expect(tries.map((t) => [t.title, t.pictureBytes])).toEqual([['disk full', 3]]);
  folders.splice(folders.indexOf(folder), 1);
});

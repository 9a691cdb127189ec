import { afterEach, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateFiles } from '../../app/update-files.ts';
import { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { UpdatePort } from '../../http/ports-system.ts';
import { executableOfVersion, inPieces, release, releaseKey, strangersKey } from './fixture-release.ts';
import { openUpdates, runningSlot, type Updates, type UpdatesOptions } from './updates.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const newer = await release('1.2.0', { notes: 'Sees better at night.' });

interface Made {
  readonly updates: Updates;
  readonly folder: string;
  readonly clock: ManualClock;
  readonly restarts: number[];
  readonly asked: string[];
}

async function box(
  options: Partial<UpdatesOptions> & { readonly answers?: Readonly<Record<string, Response>> } = {},
): Promise<Made> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-updates-'));
  folders.push(folder);
  const clock = new ManualClock();
  const restarts: number[] = [];
  const asked: string[] = [];
  const updates = await openUpdates({
    files: updateFiles,
    folder,
    keys: [releaseKey.publicKey],
    machine: 'arm64',
    version: '1.1.0',
    running: 'factory',
    freeBytes: async () => 1e12,
    settings: () => ({ address: 'https://releases.example/nightjar', check: true }),
    restartService: () => restarts.push(clock.monotonicMs()),
    nowMs: () => clock.wallMs(),
    fetch: async (url) => {
      asked.push(url);
      return (options.answers?.[url]?.clone() as Response | undefined) ?? new Response('', { status: 404 });
    },
    clock,
    log: silentLog,
    random: () => 0,
    ...options,
  });
  return { updates, folder, clock, restarts, asked };
}

const sent = (file: Uint8Array, allowOlder = false) => ({
  bytes: file.length,
  chunks: inPieces(file),
  allowOlder,
  signal: new AbortController().signal,
});
const refusal = async (made: Made, file: Uint8Array, allowOlder = false) =>
  made.updates.receive(sent(file, allowOlder)).then(
    () => 'taken',
    (error: { kind: string; message: string }) => `${error.kind}: ${error.message}`,
  );

test('a file that was sent is in its slot, can be run, and the service restarts once the page has heard of it', async () => {
  const made = await box();
  const { state } = await made.updates.receive(sent(newer.file));
  expect(state).toEqual({ kind: 'restarting', version: '1.2.0' });
  const executable = join(made.folder, 'a/nightjar');
  expect(readFileSync(executable).equals(executableOfVersion('1.2.0'))).toBe(true);
  expect(statSync(executable).mode & 0o777).toBe(0o700);
  expect(made.restarts).toEqual([]);
  await made.clock.advance(2000);
  expect(made.restarts).toEqual([2000]);
  expect(await refusal(made, newer.file)).toBe('conflict: another update is on its way');
});

test('the updates of the appliance are what the routes ask for', async () => {
  const port: UpdatePort = (await box()).updates;
  expect((await port.receive(sent(newer.file))).hasKeys).toBe(true);
});

test('what is refused is refused in a sentence, and leaves nothing behind', async () => {
  const other = await release('1.2.0', { machine: 'amd64' });
  const stranger = await release('1.2.0', { secretKey: strangersKey.secretKey });
  const old = await release('1.0.9');
  const end = newer.file.length - 1;
  const made = await box();
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [
      new TextEncoder().encode('<html>not here</html>'),
      'invalid: this file is no Nightjar update: choose a file that ends in .update',
    ],
    [stranger.file, 'invalid: this update is not signed by a key that the box knows; it was not installed'],
    [
      other.file,
      'invalid: this update is for another kind of machine (amd64); this box needs the file that ends in arm64.update',
    ],
    [old.file, 'conflict: this is version 1.0.9, older than 1.1.0, which runs now'],
    [newer.file.subarray(0, 100), 'invalid: the file did not arrive whole: send it again'],
    [newer.file.subarray(0, end), 'invalid: the file did not arrive whole: send it again'],
    [newer.head, 'invalid: the file did not arrive whole: send it again'],
    [
      Buffer.concat([newer.file, Buffer.from([0])]),
      'invalid: the file is damaged: download it again, and check that all of it arrived',
    ],
    [
      Uint8Array.from(newer.file).with(end, newer.file[end]! ^ 1),
      'invalid: the file is damaged: download it again, and check that all of it arrived',
    ],
    [
      Buffer.concat([newer.head, Buffer.alloc(newer.file.length - newer.head.length)]),
      'invalid: the file is damaged: download it again, and check that all of it arrived',
    ],
  ];
  for (const [file, words] of cases) {
    expect(await refusal(made, file)).toBe(words);
    expect(made.updates.view().state).toEqual({ kind: 'idle' });
    const left = existsSync(join(made.folder, 'a')) ? readdirSync(join(made.folder, 'a')) : [];
    expect(left).toEqual([]);
  }
  await made.clock.advance(10_000);
  expect(made.restarts).toEqual([]);
});

test('a genuine manifest before somebody else’s executable is refused, however well it is packed', async () => {
  const others = await release('1.2.0-rc.1');
  const packed = others.file.subarray(others.head.length);
  const cut = packed.subarray(0, newer.file.length - newer.head.length);
  const file = Buffer.concat([newer.head, cut, Buffer.alloc(newer.file.length - newer.head.length - cut.length)]);
  expect(await refusal(await box(), file)).toStartWith('invalid: the file ');
});

test('an older version is taken on the owner’s word, and a sender who breaks off is told to send it again', async () => {
  const old = await release('1.0.9');
  expect((await (await box()).updates.receive(sent(old.file, true))).state.kind).toBe('restarting');
  const broken = async function* () {
    yield newer.file.subarray(0, newer.file.length - 500);
    throw new Error('ECONNRESET');
  };
  await expect((await box()).updates.receive({ ...sent(newer.file), chunks: broken() })).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

test('a sender who falls silent and is given up holds no place: the next one is taken', async () => {
  const made = await box();
  const gone = new AbortController();
  const silent = async function* () {
    yield newer.file.subarray(0, 2000);
    await new Promise(() => {});
  };
  const coming = made.updates.receive({ ...sent(newer.file), chunks: silent(), signal: gone.signal });
  gone.abort();
  await expect(coming).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await refusal(made, newer.file)).toBe('taken');
});

test('without room, or without a key, nothing is written', async () => {
  const full = await box({ freeBytes: async () => 1e6 });
  expect(await refusal(full, newer.file)).toStartWith('no-space: there is not enough room');
  const keyless = await box({ keys: [] });
  expect(keyless.updates.view().hasKeys).toBe(false);
  expect(await refusal(keyless, newer.file)).toBe('invalid: this box knows no release key, so it can take no update');
  expect([...readdirSync(full.folder), ...readdirSync(keyless.folder)]).toEqual([]);
});

test('while a file comes, the page sees how much of it is there, and a second one is refused', async () => {
  const made = await box();
  const halfway = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = async function* () {
    yield newer.file.subarray(0, 2000);
    halfway.resolve();
    await goOn.promise;
    yield newer.file.subarray(2000);
  };
  const coming = made.updates.receive({ ...sent(newer.file), chunks: slow() });
  await halfway.promise;
  expect(made.updates.view().state).toEqual({ kind: 'receiving', bytes: 2000, ofBytes: newer.file.length });
  expect(await refusal(made, newer.file)).toBe('conflict: another update is on its way');
  goOn.resolve();
  expect((await coming).state.kind).toBe('restarting');
});

test('on trial until it is found healthy; then it holds, also for the next start', async () => {
  const { folder } = await box();
  const trial = { slot: 'b', version: '1.1.0', older: false, starts: ['x'] };
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ format: 1, trial }));
  const { updates } = await box({ folder, running: 'b' });
  expect(updates.onTrial).toBe(true);
  expect(updates.view().state).toEqual({ kind: 'trial', version: '1.1.0' });
  await expect(updates.receive(sent(newer.file))).rejects.toThrow('still on trial');
  await updates.confirm();
  expect(updates.onTrial).toBe(false);
  expect(updates.view()).toMatchObject({ state: { kind: 'idle' }, last: { version: '1.1.0', outcome: 'holds' } });
  expect(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))).toMatchObject({ good: { slot: 'b' } });
});

test('what an interrupted installation left is removed at the next start; slots in use stay', async () => {
  const { folder } = await box();
  for (const slot of ['a', 'b']) {
    mkdirSync(join(folder, slot));
    writeFileSync(join(folder, slot, 'nightjar.new'), 'half');
  }
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ format: 1, good: { slot: 'b', version: '1.1.0' } }));
  await box({ folder, running: 'b' });
  expect([readdirSync(join(folder, 'a')), readdirSync(join(folder, 'b'))]).toEqual([[], ['nightjar.new']]);
});

test('a box whose updates cannot be read starts all the same, and touches no slot', async () => {
  const { folder } = await box();
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a/nightjar'), 'whole');
  const open = async () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
  const made = await box({ folder, files: { ...updateFiles, open } });
  expect(made.updates.view()).toEqual({ state: { kind: 'idle' }, hasKeys: true });
  await made.updates.confirm();
  expect(readdirSync(join(folder, 'a'))).toEqual(['nightjar']);
});

test('which one runs is told by where it was started from', () => {
  expect(runningSlot('/data/update/a/nightjar', '/data/update')).toBe('a');
  expect(runningSlot('/data/update/b/nightjar', '/data/update')).toBe('b');
  expect(runningSlot('/usr/bin/nightjar', '/data/update')).toBe('factory');
});

const at = 'https://releases.example/nightjar';
const response = (bytes: Uint8Array) => new Response(bytes as Uint8Array<ArrayBuffer>);
const never = new AbortController().signal;

test('what the release address announces is offered with its notes, fetched and installed when the owner says so', async () => {
  const answers = {
    [`${at}/nightjar-arm64.release`]: response(newer.head),
    [`${at}/nightjar-1.2.0-arm64.update`]: response(newer.file),
  };
  const made = await box({ answers });
  expect(await made.updates.check(never)).toMatchObject({
    offered: { version: '1.2.0', notes: 'Sees better at night.', releasedAtMs: Date.UTC(2026, 5, 1) },
    checkedAtMs: made.clock.wallMs(),
  });
  expect((await made.updates.install()).state.kind).toBe('receiving');
  await made.updates.close();
  expect(made.updates.view().state).toEqual({ kind: 'restarting', version: '1.2.0' });
  expect(made.asked).toEqual(Object.keys(answers));
});

test('an older or equal version is not offered, and there is nothing to install', async () => {
  const same = await release('1.1.0');
  const { updates } = await box({ answers: { [`${at}/nightjar-arm64.release`]: response(same.head) } });
  expect((await updates.check(never)).offered).toBeUndefined();
  await expect(updates.install()).rejects.toThrow('no newer version is offered');
});

test('an address that answers wrongly is told in a sentence; one that is not set is not asked', async () => {
  const stranger = await release('1.2.0', { secretKey: strangersKey.secretKey });
  const asking = async (answer: Response) => {
    const { updates } = await box({ answers: { [`${at}/nightjar-arm64.release`]: answer } });
    return (await updates.check(never)).checkProblem;
  };
  expect(await asking(new Response('', { status: 404 }))).toBe(
    'There is no release at the release address; look whether it is typed right.',
  );
  expect(await asking(new Response('<html>'))).toBe('What the release address answers is no release of Nightjar.');
  expect(await asking(response(stranger.head))).toContain('not signed by a key that the box knows');
  expect(await asking(Response.redirect('http://releases.example/x', 302))).toContain('not safe to follow');
  expect(await asking(Response.redirect(`${at}/nightjar-arm64.release`, 302))).toContain('leads in a circle');
  const off = await box({ settings: () => ({ address: '', check: true }) });
  await expect(off.updates.check(never)).rejects.toMatchObject({ kind: 'conflict' });
  expect(off.asked).toEqual([]);
});

test('a file that is another one than was announced is not installed, and the page says why', async () => {
  const stranger = await release('1.2.0', { secretKey: strangersKey.secretKey });
  const { updates } = await box({
    answers: {
      [`${at}/nightjar-arm64.release`]: response(newer.head),
      [`${at}/nightjar-1.2.0-arm64.update`]: response(stranger.file),
    },
  });
  await updates.check(never);
  await updates.install();
  await updates.close();
  expect(updates.view().state).toEqual({
    kind: 'failed',
    message: 'This update is not signed by a key that the box knows; it was not installed.',
  });
});

test('a signed version that is not the one that was offered is not installed', async () => {
  const between = await release('1.1.5');
  const { updates } = await box({
    answers: {
      [`${at}/nightjar-arm64.release`]: response(newer.head),
      [`${at}/nightjar-1.2.0-arm64.update`]: response(between.file),
    },
  });
  await updates.check(never);
  await updates.install();
  await updates.close();
  expect(updates.view().state).toEqual({
    kind: 'failed',
    message: 'The release address sent version 1.1.5 instead of 1.2.0; it was not installed.',
  });
});

test('an address that sends a byte now and then is given up within an hour, and a file can be sent', async () => {
  let asks = Promise.withResolvers<void>();
  let send = () => {};
  const made = await box({
    fetch: async (url, { signal }) => {
      if (url.endsWith('.release')) return response(newer.head);
      let sent = 0;
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        const asked = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => asked.reject(signal.reason), { once: true });
        send = () => {
          asks = Promise.withResolvers();
          controller.enqueue(newer.file.slice(sent, ++sent) as Uint8Array<ArrayBuffer>);
          asked.resolve();
        };
        asks.resolve();
        return asked.promise;
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    },
  });
  await made.updates.check(never);
  await made.updates.install();
  // Time passes only once what was sent has been taken and the next is waited for.
  for (let s = 0; s < 3600; s += 20) {
    await asks.promise;
    send();
    await asks.promise;
    await made.clock.advance(20_000);
  }
  await made.updates.close();
  expect(made.updates.view().state).toEqual({
    kind: 'failed',
    message: 'The release address cannot be reached: it sends too slowly.',
  });
});

test('the address is asked some minutes after the start and then once a day, and not at all when that is switched off', async () => {
  const day = 24 * 3_600_000;
  const on = await box();
  await on.clock.advance(9 * 60_000);
  expect(on.asked).toHaveLength(0);
  await on.clock.advance(60_000);
  expect(on.asked).toHaveLength(1);
  await on.clock.advance(2 * day);
  expect(on.asked).toHaveLength(3);
  const off = await box({ settings: () => ({ address: at, check: false }) });
  await off.clock.advance(2 * day);
  expect(off.asked).toEqual([]);
});

test('an address that says nothing is given up', async () => {
  const made = await box({
    fetch: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  const checking = made.updates.check(never);
  await made.clock.advance(30_000);
  expect((await checking).checkProblem).toBe('The release address cannot be reached: it does not answer.');
});

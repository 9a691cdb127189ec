import { afterEach, expect, test } from 'bun:test';
import { ManualClock } from '../../base/clock.ts';
import { LogBook } from '../../base/log.ts';
import type { OwnAddresses } from './addresses.ts';
import type { DuckDns, DuckDnsUpdate } from './duckdns.ts';
import { LOOK_EVERY_MS, type NameKeeper, type NameSettings, openNameKeeper } from './keeper.ts';
import type { UpdateResult } from './result.ts';
import type { UpdateCall } from './update-url.ts';

const minute = 60_000;
const token = '1b4c0a1e-7d5f-4b52-9a44-0f3d5b0e8c11';
const usual: NameSettings = {
  provider: 'duckdns',
  domain: 'my-house',
  token,
  hostName: '',
  updateUrl: '',
  points: 'outside',
  chosenAddress: '',
  ipv6: true,
};
const url = 'https://ada:hunter2@p.example/u?key=s3cret';
const updated: UpdateResult = { kind: 'ok', changed: true, ipv4: '203.0.113.7' };
const refusal: UpdateResult = { kind: 'refused', message: 'DuckDNS says no.', advice: 'Look there.' };
const silence: UpdateResult = { kind: 'unreachable', message: 'DuckDNS is silent.', advice: 'Wait.' };

const open: NameKeeper[] = [];
afterEach(async () => {
  for (const keeper of open.splice(0)) await keeper.close();
});

function box(given: Partial<NameSettings> = {}) {
  const clock = new ManualClock(Date.UTC(2026, 5, 1));
  const book = new LogBook({ clock, write() {}, level: 'debug' });
  const made = {
    clock,
    settings: { ...usual, ...given },
    own: { ipv4: '192.168.1.20' } as OwnAddresses,
    /** Undefined: no answer until it is given up. */
    answer: updated as UpdateResult | 'breaks' | undefined,
    /** Minutes at which the provider was asked. */
    times: [] as number[],
    asked: [] as (DuckDnsUpdate | UpdateCall)[],
    atOnce: 0,
    troubles: [] as string[],
    /** Everything that a person may see. */
    words: () => JSON.stringify([book.recent(), made.troubles, made.keeper.view()]),
    logged: () => book.recent().map(({ level, message }) => `${level} ${message}`),
    calm: async () => {
      for (let i = 0; i < 30 && made.keeper.view().busy; i++) await Promise.resolve();
    },
    /** In small steps, so that what was begun in one has ended before the next. */
    pass: async (ms: number) => {
      await made.calm();
      for (let left = ms; left > 0; left -= LOOK_EVERY_MS) {
        await clock.advance(Math.min(left, LOOK_EVERY_MS));
        await made.calm();
      }
    },
    keeper: undefined as unknown as NameKeeper,
  };
  const answer = async (what: DuckDnsUpdate | UpdateCall, signal: AbortSignal): Promise<UpdateResult> => {
    made.asked.push(what);
    made.times.push(Math.round((clock.monotonicMs() / minute) * 4) / 4);
    expect(++made.atOnce).toBe(1);
    try {
      if (made.answer === 'breaks') throw new Error(`fetching ${url}&token=${token}`);
      if (made.answer) return made.answer;
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    } finally {
      made.atOnce--;
    }
  };
  const unasked = () => Promise.reject(new Error('not asked for'));
  const duckDns: DuckDns = { update: answer, clear: unasked, setTxt: unasked, clearTxt: unasked };
  made.keeper = openNameKeeper({
    settings: () => made.settings,
    clock,
    log: book.log('name'),
    onTrouble: (message) => void made.troubles.push(message),
    addresses: () => made.own,
    duckDns,
    callUpdateUrl: (call, _, signal) => answer(call, signal),
    random: () => 0.5,
  });
  open.push(made.keeper);
  return made;
}
const never = new AbortController().signal;

test('DuckDNS is told at the start and every five minutes, and the page shows what it said', async () => {
  const made = box();
  expect(made.keeper.view()).toEqual({ hostName: 'my-house.duckdns.org', addresses: [], busy: true });
  await made.pass(1);
  expect(made.keeper.view()).toEqual({
    hostName: 'my-house.duckdns.org',
    addresses: ['203.0.113.7'],
    last: { kind: 'ok', atMs: Date.UTC(2026, 5, 1), message: 'my-house.duckdns.org leads to 203.0.113.7.' },
    nextMs: Date.UTC(2026, 5, 1) + 5 * minute,
    busy: false,
  });
  await made.pass(16 * minute);
  expect(made.times).toEqual([0, 5, 10, 15]);
  expect(made.asked[0]).toEqual({ domain: 'my-house', token, ipv4: 'detect' });
  expect(made.logged()).toEqual(['info my-house.duckdns.org leads to 203.0.113.7.']);
  expect(made.troubles).toEqual([]);
});

test('when the clock of the box is set meanwhile, the next time is shown by the new one', async () => {
  const made = box();
  await made.pass(minute);
  made.clock.stepWallMs(1e9);
  expect(made.keeper.view().nextMs).toBe(Date.UTC(2026, 5, 1) + 5 * minute + 1e9);
});

test('without a provider nothing is asked and nothing shown', async () => {
  const made = box({ provider: 'none' });
  await made.pass(30 * minute);
  expect(made.keeper.view()).toEqual({ addresses: [], busy: false });
  expect([made.asked, made.keeper.hostName()]).toEqual([[], undefined]);
  await expect(made.keeper.updateNow(never)).rejects.toMatchObject({ kind: 'conflict' });
});

test('what is missing is said, to who asks for an update too', async () => {
  const made = box({ token: '' });
  await made.pass(30 * minute);
  expect(made.asked).toEqual([]);
  expect(made.keeper.view()).toMatchObject({
    hostName: 'my-house.duckdns.org',
    last: { kind: 'failed', message: 'The token from duckdns.org is missing.', advice: 'Add it in the settings.' },
    busy: false,
  });
  await expect(made.keeper.updateNow(never)).rejects.toMatchObject({
    kind: 'conflict',
    message: 'the token from duckdns.org is missing: add it in the settings',
  });
  made.settings = usual;
  made.keeper.apply();
  await made.calm();
  expect(made.keeper.view().last).toMatchObject({ kind: 'ok' });
});

test('an address that changes is told within half a minute, without asking more often while it stays', async () => {
  const made = box();
  await made.pass(minute);
  made.own = { ipv4: '192.168.1.20', ipv6: '2001:db8::7' };
  await made.pass(1.5 * minute);
  expect(made.times).toEqual([0, 1.5]);
  expect(made.asked[1]).toMatchObject({ ipv4: 'detect', ipv6: '2001:db8::7' });
  // A new network may have another connection to the internet.
  made.own = { ipv4: '10.0.0.5', ipv6: '2001:db8::7' };
  await made.pass(minute);
  expect(made.times).toEqual([0, 1.5, 3]);
});

test('after a failure the pauses grow from one minute to thirty, and an answer ends that', async () => {
  const made = box();
  made.answer = silence;
  await made.pass(92 * minute);
  expect(made.times).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  expect(made.keeper.view()).toMatchObject({
    last: { kind: 'failed', message: 'DuckDNS is silent.', advice: 'Wait.' },
    nextMs: made.clock.wallMs() + 29 * minute,
  });
  expect(made.logged()).toEqual(['warn my-house.duckdns.org was not updated: DuckDNS is silent.']);
  made.answer = updated;
  await made.pass(40 * minute);
  expect(made.times.slice(8)).toEqual([121, 126, 131]);
  made.answer = silence;
  await made.pass(7 * minute);
  expect(made.times.slice(11)).toEqual([136, 137, 139]);
});

test('a network that is back is not left waiting for the end of a long pause', async () => {
  const made = box();
  [made.answer, made.own] = [silence, {}];
  await made.pass(40 * minute);
  made.own = { ipv4: '192.168.1.20' };
  made.answer = updated;
  await made.pass(minute);
  expect(made.keeper.view().last).toMatchObject({ kind: 'ok' });
  expect(made.times.at(-1)).toBe(40.5);
});

test('a refusal is final until the settings change or the owner asks, and the owner hears of it at once, and once', async () => {
  const made = box();
  made.answer = refusal;
  await made.pass(60 * minute);
  made.own = { ipv4: '10.0.0.5' };
  await made.pass(60 * minute);
  expect(made.times).toEqual([0]);
  expect(made.keeper.view().nextMs).toBeUndefined();
  expect(made.troubles).toEqual(['my-house.duckdns.org is not kept up to date. DuckDNS says no. Look there.']);
  expect((await made.keeper.updateNow(never)).last).toMatchObject({ kind: 'failed', message: 'DuckDNS says no.' });
  // Something else was saved.
  made.keeper.apply();
  await made.pass(minute);
  expect([made.times.length, made.troubles.length]).toEqual([3, 1]);
  made.settings = { ...usual, token: token.replace('1', '2') };
  made.keeper.apply();
  await made.pass(minute);
  expect([made.times.length, made.troubles.length]).toEqual([4, 2]);
  made.answer = updated;
  made.keeper.apply();
  await made.pass(11 * minute);
  expect(made.times.length).toBe(7);
});

test('what was accepted before is asked again after a refusal: the box may be alone for weeks', async () => {
  const made = box();
  await made.pass(minute);
  made.answer = refusal;
  await made.pass(5 * minute);
  expect([made.times, made.troubles]).toEqual([[0, 5], []]);
  await made.pass(30 * minute);
  expect(made.times).toEqual([0, 5, 35]);
  expect(made.troubles).toHaveLength(1);
  made.answer = updated;
  await made.pass(36 * minute);
  expect(made.times).toEqual([0, 5, 35, 65, 70]);
});

test('the owner hears once of a name that has not been kept up for a day, and again when that happens again', async () => {
  const made = box();
  made.answer = silence;
  await made.pass(24 * 60 * minute);
  expect(made.troubles).toEqual([]);
  await made.pass(31 * minute);
  const words = 'my-house.duckdns.org has not been kept up to date for a day. DuckDNS is silent. Wait.';
  expect(made.troubles).toEqual([words]);
  await made.pass(3 * 60 * minute);
  expect(made.troubles).toEqual([words]);
  made.answer = updated;
  await made.pass(31 * minute);
  made.answer = silence;
  await made.pass(25 * 60 * minute);
  expect(made.troubles).toEqual([words, words]);
});

test('new settings end the attempt that is on its way, and what it would have said counts for nothing', async () => {
  const made = box();
  made.answer = undefined;
  await made.pass(minute);
  const wanted = made.keeper.updateNow(never);
  made.settings = { ...usual, domain: 'other' };
  made.keeper.apply();
  made.keeper.apply();
  made.answer = updated;
  expect(await wanted).toMatchObject({ hostName: 'other.duckdns.org', last: { kind: 'ok' }, busy: false });
  expect(made.asked.map((what) => 'domain' in what && what.domain)).toEqual(['my-house', 'other']);
  made.settings = { ...usual, provider: 'none' };
  made.keeper.apply();
  await made.pass(60 * minute);
  expect(made.asked).toHaveLength(2);
});

test('who asks for an update while one is on its way gets that one, and may leave without ending it', async () => {
  const made = box();
  made.answer = undefined;
  await made.pass(minute);
  const leaving = new AbortController();
  const asked = made.keeper.updateNow(leaving.signal);
  leaving.abort();
  expect(await asked).toMatchObject({ busy: true });
  expect(await made.keeper.updateNow(AbortSignal.abort())).toMatchObject({ busy: true });
  expect(made.times).toEqual([0]);
});

test('an update that was asked for takes the place of the next one', async () => {
  const made = box();
  await made.pass(4 * minute);
  expect(await made.keeper.updateNow(never)).toMatchObject({ busy: false, nextMs: made.clock.wallMs() + 5 * minute });
  await made.pass(4 * minute);
  expect(made.times).toEqual([0, 4]);
});

test('a name for home waits for the box to have an address there', async () => {
  const made = box({ points: 'home' });
  made.own = {};
  await made.pass(2 * minute);
  expect(made.asked).toEqual([]);
  expect(made.keeper.view().last).toMatchObject({ kind: 'failed', message: 'The box has no address in your network.' });
  made.own = { ipv4: '192.168.1.20' };
  await made.pass(minute);
  expect(made.asked).toEqual([{ domain: 'my-house', token, ipv4: '192.168.1.20' }]);
});

test('another provider is called rarely: every ten minutes where only it sees the address, else when that changes', async () => {
  const outside = box({ provider: 'url', updateUrl: url, hostName: 'cam.example.org' });
  outside.answer = { kind: 'ok' };
  await outside.pass(21 * minute);
  expect(outside.times).toEqual([0, 10, 20]);
  expect(outside.asked[0]).toEqual({ url, ipv4: 'detect' });
  expect(outside.keeper.view().last?.message).toBe('Your provider has taken the update.');

  const home = box({ provider: 'url', updateUrl: url, hostName: 'cam.example.org', points: 'home' });
  home.answer = { kind: 'ok' };
  await home.pass(60 * minute);
  home.own = { ipv4: '192.168.1.21' };
  await home.pass(24 * 60 * minute);
  expect(home.times).toEqual([0, 60.5]);
  expect(home.keeper.view()).toMatchObject({ hostName: 'cam.example.org', addresses: ['192.168.1.21'] });
  await home.pass(minute);
  expect(home.times.length).toBe(3);
});

test('neither token nor update address is in what is logged, mailed or shown, also when something breaks', async () => {
  for (const made of [box(), box({ provider: 'url', updateUrl: url })]) {
    for (const answer of [updated, silence, refusal, 'breaks'] as const) {
      made.answer = answer;
      await made.keeper.updateNow(never);
    }
    expect(made.keeper.view().last).toMatchObject({ kind: 'failed', message: 'The name could not be updated.' });
    expect(made.words()).not.toMatch(/1b4c0a1e|hunter2|s3cret|p\.example/);
  }
});

test('once closed it asks no more, and ends what was on its way', async () => {
  const made = box();
  made.answer = undefined;
  await made.pass(minute);
  await made.keeper.close();
  expect(made.atOnce).toBe(0);
  made.answer = updated;
  made.keeper.apply();
  await made.pass(60 * minute);
  expect(made.times).toEqual([0]);
});

import { beforeAll, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, makeAuthority } from '../../../tests/support/certificates.ts';
import { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { type CertificatesOptions, openCertificates, type Wanted } from './keeper.ts';
import type { Ordered } from './order.ts';
import type { OrderFailure } from './order-failure.ts';
import { judgePair, type TlsCertificate } from './pem.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 0, 1);
const HOST = 'my-house.duckdns.org';
const house: Wanted = { domain: 'my-house', token: 'a7c4d0ad', email: '', hostName: HOST };
const isDown: OrderFailure = { kind: 'unreachable', message: 'It is down.', advice: 'Wait.' };
let authority: Authority;
let box: TlsCertificate;

beforeAll(async () => {
  authority = await makeAuthority(START);
  box = await authority.issue({
    names: ['nightjar.local'],
    fromMs: START,
    untilMs: START + 820 * DAY_MS,
    by: 'itself',
  });
});

async function certificateFor(name: string, fromMs: number, days: number): Promise<TlsCertificate> {
  const { key, cert } = await authority.issue({ names: [name], fromMs, untilMs: fromMs + days * DAY_MS });
  return { key, cert: cert + authority.intermediate };
}
const ordered = (pair: TlsCertificate): Ordered => {
  const judged = judgePair({ certificate: pair.cert, key: pair.key });
  if (!judged.ok) throw new Error(judged.problem);
  return { ok: true, pair: judged.pair, facts: judged.facts };
};
const newFolder = () => join(mkdtempSync(join(tmpdir(), 'nightjar-keeper-')), 'certificates');

/** With an authority whose answers are given by hand, in the order of its orders. */
function open(options: Partial<CertificatesOptions> & { readonly wanted?: () => Wanted | undefined } = {}) {
  const clock = (options.clock as ManualClock | undefined) ?? new ManualClock(START);
  const orders: { readonly wanted: Wanted; readonly signal: AbortSignal; readonly answer: (with_: Ordered) => void }[] =
    [];
  const shown: TlsCertificate[] = [];
  const troubles: string[] = [];
  const certificates = openCertificates({
    folder: newFolder(),
    clock,
    log: silentLog,
    boxCertificate: () => box,
    wanted: () => house,
    isTimeKnown: () => true,
    txt: { setTxt: async () => ({ kind: 'ok' }), clearTxt: async () => {} },
    random: () => 0.5,
    onCertificate: (certificate) => shown.push(certificate),
    onTrouble: (message) => troubles.push(message),
    order: (_, wanted, onDoing, signal) =>
      new Promise((resolve, reject) => {
        onDoing('Waiting until the name servers show it.');
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        orders.push({ wanted, signal, answer: resolve });
      }),
    ...options,
  });
  const settle = () => clock.advance(0);
  return {
    certificates,
    clock,
    orders,
    shown,
    troubles,
    view: () => certificates.view(),
    async answer(what: Ordered | OrderFailure) {
      orders.at(-1)!.answer('kind' in what ? { ok: false, failure: what } : what);
      await settle();
    },
    settle,
  };
}

test('nothing is done where nothing is wanted', async () => {
  const { view, clock, orders, certificates } = open({ wanted: () => undefined });
  await clock.advance(100 * DAY_MS);
  expect(view()).toMatchObject({ kind: 'box', names: ['nightjar.local'], issuer: 'nightjar.local' });
  expect(view()).not.toContainAnyKeys(['last', 'nextMs', 'doing']);
  expect([orders, certificates.current()]).toEqual([[], box]);
});

test('while an order is on its way, the page is told what is being done, and asking again is not another one', async () => {
  const { view, orders, certificates, answer, clock } = open();
  expect(view()).toMatchObject({ kind: 'box', doing: 'Waiting until the name servers show it.' });
  expect(view()).not.toContainAnyKeys(['last', 'nextMs']);
  certificates.renewNow();
  certificates.apply();
  await clock.advance(2 * HOUR_MS);
  expect(orders).toHaveLength(1);
  await answer(isDown);
  expect(view()).toMatchObject({
    last: { kind: 'failed', atMs: clock.wallMs(), message: 'It is down.', advice: 'Wait.' },
    nextMs: clock.wallMs() + HOUR_MS,
  });
  expect(view()).not.toContainKey('doing');
});

test('failures are tried again after growing pauses, over restarts too; the owner may try at once', async () => {
  const folder = newFolder();
  const first = open({ folder });
  await first.answer(isDown);
  await first.clock.advance(HOUR_MS);
  await first.answer(isDown);
  expect(first.orders).toHaveLength(2);
  await first.certificates.close();
  const second = open({ folder, clock: first.clock });
  expect(second.view()).toMatchObject({
    last: { kind: 'failed', message: 'It is down.' },
    nextMs: second.clock.wallMs() + 2 * HOUR_MS,
  });
  await second.clock.advance(2 * HOUR_MS - 1);
  expect(second.orders).toEqual([]);
  second.certificates.renewNow();
  await second.answer(isDown);
  expect(second.view().nextMs).toBe(second.clock.wallMs() + 4 * HOUR_MS);
});

test('a rate limit’s own time is kept over a restart', async () => {
  const folder = newFolder();
  const first = open({ folder });
  await first.answer({ ...isDown, kind: 'limited', notBeforeMs: START + 3 * DAY_MS });
  await first.certificates.close();
  const second = open({ folder, clock: first.clock });
  await second.clock.advance(3 * DAY_MS);
  expect(second.orders).toEqual([]);
  await second.clock.advance(HOUR_MS);
  expect(second.orders).toHaveLength(1);
});

test('other settings are tried at once, those that make no difference are not', async () => {
  let wanted: Wanted = house;
  const { answer, orders, certificates, settle } = open({ wanted: () => wanted });
  await answer(isDown);
  wanted = { ...house };
  certificates.apply();
  expect(orders).toHaveLength(1);
  wanted = { ...house, token: 'b7c4d0ad' };
  certificates.apply();
  expect(orders).toHaveLength(2);
  wanted = { ...wanted, domain: 'other', hostName: 'other.duckdns.org' };
  certificates.apply();
  expect(orders[1]!.signal.aborted).toBe(true);
  await settle();
  expect(orders.map((order) => order.wanted.hostName)).toEqual([HOST, HOST, 'other.duckdns.org']);
});

test('a certificate that cannot be written is shown all the same, and written when there is room', async () => {
  const folder = newFolder();
  mkdirSync(folder);
  // a folder of that name stands in the way of the write
  mkdirSync(join(folder, 'automatic.pem.new'));
  const { answer, view, clock } = open({ folder });
  await answer(ordered(await certificateFor(HOST, START, 90)));
  expect([view().kind, existsSync(join(folder, 'automatic.pem'))]).toEqual(['automatic', false]);
  rmSync(join(folder, 'automatic.pem.new'), { recursive: true });
  await clock.advance(HOUR_MS);
  expect(readFileSync(join(folder, 'automatic.pem'), 'utf8')).toContain('PRIVATE KEY');
});

test('an own certificate comes first while it is good; then the automatic one is ordered, and the owner has been told', async () => {
  const bench = open();
  await bench.answer(ordered(await certificateFor(HOST, START, 90)));
  const own = await certificateFor('cam.example', START, 80);
  bench.certificates.useOwn({ certificate: own.cert, key: own.key });
  expect(bench.view()).toMatchObject({ kind: 'own', names: ['cam.example'] });
  await bench.clock.advance(66 * DAY_MS - HOUR_MS);
  expect([bench.troubles, bench.orders.length]).toEqual([[], 1]);
  await bench.clock.advance(2 * HOUR_MS);
  expect(bench.troubles).toEqual([
    'The certificate that you put in runs out in 14 days. Put in a new one, or remove it.',
  ]);
  await bench.clock.advance(15 * DAY_MS);
  expect(bench.troubles.slice(1)).toEqual([expect.stringMatching(/^The certificate that you put in has run out/)]);
  expect(bench.view().kind).toBe('automatic');
  expect(bench.orders).toHaveLength(2);
});

test('what the owner was told is not told again by a restart, but of the next certificate', async () => {
  const folder = newFolder();
  const clock = new ManualClock(START);
  const first = open({ folder, clock });
  await first.answer(ordered(await certificateFor(HOST, START, 90)));
  await clock.advance(60 * DAY_MS);
  await first.answer(isDown);
  await first.certificates.close();
  await clock.advance(17 * DAY_MS);
  const told: string[][] = [];
  for (let start = 0; start < 2; start++) {
    const again = open({ folder, clock });
    if (again.orders.length > 0) await again.answer(isDown);
    told.push(again.troubles);
    await again.certificates.close();
  }
  expect(told).toEqual([
    [`The certificate for ${HOST} runs out in 13 days and could not be renewed. It is down. Wait.`],
    [],
  ]);
  const last = open({ folder, clock });
  last.certificates.renewNow();
  await last.answer(ordered(await certificateFor(HOST, clock.wallMs(), 10)));
  await clock.advance(9 * DAY_MS);
  await last.answer(isDown);
  expect(last.troubles).toEqual([expect.stringContaining('runs out in one day')]);
});

test('an own certificate that cannot be kept is not used', async () => {
  const folder = newFolder();
  mkdirSync(folder);
  mkdirSync(join(folder, 'own.pem.new'));
  const { certificates, view, shown } = open({ folder, wanted: () => undefined });
  const own = await certificateFor('cam.example', START, 80);
  expect(() => certificates.useOwn({ certificate: own.cert, key: own.key })).toThrow('could not be written');
  expect([view().kind, shown]).toEqual(['box', []]);
});

test('a name’s certificate is not shown under another name, and not lost for when the name comes back', async () => {
  let wanted: Wanted | undefined = house;
  const { answer, certificates, view, orders, shown } = open({ wanted: () => wanted });
  await answer(ordered(await certificateFor(HOST, START, 90)));
  for (const [next, kind] of [
    [undefined, 'box'],
    [house, 'automatic'],
    [{ ...house, domain: 'x', hostName: 'x.duckdns.org' }, 'box'],
    [house, 'automatic'],
  ] as const) {
    wanted = next;
    certificates.apply();
    expect(view().kind).toBe(kind);
  }
  expect(shown).toHaveLength(5);
  expect(orders.map((order) => order.wanted.hostName)).toEqual([HOST, 'x.duckdns.org']);
  expect(orders[1]!.signal.aborted).toBe(true);
});

test('a fault in the order itself is said, and does not end the tries', async () => {
  let faults = 0;
  const { view, clock, settle } = open({
    order: async () => {
      faults++;
      throw new TypeError('x is undefined');
    },
  });
  await settle();
  expect(view().last).toMatchObject({ kind: 'failed', message: 'The order ended with a fault of this box.' });
  await clock.advance(HOUR_MS);
  expect(faults).toBe(2);
});

test('a server that does not take a certificate keeps neither the page nor the tries from going on', async () => {
  const { answer, view, clock } = open({
    onCertificate: () => {
      throw new Error('no such port');
    },
  });
  await answer(ordered(await certificateFor(HOST, START, 90)));
  expect(view()).toMatchObject({ kind: 'automatic', nextMs: START + 60 * DAY_MS });
  await clock.advance(61 * DAY_MS);
  expect(view().doing).toBeDefined();
});

test('a folder that may not be read is no reason not to start', () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, 'own.pem'), 'x');
  chmodSync(join(folder, 'own.pem'), 0);
  expect(open({ folder, wanted: () => undefined }).view().kind).toBe('box');
});

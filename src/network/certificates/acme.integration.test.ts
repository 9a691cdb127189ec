import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Pebble, startPebble } from '../../../tests/support/pebble.ts';
import { makeCertificates } from '../../alerts/fixture-server.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { type Log, silentLog } from '../../base/log.ts';
import { duckDns } from '../names/duckdns.ts';
import { type DuckDnsFixture, startDuckDns } from '../names/fixture-duckdns.ts';
import type { CertificateView } from '../view.ts';
import {
  type Certificates,
  type CertificatesOptions,
  openCertificates,
  type TlsCertificate,
  type Wanted,
} from './keeper.ts';
import { txtLookup } from './lookup.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOKEN = 'a7c4d0ad-114e-40ef-ba1d-d217904a50f2';
const HOST = 'my-house.duckdns.org';
const folder = mkdtempSync(join(tmpdir(), 'nightjar-acme-'));
let pebble: Pebble;
let duck: DuckDnsFixture;
/** DuckDNS's own name servers hear of it. */
let forwards = true;
let box: TlsCertificate;
let openssl: Awaited<ReturnType<typeof makeCertificates>>;

beforeAll(async () => {
  pebble = await startPebble();
  duck = await startDuckDns({
    token: TOKEN,
    domains: ['my-house', 'second'],
    onTxt: (domain, value) =>
      forwards ? pebble.setTxt(`_acme-challenge.${domain}.duckdns.org`, value) : Promise.resolve(),
  });
  openssl = await makeCertificates();
  box = openssl.wrongName;
});
afterAll(async () => {
  await pebble[Symbol.asyncDispose]();
  await duck[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The real clock, which can be moved on: what is due by then happens. */
function skipClock(): Clock & { skip(ms: number): void } {
  let offset = 0;
  const timers = new Set<{ atMs: number; callback: () => void; stop: () => void }>();
  const arm = (timer: { atMs: number; callback: () => void; stop: () => void }) => {
    timer.stop = systemClock.after(Math.max(0, timer.atMs - systemClock.monotonicMs() - offset), () => {
      timers.delete(timer);
      timer.callback();
    });
  };
  return {
    monotonicMs: () => systemClock.monotonicMs() + offset,
    wallMs: () => systemClock.wallMs() + offset,
    after(delayMs, callback) {
      const timer = { atMs: systemClock.monotonicMs() + offset + delayMs, callback, stop: () => {} };
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        timer.stop();
      };
    },
    skip(ms) {
      offset += ms;
      for (const timer of [...timers]) {
        timer.stop();
        if (timer.atMs > systemClock.monotonicMs() + offset) arm(timer);
        else if (timers.delete(timer)) timer.callback();
      }
    },
  };
}

interface Bench {
  readonly certificates: Certificates;
  readonly clock: ReturnType<typeof skipClock>;
  readonly shown: TlsCertificate[];
  readonly troubles: string[];
  readonly doing: ReadonlySet<string>;
  readonly view: () => CertificateView;
  wanted: Wanted | undefined;
  isTimeKnown: boolean;
  /** Until the order that is on its way has ended, or one has begun and ended. */
  ended(): Promise<CertificateView>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** All that was said by any of them. */
const said: string[] = [];
const tell = (message: string, fields?: object) => void said.push(`${message} ${JSON.stringify(fields)}`);
const log: Log = { ...silentLog, debug: tell, info: tell, warn: tell, error: tell };

let next = 0;
const newFolder = () => join(folder, `box-${next++}`);

function open(options: Partial<CertificatesOptions> & { readonly before?: (bench: Bench) => void } = {}): Bench {
  const clock = skipClock();
  const doing = new Set<string>();
  let before: CertificateView['last'];
  const bench = {
    clock,
    shown: [],
    troubles: [],
    doing,
    wanted: { domain: 'my-house', token: TOKEN, email: '', hostName: HOST },
    isTimeKnown: true,
    view: () => bench.certificates.view(),
    async ended() {
      for (const endMs = performance.now() + 20_000; ; await Bun.sleep(5)) {
        const view = bench.view();
        if (view.doing) doing.add(view.doing);
        if (!said.includes(JSON.stringify(view))) said.push(JSON.stringify(view));
        if (!view.doing && view.last && view.last !== before) {
          before = view.last;
          return view;
        }
        if (performance.now() > endMs) throw new Error(`it has not ended: ${JSON.stringify(view)}`);
      }
    },
    [Symbol.asyncDispose]: () => bench.certificates.close(),
  } as unknown as Bench & { certificates: Certificates };
  options.before?.(bench);
  bench.certificates = openCertificates({
    folder: newFolder(),
    clock,
    log,
    boxCertificate: () => box,
    wanted: () => bench.wanted,
    isTimeKnown: () => bench.isTimeKnown,
    txt: duckDns({ clock: systemClock, baseUrl: duck.baseUrl }),
    txtVisible: txtLookup({ clock: systemClock, everyMs: 20, atMostMs: 10_000, resolvers: [pebble.nameServer] }),
    directoryUrl: pebble.directoryUrl,
    trustedCa: pebble.ca,
    lookMs: 20,
    random: () => 0.5,
    onCertificate: (certificate) => bench.shown.push(certificate),
    onTrouble: (message) => bench.troubles.push(message),
    ...options,
  });
  before = bench.view().last;
  return bench;
}

/** What a browser would make of it: undefined when it takes it, else why not. */
async function verdict(certificate: TlsCertificate, hostName: string): Promise<string | undefined> {
  const server = createTlsServer({ ...certificate });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as { port: number };
  const ca = await pebble.root();
  let socket: TLSSocket | undefined;
  try {
    return await new Promise((resolve) => {
      socket = connectTls({ host: '127.0.0.1', port, servername: hostName, ca }, () => resolve(undefined));
      socket.on('error', (error) => resolve(error.message));
    });
  } finally {
    socket?.destroy();
    server.close();
  }
}

test('from nothing to a certificate that browsers would take, with the proof taken away again', async () => {
  const at = newFolder();
  await using bench = open({ folder: at });
  expect([bench.view().kind, bench.certificates.current()]).toEqual(['box', box]);
  const view = await bench.ended();
  expect(view).toMatchObject({ kind: 'automatic', names: [HOST], last: { kind: 'ok' } });
  expect(view.issuer).toContain('Pebble Intermediate');
  expect((view.untilMs - view.fromMs) / DAY_MS).toBeCloseTo(90, 1);
  expect(view.nextMs! / DAY_MS).toBeCloseTo((view.untilMs - 30 * DAY_MS) / DAY_MS, 1);
  expect(bench.shown).toEqual([bench.certificates.current()]);
  expect(await verdict(bench.certificates.current(), HOST)).toBeUndefined();
  expect(await verdict(bench.certificates.current(), 'other.duckdns.org')).toBeDefined();
  expect(duck.records.get('my-house')!.txt).toBe('');
  expect([...bench.doing]).toContain('Asking the certificate authority for a certificate.');
  expect(statSync(at).mode & 0o777).toBe(0o700);
  expect(readdirSync(at).map((name) => [name, statSync(join(at, name)).mode & 0o777])).toEqual(
    ['account-key.pem', 'automatic.pem', 'orders.json'].map((name) => [name, 0o600]),
  );
});

test('what is kept is shown from the next start on, without asking anybody', async () => {
  const at = newFolder();
  const first = open({ folder: at });
  await first.ended();
  await first.certificates.close();
  const asked = duck.requests.length;
  await using second = open({ folder: at, directoryUrl: 'https://localhost:1/dir' });
  expect(second.certificates.current()).toEqual(first.certificates.current());
  expect(second.view()).toMatchObject({ kind: 'automatic', names: [HOST] });
  expect(second.view().doing).toBeUndefined();
  expect([duck.requests.length, second.shown]).toEqual([asked, []]);
});

test('with every second nonce refused, as the real authority refuses some, it takes a little longer', async () => {
  await using rude = await startPebble({ rejectedNonces: 50 });
  const proofs = duckDns({ clock: systemClock, baseUrl: duck.baseUrl });
  const told = { setTxt: [] as string[] };
  await using bench = open({
    directoryUrl: rude.directoryUrl,
    trustedCa: rude.ca,
    txt: {
      async setTxt(record, signal) {
        told.setTxt.push(record.value);
        await rude.setTxt(`_acme-challenge.${HOST}`, record.value);
        return proofs.setTxt(record, signal);
      },
      clearTxt: proofs.clearTxt,
    },
    txtVisible: txtLookup({ clock: systemClock, everyMs: 20, atMostMs: 10_000, resolvers: [rude.nameServer] }),
  });
  expect(await bench.ended()).toMatchObject({ kind: 'automatic', last: { kind: 'ok' } });
  expect(told.setTxt).toHaveLength(1);
});

test('a token that DuckDNS does not take is said, and tried again once a day', async () => {
  await using bench = open({
    before(bench) {
      bench.wanted = { ...bench.wanted!, token: '00000000-0000-0000-0000-000000000000' };
    },
  });
  const view = await bench.ended();
  expect(view).toMatchObject({
    kind: 'box',
    last: { kind: 'failed', message: 'DuckDNS does not accept this name with this token.' },
  });
  expect(view.nextMs! - bench.clock.wallMs()).toBeWithin(DAY_MS - 60_000, DAY_MS + 1);
  // a better one is tried at once
  bench.wanted = { ...bench.wanted!, token: TOKEN };
  bench.certificates.apply();
  expect(await bench.ended()).toMatchObject({ kind: 'automatic', last: { kind: 'ok' } });
});

test('a proof that never shows is given up before the authority is asked to look, and taken away', async () => {
  forwards = false;
  try {
    const clears = () => duck.requests.filter((one) => one.get('clear') === 'true').length;
    const before = clears();
    await using bench = open({
      txtVisible: txtLookup({ clock: systemClock, everyMs: 20, atMostMs: 100, resolvers: [pebble.nameServer] }),
    });
    const view = await bench.ended();
    expect(view.last).toMatchObject({ kind: 'failed', message: expect.stringContaining('did not show') });
    expect(view.nextMs! - bench.clock.wallMs()).toBeWithin(HOUR_MS - 60_000, HOUR_MS + 1);
    expect([...bench.doing]).toContain('Waiting until the name servers show it.');
    expect([...bench.doing]).not.toContain('Waiting until the certificate authority has looked at it.');
    expect([clears(), duck.records.get('my-house')!.txt]).toEqual([before + 1, '']);
  } finally {
    forwards = true;
  }
});

test('what the authority does not find is said with its words', async () => {
  forwards = false;
  try {
    await using bench = open({ txtVisible: async () => true });
    expect((await bench.ended()).last).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/did not find the proof that my-house.duckdns.org is yours\. It says: “.*TXT/),
    });
  } finally {
    forwards = true;
  }
});

test('an authority that is down is asked again by schedule until it is up', async () => {
  await pebble.stop();
  await using bench = open();
  const first = await bench.ended();
  expect(first.last).toMatchObject({
    kind: 'failed',
    message: 'The certificate authority could not be reached.',
    advice: expect.stringContaining('connected to the internet'),
  });
  bench.clock.skip(HOUR_MS);
  const second = await bench.ended();
  expect(second.last?.kind).toBe('failed');
  expect(second.nextMs! - bench.clock.wallMs()).toBeWithin(2 * HOUR_MS - 60_000, 2 * HOUR_MS + 1);
  // and not earlier
  bench.clock.skip(HOUR_MS);
  expect(bench.view().doing).toBeUndefined();
  await pebble.start();
  bench.clock.skip(HOUR_MS);
  expect(await bench.ended()).toMatchObject({ kind: 'automatic', last: { kind: 'ok' } });
  expect(bench.troubles).toEqual([]);
});

test('a certificate is renewed when 30 days are left; one that cannot be is told of, shown to its end, and told of again', async () => {
  await using bench = open();
  const first = await bench.ended();
  bench.clock.skip(59 * DAY_MS);
  expect(bench.view()).toMatchObject({ fingerprint: first.fingerprint });
  expect(bench.view().doing).toBeUndefined();
  bench.clock.skip(DAY_MS + HOUR_MS);
  // The authority signs from the real time on: by our clock the new one is due again, and that must not become a circle.
  const renewed = await bench.ended();
  expect(renewed.fingerprint).not.toBe(first.fingerprint);
  expect(bench.shown).toHaveLength(2);
  expect(renewed.nextMs! - bench.clock.wallMs()).toBeWithin(DAY_MS - 60_000, DAY_MS + 1);
  await pebble.stop();
  try {
    for (let days = 0; days < 40; days++) {
      bench.clock.skip(DAY_MS);
      if (bench.view().doing) await bench.ended();
    }
  } finally {
    await pebble.start();
  }
  expect(bench.troubles).toEqual([
    expect.stringMatching(
      /^The certificate for my-house.duckdns.org runs out in 1\d days and could not be renewed\. The cert/,
    ),
    expect.stringMatching(/^The certificate for my-house.duckdns.org has run out\. Browsers warn/),
  ]);
  expect([bench.view().kind, bench.shown.length, bench.certificates.current()]).toEqual(['box', 3, box]);
});

test('nothing is ordered before the time is known, and nothing has run out until then', async () => {
  const at = newFolder();
  const first = open({ folder: at });
  const kept = await first.ended();
  await first.certificates.close();
  await using bench = open({
    folder: at,
    before(bench) {
      bench.isTimeKnown = false;
      bench.clock.skip(400 * DAY_MS);
    },
  });
  bench.clock.skip(HOUR_MS);
  expect(bench.view()).toMatchObject({ kind: 'automatic', fingerprint: kept.fingerprint });
  expect(bench.view().doing).toBe('Waiting until the box knows the time.');
  expect(() => bench.certificates.renewNow()).toThrow('does not know the time yet');
  bench.isTimeKnown = true;
  bench.clock.skip(30_000);
  expect((await bench.ended()).last?.kind).toBe('ok');
  expect(bench.shown[0]).toBe(box);
});

test('an own certificate is shown at once and over the next start, keeps the automatic one from being ordered, and can be taken back', async () => {
  const at = newFolder();
  await using bench = open({
    folder: at,
    before(bench) {
      bench.wanted = undefined;
    },
  });
  expect(() => bench.certificates.renewNow()).toThrow('no automatic certificate is wanted');
  const { good } = openssl;
  bench.certificates.useOwn({ certificate: good.cert, key: good.key });
  expect(bench.view()).toMatchObject({ kind: 'own', names: ['localhost', '127.0.0.1'], issuer: 'Test CA' });
  expect(bench.shown).toEqual([bench.certificates.current()]);
  bench.wanted = { domain: 'my-house', token: TOKEN, email: '', hostName: HOST };
  bench.certificates.apply();
  expect(bench.view()).not.toContainAnyKeys(['doing', 'nextMs', 'last']);
  expect(() => bench.certificates.renewNow()).toThrow('your own certificate is in use');
  expect(() => bench.certificates.useOwn({ certificate: box.cert, key: good.key })).toThrow('does not belong');
  expect(bench.view()).toMatchObject({ kind: 'own', issuer: 'Test CA' });
  const asked = duck.requests.length;
  await using again = open({ folder: at });
  expect([again.view().kind, duck.requests.length]).toEqual(['own', asked]);
  bench.certificates.dropOwn();
  expect(bench.view().kind).toBe('box');
  expect(await bench.ended()).toMatchObject({ kind: 'automatic', last: { kind: 'ok' } });
  expect(readdirSync(at)).not.toContain('own.pem');
});

test('settings that change let go of an order, take its proof away, and order anew', async () => {
  forwards = false;
  await using bench = open();
  const seen = () => duck.records.get('my-house')!.txt !== '';
  while (!seen()) await Bun.sleep(5);
  forwards = true;
  bench.wanted = { domain: 'second', token: TOKEN, email: 'ada@nightjar.example', hostName: 'second.duckdns.org' };
  bench.certificates.apply();
  const view = await bench.ended();
  expect(view).toMatchObject({ kind: 'automatic', names: ['second.duckdns.org'], last: { kind: 'ok' } });
  expect([...duck.records.values()].map(({ txt }) => txt)).toEqual(['', '']);
  // back under the first name that certificate is of no use
  bench.wanted = { domain: 'my-house', token: TOKEN, email: '', hostName: HOST };
  bench.certificates.apply();
  expect(bench.view().kind).toBe('box');
  expect(await bench.ended()).toMatchObject({ kind: 'automatic', names: [HOST] });
});

test('closing lets go of an order wherever it is, and takes the proof away', async () => {
  forwards = false;
  const bench = open();
  while (duck.records.get('my-house')!.txt === '') await Bun.sleep(5);
  await bench.certificates.close();
  forwards = true;
  expect(duck.records.get('my-house')!.txt).toBe('');
  expect(bench.view().last).toBeUndefined();
  // and one that hangs in the middle of an answer
  await using mute = Object.assign(Bun.listen({ port: 0, hostname: '127.0.0.1', socket: { data() {} } }), {
    async [Symbol.asyncDispose]() {
      mute.stop(true);
    },
  });
  const hanging = open({ directoryUrl: `https://127.0.0.1:${mute.port}/dir` });
  await Bun.sleep(100);
  expect(hanging.view().doing).toBeDefined();
  await hanging.certificates.close();
});

test('neither log nor page was told the token, a key or the proof', () => {
  const all = said.join('\n');
  expect(all).toContain('got a certificate for my-house.duckdns.org');
  expect(all).toContain('DuckDNS does not accept this name');
  expect(all).not.toContain(TOKEN);
  expect(all).not.toContain('00000000-0000');
  expect(all).not.toContain('PRIVATE KEY');
  for (const proof of duck.requests.map((one) => one.get('txt')).filter(Boolean)) expect(all).not.toContain(proof!);
});

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { type Certificates, makeCertificates } from '../../alerts/fixture-server.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { remoteSettings } from '../../config/settings.ts';
import { provideReflectMetadata } from '../../http/reflect-metadata.ts';
import { parseIfInet6, readOwnAddresses } from './addresses.ts';
import { LONGEST_MS } from './ask.ts';
import { type DuckDnsOptions, duckDns } from './duckdns.ts';
import { type DuckDnsFixture, type DuckDnsFixtureOptions, startDuckDns } from './fixture-duckdns.ts';
import { openNameKeeper } from './keeper.ts';
import { callUpdateUrl } from './update-url.ts';

// A machine that is busy with other tests must not fail these.
setDefaultTimeout(20_000);

const token = '1b4c0a1e-7d5f-4b52-9a44-0f3d5b0e8c11';
const name = { domain: 'my-house', token };
const signal = new AbortController().signal;
let certificates: Certificates;
const open: AsyncDisposable[] = [];
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(async () => {
  for (const thing of open) await thing[Symbol.asyncDispose]();
});

async function server(options: Partial<DuckDnsFixtureOptions> = {}): Promise<DuckDnsFixture> {
  const fixture = await startDuckDns({ token, domains: ['my-house'], tls: certificates.good, ...options });
  open.push(fixture);
  return fixture;
}
const unproven: object = {
  kind: 'unreachable',
  message: 'What answered could not prove that it is DuckDNS.',
  advice: expect.stringContaining('the clock of this box is wrong'),
};
/** Fifteen seconds take a quarter of one. */
const hasty = { after: (ms: number, callback: () => void) => systemClock.after(ms / 60, callback) };
const client = (of: DuckDnsFixture, options: Partial<DuckDnsOptions> = {}) =>
  duckDns({ clock: systemClock, baseUrl: of.baseUrl, trustedCa: certificates.ca, ...options });

describe('DuckDNS over TLS', () => {
  test('a name leads to where the request came from, and to the IPv6 address it was told', async () => {
    const duck = await server();
    const dns = client(duck);
    expect(await dns.update({ ...name, ipv4: 'detect', ipv6: '2001:db8::7' }, signal)).toEqual({
      kind: 'ok',
      changed: true,
      ipv4: '203.0.113.7',
      ipv6: '2001:db8::7',
    });
    expect(duck.records.get('my-house')).toMatchObject({ ip: '203.0.113.7', ipv6: '2001:db8::7' });
    expect(await dns.update({ ...name, ipv4: 'detect' }, signal)).toMatchObject({ kind: 'ok', changed: false });
    expect(await dns.update({ ...name, ipv6: '2001:db8::8' }, signal)).toMatchObject({ changed: true });
    expect(duck.records.get('my-house')).toMatchObject({ ip: '203.0.113.7', ipv6: '2001:db8::8' });
    expect(await dns.clear(name, signal)).toEqual({ kind: 'ok', changed: true });
  });

  test('the TXT record is set, replaced and cleared, and leaves the addresses alone', async () => {
    const said: string[] = [];
    const duck = await server({ onTxt: async (domain, value) => void said.push(`${domain}=${value}`) });
    const dns = client(duck);
    await dns.update({ ...name, ipv4: '192.168.1.20' }, signal);
    expect(await dns.setTxt({ ...name, value: 'a_b-1' }, signal)).toEqual({ kind: 'ok', changed: true });
    expect(await dns.setTxt({ ...name, value: 'a_b-2' }, signal)).toEqual({ kind: 'ok', changed: true });
    expect(duck.records.get('my-house')).toEqual({ ip: '192.168.1.20', ipv6: '', txt: 'a_b-2' });
    expect(await dns.clearTxt(name, signal)).toMatchObject({ kind: 'ok' });
    expect(said).toEqual(['my-house=a_b-1', 'my-house=a_b-2', 'my-house=']);
    expect(duck.records.get('my-house')).toEqual({ ip: '192.168.1.20', ipv6: '', txt: '' });
  });

  test('a certificate of nobody known, of another name, or out of date: nothing is told, and the owner hears what it may be', async () => {
    const stranger = await server();
    const unknowing = duckDns({ clock: systemClock, baseUrl: stranger.baseUrl });
    expect(await unknowing.setTxt({ ...name, value: 'x' }, signal)).toMatchObject(unproven);
    const other = await server({ tls: certificates.wrongName });
    expect(await client(other).update({ ...name, ipv4: 'detect' }, signal)).toMatchObject(unproven);
    const own = await selfSigned(-86_400_000, 86_400_000);
    const alone = await server({ tls: own });
    const plain = duckDns({ clock: systemClock, baseUrl: alone.baseUrl });
    expect(await plain.update({ ...name, ipv4: 'detect' }, signal)).toMatchObject(unproven);
    for (const [from, until] of [
      [-3 * 86_400_000, -86_400_000],
      [86_400_000, 3 * 86_400_000],
    ] as const) {
      const dated = await selfSigned(from, until);
      const old = await server({ tls: dated });
      expect(await client(old, { trustedCa: dated.cert }).update({ ...name, ipv4: 'detect' }, signal)).toMatchObject({
        kind: 'unreachable',
        message: 'The certificate of DuckDNS is out of date, or the clock of this box is wrong.',
      });
      expect(old.requests).toEqual([]);
    }
    expect([stranger, other, alone].map((one) => one.requests.length)).toEqual([0, 0, 0]);
    // And the same certificate, trusted on purpose, is taken.
    expect(await client(alone, { trustedCa: own.cert }).update({ ...name, ipv4: 'detect' }, signal)).toMatchObject({
      kind: 'ok',
    });
  });

  test('a wrong token or name is told from a network that is not there', async () => {
    const duck = await server();
    const no = { kind: 'refused', message: 'DuckDNS does not accept this name with this token.' };
    const stranger = { ...name, token: token.replace('1', '2') };
    expect(await client(duck).update({ ...stranger, ipv4: 'detect' }, signal)).toMatchObject(no);
    expect(await client(duck).update({ ...name, domain: 'not-mine', ipv4: 'detect' }, signal)).toMatchObject(no);
    await duck[Symbol.asyncDispose]();
    expect(await client(duck).update({ ...name, ipv4: 'detect' }, signal)).toMatchObject({
      kind: 'unreachable',
      message: 'DuckDNS refused the connection.',
    });
    const nowhere = duckDns({ clock: systemClock, baseUrl: 'https://no-such-name.invalid' });
    expect(await nowhere.update({ ...name, ipv4: 'detect' }, signal)).toMatchObject({
      kind: 'unreachable',
      message: 'The address of DuckDNS could not be looked up.',
    });
  });
});

test('whatever answers instead of DuckDNS is no answer, whatever it says, and the token is in no sentence', async () => {
  const duck = await server();
  const expected = {
    slow: 'DuckDNS did not answer within 15 seconds.',
    down: 'The connection to DuckDNS broke off.',
    html: 'Something else answered in place of DuckDNS.',
    '502': 'DuckDNS has a fault of its own (502).',
    '429': 'DuckDNS is asked too often.',
    redirect: 'Something else answered in place of DuckDNS.',
    empty: 'DuckDNS answered with nothing.',
    cut: 'The connection to DuckDNS broke off.',
    huge: 'Something else answered in place of DuckDNS.',
    garbage: 'Something else answered in place of DuckDNS.',
  } as const;
  for (const [mood, message] of Object.entries(expected)) {
    duck.mood = mood as keyof typeof expected;
    const clock = mood === 'slow' ? hasty : systemClock;
    const result = await client(duck, { clock }).update({ ...name, ipv4: 'detect' }, signal);
    expect({ mood, result }).toMatchObject({ mood, result: { kind: 'unreachable', message } });
    expect(JSON.stringify(result)).not.toContain(token);
  }
  expect(duck.requests).toHaveLength(Object.keys(expected).length);
});

test('something that takes the connection and speaks no TLS cannot prove who it is', async () => {
  const plain = await startDuckDns({ token, domains: ['my-house'] });
  open.push(plain);
  const dns = duckDns({ clock: systemClock, baseUrl: plain.baseUrl.replace('http://127.0.0.1', 'https://localhost') });
  expect(await dns.update({ ...name, ipv4: 'detect' }, signal)).toMatchObject(unproven);
  expect(plain.requests).toEqual([]);
});

test('who gives up gets their own reason, at once, while an answer is awaited', async () => {
  const duck = await server();
  duck.mood = 'slow';
  const giveUp = new AbortController();
  const begun = performance.now();
  const asked = client(duck).update({ ...name, ipv4: 'detect' }, giveUp.signal);
  await duck.count(1);
  giveUp.abort(new Error('the settings have changed'));
  await expect(asked).rejects.toThrow('the settings have changed');
  expect(performance.now() - begun).toBeLessThan(LONGEST_MS);
});

test('another provider is called at its address, signed in with user and password, over the same TLS', async () => {
  const duck = await server();
  const url = `${duck.baseUrl.replace('https://', 'https://ada:pass%20word@')}/update?domains=my-house&token=${token}&ip={ip}&ipv6={ipv6}`;
  const options = { clock: systemClock, trustedCa: certificates.ca };
  expect(await callUpdateUrl({ url, ipv4: '192.168.1.20' }, options, signal)).toEqual({ kind: 'ok' });
  expect(duck.records.get('my-house')).toMatchObject({ ip: '192.168.1.20', ipv6: '' });
  expect(duck.authorizations).toEqual([`Basic ${Buffer.from('ada:pass word').toString('base64')}`]);
  expect(await callUpdateUrl({ url }, { clock: systemClock }, signal)).toMatchObject({
    kind: 'unreachable',
    message: 'What answered could not prove that it is your provider.',
  });
  duck.mood = 'cut';
  const cut = await callUpdateUrl({ url }, options, signal);
  expect(cut).toMatchObject({ kind: 'unreachable', message: 'The connection to your provider broke off.' });
  expect(JSON.stringify(cut)).not.toMatch(/localhost|pass|ada|1b4c/);
});

test('a kept name follows what the server says, through an outage and a token that was replaced', async () => {
  const duck = await server();
  const mails: string[] = [];
  await using keeping = opened(duck, (words) => mails.push(words));
  const { keeper } = keeping;
  expect((await keeper.updateNow(signal)).last).toMatchObject({
    kind: 'ok',
    message: 'my-house.duckdns.org leads to 203.0.113.7 and 2001:db8::7.',
  });
  duck.mood = 'html';
  expect((await keeper.updateNow(signal)).last).toMatchObject({
    kind: 'failed',
    message: 'Something else answered in place of DuckDNS.',
  });
  duck.mood = 'usual';
  duck.seenFrom = '203.0.113.8';
  expect((await keeper.updateNow(signal)).addresses).toEqual(['203.0.113.8', '2001:db8::7']);
  duck.token = token.replace('1', '2');
  for (let i = 0; i < 2; i++) await keeper.updateNow(signal);
  expect(keeper.view().last).toMatchObject({ message: 'DuckDNS does not accept this name with this token.' });
  expect(mails).toHaveLength(1);
});

test('every line that this system writes of its IPv6 addresses is understood, and its loopback is never what a name leads to', () => {
  const path = '/proc/net/if_inet6';
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  expect(parseIfInet6(text).size).toBe(text.split('\n').filter((line) => line !== '').length);
  const own = readOwnAddresses();
  expect([own.ipv4, own.ipv6].filter((address) => /^(127\.|::1|fe80)/.test(address ?? ''))).toEqual([]);
});

function opened(duck: DuckDnsFixture, onTrouble: (message: string) => void) {
  const keeper = openNameKeeper({
    settings: () => ({ ...usual, ...name }),
    clock: systemClock,
    log: silentLog,
    onTrouble,
    addresses: () => ({ ipv4: '192.168.1.20', ipv6: '2001:db8::7' }),
    duckDns: client(duck),
  });
  return { keeper, [Symbol.asyncDispose]: () => keeper.close() };
}
const usual = remoteSettings.parse({ provider: 'duckdns' });

/** For localhost, valid from and until so many milliseconds from now. */
async function selfSigned(from: number, until: number): Promise<{ readonly key: string; readonly cert: string }> {
  provideReflectMetadata();
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: new Date(Date.now() + from),
    notAfter: new Date(Date.now() + until),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert: cert.toString('pem') };
}

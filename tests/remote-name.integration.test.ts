// The whole way of a name: typed into the settings of a running box, told to DuckDNS, a certificate ordered for it and shown on the
// encrypted port, without a restart. DuckDNS is played; the certificate authority and its name server are real programs.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Box, startBox } from '../src/app.ts';
import { systemClock } from '../src/base/clock.ts';
import { LogBook } from '../src/base/log.ts';
import type { NetworkView, SettingsView } from '../src/http/api.ts';
import { txtLookup } from '../src/network/certificates/lookup.ts';
import { type DuckDnsFixture, startDuckDns } from '../src/network/names/fixture-duckdns.ts';
import { eventually, type Owner, visitorOf } from './support/box.ts';
import { type Pebble, startPebble } from './support/pebble.ts';

const TOKEN = 'a7c4d0ad-114e-40ef-ba1d-d217904a50f2';
const HOST = 'my-house.duckdns.org';
const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-remote-'));
let pebble: Pebble;
let duck: DuckDnsFixture;
let box: Box;
let owner: Owner;
let said = '';

async function start({ encrypted = true } = {}): Promise<Box> {
  const clock = systemClock;
  return startBox({
    dataDir,
    env: {},
    demo: false,
    http: { host: '127.0.0.1', port: 0 },
    ...(encrypted ? { https: { host: '127.0.0.1', port: 0 } } : {}),
    servers: {
      duckDns: duck.baseUrl,
      authority: pebble.directoryUrl,
      authorityCa: pebble.ca,
      txtVisible: txtLookup({ clock, resolvers: [pebble.nameServer] }),
    },
    onRestart: () => {},
    clock,
    logs: new LogBook({
      level: 'debug',
      clock,
      write: (line) => {
        said += JSON.stringify(line);
      },
    }),
  });
}
const httpOf = (of: Box) => `http://127.0.0.1:${of.addresses.http!.port}`;
const network = () => owner.json<NetworkView>('/api/v1/network');
const setRemote = async (change: object) => {
  const { remote } = await owner.json<SettingsView>('/api/v1/settings');
  await owner.json('/api/v1/settings/remote', { method: 'PUT', json: { ...remote, ...change, proof: owner.proof } });
};
/** What the encrypted port shows to who asks by the name and trusts the authority alone. */
const trusted = (ca: string) =>
  new Promise<string>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: box.addresses.https!.port, servername: HOST, ca });
    socket.once('secureConnect', () => resolve('trusted'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

beforeAll(async () => {
  pebble = await startPebble();
  duck = await startDuckDns({
    token: TOKEN,
    domains: ['my-house'],
    onTxt: (domain, value) => pebble.setTxt(`_acme-challenge.${domain}.duckdns.org`, value),
  });
  box = await start();
  owner = await visitorOf(httpOf(box)).claim(box.claimCode);
}, 60_000);
afterAll(async () => {
  await box?.close();
  await pebble?.[Symbol.asyncDispose]();
  await duck?.[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

test('without a name nobody on the internet is asked, and the box shows its own certificate', async () => {
  expect(await network()).toMatchObject({ name: { addresses: [], busy: false }, certificate: { kind: 'box' } });
  expect(duck.requests).toHaveLength(0);
});

test('the settings take no name without the passphrase', async () => {
  const { remote } = await owner.json<SettingsView>('/api/v1/settings');
  const json = { ...remote, provider: 'duckdns', domain: 'my-house', token: TOKEN };
  expect((await owner.fetch('/api/v1/settings/remote', { method: 'PUT', json })).status).toBe(403);
});

test('a wrong token is said to be wrong; the right one leads to a name, a trusted certificate and an address', async () => {
  await setRemote({ provider: 'duckdns', domain: 'my-house', token: '00000000-0000-0000-0000-000000000000' });
  const refused = await eventually('the refusal', async () => (await network()).name.last, 20_000);
  expect(refused).toMatchObject({ kind: 'failed', message: 'DuckDNS does not accept this name with this token.' });

  await setRemote({ token: TOKEN });
  const view = await eventually(
    'the certificate',
    async () => [await network()].find(({ certificate }) => certificate?.kind === 'automatic'),
    40_000,
  );
  expect(view).toMatchObject({
    name: { hostName: HOST, last: { kind: 'ok' } },
    certificate: { names: [HOST] },
    address: `https://${HOST}:${box.addresses.https!.port}`,
  });
  expect(duck.records.get('my-house')).toMatchObject({ ip: duck.seenFrom, txt: '' });
  expect(await trusted(await pebble.root())).toBe('trusted');
}, 90_000);

test('the page answers by that name, and by no other', async () => {
  const ask = (host: string) => fetch(`${httpOf(box)}/api/v1/session`, { headers: { host } });
  expect((await ask(HOST)).status).toBe(200);
  expect((await ask('somebody-elses.duckdns.org')).status).toBe(421);
});

test('after a restart the certificate is there at once, and nothing is ordered', async () => {
  await box.close();
  const orders = duck.requests.filter((asked) => asked.has('txt')).length;
  box = await start();
  owner = await visitorOf(httpOf(box)).signIn();
  expect((await network()).certificate).toMatchObject({ kind: 'automatic', names: [HOST] });
  expect(await trusted(await pebble.root())).toBe('trusted');
  expect(duck.requests.filter((asked) => asked.has('txt')).length).toBe(orders);
}, 30_000);

test('a box without an encrypted port refuses a certificate instead of dropping it', async () => {
  await box.close();
  box = await start({ encrypted: false });
  owner = await visitorOf(httpOf(box)).signIn();
  expect(await network()).not.toHaveProperty('certificate');
  const json = { certificate: 'a', key: 'b', proof: owner.proof };
  const refused = await owner.fetch('/api/v1/network/certificate/own', { method: 'PUT', json });
  expect({ status: refused.status, text: await refused.text() }).toMatchObject({
    status: 409,
    text: expect.stringContaining('no encrypted port'),
  });
}, 30_000);

test('the token is in no log, and in nothing that the page is told', async () => {
  const told = JSON.stringify([
    await network(),
    await owner.json('/api/v1/settings'),
    await owner.json('/api/v1/logs'),
  ]);
  expect(told + said).not.toContain(TOKEN);
  expect(said).toContain(HOST);
});

import { expect, test } from 'bun:test';
import { ManualClock } from '../../base/clock.ts';
import { NightjarError } from '../../base/errors.ts';
import { LogBook } from '../../base/log.ts';
import { createHttpApp } from '../app.ts';
import { fakeBox, namedBox, openSession, owner } from '../fake-ports.ts';
import type { Ports } from '../ports.ts';
import type { NetworkPort } from '../ports-network.ts';
import { mayAsk } from '../role-routes.ts';
import { MAX_CERTIFICATE_BYTES } from './network.ts';

const proof = owner.signIn;
const pem = { certificate: 'CERTIFICATE', key: 'KEY' };

function setUp(network: Partial<NetworkPort> = {}, alter: (ports: Ports) => Ports = (ports) => ports) {
  const box = fakeBox({ network });
  const clock = new ManualClock();
  const logs = new LogBook({ clock, level: 'debug', write: () => {} });
  const app = createHttpApp(alter(box.ports), {
    ...{ assets: new Map(), clock, log: logs.log('http'), ours: { hosts: () => [], origins: () => [] } },
  });
  const base = 'http://nightjar.local';
  const headers = { cookie: `nightjar=${openSession(box)}`, origin: base, 'content-type': 'application/json' };
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(`${base}/api/v1/network${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, await response.json()] as [number, unknown];
  };
  return { box, send, logs };
}

test('the owner reads what name and certificate are', async () => {
  const { send } = setUp();
  expect(await send('GET', '')).toEqual([200, namedBox]);
});

test('the name is tried and the certificate fetched without a passphrase: both only do again what was set', async () => {
  const { box, send } = setUp();
  expect(await send('POST', '/name/update', {})).toEqual([200, namedBox]);
  expect(await send('POST', '/certificate/renew', {})).toEqual([200, namedBox]);
  expect(box.asked).toEqual(['update name', 'renew certificate']);
  expect((await send('POST', '/name/update', { name: 'x' }))[0]).toBe(400);
  expect((await send('POST', '/certificate/renew', { name: 'x' }))[0]).toBe(400);
});

test('where there is no name to set and no certificate to get, that is a conflict and says so', async () => {
  const refuse = (): never => {
    throw new NightjarError('conflict', 'no provider is set');
  };
  const { send } = setUp({ updateName: async () => refuse(), renewCertificate: refuse });
  for (const path of ['/name/update', '/certificate/renew']) {
    expect(await send('POST', path, {})).toEqual([409, { error: { kind: 'conflict', message: 'no provider is set' } }]);
  }
});

test('an own certificate is taken with the passphrase, and goes with it', async () => {
  const { box, send } = setUp();
  expect(await send('PUT', '/certificate/own', { ...pem, proof })).toEqual([200, namedBox]);
  expect(await send('DELETE', '/certificate/own', { proof })).toEqual([200, namedBox]);
  expect(box.asked).toEqual(['use CERTIFICATE with KEY', 'drop own certificate']);
});

test('a stolen cookie puts no certificate in and takes none away', async () => {
  const { box, send } = setUp();
  for (const shown of [{}, { proof: 'c3'.repeat(32) }]) {
    expect((await send('PUT', '/certificate/own', { ...pem, ...shown }))[0]).toBe(403);
    expect((await send('DELETE', '/certificate/own', shown))[0]).toBe(403);
  }
  expect(box.asked).toEqual([]);
});

test('a certificate that cannot be used is refused in the room’s own sentence; the key is in no answer and no log', async () => {
  const key = 'PRIVATE-AND-SECRET';
  const { send, logs } = setUp({
    useOwnCertificate: async () => {
      throw new NightjarError('invalid', 'the key does not belong to the certificate');
    },
  });
  const [status, body] = await send('PUT', '/certificate/own', { ...pem, key, proof });
  const message = 'the key does not belong to the certificate';
  expect([status, body]).toEqual([400, { error: { kind: 'invalid', message } }]);
  const [, wrong] = await send('PUT', '/certificate/own', { certificate: 5, key, proof });
  expect(JSON.stringify([body, wrong, logs.recent(50)])).not.toContain(key);
});

test('what is no pair of texts, or more than 64 KiB, is not looked at', async () => {
  const { box, send } = setUp();
  for (const body of [{}, { ...pem, key: '' }, { ...pem, certificate: 5 }, { ...pem, name: 'x' }]) {
    expect([body, (await send('PUT', '/certificate/own', { ...body, proof }))[0]]).toEqual([body, 400]);
  }
  const other = JSON.stringify({ ...pem, certificate: '', proof }).length;
  const sized = (bytes: number) => ({ ...pem, certificate: 'C'.repeat(bytes - other), proof });
  expect((await send('PUT', '/certificate/own', sized(MAX_CERTIFICATE_BYTES + 1)))[0]).toBe(413);
  expect(box.asked).toEqual([]);
  expect((await send('PUT', '/certificate/own', sized(MAX_CERTIFICATE_BYTES)))[0]).toBe(200);
});

test('a Nightjar without that room says so', async () => {
  const { send } = setUp({}, ({ network: _, ...ports }) => ports);
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['POST', '/name/update', {}],
    ['POST', '/certificate/renew', {}],
    ['PUT', '/certificate/own', { ...pem, proof }],
    ['DELETE', '/certificate/own', { proof }],
  ] as const) {
    expect([method, path, (await send(method, path, body))[0]]).toEqual([method, path, 404]);
  }
});

test('name and certificate are the owner’s: nobody else sees or does anything of them', () => {
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/name/update'],
    ['POST', '/certificate/renew'],
    ['PUT', '/certificate/own'],
    ['DELETE', '/certificate/own'],
  ] as const) {
    for (const role of ['viewer', 'live-only'] as const) {
      expect([path, role, mayAsk(role, method, `/api/v1/network${path}`)]).toEqual([path, role, false]);
    }
  }
});

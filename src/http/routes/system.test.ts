import { expect, test } from 'bun:test';
import { ManualClock } from '../../base/clock.ts';
import { NightjarError } from '../../base/errors.ts';
import { LogBook } from '../../base/log.ts';
import { createHttpApp } from '../app.ts';
import { type FakeBox, fakeBox, idleUpdate, openSession, owner } from '../fake-ports.ts';
import { ownLinux } from '../own-linux.ts';
import type { AppliancePort, UpdatePort } from '../ports-system.ts';
import { mayAsk } from '../role-routes.ts';
import { MAX_UPDATE_BYTES } from './system.ts';

const proof = owner.signIn;
const file = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i % 251);

function setUp(appliance: Partial<AppliancePort> = {}, box: FakeBox = fakeBox()) {
  Object.assign(box.ports.system.appliance!, appliance);
  const clock = new ManualClock();
  const logs = new LogBook({ clock, level: 'info', write: () => {} });
  const app = createHttpApp(box.ports, {
    assets: new Map(),
    clock,
    log: logs.log('http'),
    ours: { hosts: () => [], origins: () => [] },
  });
  const base = 'http://nightjar.local';
  const cookie = openSession(box);
  const request = (method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array) =>
    app.request(`${base}/api/v1/system${path}`, {
      method,
      headers: { cookie: `nightjar=${cookie}`, origin: base, ...headers },
      ...(body === undefined ? {} : { body: body as never }),
    });
  const send = async (method: string, path: string, body?: unknown) => {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await request(method, path, type, body === undefined ? undefined : JSON.stringify(body));
    return [response.status, await response.json()] as [number, unknown];
  };
  const ticket = async (options: object = {}) =>
    ((await send('POST', '/update/ticket', { proof, ...options }))[1] as { ticket: string }).ticket;
  const put = async (name: string, bytes: Uint8Array, headers: Record<string, string> = {}) => {
    const own = { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length), ...headers };
    const response = await request('PUT', `/update/${name}`, own, bytes);
    return [response.status, await response.json()] as [number, unknown];
  };
  return { box, clock, send, put, ticket, logs, lines: () => logs.recent(50).map((line) => line.message) };
}

const deep = [
  ['/restart', 'restart'],
  ['/power-off', 'power off'],
] as const;

for (const [path, what] of deep) {
  test(`${what}: the page is answered first, the box goes after that`, async () => {
    const { box, clock, send } = setUp();
    expect(await send('POST', path, { proof })).toEqual([200, {}]);
    await clock.advance(499);
    expect(box.asked).toEqual([]);
    await clock.advance(1);
    expect(box.asked).toEqual([what]);
  });
}

test('a stolen cookie restarts, resets and updates nothing', async () => {
  const { box, clock, send } = setUp();
  const boxName = box.ports.boxName();
  for (const [path, body] of [
    ['/restart', {}],
    ['/power-off', {}],
    ['/reset', { boxName }],
    ['/update/ticket', {}],
    ['/update/install', {}],
  ] as const) {
    for (const shown of [{}, { proof: 'c3'.repeat(32) }]) {
      const [status] = await send('POST', path, { ...body, ...shown });
      expect([path, status]).toEqual([path, 403]);
    }
  }
  await clock.advance(1000);
  expect(box.asked).toEqual([]);
});

test('a reset needs the name of the box; it is noted before the answer, and then the box restarts', async () => {
  const { box, clock, send } = setUp();
  for (const boxName of ['', 'test box', 'Test boxx']) {
    const [status, body] = await send('POST', '/reset', { proof, boxName });
    expect([status, (body as { error: { kind: string } }).error.kind]).toEqual([409, 'conflict']);
  }
  await clock.advance(1000);
  expect(box.asked).toEqual([]);
  expect((await send('POST', '/reset', { proof, boxName: ' Test box ' }))[0]).toBe(200);
  expect(box.asked).toEqual(['ask for reset']);
  await clock.advance(500);
  expect(box.asked).toEqual(['ask for reset', 'restart']);
});

test('a reset that cannot be noted is told, and restarts nothing', async () => {
  const askForReset = () => {
    throw new NightjarError('unavailable', 'the request cannot be written');
  };
  const { box, clock, send } = setUp({ askForReset });
  expect((await send('POST', '/reset', { proof, boxName: 'Test box' }))[0]).toBe(503);
  await clock.advance(1000);
  expect(box.asked).toEqual([]);
});

test('a restart that fails is in the log', async () => {
  const { clock, send, lines } = setUp({ restart: () => Promise.reject(new Error('not allowed')) });
  await send('POST', '/restart', { proof });
  await clock.advance(500);
  expect(lines()).toContain('cannot restart the box');
});

test('a ticket lets one file in, once; what is larger than other requests may be is taken', async () => {
  const { box, put, ticket } = setUp();
  const name = await ticket();
  const bytes = file(3 * 1024 * 1024);
  expect(await put(name, bytes)).toEqual([200, { state: { kind: 'restarting', version: '1.3.0' }, hasKeys: true }]);
  expect(await put(name, bytes)).toMatchObject([404, { error: { kind: 'missing' } }]);
  expect(await put(await ticket({ allowOlder: true }), file(10))).toMatchObject([200, {}]);
  expect(box.asked).toEqual([`receive ${bytes.length} of ${bytes.length}`, 'receive 10 of 10, older too']);
});

test('a ticket is good for ten minutes, and in no other session', async () => {
  const { box, clock, put, ticket } = setUp();
  const [old, stolen] = [await ticket(), await ticket()];
  const other = `nightjar=${openSession(box)}`;
  expect((await put(stolen, file(10), { cookie: other }))[0]).toBe(404);
  expect((await put(stolen, file(10)))[0]).toBe(200);
  await clock.advance(10 * 60_000);
  expect((await put(old, file(10)))[0]).toBe(404);
});

test('what has no length, says it is endless, or comes as something else, is not taken in', async () => {
  const { box, put, ticket, send } = setUp();
  const name = await ticket();
  expect((await put(name, file(10), { 'content-length': '' }))[0]).toBe(411);
  expect((await put(name, file(10), { 'content-length': String(MAX_UPDATE_BYTES + 1) }))[0]).toBe(413);
  expect((await put(name, file(10), { 'content-type': 'application/json' }))[0]).toBe(415);
  expect((await put(name, file(10), { 'content-type': 'multipart/form-data' }))[0]).toBe(415);
  expect((await put('ab', file(10)))[0]).toBe(415);
  expect((await send('POST', '/update/check', { anything: 1 }))[0]).toBe(400);
  expect(box.asked).toEqual([]);
});

test('a refused file is read to its end, so that the browser hears why', async () => {
  let gaveUpAfter = 0;
  const receive: UpdatePort['receive'] = async ({ chunks }) => {
    for await (const chunk of chunks) {
      gaveUpAfter = chunk.length;
      break;
    }
    throw new NightjarError('invalid', 'this file is not signed by a key that this box knows');
  };
  const { put, ticket, box } = setUp();
  Object.assign(box.ports.system.appliance!.update, { receive });
  const source = file(2 * 1024 * 1024);
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= source.length) return controller.close();
      controller.enqueue(source.subarray(sent, sent + 65_536));
      sent += 65_536;
    },
  });
  const answer = await put(await ticket(), stream as never, { 'content-length': String(source.length) });
  expect(answer).toMatchObject([400, { error: { message: 'this file is not signed by a key that this box knows' } }]);
  expect(gaveUpAfter).toBeLessThan(source.length);
  expect(sent).toBe(source.length);
});

test('the release address is asked with a session, what it offers is installed only with proof', async () => {
  const { box, send } = setUp();
  expect(await send('POST', '/update/check', {})).toEqual([200, idleUpdate]);
  expect((await send('POST', '/update/install', { proof }))[0]).toBe(200);
  expect(box.asked).toEqual(['check', 'install']);
});

test('on somebody’s own Linux there is a version, and nothing that could be pressed', async () => {
  const box = fakeBox();
  Object.assign(box.ports, { system: ownLinux('1.2.3') });
  const clock = new ManualClock();
  const app = createHttpApp(box.ports, {
    ...{ assets: new Map(), clock, ours: { hosts: () => [], origins: () => [] } },
    log: new LogBook({ clock, level: 'error', write: () => {} }).log('http'),
  });
  const base = 'http://nightjar.local';
  const headers = {
    ...{ cookie: `nightjar=${openSession(box)}`, origin: base, 'content-type': 'application/json' },
  };
  const view = await app.request(`${base}/api/v1/system`, { headers });
  expect(await view.json()).toMatchObject({ appliance: false, version: '1.2.3', restarts: [] });
  for (const path of ['restart', 'power-off', 'reset', 'update/ticket', 'update/check', 'update/install']) {
    const sent = path === 'update/check' ? {} : { proof, ...(path === 'reset' ? { boxName: 'Test box' } : {}) };
    const init = { method: 'POST', headers, body: JSON.stringify(sent) };
    expect([path, (await app.request(`${base}/api/v1/system/${path}`, init)).status]).toEqual([path, 409]);
  }
});

test('the box itself is the owner’s: nobody else sees or does anything of it', () => {
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/restart'],
    ['POST', '/power-off'],
    ['POST', '/reset'],
    ['POST', '/update/ticket'],
    ['PUT', '/update/abc'],
    ['POST', '/update/check'],
    ['POST', '/update/install'],
  ] as const) {
    for (const role of ['viewer', 'live-only'] as const) {
      expect([path, role, mayAsk(role, method, `/api/v1/system${path}`)]).toEqual([path, role, false]);
    }
  }
});

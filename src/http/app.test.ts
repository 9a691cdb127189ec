import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { ManualClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { LogBook, silentLog } from '../base/log.ts';
import { cameraSettings } from '../config/camera.ts';
import type { Role } from './api.ts';
import { createHttpApp } from './app.ts';
import type { Assets } from './assets.ts';
import {
  claimCode,
  deviceKey,
  type FakeBox,
  fakeBox,
  openSession,
  owner,
  recordingBytes,
  sealedBytes,
  segmentIndex,
} from './fake-ports.ts';
import { demandOf } from './public-routes.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const assets: Assets = new Map([
  [
    '/index.html',
    { bytes: bytes(`<!doctype html>${' '.repeat(600)}`), type: 'text/html; charset=utf-8', immutable: false },
  ],
  ['/app.js', { bytes: bytes('1;'.repeat(500)), type: 'text/javascript; charset=utf-8', immutable: false }],
]);

function setUp(box: FakeBox = fakeBox(), role: Role = 'owner') {
  const clock = new ManualClock();
  const app = createHttpApp(box.ports, {
    assets,
    clock,
    log: silentLog,
    ours: { hosts: () => ['cam.example.org'], origins: () => ['https://cam.example.org'] },
  });
  const cookie = openSession(box, role);
  const base = 'http://nightjar.local';
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.request(`${base}${path}`, {
      method,
      headers: {
        cookie: `nightjar=${cookie}`,
        ...(method === 'GET' || method === 'HEAD' ? {} : { origin: base }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const stranger = (path: string, init: RequestInit = {}) => app.request(`${base}${path}`, init);
  return { app, box, send, stranger, clock, cookie };
}

const kindOf = async (response: Response) => ((await response.json()) as { error: { kind: string } }).error.kind;

test('every route but the listed public ones refuses a stranger', async () => {
  const { app, stranger } = setUp();
  const routes = new Set(app.routes.filter((r) => r.method !== 'ALL').map((r) => `${r.method} ${r.path}`));
  expect(routes.size).toBeGreaterThan(30);
  for (const route of routes) {
    const [method, path] = route.split(' ') as [string, string];
    const open = demandOf(method, path) === 'nothing';
    const headers = { origin: 'http://nightjar.local', 'content-type': 'application/json' };
    const response = await stranger(path.replace(/:\w+/g, 'r1'), {
      method,
      headers,
      ...(method === 'GET' ? {} : { body: '{}' }),
    });
    if (open) expect(response.status, route).not.toBe(401);
    else expect([response.status, await kindOf(response)], route).toEqual([401, 'denied']);
  }
});

test('every route is in the reference, and every one there exists', () => {
  const { app } = setUp();
  const reference = readFileSync(join(import.meta.dir, '../../docs/reference/api.md'), 'utf8');
  const written = new Set(
    [...reference.matchAll(/`(GET|POST|PUT|DELETE) (\/[\w./:-]*)/g)].map((m) => `${m[1]} ${m[2]}`),
  );
  const routes = new Set(app.routes.filter((r) => r.method !== 'ALL').map((r) => `${r.method} ${r.path}`));
  expect([...written].sort()).toEqual([...routes, 'GET /api/v1/live'].sort());
});

test('only these routes are public', () => {
  const { app } = setUp();
  const open = new Set(
    app.routes.filter((r) => r.method !== 'ALL' && demandOf(r.method, r.path) === 'nothing').map((r) => r.path),
  );
  expect([...open].sort()).toEqual([
    '/api/v1/claim',
    '/api/v1/login',
    '/api/v1/login/parameters',
    '/api/v1/recover',
    '/api/v1/recover/answer',
    '/api/v1/session',
    '/health',
  ]);
});

test('an address that does not exist tells a stranger nothing', async () => {
  const { stranger, send } = setUp();
  expect((await stranger('/api/v1/nothing')).status).toBe(401);
  expect((await send('GET', '/api/v1/nothing')).status).toBe(404);
});

test('every answer carries the security headers, errors and the page included', async () => {
  const { send, stranger } = setUp();
  for (const response of [
    await stranger('/'),
    await send('GET', '/api/v1/cameras'),
    await send('GET', '/api/v1/nothing'),
  ]) {
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('strict-transport-security')).toBeNull();
  }
  expect((await send('GET', '/api/v1/cameras')).headers.get('cache-control')).toBe('no-store');
});

test('signing in gives a cookie that scripts and other pages cannot use', async () => {
  const { app } = setUp();
  const signIn = (base: string) =>
    app.request(`${base}/api/v1/login`, {
      method: 'POST',
      headers: { origin: base, 'content-type': 'application/json' },
      body: JSON.stringify(owner),
    });
  const plain = (await signIn('http://nightjar.local')).headers.get('set-cookie') ?? '';
  expect(plain).toMatch(/^nightjar=cookie-\d+;/);
  expect(plain).toContain('HttpOnly');
  expect(plain).toContain('SameSite=Strict');
  expect(plain).toContain('Path=/');
  expect(plain).not.toContain('Secure');
  const secure = (await signIn('https://nightjar.local')).headers.get('set-cookie') ?? '';
  expect(secure).toMatch(/^__Host-nightjar=cookie-\d+;/);
  expect(secure).toContain('Secure');
});

test('a cookie from plain HTTP opens nothing over TLS', async () => {
  const { app, cookie } = setUp();
  const get = (name: string) =>
    app.request('https://nightjar.local/api/v1/cameras', { headers: { cookie: `${name}=${cookie}` } });
  expect((await get('nightjar')).status).toBe(401);
  expect((await get('__Host-nightjar')).status).toBe(200);
});

test('claiming answers who is there now, once', async () => {
  const box = fakeBox();
  box.claimed = false;
  const { send, stranger } = setUp(box);
  expect(await (await stranger('/api/v1/session')).json()).toEqual({
    state: 'unclaimed',
    boxName: 'Test box',
    version: '1.2.3',
    deviceKey,
  });
  const claim = (code: string) => send('POST', '/api/v1/claim', { code, keyring: {}, ...owner });
  expect((await claim('WRONG')).status).toBe(401);
  const claimed = await claim(claimCode);
  expect(await claimed.json()).toMatchObject({ state: 'signed-in', person: { name: 'ada', role: 'owner' } });
  expect((await claim(claimCode)).status).toBe(409);
});

test('an appliance that nobody owns says whether it asks for the code, and what is wrong in nightjar.toml, but not what was taken', async () => {
  const mistake = { line: 3, column: 8, path: 'mail.port', message: 'Must be at most 65535.' };
  const box = fakeBox({ setup: { preset: () => ({ taken: ['wifi'], problems: [mistake] }) } });
  box.claimed = false;
  box.codeNeeded = false;
  const { send, stranger } = setUp(box);
  const setup = async () => ((await (await stranger('/api/v1/session')).json()) as { setup?: unknown }).setup;
  expect(await setup()).toEqual({ codeNeeded: false, preset: { problems: [mistake] } });
  expect((await send('POST', '/api/v1/claim', { keyring: {}, ...owner })).status).toBe(200);
  expect(await setup()).toBeUndefined();
});

test('a throttled sign-in says when to try again', async () => {
  const box = fakeBox();
  box.throttled = true;
  const response = await setUp(box).send('POST', '/api/v1/login', owner);
  expect([response.status, response.headers.get('retry-after'), await kindOf(response)]).toEqual([
    429,
    '30',
    'throttled',
  ]);
});

test('signing out ends the session on the box and in the browser', async () => {
  const { send } = setUp();
  const response = await send('POST', '/api/v1/logout', {});
  expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
  expect(await response.json()).toMatchObject({ state: 'signed-out' });
  expect((await send('GET', '/api/v1/cameras')).status).toBe(401);
});

test('a wrong current passphrase is no reason to be signed out', async () => {
  const { send, box } = setUp();
  const wrapped = {};
  const change = (current: string) => send('PUT', '/api/v1/vault/me', { current, signIn: 'b2'.repeat(32), wrapped });
  expect((await change('b1'.repeat(32))).status).toBe(403);
  expect((await change(owner.signIn)).status).toBe(200);
  expect(box.asked).toEqual(['rewrap p1']);
});

test('a second factor is asked for in words that the page understands, and a wrong code is a refusal', async () => {
  const box = fakeBox();
  box.code = '123456';
  const { send } = setUp(box);
  const outcome = async (body: object) => {
    const response = await send('POST', '/api/v1/login', { ...owner, ...body });
    return [response.status, response.status === 200 ? 'in' : await kindOf(response)];
  };
  expect(await outcome({})).toEqual([401, 'second-factor']);
  expect(await outcome({ code: '654321' })).toEqual([401, 'denied']);
  expect(await outcome({ code: '123456' })).toEqual([200, 'in']);
  expect(await outcome({ signIn: 'b2'.repeat(32) })).toEqual([401, 'denied']);
});

test('who holds the recovery key comes in, and may then set a new passphrase for themselves', async () => {
  const { send, stranger, box } = setUp();
  const headers = { origin: 'http://nightjar.local', 'content-type': 'application/json' };
  const answer = (text: string) =>
    stranger('/api/v1/recover/answer', { method: 'POST', headers, body: JSON.stringify({ id: 'c1', answer: text }) });
  const challenge = await stranger('/api/v1/recover', { method: 'POST', headers, body: '{}' });
  expect(await challenge.json()).toEqual({ id: 'c1', challenge: 'c0' });
  expect((await answer('wrong')).status).toBe(401);
  const cookie = (await answer('right')).headers.get('set-cookie')?.split(';')[0] ?? '';
  const body = { keyring: {}, revision: '1', signIn: 'b2'.repeat(32) };
  const proven = { ...body, proof: owner.signIn };
  expect((await send('POST', '/api/v1/people/p1/reset', proven)).status).toBe(403);
  expect((await send('POST', '/api/v1/people/p1/reset', body, { cookie })).status).toBe(200);
  expect(box.asked).toEqual(['reset p1']);
});

test('a stolen cookie changes nobody and no key: whoever does must show that they typed the passphrase', async () => {
  const { send, box } = setUp();
  const sent = { keyring: {}, revision: '1' };
  const newcomer = { ...sent, name: 'Eve', personId: 'eve', signIn: 'b2'.repeat(32) };
  const requests: readonly [method: string, path: string, body: object][] = [
    ['PUT', '/api/v1/vault', sent],
    ['POST', '/api/v1/people', newcomer],
    ['DELETE', '/api/v1/people/p2', sent],
    ['POST', '/api/v1/people/p2/reset', { ...sent, signIn: 'b2'.repeat(32) }],
    ['POST', '/api/v1/second-factor', {}],
  ];
  for (const [method, path, body] of requests) {
    expect((await send(method, path, body)).status).toBe(403);
    expect((await send(method, path, { ...body, proof: 'c3'.repeat(32) })).status).toBe(403);
    expect(box.asked).toEqual([]);
    expect((await send(method, path, { ...body, proof: owner.signIn })).status).toBeLessThan(300);
    box.asked.length = 0;
  }
});

test('a stolen cookie mails no pictures elsewhere, leads no owner to another page, and makes no way in that outlives it', async () => {
  const { send, box } = setUp();
  const mail = { enabled: true, host: 'smtp.example.org', to: ['thief@example.org'] };
  const requests: readonly [method: string, path: string, body: object][] = [
    ['PUT', '/api/v1/settings/mail', mail],
    ['PUT', '/api/v1/settings/box', { publicUrl: 'https://thief.example.org' }],
    ['PUT', '/api/v1/settings/updates', { address: 'https://thief.example.org' }],
    ['PUT', '/api/v1/settings/remote', {}],
    ['POST', '/api/v1/stream-tokens', { name: 'TV', cameraId: null }],
  ];
  for (const [method, path, body] of requests) {
    for (const proof of [{}, { proof: 'c3'.repeat(32) }]) {
      const answer = await send(method, path, { ...body, ...proof });
      expect([answer.status, box.asked], path).toEqual([403, []]);
    }
    expect((await send(method, path, { ...body, proof: owner.signIn })).status, path).toBeLessThan(300);
    box.asked.length = 0;
  }
  expect((await send('PUT', '/api/v1/settings/mail', { ...mail, proof: 5 })).status).toBe(400);
  expect((await send('PUT', '/api/v1/settings/box', { name: 'Attic' })).status).toBe(200);
  expect((await send('PUT', '/api/v1/settings/updates', { check: false })).status).toBe(200);
  expect(box.asked.join()).not.toContain('proof');
});

/** All that a viewer may ask for, and of it what somebody live-only may. What is not here is the owner's. */
const forViewers: readonly [route: string, liveOnly: boolean][] = [
  ['POST /api/v1/logout', true],
  ['GET /api/v1/cameras', true],
  ['GET /api/v1/cameras/:id', true],
  ['GET /snapshot.jpg', true],
  ['GET /stream.mjpg', true],
  ['GET /api/v1/changes', true],
  ['GET /api/v1/vault', true],
  ['PUT /api/v1/vault/me', true],
  ['POST /api/v1/second-factor', true],
  ['POST /api/v1/second-factor/confirm', true],
  ['DELETE /api/v1/second-factor', true],
  ['GET /api/v1/recordings', false],
  ['GET /api/v1/recordings/days', false],
  ['GET /api/v1/recordings/:id', false],
  ['GET /api/v1/recordings/:id/still', false],
  ['GET /api/v1/events', false],
  ['GET /api/v1/events/:id/difference', false],
  ['GET /api/v1/segments/:id/index', false],
  ['GET /api/v1/segments/:id/sealed', false],
  ['GET /api/v1/timeline', false],
];

for (const role of ['owner', 'viewer', 'live-only'] as const) {
  test(`of all routes, somebody who is ${role} may ask for theirs and is refused the others`, async () => {
    const { app, box } = setUp();
    const routes = new Set(app.routes.filter((r) => r.method !== 'ALL').map((r) => `${r.method} ${r.path}`));
    const theirs = new Set(forViewers.filter(([, liveOnly]) => liveOnly || role === 'viewer').map(([route]) => route));
    for (const route of routes) {
      const [method, path] = route.split(' ') as [string, string];
      const body = method === 'GET' ? {} : { body: JSON.stringify({ proof: owner.signIn }) };
      const response = await app.request(`http://nightjar.local${path.replace(/:\w+/g, 'r1')}`, {
        method,
        headers: {
          cookie: `nightjar=${openSession(box, role)}`,
          origin: 'http://nightjar.local',
          'content-type': 'application/json',
        },
        ...body,
      });
      await response.body?.cancel();
      const may = role === 'owner' || theirs.has(route) || demandOf(method, path) === 'nothing';
      if (may) expect(response.status, route).not.toBe(403);
      else expect([response.status, box.asked], route).toEqual([403, []]);
      box.asked.length = 0;
    }
    expect([...theirs].filter((route) => !routes.has(route))).toEqual([]);
  });
}

test('an address that does not exist is refused to who is no owner, and HEAD is as good as GET', async () => {
  const { send } = setUp(fakeBox(), 'live-only');
  expect((await send('GET', '/api/v1/nothing')).status).toBe(403);
  expect((await send('HEAD', '/api/v1/recordings')).status).toBe(403);
  expect((await send('HEAD', '/api/v1/cameras')).status).toBe(200);
  expect((await send('GET', '/api/v1/cameras/')).status).toBe(403);
  const refusal = await send('GET', '/api/v1/settings');
  expect(await refusal.json()).toEqual({
    error: { kind: 'denied', message: 'Only an owner of this box may do that.' },
  });
});

test('the page itself is shown to everybody', async () => {
  const { send } = setUp(fakeBox(), 'live-only');
  expect((await send('GET', '/settings', undefined, { accept: 'text/html' })).status).toBe(200);
});

const heard: readonly [Role, string[]][] = [
  ['owner', ['cameras', 'recording', 'recording-removed', 'event', 'notice']],
  ['viewer', ['cameras', 'recording', 'recording-removed', 'event']],
  ['live-only', ['cameras']],
];
for (const [role, names] of heard) {
  test(`somebody who is ${role} hears of ${names.join(', ')}`, async () => {
    const { send, box } = setUp(fakeBox(), role);
    const response = await send('GET', '/api/v1/changes');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value).split('\n')[0];
    expect([await next(), await next()]).toEqual(['retry: 2000', 'event: cameras']);
    for (const name of ['recording', 'recording-removed', 'event', 'notice', 'cameras']) {
      for (const listener of box.changeListeners) listener(name as never, {} as never);
    }
    const told: (string | undefined)[] = [];
    while (told.at(-1) !== 'event: cameras') told.push(await next());
    expect(told.map((line) => line?.slice('event: '.length)).sort()).toEqual([...names].sort());
    await reader.cancel();
  });
}

const origins: readonly [string, Record<string, string>, number][] = [
  ['the own page', { origin: 'http://nightjar.local' }, 200],
  ['the public address behind a proxy', { origin: 'https://cam.example.org' }, 200],
  ['another page', { origin: 'http://evil.example' }, 403],
  ['the same name on another port', { origin: 'http://nightjar.local:8080' }, 403],
  ['a sandboxed page', { origin: 'null' }, 403],
];
for (const [who, headers, status] of origins) {
  test(`a change from ${who} is ${status === 200 ? 'let through' : 'refused'}`, async () => {
    const { send, box } = setUp();
    expect((await send('DELETE', '/api/v1/cameras/yard', undefined, headers)).status).toBe(status);
    expect(box.asked).toEqual(status === 200 ? ['remove yard'] : []);
  });
}

test('a change without Origin needs the browser’s word, or no cookie', async () => {
  const { app, cookie } = setUp();
  const login = (headers: Record<string, string>) =>
    app.request('http://nightjar.local/api/v1/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(owner),
    });
  expect((await login({ cookie: `nightjar=${cookie}` })).status).toBe(403);
  expect((await login({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await login({ 'sec-fetch-site': 'same-origin', cookie: `nightjar=${cookie}` })).status).toBe(200);
  expect((await login({})).status).toBe(200);
});

test('a name that is not the box’s is misdirected, whatever is asked', async () => {
  const { app } = setUp();
  const status = async (host: string) => (await app.request(`http://${host}/health`)).status;
  for (const host of ['192.168.1.9:8080', '[fe80::1]', 'localhost', 'nightjar', 'nightjar.local', 'cam.example.org']) {
    expect(await status(host), host).toBe(200);
  }
  for (const host of ['evil.example', 'cam.example.org.evil.example', '192.168.1.9.evil.example', 'xlocal.com']) {
    expect(await status(host), host).toBe(421);
  }
});

test('what cannot be used is named by its place', async () => {
  const { send } = setUp();
  const response = await send('POST', '/api/v1/cameras', {
    name: 'Gate',
    source: { kind: 'rtsp', url: 'http://x/' },
    motion: { areaa: 1 },
  });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { kind: string; issues: { path: string }[] } };
  expect(error.kind).toBe('invalid');
  expect(error.issues.map((issue) => issue.path).sort()).toEqual(['motion.areaa', 'source.url']);
});

test('a change of a camera reaches the rooms as it was sent: no default steps in', async () => {
  const { send, box } = setUp();
  expect((await send('PUT', '/api/v1/cameras/yard', { motion: { sensitivity: 70 } })).status).toBe(200);
  expect(box.asked).toEqual(['change yard {"motion":{"sensitivity":70}}']);
});

test('whatever a camera is made of can be changed, part by part', async () => {
  const { send } = setUp();
  const { id: _, ...whole } = cameraSettings.parse({ id: 'yard', name: 'Yard', source: { kind: 'demo' } });
  for (const [part, value] of Object.entries(whole)) {
    const { status } = await send('PUT', '/api/v1/cameras/yard', { [part]: value });
    expect([part, status]).toEqual([part, 200]);
  }
});

test('malformed, mistyped and over-large bodies are 4xx in JSON, and never reach a room', async () => {
  const { send, box } = setUp();
  const outcome = async (response: Response) => [response.status, await kindOf(response)];
  expect(await outcome(await send('POST', '/api/v1/cameras', '{"name":'))).toEqual([400, 'invalid']);
  expect(await outcome(await send('POST', '/api/v1/cameras', 'null'))).toEqual([400, 'invalid']);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await outcome(await send('POST', '/api/v1/cameras', 'a=b', form))).toEqual([415, 'invalid']);
  const large = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
  expect(await outcome(await send('POST', '/api/v1/cameras', large))).toEqual([413, 'too-large']);
  expect(await outcome(await send('GET', '/api/v1/recordings?limit=many'))).toEqual([400, 'invalid']);
  expect(box.asked).toEqual([]);
});

test('a wrong method says which ones there are', async () => {
  const response = await setUp().send('PUT', '/api/v1/cameras', {});
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
  expect(await kindOf(response)).toBe('invalid');
});

const failures: readonly [unknown, number, string][] = [
  [new NightjarError('missing', 'no such camera'), 404, 'missing'],
  [new NightjarError('conflict', 'is recording'), 409, 'conflict'],
  [new NightjarError('no-space', 'disk is full'), 507, 'no-space'],
  [new NightjarError('unavailable', 'does not answer'), 503, 'unavailable'],
  [
    new NightjarError('invalid', 'not good', { cause: z.strictObject({ a: z.int() }).safeParse({}).error }),
    400,
    'invalid',
  ],
  [new Error('secret detail /data/x'), 500, 'internal'],
];
for (const [error, status, kind] of failures) {
  test(`a ${kind} failure of a room is answered ${status}`, async () => {
    const box = fakeBox({ cameras: { devices: () => Promise.reject(error) } });
    const response = await setUp(box).send('GET', '/api/v1/devices');
    const body = (await response.json()) as { error: { kind: string; message: string; issues?: unknown } };
    expect([response.status, body.error.kind]).toEqual([status, kind]);
    expect(body.error.message).not.toContain('secret');
    if (kind === 'invalid') expect(body.error.issues).toEqual([{ path: 'a', message: expect.any(String) }]);
  });
}

test('what went wrong inside is in the log', async () => {
  const box = fakeBox({ cameras: { devices: () => Promise.reject(new Error('disk on fire')) } });
  const book = new LogBook({ clock: { wallMs: () => 0 }, write() {} });
  const app = createHttpApp(box.ports, {
    assets,
    clock: new ManualClock(),
    log: book.log('http'),
    ours: { hosts: () => [], origins: () => [] },
  });
  await app.request('http://localhost/api/v1/devices', { headers: { cookie: `nightjar=${openSession(box)}` } });
  expect(book.recent().map((line) => line.fields?.reason)).toEqual(['disk on fire']);
});

test('a sealed segment comes whole, in part, or as headers only, and is kept by nobody', async () => {
  const { send } = setUp();
  const path = '/api/v1/segments/s1/sealed';
  const whole = await send('GET', path);
  expect(whole.headers.get('content-length')).toBe('1000');
  expect(['content-type', 'etag', 'cache-control'].map((name) => whole.headers.get(name))).toEqual([
    'application/octet-stream',
    '"s1-1000"',
    'private, no-store',
  ]);
  expect(new Uint8Array(await whole.arrayBuffer())).toEqual(recordingBytes);
  const part = await send('GET', path, undefined, { range: 'bytes=100-199' });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/1000']);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(recordingBytes.slice(100, 200));
  const outside = await send('GET', path, undefined, { range: 'bytes=1000-' });
  expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */1000']);
  const head = await send('HEAD', path);
  expect([head.status, head.headers.get('content-length'), (await head.arrayBuffer()).byteLength]).toEqual([
    200,
    '1000',
    0,
  ]);
});

test('a segment says where its chunks lie; stills and difference pictures are sealed bytes', async () => {
  const { send } = setUp();
  expect(await (await send('GET', '/api/v1/segments/s1/index')).json()).toEqual(segmentIndex as never);
  for (const path of ['/api/v1/recordings/r1/still', '/api/v1/events/e1/difference']) {
    const answer = await send('GET', path);
    expect([answer.headers.get('content-type'), new Uint8Array(await answer.arrayBuffer())]).toEqual([
      'application/octet-stream',
      sealedBytes,
    ]);
  }
  const gone = ['segments/s2/index', 'segments/s2/sealed', 'events/e2/difference', 'recordings/r2/still'];
  for (const path of gone) expect((await send('GET', `/api/v1/${path}`)).status).toBe(404);
});

test('what there is to play of a day is asked for by camera, time and place', async () => {
  const box = fakeBox();
  const { send } = setUp(box);
  const answer = await send('GET', '/api/v1/timeline?camera=yard&from=1000&to=2000&after=900-s0');
  expect(await answer.json()).toEqual({ segments: [], next: '1000-s1' });
  expect(box.asked.at(-1)).toBe('timeline {"fromMs":1000,"toMs":2000,"limit":2000,"cameraId":"yard","after":"900-s0"}');
  for (const query of ['', '?from=1', '?from=1&to=2&limit=2001', '?from=1&to=2&camera=../x'])
    expect((await send('GET', `/api/v1/timeline${query}`)).status).toBe(400);
});

test('an id that cannot be one is missing, and no room is asked', async () => {
  const { send } = setUp();
  expect((await send('GET', '/api/v1/segments/..%2f..%2fetc%2fpasswd/sealed')).status).toBe(404);
  expect((await send('GET', '/api/v1/recordings/r2')).status).toBe(404);
  expect((await send('PUT', '/api/v1/settings/toString', {})).status).toBe(404);
});

test('a stream token opens its own camera’s pictures, and nothing else', async () => {
  const { send, stranger } = setUp();
  const made = await send('POST', '/api/v1/stream-tokens', { name: 'TV', cameraId: 'yard', proof: owner.signIn });
  expect(made.status).toBe(201);
  const { id, token } = (await made.json()) as { id: string; token: string };
  const snapshot = await stranger(`/snapshot.jpg?camera=yard&token=${token}`);
  expect([snapshot.status, snapshot.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  expect((await stranger(`/snapshot.jpg?camera=gate&token=${token}`)).status).toBe(401);
  expect((await stranger('/snapshot.jpg?camera=yard')).status).toBe(401);
  expect((await stranger('/snapshot.jpg?camera=yard&token=wrong')).status).toBe(401);
  expect((await stranger(`/api/v1/cameras?token=${token}`)).status).toBe(401);
  expect((await send('DELETE', `/api/v1/stream-tokens/${id}`)).status).toBe(200);
  expect((await stranger(`/snapshot.jpg?camera=yard&token=${token}`)).status).toBe(401);
});

test('the run of pictures has a length for each part', async () => {
  const response = await setUp().send('GET', '/stream.mjpg?camera=yard');
  expect(response.headers.get('content-type')).toBe('multipart/x-mixed-replace; boundary=nightjar');
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const one = (n: number) =>
    `--nightjar\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n\xff\xd8${String.fromCharCode(n)}\xff\xd9\r\n`;
  expect(body).toBe(one(1) + one(2));
});

test('every address of the page shows the page; the api never does', async () => {
  const { stranger } = setUp();
  const html = { headers: { accept: 'text/html,*/*' } };
  for (const path of ['/', '/recordings/r1', '/settings']) {
    const page = await stranger(path, html);
    expect([page.status, page.headers.get('content-type')], path).toEqual([200, 'text/html; charset=utf-8']);
  }
  expect((await stranger('/api/v1/nothing', html)).status).toBe(401);
  expect((await stranger('/missing.js', html)).status).toBe(401);
});

test('files of the page are compressed for who asks, and not sent twice', async () => {
  const { stranger } = setUp();
  const packed = await stranger('/app.js', { headers: { 'accept-encoding': 'gzip, br' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe('1;'.repeat(500));
  const etag = packed.headers.get('etag') ?? '';
  expect((await stranger('/app.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await stranger('/app.js')).headers.get('content-encoding')).toBeNull();
});

test('a file asked for by its content is kept by browsers for ever; by the name of another content it is not', async () => {
  const { stranger } = setUp();
  const kept = async (address: string) => (await stranger(address)).headers.get('cache-control');
  const tag = (await stranger('/app.js')).headers.get('etag')?.slice(1, 13) ?? '';
  expect(await kept(`/app.js?v=${tag}`)).toBe('public, max-age=31536000, immutable');
  for (const address of ['/app.js', '/app.js?v=', `/app.js?v=${tag.slice(0, 2)}`, '/app.js?v=AAAAAAAAAAAA']) {
    expect(await kept(address)).toBe('no-cache');
  }
});

test('health is public and says nothing about the owner', async () => {
  const response = await setUp().stranger('/health');
  expect(await response.json()).toEqual({ status: 'ok', version: '1.2.3', uptimeS: 1, cameras: { live: 1, total: 1 } });
});

test('changes begin with the cameras, then follow; a session that ends ends them', async () => {
  const { send, box, clock } = setUp();
  const response = await send('GET', '/api/v1/changes');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe('retry: 2000\n\n');
  expect(await next()).toStartWith('event: cameras\ndata: [{"id":"yard"');
  for (const listener of box.changeListeners) listener('recording-removed' as never, { id: 'r1' } as never);
  expect(await next()).toBe('event: recording-removed\ndata: {"id":"r1"}\n\n');
  await clock.advance(15_000);
  expect(await next()).toBe(': here\n\n');
  box.sessions.clear();
  await clock.advance(30_000);
  expect((await reader.read()).done).toBe(true);
  expect(box.changeListeners.size).toBe(0);
});

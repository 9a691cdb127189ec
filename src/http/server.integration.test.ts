import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { createHttpApp } from './app.ts';
import { ensureBoxCertificate } from './certificate.ts';
import { type FakeBox, fakeBox, openSession } from './fake-ports.ts';
import { createLiveSocket, type LiveSocket } from './live-socket.ts';
import { type RunningServer, startServer, type TlsCertificate } from './server.ts';

const MB = 1024 * 1024;
const LARGE = 300 * MB;
const folder = mkdtempSync(join(tmpdir(), 'nightjar-http-'));
const ours = { hosts: () => [], origins: () => [] };
let certificates: readonly [TlsCertificate & { fingerprint: string }, TlsCertificate & { fingerprint: string }];
let box: FakeBox;
let cookie: string;
let server: RunningServer;
let live: LiveSocket;
let httpPort: number;
let httpsPort: number;
/** Of the endless download: what was asked of the disk, and whether it was let go. */
const large = { pulled: 0, cancelled: 0, broken: 0 };
/** Runs of pictures that somebody looks at. */
let looking = 0;

beforeAll(async () => {
  certificates = [
    await ensureBoxCertificate({ folder: join(folder, 'a'), clock: systemClock }),
    await ensureBoxCertificate({ folder: join(folder, 'b'), clock: systemClock }),
  ];
  box = fakeBox({
    recordings: {
      segment: async (id) =>
        id === 'broken'
          ? {
              bytes: 100 * MB,
              stream: () =>
                new ReadableStream<Uint8Array>({
                  pull(controller) {
                    if (large.broken++ > 20) throw new Error('the disk is gone');
                    controller.enqueue(new Uint8Array(65_536));
                  },
                }),
            }
          : id === 'large'
            ? {
                bytes: LARGE,
                stream(from, to) {
                  let at = from;
                  return new ReadableStream<Uint8Array>(
                    {
                      pull(controller) {
                        const bytes = Math.min(65_536, to - at);
                        at += bytes;
                        large.pulled += bytes;
                        controller.enqueue(new Uint8Array(bytes));
                        if (at === to) controller.close();
                      },
                      cancel() {
                        large.cancelled++;
                      },
                    },
                    { highWaterMark: 0 },
                  );
                },
              }
            : undefined,
    },
  });
  Object.assign(box.ports.pictures, {
    async *mjpeg(_camera: string, signal: AbortSignal) {
      looking++;
      try {
        while (!signal.aborted) {
          yield new Uint8Array(1000);
          await Bun.sleep(5);
        }
      } finally {
        looking--;
      }
    },
  });
  cookie = openSession(box);
  live = createLiveSocket({ ports: box.ports, ours, clock: systemClock, log: silentLog });
  server = await startServer({
    app: createHttpApp(box.ports, { assets: new Map(), clock: systemClock, log: silentLog, ours }),
    plain: { host: '127.0.0.1', port: 0 },
    tls: { host: '127.0.0.1', port: 0, certificate: certificates[0] },
    onUpgrade: live.upgrade,
    limits: { headMs: 800, bodyMs: 2000 },
  });
  httpPort = server.addresses.http!.port;
  httpsPort = server.addresses.https!.port;
});

afterAll(async () => {
  live.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const cookieHeader = (secure: boolean) => `${secure ? '__Host-nightjar' : 'nightjar'}=${cookie}`;

const http2Session = (): Promise<ClientHttp2Session> =>
  new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${httpsPort}`, { rejectUnauthorized: false });
    session.once('error', reject);
    session.once('connect', () => resolve(session));
  });
const ask2 = (session: ClientHttp2Session, headers: Record<string, string>, body?: string) =>
  new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const request = session.request(headers);
    let text = '';
    let answer: { status: number; headers: IncomingHttpHeaders };
    request.on('response', (h) => {
      answer = { status: Number(h[':status']), headers: h as IncomingHttpHeaders };
    });
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => resolve({ ...answer, text }));
    request.on('error', reject);
    request.end(body);
  });

const openLive = (secure: boolean, headers: Record<string, string> = {}) => {
  const port = secure ? httpsPort : httpPort;
  const [ws, http] = secure ? ['wss', 'https'] : ['ws', 'http'];
  return new WebSocket(`${ws}://127.0.0.1:${port}/api/v1/live`, {
    rejectUnauthorized: false,
    headers: { cookie: cookieHeader(secure), origin: `${http}://127.0.0.1:${port}`, ...headers },
  });
};
const opened = (socket: WebSocket) =>
  new Promise<WebSocket>((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
const until = async (claim: () => boolean, words: string, ms = 5000) => {
  for (const endMs = performance.now() + ms; !claim(); await Bun.sleep(10)) {
    if (performance.now() > endMs) throw new Error(`still not so after ${ms} ms: ${words}`);
  }
};
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

test('HTTP/2 and HTTP/1.1 answer on the TLS port, HTTP/1.1 on the plain one', async () => {
  const session = await http2Session();
  const answer = await ask2(session, { ':path': '/health' });
  session.close();
  expect([answer.status, JSON.parse(answer.text).status]).toEqual([200, 'ok']);
  const one = await fetch(`https://127.0.0.1:${httpsPort}/health`, { tls: { rejectUnauthorized: false } });
  expect(one.status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${httpPort}/health`)).status).toBe(200);
});

test('many requests at once share one HTTP/2 connection', async () => {
  const session = await http2Session();
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => ask2(session, { ':path': '/api/v1/cameras', cookie: cookieHeader(true) })),
  );
  session.close();
  expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
});

test('a body and its limit work over HTTP/2', async () => {
  const session = await http2Session();
  const headers = {
    ':method': 'POST',
    ':path': '/api/v1/mail/test',
    cookie: cookieHeader(true),
    origin: `https://127.0.0.1:${httpsPort}`,
    'content-type': 'application/json',
  };
  expect((await ask2(session, headers, '{"to":"a@example.org"}')).status).toBe(200);
  const tooLarge = await ask2(session, headers, JSON.stringify({ to: 'x'.repeat(MB) }));
  session.close();
  expect([tooLarge.status, JSON.parse(tooLarge.text).error.kind]).toEqual([413, 'too-large']);
});

test('who has not signed in may send what signing in needs, and not megabytes from every connection', async () => {
  const login = (name: string) =>
    fetch(`http://127.0.0.1:${httpPort}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, signIn: 'b2'.repeat(32) }),
    });
  expect((await login('x'.repeat(65 * 1024))).status).toBe(413);
  expect((await login('ada')).status).toBe(401);
});

test('a refusal after the body was read arrives as what it is', async () => {
  const body = JSON.stringify({ name: 'ada', signIn: 'b2'.repeat(32) });
  const type = { 'content-type': 'application/json' };
  const plain = await fetch(`http://127.0.0.1:${httpPort}/api/v1/login`, { method: 'POST', headers: type, body });
  expect([plain.status, await plain.json()]).toMatchObject([401, { error: { kind: 'denied' } }]);
  const session = await http2Session();
  const answer = await ask2(session, { ':method': 'POST', ':path': '/api/v1/login', ...type }, body);
  session.close();
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([401, { error: { kind: 'denied' } }]);
});

for (const secure of [false, true]) {
  test(`a page opens its live socket over ${secure ? 'TLS' : 'plain HTTP'}, both ways`, async () => {
    const socket = await opened(openLive(secure));
    socket.send(JSON.stringify({ type: 'watch', cameras: ['yard', 'gate'] }));
    await until(() => box.watched.length > 0, 'the box was asked for cameras');
    expect(box.watched.splice(0)).toEqual([['yard', 'gate']]);
    const got = new Promise<Buffer>((resolve) => socket.once('message', (data) => resolve(data as Buffer)));
    box.viewers.at(-1)!.send(Uint8Array.of(1, 2, 3));
    expect([...(await got)]).toEqual([1, 2, 3]);
    box.asked.length = 0;
    socket.close();
    await until(() => box.asked.includes('leave'), 'the viewer has left');
  });
}

const refused: readonly [string, Record<string, string>, number][] = [
  ['without a session', { cookie: 'nightjar=unknown' }, 401],
  ['from another page', { origin: 'http://evil.example' }, 403],
  ['under a name that is not ours', { host: 'evil.example' }, 421],
];
for (const [who, headers, status] of refused) {
  test(`a live socket ${who} is refused before it opens`, async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: httpPort,
        path: '/api/v1/live',
        headers: {
          ...{ cookie: cookieHeader(false), origin: `http://127.0.0.1:${httpPort}`, ...headers },
          ...{ connection: 'Upgrade', upgrade: 'websocket' },
          ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
        },
      });
      request.on('response', (response) => resolve(response.statusCode));
      request.on('upgrade', () => resolve(101));
      request.on('error', reject);
      request.end();
    });
    expect(answer).toBe(status);
  });
}

const garbage: readonly [string, string | Uint8Array][] = [
  ['no JSON', 'watch'],
  ['another type', '{"type":"record","cameras":[]}'],
  ['a wrong camera id', '{"type":"watch","cameras":["../x"]}'],
  ['binary', Uint8Array.of(1, 2)],
];
for (const [what, message] of garbage) {
  test(`a live socket that sends ${what} is closed with 1008`, async () => {
    const socket = await opened(openLive(false));
    const code = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send(message);
    expect(await code).toBe(1008);
  });
}

test('a live socket that sends too much is closed', async () => {
  const socket = await opened(openLive(false));
  const code = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send('x'.repeat(100_000));
  expect(await code).toBe(1009);
});

test('a page that stops reading is seen to be behind, and seen to have caught up', async () => {
  const raw = connect(httpPort, '127.0.0.1');
  raw.write(
    `GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${httpPort}\r\nOrigin: http://127.0.0.1:${httpPort}\r\nCookie: ${cookieHeader(false)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await new Promise((resolve) => raw.once('data', resolve));
  raw.pause();
  const viewer = box.viewers.at(-1)!;
  for (let i = 0; i < 400; i++) viewer.send(new Uint8Array(50_000));
  await until(() => viewer.queuedBytes() > MB, 'the queue is seen');
  box.asked.length = 0;
  raw.on('data', () => {});
  raw.resume();
  await until(() => viewer.queuedBytes() === 0 && box.asked.includes('drained'), 'the queue has drained');
  raw.destroy();
});

test('the certificate is exchanged while a live socket and a download go on', async () => {
  const socket = await opened(openLive(true));
  const session = await http2Session();
  const path = '/api/v1/segments/large/sealed';
  const request = session.request({ ':path': path, cookie: cookieHeader(true), range: `bytes=0-${20 * MB - 1}` });
  let received = 0;
  const done = new Promise<void>((resolve, reject) => {
    request.on('end', resolve);
    request.on('error', reject);
  });
  request.once('data', () => request.pause());
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await until(() => received > 0, 'the download has begun');
  const before = await fingerprintOnWire();
  server.swapCertificate(certificates[1]);
  expect([before, await fingerprintOnWire()]).toEqual([certificates[0].fingerprint, certificates[1].fingerprint]);
  const got = new Promise<Buffer>((resolve) => socket.once('message', (data) => resolve(data as Buffer)));
  box.viewers.at(-1)!.send(Uint8Array.of(9));
  expect([...(await got)]).toEqual([9]);
  request.resume();
  await done;
  expect(received).toBe(20 * MB);
  expect(() => server.swapCertificate({ key: 'no', cert: 'key' })).toThrow('the old one stays');
  expect(await fingerprintOnWire()).toBe(certificates[1].fingerprint);
  session.close();
  socket.close();
});

const fingerprintOnWire = () =>
  new Promise<string>((resolve, reject) => {
    const socket: TLSSocket = connectTls({ port: httpsPort, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });

for (const kind of ['plain', 'TLS', 'HTTP/2'] as const) {
  test(`a slow reader over ${kind} costs no memory, and leaving lets the file go`, async () => {
    large.pulled = 0;
    large.cancelled = 0;
    const path = '/api/v1/segments/large/sealed';
    const head = (secure: boolean) =>
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookieHeader(secure)}\r\n\r\n`;
    let leave: () => void;
    if (kind === 'HTTP/2') {
      const session = await http2Session();
      const request = session.request({ ':path': path, cookie: cookieHeader(true) });
      request.on('error', () => {});
      request.pause();
      leave = () => session.destroy();
    } else if (kind === 'plain') {
      const socket = connect(httpPort, '127.0.0.1');
      socket.pause();
      socket.write(head(false));
      leave = () => socket.destroy();
    } else {
      const socket = connectTls({ port: httpsPort, host: '127.0.0.1', rejectUnauthorized: false });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      socket.pause();
      socket.write(head(true));
      leave = () => socket.destroy();
    }
    await until(() => large.pulled > 0, 'the download has begun');
    await Bun.sleep(500);
    expect(large.pulled).toBeLessThan(16 * MB);
    leave();
    await until(() => large.cancelled === 1, 'the file was let go');
  });
}

for (const kind of ['plain', 'HTTP/2'] as const) {
  test(`a file that cannot be read to its end is cut off over ${kind}, without a word of why in it`, async () => {
    large.broken = 0;
    const path = '/api/v1/segments/broken/sealed';
    const parts: Buffer[] = [];
    if (kind === 'plain') {
      const socket = connect(httpPort, '127.0.0.1');
      socket.on('data', (data) => void parts.push(Buffer.from(data)));
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookieHeader(false)}\r\n\r\n`);
      await closed(socket);
    } else {
      const session = await http2Session();
      const request = session.request({ ':path': path, cookie: cookieHeader(true) });
      request.on('data', (data) => void parts.push(Buffer.from(data)));
      request.on('error', () => {});
      await new Promise<void>((resolve) => request.once('close', () => resolve()));
      session.destroy();
    }
    const received = Buffer.concat(parts);
    expect(received.length).toBeGreaterThan(MB);
    expect(received.length).toBeLessThan(2 * MB);
    expect(received.includes('the disk is gone')).toBe(false);
  });

  test(`a player that leaves over ${kind} ends its run of pictures`, async () => {
    const path = '/stream.mjpg?camera=yard';
    if (kind === 'plain') {
      const socket = connect(httpPort, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookieHeader(false)}\r\n\r\n`);
      await new Promise((resolve) => socket.once('data', resolve));
      expect(looking).toBe(1);
      socket.destroy();
    } else {
      const session = await http2Session();
      const request = session.request({ ':path': path, cookie: cookieHeader(true) });
      request.on('error', () => {});
      await new Promise((resolve) => request.once('data', resolve));
      expect(looking).toBe(1);
      request.close();
      await until(() => looking === 0, 'the run has ended');
      session.destroy();
    }
    await until(() => looking === 0, 'the run has ended');
  });

  test(`a page that leaves over ${kind} no longer listens for changes`, async () => {
    if (kind === 'plain') {
      const socket = connect(httpPort, '127.0.0.1');
      socket.write(`GET /api/v1/changes HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookieHeader(false)}\r\n\r\n`);
      await new Promise((resolve) => socket.once('data', resolve));
      expect(box.changeListeners.size).toBe(1);
      socket.destroy();
    } else {
      const session = await http2Session();
      const request = session.request({ ':path': '/api/v1/changes', cookie: cookieHeader(true) });
      request.on('error', () => {});
      await new Promise((resolve) => request.once('data', resolve));
      expect(box.changeListeners.size).toBe(1);
      session.destroy();
    }
    await until(() => box.changeListeners.size === 0, 'nobody listens');
  });
}

test('a request head that dribbles in is ended', async () => {
  const socket = connect(httpPort, '127.0.0.1');
  const startMs = performance.now();
  socket.on('data', () => {});
  socket.write('GET / HTTP/1.1\r\nHos');
  await closed(socket);
  expect(performance.now() - startMs).toBeLessThan(4000);
});

test('a request body that dribbles in is ended, and is not told that all is well', async () => {
  const socket = connect(httpPort, '127.0.0.1');
  const startMs = performance.now();
  let told = '';
  socket.on('data', (more) => {
    told += more;
  });
  socket.write(
    `POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"na`,
  );
  await closed(socket);
  expect(performance.now() - startMs).toBeLessThan(4000);
  expect(told).toBe('');
});

for (const [what, first] of [
  ['never finishes its handshake', ''],
  ['sends garbage instead of a handshake', 'GET / HTTP/1.1\r\n\r\n'],
] as const) {
  test(`a connection that ${what} is ended`, async () => {
    const socket = connect(httpsPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', () => {});
    const startMs = performance.now();
    if (first) socket.write(first);
    await closed(socket);
    expect(performance.now() - startMs).toBeLessThan(4000);
  });
}

test('a connection that finishes its handshake and asks nothing is ended; one that has asked lives on', async () => {
  const idle = connectTls({ port: httpsPort, host: '127.0.0.1', rejectUnauthorized: false });
  const session = await http2Session();
  await ask2(session, { ':path': '/health' });
  await closed(idle);
  await Bun.sleep(300);
  expect((await ask2(session, { ':path': '/health' })).status).toBe(200);
  session.close();
});

test('what is no request is answered 400, and the server goes on', async () => {
  const socket = connect(httpPort, '127.0.0.1');
  const text = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write('NONSENSE\r\n\r\n');
  expect(await text).toStartWith('HTTP/1.1 400');
  socket.destroy();
  const headers = `X-Long: ${'x'.repeat(64 * 1024)}`;
  const long = connect(httpPort, '127.0.0.1');
  long.on('error', () => {});
  const answer = new Promise<string>((resolve) => long.once('data', (data) => resolve(String(data))));
  long.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`);
  expect(await answer).toStartWith('HTTP/1.1 431');
  long.destroy();
  expect((await fetch(`http://127.0.0.1:${httpPort}/health`)).status).toBe(200);
});

test('a connection that asks many things before the first is answered is ended, and the server goes on', async () => {
  const socket = connect(httpPort, '127.0.0.1');
  socket.on('error', () => {});
  let answers = 0;
  socket.on('data', (data) => {
    answers += String(data).split('HTTP/1.1 ').length - 1;
  });
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(100));
  await closed(socket);
  expect(answers).toBeLessThanOrEqual(4);
  const patient = connect(httpPort, '127.0.0.1');
  for (let i = 0; i < 20; i++) {
    const answer = new Promise<string>((resolve) => patient.once('data', (data) => resolve(String(data))));
    patient.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await answer).toStartWith('HTTP/1.1 200');
  }
  patient.destroy();
});

test('a port that is taken is named', async () => {
  const again = startServer({ app: { fetch: () => new Response() }, plain: { host: '127.0.0.1', port: httpPort } });
  await expect(again).rejects.toThrow(`127.0.0.1:${httpPort}: another program uses that port`);
});

test('a server that is closed ends every connection and frees its ports', async () => {
  const first = await startServer({
    app: { fetch: () => new Response('x') },
    plain: { host: '127.0.0.1', port: 0 },
    tls: { host: '127.0.0.1', port: 0, certificate: certificates[0] },
  });
  const plain = connect(first.addresses.http!.port, '127.0.0.1');
  plain.resume();
  const answered = new Promise((resolve) => plain.once('data', resolve));
  plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await answered;
  const ended = closed(plain);
  await first.close();
  await ended;
  const second = await startServer({
    app: { fetch: () => new Response('x') },
    plain: { host: '127.0.0.1', port: first.addresses.http!.port },
    tls: { host: '127.0.0.1', port: first.addresses.https!.port, certificate: certificates[0] },
  });
  await second.close();
});

test('the box’s certificate is kept, private, and made anew with the same key when it is damaged or old', async () => {
  const at = join(folder, 'c');
  const names = { names: ['localhost', 'box.local'], addresses: ['192.168.1.9', 'fd00::9'] };
  const first = await ensureBoxCertificate({ folder: at, clock: systemClock, names });
  expect(await ensureBoxCertificate({ folder: at, clock: systemClock })).toEqual(first);
  expect(statSync(join(at, 'box-key.pem')).mode & 0o777).toBe(0o600);
  const openssl = Bun.spawnSync([
    'openssl',
    'x509',
    '-noout',
    '-ext',
    'subjectAltName',
    '-in',
    join(at, 'box-certificate.pem'),
  ]);
  const words = openssl.stdout.toString();
  for (const part of ['DNS:box.local', 'IP Address:192.168.1.9', 'IP Address:FD00:0:0:0:0:0:0:9'])
    expect(words).toContain(part);
  const later = { wallMs: () => first.untilMs - 30 * 86_400_000 };
  const renewed = await ensureBoxCertificate({ folder: at, clock: later, names });
  expect([renewed.key, renewed.fingerprint === first.fingerprint]).toEqual([first.key, false]);
  expect(renewed.untilMs - later.wallMs()).toBeLessThanOrEqual(825 * 86_400_000);
  writeFileSync(join(at, 'box-certificate.pem'), 'cut');
  expect((await ensureBoxCertificate({ folder: at, clock: systemClock, names })).key).toBe(first.key);
});

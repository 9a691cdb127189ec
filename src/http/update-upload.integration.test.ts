// The file of an update on its way through real sockets, plain and encrypted: as large as an executable, as slow as a bad Wi-Fi, refused
// in the middle, broken off. What is done with it is `system/update/`.

import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { createHttpApp } from './app.ts';
import { ensureBoxCertificate } from './certificate.ts';
import { type FakeBox, fakeBox, idleUpdate, openSession, owner } from './fake-ports.ts';
import type { UpdatePort } from './ports-system.ts';
import { type RunningServer, startServer } from './server.ts';

const MB = 1024 * 1024;
const LARGE = 150 * MB;
const BODY_MS = 600;
const folder = mkdtempSync(join(tmpdir(), 'nightjar-upload-'));
let box: FakeBox;
let server: RunningServer;
let cookie: string;
let receive: UpdatePort['receive'];

const took = (bytes: number) => ({ ...idleUpdate, state: { kind: 'receiving', bytes, ofBytes: bytes } }) as const;
/** Reads it all. */
const counting: UpdatePort['receive'] = async ({ chunks }) => {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return took(bytes);
};

beforeAll(async () => {
  box = fakeBox();
  Object.assign(box.ports.system.appliance!.update, {
    receive: (...given: Parameters<typeof receive>) => receive(...given),
  });
  cookie = openSession(box);
  server = await startServer({
    app: createHttpApp(box.ports, {
      ...{ assets: new Map(), clock: systemClock, log: silentLog },
      ours: { hosts: () => [], origins: () => [] },
    }),
    plain: { host: '127.0.0.1', port: 0 },
    tls: { host: '127.0.0.1', port: 0, certificate: await ensureBoxCertificate({ folder, clock: systemClock }) },
    limits: { headMs: BODY_MS, bodyMs: BODY_MS },
  });
}, 30_000);

beforeEach(() => {
  receive = counting;
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const piece = new Uint8Array(64 * 1024).fill(7);

interface Answer {
  readonly status: number;
  readonly text: string;
}
interface Sent {
  readonly bytes: number;
  /** Between two pieces. */
  readonly pauseMs?: number;
  readonly pieceBytes?: number;
  /** Hangs up after so many bytes. */
  readonly hangUpAt?: number;
}

async function write(
  { bytes, pauseMs = 0, pieceBytes = piece.length, hangUpAt = bytes }: Sent,
  to: { write(part: Uint8Array): boolean; end(): unknown; once(event: 'drain', then: () => void): unknown },
  hangUp: () => void,
): Promise<void> {
  for (let at = 0; at < bytes; at += pieceBytes) {
    if (at >= hangUpAt) return hangUp();
    const part = piece.subarray(0, Math.min(pieceBytes, bytes - at));
    if (!to.write(part)) await Promise.race([new Promise<void>((r) => to.once('drain', r)), Bun.sleep(2000)]);
    if (pauseMs) await Bun.sleep(pauseMs);
  }
  to.end();
}

async function ticket(): Promise<string> {
  const base = `http://127.0.0.1:${server.addresses.http!.port}`;
  const response = await fetch(`${base}/api/v1/system/update/ticket`, {
    method: 'POST',
    headers: { cookie: `nightjar=${cookie}`, origin: base, 'content-type': 'application/json' },
    body: JSON.stringify({ proof: owner.signIn }),
  });
  return ((await response.json()) as { ticket: string }).ticket;
}

const headersOf = (base: string, secure: boolean, bytes: number) => ({
  cookie: `${secure ? '__Host-nightjar' : 'nightjar'}=${cookie}`,
  origin: base,
  'content-type': 'application/octet-stream',
  'content-length': String(bytes),
});

/** Over HTTP/1.1. */
async function sendPlain(sent: Sent, name?: string): Promise<Answer> {
  const base = `http://127.0.0.1:${server.addresses.http!.port}`;
  const address = `${base}/api/v1/system/update/${name ?? (await ticket())}`;
  return new Promise((resolve, reject) => {
    const headers = headersOf(base, false, sent.bytes);
    const request = httpRequest(address, { method: 'PUT', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    write(sent, request, () => request.destroy(new Error('hung up'))).catch(reject);
  });
}

/** Over TLS and HTTP/2. */
async function sendSecure(sent: Sent): Promise<Answer> {
  const base = `https://127.0.0.1:${server.addresses.https!.port}`;
  const path = `/api/v1/system/update/${await ticket()}`;
  const session = connectHttp2(base, { rejectUnauthorized: false });
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const request = session.request({ ':method': 'PUT', ':path': path, ...headersOf(base, true, sent.bytes) });
      let status = 0;
      let text = '';
      request.on('response', (h) => {
        status = Number(h[':status']);
      });
      request.setEncoding('utf8');
      request.on('data', (part) => {
        text += part;
      });
      request.on('end', () => resolve({ status, text }));
      request.on('error', reject);
      write(sent, request, () => request.close()).catch(reject);
    });
  } finally {
    session.destroy();
  }
}

for (const [how, send] of [
  ['plain', sendPlain],
  ['encrypted', sendSecure],
] as const) {
  test(`${how}: a file as large as an executable comes in whole, without being held in memory`, async () => {
    let highest = 0;
    const before = process.memoryUsage.rss();
    receive = async ({ chunks, bytes }) => {
      let got = 0;
      for await (const chunk of chunks) {
        got += chunk.length;
        // As slow as a card now and then.
        if (got % MB < chunk.length) {
          await Bun.sleep(5);
          highest = Math.max(highest, process.memoryUsage.rss() - before);
        }
      }
      return took(got === bytes ? got : -1);
    };
    const answer = await send({ bytes: LARGE });
    expect(answer).toEqual({ status: 200, text: JSON.stringify(took(LARGE)) });
    expect(Math.round(highest / MB)).toBeLessThan(100);
  }, 60_000);

  test(`${how}: a slow one has time for as long as it goes on`, async () => {
    const answer = await send({ bytes: 20_000, pieceBytes: 1000, pauseMs: BODY_MS / 6 });
    expect(answer).toEqual({ status: 200, text: JSON.stringify(took(20_000)) });
  }, 30_000);

  test(`${how}: one that is refused at its beginning is told why`, async () => {
    receive = async ({ chunks }) => {
      for await (const _first of chunks) break;
      throw new NightjarError('invalid', 'this file is no update');
    };
    const { status, text } = await send({ bytes: 20 * MB });
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { error: { kind: 'invalid', message: 'this file is no update' } },
    ]);
  }, 30_000);

  test(`${how}: one that breaks off ends for who receives it, too`, async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    receive = async (file) => {
      const outcome = await counting(file).then(
        ({ state }) => (state.kind === 'receiving' && state.bytes === file.bytes ? 'whole' : 'short'),
        () => 'threw',
      );
      resolve(file.signal.aborted || outcome !== 'whole' ? 'broken off' : outcome);
      throw new NightjarError('invalid', 'cut');
    };
    await send({ bytes: 10 * MB, hangUpAt: 2 * MB }).catch(() => {});
    expect(await promise).toBe('broken off');
  }, 30_000);
}

test('one that stops in the middle is ended', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  receive = async (file) => {
    await counting(file).catch(() => {});
    resolve();
    throw new NightjarError('invalid', 'cut');
  };
  void sendPlain({ bytes: 10_000, pieceBytes: 5000, pauseMs: 60_000 }).catch(() => {});
  await promise;
}, 10_000);

test('a file for a ticket that nobody has is told so, and a large body for any other address is refused', async () => {
  const unknown = await sendPlain({ bytes: 5 * MB }, 'ab'.repeat(32));
  expect([unknown.status, unknown.text]).toMatchObject([404, expect.stringContaining('choose the file again')]);
  const elsewhere = await sendPlain({ bytes: 100 }, 'ticket').catch(() => ({ status: 0 }));
  expect(elsewhere.status).toBe(415);
}, 30_000);

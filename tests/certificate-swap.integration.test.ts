// The certificate is exchanged while people look on: by the network room's keeper, on the real server.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as ask } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { ensureBoxCertificate } from '../src/http/certificate.ts';
import { type RunningServer, startServer, type TlsCertificate } from '../src/http/server.ts';
import { type Certificates, openCertificates } from '../src/network/certificates/keeper.ts';
import { type Authority, makeAuthority } from './support/certificates.ts';
import { type Pebble, startPebble } from './support/pebble.ts';

setDefaultTimeout(60_000);

const HOST = 'my-house.duckdns.org';
const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'nightjar-swap-'));
let authority: Authority;
let box: TlsCertificate & { readonly fingerprint: string };
let pebble: Pebble;
let server: RunningServer;
let certificates: Certificates;
let port: number;
let isWanted = false;
const sockets = new WebSocketServer({ noServer: true });

beforeAll(async () => {
  authority = await makeAuthority(Date.now());
  box = await ensureBoxCertificate({ folder, clock: systemClock });
  pebble = await startPebble();
  const encoder = new TextEncoder();
  certificates = openCertificates({
    folder: join(folder, 'certificates'),
    clock: systemClock,
    log: silentLog,
    boxCertificate: () => box,
    wanted: () => (isWanted ? { domain: 'my-house', token: 'x', email: '', hostName: HOST } : undefined),
    isTimeKnown: () => true,
    txt: {
      async setTxt({ value }) {
        await pebble.setTxt(`_acme-challenge.${HOST}`, value);
        return { kind: 'ok' };
      },
      clearTxt: () => pebble.setTxt(`_acme-challenge.${HOST}`, ''),
    },
    txtVisible: async () => true,
    directoryUrl: pebble.directoryUrl,
    trustedCa: pebble.ca,
    lookMs: 50,
    onCertificate: (next) => server.swapCertificate(next),
    onTrouble: () => {},
  });
  server = await startServer({
    tls: { host: '127.0.0.1', port: 0, certificate: certificates.current(), otherwise: box },
    app: {
      fetch(request) {
        if (!request.url.endsWith('/long')) return new Response('here');
        // one byte now and then, until the reader has had enough
        let timer: Timer;
        return new Response(
          new ReadableStream({
            start(controller) {
              timer = setInterval(() => controller.enqueue(encoder.encode('.')), 20);
            },
            cancel: () => clearInterval(timer),
          }),
        );
      },
    },
    onUpgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => ws.send(data))),
  });
  port = server.addresses.https!.port;
});
afterAll(async () => {
  await certificates.close();
  for (const client of sockets.clients) client.terminate();
  await server.close();
  await pebble[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Fingerprint of what a new connection is shown. */
const seen = (servername?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connectTls(
      { host: '127.0.0.1', port, rejectUnauthorized: false, ...(servername ? { servername } : {}) },
      () => {
        resolve(socket.getPeerX509Certificate()!.fingerprint256);
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
const until = async (claim: () => boolean | Promise<boolean>, words: string) => {
  for (const endMs = performance.now() + 30_000; !(await claim()); await Bun.sleep(20)) {
    if (performance.now() > endMs) throw new Error(`still not so: ${words}`);
  }
};

/** What people do at the same time. Ends with what went wrong. */
function lookOn() {
  const trouble: string[] = [];
  const count = { answered: 0, echoes: 0, bytes: 0 };
  let isOver = false;
  const request = () =>
    new Promise<void>((resolve) => {
      const failed = (error: Error) => {
        trouble.push(`request: ${error.message}`);
        resolve();
      };
      const asked = ask({ host: '127.0.0.1', port, path: '/', rejectUnauthorized: false, agent: false }, (answer) => {
        if (answer.statusCode !== 200) trouble.push(`request: ${answer.statusCode}`);
        answer.on('error', failed);
        answer.resume().on('end', () => {
          count.answered++;
          resolve();
        });
      });
      asked.on('error', failed);
      asked.end();
    });
  const asking = (async () => {
    const all: Promise<void>[] = [];
    for (; !isOver; await Bun.sleep(50)) all.push(request());
    await Promise.all(all);
  })();
  const echoing = Array.from({ length: 2 }, () => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { rejectUnauthorized: false });
    socket.on('open', () => socket.send('x'));
    socket.on('message', async () => {
      count.echoes++;
      await Bun.sleep(20);
      if (!isOver) socket.send('x');
    });
    socket.on('error', (error) => trouble.push(`socket: ${error.message}`));
    socket.on('close', () => isOver || trouble.push('socket: closed'));
    return socket;
  });
  const stop = new AbortController();
  const downloading = Array.from({ length: 2 }, async () => {
    try {
      const init = { signal: stop.signal, tls: { rejectUnauthorized: false } } as BunFetchRequestInit;
      const answer = await fetch(`https://127.0.0.1:${port}/long`, init);
      for await (const piece of answer.body!) count.bytes += piece.length;
      trouble.push('download: ended');
    } catch (error) {
      if (!isOver) trouble.push(`download: ${(error as Error).message}`);
    }
  });
  return {
    count,
    trouble,
    async end() {
      isOver = true;
      stop.abort();
      for (const socket of echoing) socket.terminate();
      await Promise.all([asking, ...downloading]);
      return trouble;
    },
  };
}

test('three exchanges under load: no request fails, nothing that is open ends, and who comes new sees the new one', async () => {
  const people = lookOn();
  const isUsed = () => people.count.echoes > 10 && people.count.bytes > 10 && people.count.answered > 5;
  await until(isUsed, 'everybody is there');
  expect([await seen(), await seen(HOST)]).toEqual([box.fingerprint, box.fingerprint]);

  // the automatic one, on a box that has made its own certificate in the same process
  isWanted = true;
  certificates.apply();
  await until(() => certificates.view().kind === 'automatic', JSON.stringify(certificates.view()));
  const automatic = certificates.view().fingerprint;
  expect(await seen(HOST)).toBe(automatic);

  const { key, cert } = await authority.issue({
    names: ['cam.example', '127.0.0.1'],
    fromMs: Date.now() - DAY_MS,
    untilMs: Date.now() + 80 * DAY_MS,
  });
  certificates.useOwn({ certificate: cert + authority.intermediate, key });
  const own = certificates.view().fingerprint;
  expect([await seen('cam.example'), await seen()]).toEqual([own, own]);

  certificates.dropOwn();
  expect(await seen(HOST)).toBe(automatic);
  const before = { ...people.count };
  const goesOn = () => people.count.echoes > before.echoes + 10 && people.count.bytes > before.bytes + 10;
  await until(() => goesOn() && people.count.answered > before.answered + 5, 'everybody goes on');
  expect(await people.end()).toEqual([]);
  expect(new Set([box.fingerprint, automatic, own]).size).toBe(3);
});

test('who asks for another name, or for the address, is shown the box’s own certificate', async () => {
  await until(async () => (await seen(HOST)) === certificates.view().fingerprint, 'the automatic one is shown');
  expect(certificates.view().kind).toBe('automatic');
  expect([await seen('nightjar.local'), await seen('localhost'), await seen()]).toEqual([
    box.fingerprint,
    box.fingerprint,
    box.fingerprint,
  ]);
});

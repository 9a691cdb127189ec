// Real servers, well and otherwise.

import { expect, test } from 'bun:test';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { startServer } from '../../http/server.ts';
import { proven } from './proof.ts';
import { probeWeb } from './web-probe.ts';

const app = (status: number) => ({
  fetch: (request: Request) =>
    new Response('{}', { status: new URL(request.url).pathname === '/health' ? status : 404 }),
});
const any = { host: '127.0.0.1', port: 0 };

async function asked(status: number) {
  const server = await startServer({ app: app(status), plain: any });
  try {
    return await probeWeb(`http://127.0.0.1:${server.addresses.http!.port}`);
  } finally {
    await server.close();
  }
}

const listening = (server: Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );

test('a page that answers proves itself; one that gives errors does not', async () => {
  expect(await asked(200)).toEqual({ proof: proven, answered: true });
  expect(await asked(500)).toEqual({ proof: { ok: false, because: 'the page gives only errors' }, answered: false });
});

test('whoever holds every connection of the page cannot make the box restart', async () => {
  const server = await startServer({ app: app(200), plain: any, limits: { maxConnections: 2 } });
  const { port } = server.addresses.http!;
  const held: Bun.Socket<undefined>[] = [];
  try {
    for (let i = 0; i < 2; i++) {
      const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } });
      socket.write('GET / HTTP/1.1\r\n');
      held.push(socket);
    }
    // Only bytes that have arrived make a connection count.
    let seen = await probeWeb(`http://127.0.0.1:${port}`);
    for (let tries = 0; seen.answered && tries < 50; tries++) {
      await Bun.sleep(20);
      seen = await probeWeb(`http://127.0.0.1:${port}`);
    }
    expect(seen).toEqual({ proof: proven, answered: false });
  } finally {
    for (const socket of held) socket.end();
    await server.close();
  }
});

test('a port that nobody listens on, and a server that hangs, prove nothing', async () => {
  const sockets: Socket[] = [];
  const hanging = createServer((socket) => sockets.push(socket));
  const port = await listening(hanging);
  const no = { proof: { ok: false, because: 'the page does not answer' }, answered: false } as const;
  expect(await probeWeb(`http://127.0.0.1:${port}`, 200)).toEqual(no);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => hanging.close(resolve));
  expect(await probeWeb(`http://127.0.0.1:${port}`, 2000)).toEqual(no);
});

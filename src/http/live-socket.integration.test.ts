import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { ManualClock, systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { createLive } from '../live/live.ts';
import { FLAG_GAP, FLAG_INIT, FLAG_KEY, readBinaryMessage } from '../live/wire.ts';
import { FeedHub } from '../media/feed.ts';
import { fakeBox, openSession } from './fake-ports.ts';
import { createLiveSocket, type LiveSocket } from './live-socket.ts';
import { type RunningServer, startServer } from './server.ts';

const FRAME_BYTES = 60_000;
const FRAME_MS = 40;
const GOP = 25;
const ours = { hosts: () => [], origins: () => [] };
const health = { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 } as const;
const hub = new FeedHub({ cameraId: 'yard', health });
const live = createLive({ feeds: (id) => (id === 'yard' ? hub : undefined), clock: systemClock, log: silentLog });
const box = fakeBox({ live });
const cookie = openSession(box);
let socket: LiveSocket;
let server: RunningServer;
let port: number;

beforeAll(async () => {
  socket = createLiveSocket({ ports: box.ports, ours, clock: systemClock, log: silentLog });
  const app = { fetch: () => new Response('x') };
  server = await startServer({ app, plain: { host: '127.0.0.1', port: 0 }, onUpgrade: socket.upgrade });
  port = server.addresses.http!.port;
  const video = { trackId: 1, codec: 'h264', codecString: 'avc1', width: 2, height: 2, timescale: 1000 } as const;
  hub.setStream({ id: 'a', init: new Uint8Array(10), mimeType: 'video/mp4', video });
});
afterAll(async () => {
  socket.close();
  await server.close();
});

let pushed = 0;
const pushFrame = () =>
  hub.pushPacket({
    track: 'video',
    key: pushed % GOP === 0,
    atMs: systemClock.monotonicMs(),
    dts: pushed++ * FRAME_MS,
    ctsOffset: 0,
    duration: FRAME_MS,
    data: new Uint8Array(FRAME_BYTES),
  });

const headers = () => ({ cookie: `nightjar=${cookie}`, origin: `http://127.0.0.1:${port}` });
const watching = async () => {
  const opened = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, { headers: headers() });
  const got = { frames: 0, gaps: 0, delaysMs: [] as number[] };
  opened.on('message', (data, isBinary) => {
    if (!isBinary) return;
    const { flags, wallMs } = readBinaryMessage(data as Buffer);
    if (flags & FLAG_INIT) return;
    got.frames++;
    if (flags & FLAG_GAP) got.gaps++;
    got.delaysMs.push(Date.now() - wallMs);
  });
  await new Promise((resolve, reject) => {
    opened.once('open', resolve);
    opened.once('error', reject);
  });
  opened.send(JSON.stringify({ type: 'watch', cameras: ['yard'] }));
  return { opened, got };
};

test('of twenty viewers one stalls: it alone loses pictures, and it goes on at a key frame', async () => {
  const viewers = await Promise.all(Array.from({ length: 19 }, watching));
  const stalled = await stalledViewer();
  while (live.counts.viewers < 20 || live.counts.cameras < 1) await Bun.sleep(5);
  await Bun.sleep(50);
  const run = setInterval(pushFrame, FRAME_MS);
  try {
    while (live.counts.droppedFragments < 2 * GOP) await Bun.sleep(20);
    stalled.read();
    while (stalled.flags.length === 0 || !stalled.flags.some((flags) => flags & FLAG_GAP)) await Bun.sleep(20);
  } finally {
    clearInterval(run);
  }
  // A frame too few would never come; one too many is seen below.
  while (viewers.some(({ got }) => got.frames < pushed)) await Bun.sleep(20);
  for (const { got, opened } of viewers) {
    expect([got.frames, got.gaps]).toEqual([pushed, 0]);
    got.delaysMs.sort((a, b) => a - b);
    // The stalled one was stalled for seconds.
    expect(got.delaysMs[Math.floor(got.delaysMs.length * 0.9)]).toBeLessThan(500);
    opened.close();
  }
  const afterGap = stalled.flags.find((flags) => flags & FLAG_GAP);
  expect(afterGap).toBe(FLAG_GAP | FLAG_KEY);
  stalled.close();
}, 30_000);

test('what the address asks to see comes without a further word; what is no list of cameras is refused', async () => {
  const told = (query: string) =>
    new Promise<string>((resolve) => {
      const opened = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live${query}`, { headers: headers() });
      opened.once('message', (data) => {
        resolve(JSON.parse(data.toString()).camera);
        opened.close();
      });
      opened.once('error', (error) => resolve(error.message));
    });
  expect(await told('?watch=yard')).toBe('yard');
  expect(await told('?watch=../etc')).toContain('400');
});

/** A page that asks for the camera and then reads nothing until it is told to. */
async function stalledViewer() {
  const raw = connect(port, '127.0.0.1');
  const head = Object.entries(headers()).map(([name, value]) => `${name}: ${value}\r\n`);
  raw.write(
    `GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${head.join('')}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await new Promise((resolve) => raw.once('data', resolve));
  raw.pause();
  const request = Buffer.from(JSON.stringify({ type: 'watch', cameras: ['yard'] }));
  raw.write(Buffer.concat([Buffer.from([0x81, 0x80 | request.length, 0, 0, 0, 0]), request]));
  const flags: number[] = [];
  let rest = Buffer.alloc(0);
  /** Unmasked frames with 16-bit and 64-bit lengths (RFC 6455 §5.2). */
  const takeFrames = (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const short = (rest[1] ?? 0) & 0x7f;
      const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (rest.length < headBytes) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
      if (rest.length < headBytes + length) return;
      if ((rest[0]! & 0x0f) === 2) flags.push(rest[headBytes + 1]!);
      rest = rest.subarray(headBytes + length);
    }
  };
  return {
    flags,
    read() {
      raw.on('data', takeFrames);
      raw.resume();
    },
    close: () => raw.destroy(),
  };
}

/** A server of its own, on a clock that is moved by hand. */
async function onManualClock() {
  const clock = new ManualClock();
  const own = createLiveSocket({ ports: box.ports, ours, clock, log: silentLog });
  const app = { fetch: () => new Response('x') };
  const running = await startServer({ app, plain: { host: '127.0.0.1', port: 0 }, onUpgrade: own.upgrade });
  const at = running.addresses.http!.port;
  const close = async () => {
    own.close();
    await running.close();
  };
  return { clock, at, close };
}

test('a session that ends closes its sockets', async () => {
  const { clock, at, close } = await onManualClock();
  const session = openSession(box);
  const page = new WebSocket(`ws://127.0.0.1:${at}/api/v1/live`, {
    headers: { cookie: `nightjar=${session}`, origin: `http://127.0.0.1:${at}` },
  });
  await new Promise((resolve) => page.once('open', resolve));
  const code = new Promise<number>((resolve) => page.once('close', resolve));
  await clock.advance(29_000);
  expect(page.readyState).toBe(WebSocket.OPEN);
  box.sessions.delete(session);
  await clock.advance(1000);
  expect(await code).toBe(4401);
  await close();
});

test('a page that does not answer pings is let go', async () => {
  const { clock, at, close } = await onManualClock();
  const session = openSession(box);
  const raw = connect(at, '127.0.0.1');
  const origin = `http://127.0.0.1:${at}`;
  raw.write(
    `GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${at}\r\nOrigin: ${origin}\r\nCookie: nightjar=${session}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await new Promise((resolve) => raw.once('data', resolve));
  raw.resume();
  const gone = new Promise<void>((resolve) => raw.once('close', () => resolve()));
  await clock.advance(20_000);
  await clock.advance(20_000);
  await gone;
  await close();
});

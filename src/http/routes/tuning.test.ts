import { expect, test } from 'bun:test';
import { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { TuningFrame } from '../api.ts';
import { createHttpApp } from '../app.ts';
import { RECHECK_MS } from '../context.ts';
import { fakeBox, openSession } from '../fake-ports.ts';

const frame = (level: number): TuningFrame => ({
  ...{ atMs: level, moving: true, level, global: false, blobs: [], width: 16, height: 16 },
});

function setUp() {
  const box = fakeBox();
  const clock = new ManualClock();
  const ours = { hosts: () => [], origins: () => [] };
  const app = createHttpApp(box.ports, { assets: new Map(), clock, log: silentLog, ours });
  const cookie = openSession(box);
  const send = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    await app.request(`http://nightjar.local/api/v1/cameras/yard/tuning${path}`, {
      method,
      headers: {
        cookie: `nightjar=${cookie}`,
        ...(body === undefined ? {} : { origin: 'http://nightjar.local', 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { box, clock, cookie, send };
}

test('a page is told its name first, then what is seen; leaving gives the seat back', async () => {
  const { box, send } = setUp();
  const reader = (await send('')).body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe('event: opened\ndata: {"viewer":"v1","keepMs":1000}\n\n');
  box.tuners[0]?.frame(frame(7));
  expect((await reader.read()).value).toStartWith('event: frame\ndata: {"atMs":7,');
  expect(box.asked).toEqual([]);
  await reader.cancel();
  expect(box.asked).toEqual(['leave yard']);
});

test('a page that reads slowly gets the newest, and the box keeps no queue for it', async () => {
  const { box, send } = setUp();
  const { body } = await send('');
  for (let n = 1; n <= 1000; n++) box.tuners[0]?.frame(frame(n));
  box.tuners[0]?.ended();
  const text = await new Response(body).text();
  const levels = [...text.matchAll(/"level":(\d+)/g)].map((m) => Number(m[1]));
  expect(levels).toEqual([993, 994, 995, 996, 997, 998, 999, 1000]);
  expect(text).toStartWith('event: opened');
  expect(text).toEndWith('event: ended\ndata: {}\n\n');
  expect(box.asked).toEqual(['leave yard']);
});

test('who is signed out is told nothing more', async () => {
  const { box, clock, cookie, send } = setUp();
  const { body } = await send('');
  box.sessions.delete(cookie);
  await clock.advance(RECHECK_MS);
  expect(await new Response(body).text()).toBe('event: opened\ndata: {"viewer":"v1","keepMs":1000}\n\n');
  expect(box.asked).toEqual(['leave yard']);
});

test('a question that is only about the headers takes no seat', async () => {
  const { box, send } = setUp();
  const response = await send('', undefined, 'HEAD');
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  expect(box.asked).toEqual(['leave yard']);
});

test('pictures say where to go on, and a replay reaches the room with all motion settings', async () => {
  const { box, send } = setUp();
  const pictures = await send('/frames?from=100&to=900');
  expect([pictures.headers.get('x-frames-until'), pictures.headers.get('content-type')]).toEqual([
    '500',
    'application/octet-stream',
  ]);
  expect((await send('/frames?from=x&to=900')).status).toBe(400);
  expect((await send('/replay', { viewer: 'v1', motion: { sensitivity: 20 } })).status).toBe(200);
  expect((await send('/replay', { viewer: '../x', motion: {} })).status).toBe(400);
  expect((await send('/replay', { viewer: 'v1', motion: { sensitivity: 0 } })).status).toBe(400);
  expect(box.asked).toEqual(['frames yard 100 900', 'replay yard v1 20']);
});

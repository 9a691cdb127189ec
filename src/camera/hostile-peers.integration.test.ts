// Peers that are no camera, or a broken one: silent, endlessly slow, endless, or huge. Each is named in time, and the program that
// reads it stays small.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'bun';
import { follow } from '../../tests/fixtures/camera-partners.ts';
import { runChild } from '../base/child.ts';
import { freezeLimits } from './freeze-watch.ts';

setDefaultTimeout(40_000);

interface Peer extends AsyncDisposable {
  readonly rtsp: string;
  readonly http: string;
}

/** Answers what it is sent first with `answer`, then sends `more` again and again as fast as it is taken, or every `everyMs`. */
function startPeer(
  answer: string | Uint8Array,
  more?: { readonly bytes: string | Uint8Array; readonly everyMs?: number },
): Peer {
  const timers = new Set<ReturnType<typeof setInterval>>();
  const pour = (socket: Socket<{ asked: boolean }>) => {
    if (!more || more.everyMs || !socket.data.asked) return;
    while (socket.write(more.bytes) === more.bytes.length);
  };
  const server = Bun.listen<{ asked: boolean }>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { asked: false };
      },
      data: (socket) => {
        if (socket.data.asked) return;
        socket.data.asked = true;
        socket.write(answer);
        if (more?.everyMs) timers.add(setInterval(() => socket.write(more.bytes), more.everyMs));
        pour(socket);
      },
      drain: pour,
      error: () => {},
    },
  });
  return {
    rtsp: `rtsp://127.0.0.1:${server.port}/cam`,
    http: `http://127.0.0.1:${server.port}/video.mjpg`,
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearInterval(timer);
      server.stop(true);
    },
  };
}

/** The most memory that any ffmpeg of this process has used while `until` ran, in MB. */
async function mostMemory(until: Promise<void>): Promise<number> {
  let most = 0;
  const look = () => {
    for (const pid of readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)) {
      try {
        const [, kb] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
        most = Math.max(most, Number(kb ?? 0) / 1024);
      } catch {
        // it has just ended
      }
    }
  };
  const timer = setInterval(look, 20);
  try {
    await until;
  } finally {
    clearInterval(timer);
  }
  return most;
}

const hasty = { limits: { ...freezeLimits, firstPacketMs: 3000 } };
const multipart = 'HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=picture\r\n\r\n';

test('a machine that takes the connection and never speaks does not answer', async () => {
  await using silent = startPeer('');
  await using rtsp = follow({ kind: 'rtsp', url: silent.rtsp });
  await using http = follow({ kind: 'mjpeg', url: silent.http });
  await Promise.all([rtsp, http].map((seen) => seen.until((s) => s.states.includes('lost:unreachable'), 20_000)));
  expect([...rtsp.states, ...http.states]).not.toContain('live');
});

test('a peer that speaks a letter at a time for ever is given up', async () => {
  await using slow = startPeer('RTSP/1.0 200 OK\r\nX-Slow: ', { bytes: 'a', everyMs: 50 });
  await using slowHttp = startPeer('HTTP/1.1 200 OK\r\nX-Slow: ', { bytes: 'a', everyMs: 50 });
  await using rtsp = follow({ kind: 'rtsp', url: slow.rtsp }, {}, hasty);
  await using http = follow({ kind: 'mjpeg', url: slowHttp.http }, {}, hasty);
  await Promise.all([rtsp, http].map((seen) => seen.until((s) => s.states.includes('lost:no-packets'))));
});

const floods: readonly (readonly [string, 'rtsp' | 'http', string, string | Uint8Array])[] = [
  ['one endless header line over RTSP', 'rtsp', 'RTSP/1.0 200 OK\r\nX-Long: ', 'a'.repeat(65_536)],
  ['endless headers over RTSP', 'rtsp', 'RTSP/1.0 200 OK\r\n', 'X-More: and more\r\n'.repeat(4000)],
  ['endless headers over HTTP', 'http', 'HTTP/1.1 200 OK\r\n', 'Set-Cookie: a=b\r\n'.repeat(4000)],
  [
    'a huge description',
    'rtsp',
    'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2000000000\r\n\r\n',
    'v=0\r\n'.repeat(10_000),
  ],
  [
    'a JPEG of a gigabyte',
    'http',
    `${multipart}--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 1000000000\r\n\r\n\xff\xd8`,
    new Uint8Array(65_536).fill(0x41),
  ],
  [
    'a JPEG without end',
    'http',
    `${multipart}--picture\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8`,
    new Uint8Array(65_536),
  ],
  ['a page without end', 'http', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n', '<p>no video</p>'.repeat(4000)],
];

test.concurrent.each(floods)('%s is named and fills no memory', async (_, scheme, answer, more) => {
  await using peer = startPeer(Buffer.from(answer, 'latin1'), { bytes: more });
  await using seen = follow(
    scheme === 'rtsp' ? { kind: 'rtsp', url: peer.rtsp } : { kind: 'mjpeg', url: peer.http },
    {},
    hasty,
  );
  const used = await mostMemory(seen.until((s) => s.states.some((state) => state.startsWith('lost'))));
  expect(['lost:no-packets', 'lost:not-video']).toContain(seen.states.at(-1)!);
  expect(used).toBeLessThan(300);
});

test('MJPEG whose answer names no boundary, or another one than it uses, is still read', async () => {
  const picture = await runChild([
    ...(['ffmpeg', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180', '-frames:v', '1'] as const),
    ...['-f', 'image2pipe', '-c:v', 'mjpeg', 'pipe:1'],
  ]);
  const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.stdout.length}\r\n\r\n`;
  const part = Buffer.concat([Buffer.from(head), picture.stdout, Buffer.from('\r\n')]);
  for (const type of ['multipart/x-mixed-replace', 'multipart/x-mixed-replace; boundary=something-else']) {
    await using peer = startPeer(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\n`, { bytes: part, everyMs: 100 });
    await using seen = follow({ kind: 'mjpeg', url: peer.http });
    await seen.until((s) => s.packets.length >= 5);
    expect(seen.states).toEqual(['starting', 'live']);
  }
});

test('this process has no program left', () => {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  expect(children).toBe('');
  expect(readdirSync('/proc/self/fd').length).toBeLessThan(120);
});

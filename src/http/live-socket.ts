// The live view's WebSocket: who may open one, and how it ends. Checked before the upgrade like any request: name, origin,
// session. What travels on it is `live/`'s business.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { cameraId } from './checked.ts';
import { RECHECK_MS } from './context.ts';
import { readCookie } from './cookie.ts';
import type { OurNames } from './guard.ts';
import { isOurHost } from './origin.ts';
import type { Ports } from './ports.ts';
import { refuseUpgrade } from './server.ts';

export const LIVE_PATH = '/api/v1/live';
const MAX_MESSAGE_BYTES = 16 * 1024;
const PING_MS = 20_000;
const MAX_VIEWERS = 64;
/** More than this per second is not a page that somebody looks at. */
const MAX_MESSAGES_PER_S = 20;
/** A viewer this far behind will not come back; it may connect again. */
const HOPELESS_BYTES = 64 * 1024 * 1024;

export const CLOSE_BAD_MESSAGE = 1008;
export const CLOSE_SIGNED_OUT = 4401;

const liveRequest = z.lazy(() => z.strictObject({ type: z.literal('watch'), cameras: z.array(cameraId()).max(64) }));

/** Who may come in, and what the address already asks to see (`?watch=yard,gate`): a page that knows its cameras saves a round trip. */
interface Admitted {
  readonly cookie: string;
  readonly watch: readonly string[];
}

export interface LiveSocket {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function createLiveSocket(options: {
  readonly ports: Pick<Ports, 'access' | 'live'>;
  readonly ours: OurNames;
  readonly clock: Clock;
  readonly log: Log;
}): LiveSocket {
  const { ports, ours, clock, log } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const sockets = new Set<WebSocket>();

  const refusal = (request: IncomingMessage): { status: Parameters<typeof refuseUpgrade>[1] } | Admitted => {
    const secure = 'encrypted' in request.socket && request.socket.encrypted === true;
    const host = request.headers.host ?? '';
    const url = URL.canParse(request.url ?? '', 'http://box') ? new URL(request.url ?? '', 'http://box') : undefined;
    if (url?.pathname !== LIVE_PATH) return { status: 404 };
    if (!isOurHost(host, ours.hosts())) return { status: 421 };
    const { origin } = request.headers;
    const own = new URL(`${secure ? 'https' : 'http'}://${host}`).origin;
    if (origin === undefined || (origin !== own && !ours.origins().includes(origin))) return { status: 403 };
    const cookie = readCookie(request.headers.cookie, secure);
    if (cookie === undefined || !ports.access.session(cookie)) return { status: 401 };
    if (sockets.size >= MAX_VIEWERS) return { status: 503 };
    const asked = url.searchParams.get('watch');
    const watch = asked === null ? [] : camerasIn({ type: 'watch', cameras: asked.split(',') });
    return watch ? { cookie, watch } : { status: 400 };
  };

  const serve = (socket: WebSocket, { cookie, watch }: Admitted) => {
    let left = false;
    const seat = ports.live.join({
      send(message) {
        if (left) return;
        if (socket.bufferedAmount > HOPELESS_BYTES) return socket.terminate();
        socket.send(message, () => {
          if (!left && socket.bufferedAmount === 0) seat.drained();
        });
      },
      queuedBytes: () => socket.bufferedAmount,
    });
    const leave = () => {
      if (left) return;
      left = true;
      stopPing();
      stopRecheck();
      sockets.delete(socket);
      seat.leave();
    };
    let answered = true;
    const ping = () => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
      stopPing = clock.after(PING_MS, ping);
    };
    let stopPing = clock.after(PING_MS, ping);
    const recheck = () => {
      if (!ports.access.session(cookie)) return socket.close(CLOSE_SIGNED_OUT, 'signed out');
      stopRecheck = clock.after(RECHECK_MS, recheck);
    };
    let stopRecheck = clock.after(RECHECK_MS, recheck);
    let secondStart = clock.monotonicMs();
    let messages = 0;
    socket.on('pong', () => {
      answered = true;
    });
    socket.on('message', (data, isBinary) => {
      answered = true;
      const nowMs = clock.monotonicMs();
      if (nowMs - secondStart > 1000) {
        secondStart = nowMs;
        messages = 0;
      }
      const cameras = ++messages > MAX_MESSAGES_PER_S || isBinary ? undefined : camerasIn(parsed(data));
      if (!cameras) {
        leave();
        return socket.close(CLOSE_BAD_MESSAGE, 'not a message of the live view');
      }
      if (!left) seat.watch(cameras);
    });
    socket.on('error', (error) => log.debug('a live connection failed', { reason: error.message }));
    socket.on('close', leave);
    sockets.add(socket);
    if (watch.length > 0) seat.watch(watch);
  };

  return {
    upgrade(request, socket, head) {
      const checked = refusal(request);
      if ('status' in checked) return refuseUpgrade(socket, checked.status);
      server.handleUpgrade(request, socket, head, (opened) => serve(opened, checked));
    },
    close() {
      for (const socket of [...sockets]) socket.close(1001, 'the box is stopping');
      server.close();
    },
  };
}

const camerasIn = (message: unknown): readonly string[] | undefined => liveRequest.safeParse(message).data?.cameras;

function parsed(data: RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}

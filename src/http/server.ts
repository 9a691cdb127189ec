// The sockets: plain HTTP, and beside it HTTP/2, HTTP/1.1 and WebSocket upgrades on one TLS port whose certificate is
// exchanged while connections live on. What is answered is the application's business.
//
// `http2.createSecureServer` with `allowHTTP1` is used because under Bun it alone has a `setSecureContext` that works
// (`node:https` has none, `Bun.serve` ignores a new certificate).

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { describeError, NightjarError } from '../base/errors.ts';
import { LONGEST_BODY_MS, limitBody } from './body-time.ts';
import { shownCertificate } from './shown-certificate.ts';

export interface TlsCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM, with the chain behind it. */
  readonly cert: string;
}

export interface ListenAddress {
  /** `0.0.0.0`, `::`, an address or a name. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface ServerLimits {
  /** A request's head must be there in this time, a TLS handshake too. */
  readonly headMs: number;
  /** A request's body must be there in this time; the pieces of a large one each. */
  readonly bodyMs: number;
  /** A connection on which nothing is asked is closed after this. */
  readonly idleMs: number;
  readonly maxConnections: number;
}

const usualLimits: ServerLimits = { headMs: 10_000, bodyMs: 30_000, idleMs: 75_000, maxConnections: 512 };

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface RunningServer {
  readonly addresses: { readonly http?: AddressInfo; readonly https?: AddressInfo };
  /** New connections get this certificate; those that exist live on with the old one. Throws `invalid`, and keeps the old one. */
  swapCertificate(certificate: TlsCertificate): void;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Listens on one or both. Throws `conflict` when a port is taken, `denied` when it may not be used. */
export async function startServer(options: {
  readonly app: { fetch(request: Request, env: never): Response | Promise<Response> };
  readonly plain?: ListenAddress;
  /** `otherwise` is shown to who asks for another name than the certificate's, or for an address that is not in it. */
  readonly tls?: ListenAddress & { readonly certificate: TlsCertificate; readonly otherwise?: TlsCertificate };
  readonly onUpgrade?: OnUpgrade;
  readonly limits?: Partial<ServerLimits>;
}): Promise<RunningServer> {
  const { app, plain, tls, onUpgrade } = options;
  const limits = { ...usualLimits, ...options.limits };
  const listener = getRequestListener((request, env) => app.fetch(request, env as never), {
    overrideGlobalObjects: false,
    errorHandler: badRequest,
  });
  const mayAsk = fewAtOnce();
  const onRequest = (incoming: IncomingMessage, outgoing: Parameters<typeof listener>[1]) => {
    if (!mayAsk(incoming, outgoing)) return;
    limitBody(incoming, limits.bodyMs);
    void listener(incoming, outgoing);
  };
  const sockets = new Set<Socket>();
  const servers: (Server | Http2SecureServer)[] = [];
  const prepare = (server: Server | Http2SecureServer) => {
    servers.push(server);
    // Bun tells of a plain connection when its first bytes are there, and keeps no `maxConnections`; one that stays silent
    // is ended by `headersTimeout`.
    server.on('connection', (socket: Socket) => {
      if (sockets.size >= limits.maxConnections) return socket.destroy();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => {});
      if (onUpgrade) onUpgrade(request, socket, head);
      else refuseUpgrade(socket, 404);
    });
  };
  const httpOptions = {
    headersTimeout: limits.headMs,
    // `limitBody` is stricter.
    requestTimeout: LONGEST_BODY_MS,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.max(100, Math.min(5000, limits.headMs / 4)),
    maxHeaderSize: 16 * 1024,
  };

  const close = async () => {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of sockets) socket.destroy();
    for (const server of servers) if ('closeAllConnections' in server) server.closeAllConnections();
    // A server that still counts a connection which is long gone must not hold up the end of the program.
    await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  };

  try {
    let http: AddressInfo | undefined;
    let https: AddressInfo | undefined;
    let secure: Http2SecureServer | undefined;
    let shown = tls && shownCertificate(tls.certificate, tls.otherwise);
    if (plain) {
      const server = createServer(httpOptions, onRequest as never);
      prepare(server);
      http = await listen(server, plain, 'web page');
    }
    if (tls && shown) {
      secure = createSecureServer(
        {
          ...httpOptions,
          allowHTTP1: true,
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.headMs,
          settings: { maxConcurrentStreams: 128, maxHeaderListSize: 16 * 1024 },
          ...shown.unnamed,
          SNICallback: (name: string, done: (error: null, context?: SecureContext) => void) =>
            done(null, shown?.forName(name)),
        } as never,
        onRequest as never,
      );
      prepare(secure);
      limitHandshake(secure, limits);
      https = await listen(secure, tls, 'secure web page');
    }
    return {
      addresses: { ...(http ? { http } : {}), ...(https ? { https } : {}) },
      swapCertificate(certificate) {
        if (!secure)
          throw new NightjarError('conflict', 'there is no secure port whose certificate could be exchanged');
        try {
          const next = shownCertificate(certificate, tls?.otherwise);
          secure.setSecureContext({ ...next.unnamed });
          shown = next;
        } catch (cause) {
          throw new NightjarError('invalid', 'the new certificate cannot be used; the old one stays', { cause });
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** No browser sends a second request over HTTP/1.1 before the first is answered. */
const MOST_UNANSWERED = 4;

/**
 * Ends a plain connection with more requests on their way than that. Bun begins all that arrive in one packet at once: tens of
 * thousands from one computer in the house kept everything else waiting for ten seconds and more, cameras included (measured).
 */
function fewAtOnce(): (
  incoming: IncomingMessage,
  outgoing: { once(event: 'close', act: () => void): unknown },
) => boolean {
  const unanswered = new WeakMap<object, number>();
  return (incoming, outgoing) => {
    const { socket } = incoming;
    if (incoming.httpVersionMajor !== 1 || !socket) return true;
    const now = (unanswered.get(socket) ?? 0) + 1;
    if (now > MOST_UNANSWERED) {
      socket.destroy();
      return false;
    }
    unanswered.set(socket, now);
    // Not before the next turn: what arrives in one packet is all begun, and much of it answered, in this one.
    const over = () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1);
    outgoing.once('close', () => setImmediate(over));
    return true;
  };
}

/** Answers an upgrade that is not wanted. */
export function refuseUpgrade(socket: Duplex, status: 400 | 401 | 403 | 404 | 421 | 503): void {
  const words = {
    400: 'Bad Request',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'Not Found',
    421: 'Misdirected Request',
    503: 'Service Unavailable',
  }[status];
  socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listen(server: Server | Http2SecureServer, { host, port }: ListenAddress, what: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => reject(listenError(cause, `${host}:${port}`, what));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      server.on('error', () => {});
      resolve(server.address() as AddressInfo);
    });
  });
}

function listenError(cause: Error & { code?: string }, address: string, what: string): NightjarError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new NightjarError('conflict', `cannot serve the ${what} on ${address}: another program uses that port`, {
        cause,
      });
    case 'EACCES':
      return new NightjarError('denied', `cannot serve the ${what} on ${address}: ports below 1024 need a privilege`, {
        cause,
      });
    case 'EADDRNOTAVAIL':
      return new NightjarError('invalid', `cannot serve the ${what} on ${address}: this machine has no such address`, {
        cause,
      });
    default:
      return new NightjarError('unavailable', `cannot serve the ${what} on ${address}: ${describeError(cause)}`, {
        cause,
      });
  }
}

/** A connection that never finishes its handshake, or never asks anything after it, is closed. */
function limitHandshake(server: Http2SecureServer, { headMs }: ServerLimits): void {
  const waiting = new Map<string, () => void>();
  const nameOf = (socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }) =>
    `${socket.remoteAddress} ${socket.remotePort}`;
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    const timer = setTimeout(() => socket.destroy(), headMs);
    const done = () => {
      clearTimeout(timer);
      waiting.delete(name);
    };
    waiting.set(name, done);
    socket.once('close', done);
  });
  const heard = (request: { socket?: Parameters<typeof nameOf>[0] }) => {
    if (request.socket) waiting.get(nameOf(request.socket))?.();
  };
  server.on('request', heard as never);
  server.on('upgrade', heard);
}

/** What is no request at all: the application never sees it. */
function badRequest(): Response {
  const body = { error: { kind: 'invalid', message: 'this is not a request that can be understood' } };
  return new Response(JSON.stringify(body), {
    status: 400,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
  });
}

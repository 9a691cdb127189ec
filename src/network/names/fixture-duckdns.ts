// For tests: DuckDNS on loopback, over real sockets. Answers as the real one does (status 200 also to a wrong token), keeps what it was
// told, and misbehaves as told.

import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface DuckDnsRecord {
  readonly ip: string;
  readonly ipv6: string;
  readonly txt: string;
}

export type DuckDnsMood =
  | 'usual'
  /** Takes the request and says nothing. */
  | 'slow'
  /** Hangs up. */
  | 'down'
  /** The page of somebody who wants to be signed in at, with status 200. */
  | 'html'
  | '502'
  | '429'
  | 'redirect'
  | 'empty'
  /** Hangs up in the middle of the answer. */
  | 'cut'
  /** `OK`, and then without end. */
  | 'huge'
  /** Speaks something that is not HTTP. */
  | 'garbage';

export interface DuckDnsFixture extends AsyncDisposable {
  /** For `baseUrl`: https://localhost:… with a certificate, else http://127.0.0.1:… */
  readonly baseUrl: string;
  mood: DuckDnsMood;
  /** What the request seems to come from. */
  seenFrom: string;
  /** Replaceable: the owner asks for a new one. */
  token: string;
  /** By the part before `.duckdns.org`. */
  readonly records: ReadonlyMap<string, DuckDnsRecord>;
  /** Parameters of each request that was read to its end, whatever was answered. */
  readonly requests: readonly URLSearchParams[];
  /** What came in the header of that name, request by request; undefined: none. */
  readonly authorizations: readonly (string | undefined)[];
  /** Resolves when this many requests have come. */
  count(requests: number): Promise<void>;
}

export interface DuckDnsFixtureOptions {
  readonly token: string;
  /** Names that belong to the token. */
  readonly domains: readonly string[];
  /** PEM; without it plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Awaited before the answer, so that who was told OK finds the record. `value` is empty when it was cleared. */
  readonly onTxt?: (domain: string, value: string) => void | Promise<void>;
}

export async function startDuckDns(options: DuckDnsFixtureOptions): Promise<DuckDnsFixture> {
  const records = new Map(options.domains.map((domain) => [domain, { ip: '', ipv6: '', txt: '' }]));
  const requests: URLSearchParams[] = [];
  const waiting: { readonly requests: number; readonly resolve: () => void }[] = [];
  const sockets = new Set<Socket>();
  const authorizations: (string | undefined)[] = [];

  const serve = async (socket: Socket, query: URLSearchParams) => {
    requests.push(query);
    for (const { requests: awaited, resolve } of waiting) if (requests.length >= awaited) resolve();
    if (fixture.mood !== 'usual') return misbehave(socket, fixture.mood);
    socket.end(http('200 OK', await answer(query)));
  };

  const answer = async (query: URLSearchParams): Promise<string> => {
    const domains = (query.get('domains') ?? '').split(',').map((name) => name.replace(/\.duckdns\.org$/, ''));
    if (query.get('token') !== fixture.token || !domains.every((domain) => records.has(domain))) return 'KO';
    const lines: string[] = [];
    for (const domain of domains) {
      const before = records.get(domain)!;
      const after = { ...before, ...change(query, fixture.seenFrom) };
      records.set(domain, after);
      if (query.has('txt')) await options.onTxt?.(domain, after.txt);
      const changed = JSON.stringify(after) === JSON.stringify(before) ? 'NOCHANGE' : 'UPDATED';
      lines.splice(0, lines.length, ...(query.has('txt') ? [after.txt] : [after.ip, after.ipv6]), changed);
    }
    return query.get('verbose') === 'true' ? ['OK', ...lines].join('\n') : 'OK';
  };

  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let head = '';
    const onData = (bytes: Buffer) => {
      head += bytes.toString('latin1');
      // A TLS greeting, for one, where plain HTTP is spoken.
      if (!head.startsWith('G')) return void socket.end(http('400 Bad Request', ''));
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      socket.resume();
      const target = /^GET (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? '/';
      const url = new URL(target, 'http://localhost');
      authorizations.push(/\r\nauthorization: ([^\r]+)/i.exec(head)?.[1]);
      if (url.pathname === '/update') void serve(socket, url.searchParams);
      else socket.end(http('404 Not Found', '<html>no such page</html>'));
    };
    socket.on('data', onData);
  };
  const server = options.tls ? createTlsServer(options.tls, onSocket) : createServer(onSocket);
  // Handshakes that a client breaks off.
  server.on('tlsClientError', () => {});
  const port = await listening(server);
  const fixture: DuckDnsFixture = {
    baseUrl: options.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    mood: 'usual',
    seenFrom: '203.0.113.7',
    token: options.token,
    records,
    requests,
    authorizations,
    count: (awaited) =>
      requests.length >= awaited
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ requests: awaited, resolve })),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return fixture;
}

/** What a request asks for, as the specification has it. */
function change(query: URLSearchParams, seenFrom: string): Partial<DuckDnsRecord> {
  const clear = query.get('clear') === 'true';
  if (query.has('txt')) return { txt: clear ? '' : query.get('txt')! };
  if (clear) return { ip: '', ipv6: '' };
  const [ip, ipv6] = [query.get('ip') ?? '', query.get('ipv6') ?? ''];
  if (ip.includes(':')) return { ipv6: ip };
  if (ipv6 !== '') return { ...(ip === '' ? {} : { ip }), ipv6 };
  return { ip: ip === '' ? seenFrom : ip };
}

function misbehave(socket: Socket, mood: Exclude<DuckDnsMood, 'usual'>): void {
  const page = '<html><body>Welcome to the hotel. Please sign in.</body></html>';
  if (mood === 'slow') return;
  if (mood === 'down') socket.destroy();
  if (mood === 'html') socket.end(http('200 OK', page));
  if (mood === '502') socket.end(http('502 Bad Gateway', '<html>502</html>'));
  if (mood === '429') socket.end(http('429 Too Many Requests', ''));
  if (mood === 'redirect') socket.end(http('302 Found', page, 'location: http://hotel.example/sign-in\r\n'));
  if (mood === 'empty') socket.end(http('200 OK', ''));
  if (mood === 'cut') socket.end('HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\nOK\n203.0.1');
  if (mood === 'garbage') socket.end('220 mail.example ESMTP\r\n');
  if (mood !== 'huge') return;
  socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nOK\n');
  const more = () => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  };
  socket.on('drain', more);
  more();
}

const http = (status: string, body: string, more = ''): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: text/html\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n${more}\r\n${body}`;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}

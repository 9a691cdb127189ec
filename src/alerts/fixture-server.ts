// For tests: a real mail server on loopback (smtp-server) with certificates made on the spot. It refuses, stalls and
// drops as told, and reads what it took with Python's own mail parser, so that our mails are judged by somebody else.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { runChild } from '../base/child.ts';

export interface Certificates {
  readonly ca: string;
  /** For localhost and 127.0.0.1. */
  readonly good: { readonly key: string; readonly cert: string };
  /** For another name, by the same authority. */
  readonly wrongName: { readonly key: string; readonly cert: string };
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-ca-'));
  const at = (name: string) => join(folder, name);
  const openssl = async (...args: string[]) => {
    const ran = await runChild(['openssl', ...args]);
    if (ran.code !== 0) throw new Error(`openssl ${args[0]}: ${ran.stderr}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    await openssl('req', '-x509', ...newKey, '-subj', '/CN=Test CA', '-keyout', at('ca.key'), '-out', at('ca.crt'));
    const leaf = async (name: string, alternatives: string) => {
      const [key, cert] = [at(`${name}.key`), at(`${name}.crt`)];
      const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key')];
      const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternatives}`];
      await openssl('req', '-x509', ...newKey, ...names, ...signed, '-keyout', key, '-out', cert);
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    };
    const good = await leaf('localhost', 'DNS:localhost,IP:127.0.0.1');
    const wrongName = await leaf('other', 'DNS:mail.other.example');
    return { ca: readFileSync(at('ca.crt'), 'utf8'), good, wrongName };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Received {
  readonly raw: Buffer;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: unknown;
  readonly atMs: number;
}

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly Received[];
  /** What the server answers from now on; undefined: it takes the mail. */
  answers: {
    rcpt?: (address: string) => Error | undefined;
    sender?: () => Error | undefined;
    data?: () => Error | 'stall' | 'drop' | undefined;
  };
  /** Resolves when this many mails have been taken. */
  count(mails: number): Promise<void>;
}

/** An answer with a status code. */
export const reply = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });

export async function startServer(options: SMTPServerOptions & { readonly port?: number } = {}): Promise<TestServer> {
  const received: Received[] = [];
  const waiting: { mails: number; resolve: () => void }[] = [];
  const sockets = new Set<Socket>();
  const result = (error: Error | undefined, done: (error?: Error | null) => void) => (error ? done(error) : done());
  const smtp = new SMTPServer({
    authOptional: true,
    logger: false,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom: (_, __, done) => result(test.answers.sender?.(), done),
    onRcptTo: ({ address }, _, done) => result(test.answers.rcpt?.(address), done),
    onData(stream, session, done) {
      const verdict = test.answers.data?.();
      if (verdict === 'drop') {
        for (const socket of sockets) socket.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (verdict === 'stall') return;
        if (verdict) return done(verdict);
        received.push({
          raw: Buffer.concat(chunks),
          to: session.envelope.rcptTo.map((r) => r.address),
          secure: session.secure,
          user: session.user,
          atMs: performance.now(),
        });
        done(null, 'kept as 4711');
        for (const { mails, resolve } of waiting) if (received.length >= mails) resolve();
      });
    },
    ...options,
  });
  smtp.on('error', () => {});
  smtp.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listening(smtp.server as unknown as Server, options.port);
  const test: TestServer = {
    port,
    received,
    answers: {},
    count: (mails) =>
      received.length >= mails ? Promise.resolve() : new Promise((resolve) => waiting.push({ mails, resolve })),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => smtp.server.close(() => resolve()));
    },
  };
  return test;
}

/** Something on a port that is no mail server: takes connections, and does with them what it is told. */
export async function startSocket(
  onSocket: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  const port = await listening(server);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listening(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface ReadMail {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly parts: readonly {
    readonly type: string;
    readonly cid: string | null;
    readonly disposition: string | null;
    readonly name: string | null;
    readonly base64: string;
  }[];
}

const reader = `
import sys, json, base64
from email import policy, message_from_bytes
m = message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
headers = {}
for k, v in m.items(): headers.setdefault(k.lower(), []).append(str(v))
parts = [dict(type=p.get_content_type(), cid=p['content-id'], disposition=p.get_content_disposition(), name=p.get_filename(),
  base64='' if p.is_multipart() else base64.b64encode(p.get_payload(decode=True)).decode()) for p in m.walk()]
print(json.dumps(dict(headers=headers, parts=parts)))
`;

export async function readMail(raw: Uint8Array): Promise<ReadMail> {
  const ran = await runChild(['/usr/bin/python3', '-c', reader], { stdin: raw });
  if (ran.code !== 0) throw new Error(ran.stderr);
  return JSON.parse(new TextDecoder().decode(ran.stdout)) as ReadMail;
}

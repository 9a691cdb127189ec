// For tests: a name server on loopback that knows what it is told, by UDP. It may be mute, refuse, or lag behind.

import { createSocket } from 'node:dgram';

export interface NameServer extends AsyncDisposable {
  readonly port: number;
  /** Of the questions that came, as `TXT _acme-challenge.x.example`. */
  readonly questions: readonly string[];
  /** `NS example.org` → names, `A …` and `AAAA …` → addresses, `TXT …` → texts. */
  readonly records: Map<string, readonly string[]>;
  mood: 'usual' | 'mute' | 'refuses';
}

const types: Readonly<Record<number, 'A' | 'NS' | 'TXT' | 'AAAA'>> = { 1: 'A', 2: 'NS', 16: 'TXT', 28: 'AAAA' };

/** @param at for a second one on the port of the first: `127.0.0.2`. */
export async function startNameServer(
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<NameServer> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(at.port ?? 0, at.host ?? '127.0.0.1', () => resolve());
  });
  const questions: string[] = [];
  const server: NameServer = {
    port: socket.address().port,
    questions,
    records: new Map(),
    mood: 'usual',
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let i = 12;
    for (; query[i]!; i += query[i]! + 1) labels.push(query.toString('latin1', i + 1, i + 1 + query[i]!));
    const end = i + 5;
    const type = query.readUInt16BE(i + 1);
    const question = `${types[type] ?? type} ${labels.join('.').toLowerCase()}`;
    questions.push(question);
    if (server.mood === 'mute') return;
    const known = server.mood === 'usual' ? (server.records.get(question) ?? []) : [];
    const hasName = [...server.records.keys()].some((key) => key.endsWith(` ${labels.join('.').toLowerCase()}`));
    const code = server.mood === 'refuses' ? 5 : hasName ? 0 : 3;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(known.length, 6);
    const answers = known.map((value) => record(type, value));
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  return server;
}

/** With a pointer to the name of the question. */
function record(type: number, value: string): Buffer {
  const data = { A: ipv4, NS: domain, TXT: texts, AAAA: ipv6 }[types[type]!](value);
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

const short = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const ipv4 = (value: string) => Buffer.from(value.split('.').map(Number));
/** Only `::1` and the like. */
const ipv6 = (value: string) => Buffer.from([...new Array(15).fill(0), Number(value.replace('::', ''))]);
const domain = (value: string) => Buffer.concat([...value.split('.').map(short), Buffer.from([0])]);
const texts = (value: string) => Buffer.concat((value.match(/.{1,255}/g) ?? ['']).map(short));

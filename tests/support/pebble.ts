// Let's Encrypt's own test authority, and the name server it asks, as real programs on loopback. What it signs lasts 90 days.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../../src/alerts/fixture-server.ts';
import { lastingPort } from './port.ts';

export interface Pebble extends AsyncDisposable {
  readonly directoryUrl: string;
  /** PEM: signed the certificate of the directory. */
  readonly ca: string;
  /** `address:port` of the name server. */
  readonly nameServer: string;
  /** PEM: what browsers would trust. Another one after each start. */
  root(): Promise<string>;
  /** The name server shows it for this name; none when it is empty. */
  setTxt(name: string, value: string): Promise<void>;
  /** The authority is gone, and forgets everything. The name server stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** @param rejectedNonces of a hundred, as the real one does now and then. */
export async function startPebble({ rejectedNonces = 0 } = {}): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-pebble-'));
  const { ca, good } = await makeCertificates();
  const [directory, management, dns, names] = [lastingPort(), lastingPort(), lastingPort(), lastingPort()];
  const at = (name: string) => join(folder, name);
  writeFileSync(at('key.pem'), good.key);
  writeFileSync(at('cert.pem'), good.cert);
  writeFileSync(
    at('pebble.json'),
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${directory}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: at('cert.pem'),
        privateKey: at('key.pem'),
        httpPort: 1,
        tlsPort: 1,
        certificateValidityPeriod: 90 * 86_400,
      },
    }),
  );
  const nowhere = { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' } as const;
  const nameServer = `127.0.0.1:${dns}`;
  const none = ['-http01', '', '-https01', '', '-tlsalpn01', ''];
  const resolver = Bun.spawn(
    ['pebble-challtestsrv', '-dns01', nameServer, '-management', `127.0.0.1:${names}`, ...none],
    nowhere,
  );
  let authority: Bun.Subprocess | undefined;
  const ask = (url: string, init?: RequestInit) => fetch(url, { ...init, tls: { ca } } as BunFetchRequestInit);
  const answers = async (url: string) => {
    for (const endMs = performance.now() + 20_000; ; await Bun.sleep(20)) {
      const answer = await ask(url).catch(() => undefined);
      if (answer) return;
      if (performance.now() > endMs) throw new Error(`nobody answers at ${url}`);
    }
  };
  const directoryUrl = `https://localhost:${directory}/dir`;
  const end = async (child: Bun.Subprocess | undefined) => {
    child?.kill();
    await child?.exited;
  };
  const pebble: Pebble = {
    directoryUrl,
    ca,
    nameServer,
    root: async () => (await ask(`https://localhost:${management}/roots/0`)).text(),
    async setTxt(name, value) {
      const [path, more] = value === '' ? ['clear-txt', {}] : ['set-txt', { value }];
      const body = JSON.stringify({ host: `${name}.`, ...more });
      // It keeps all that it is told: the one before goes first.
      if (value !== '') await pebble.setTxt(name, '');
      const answer = await fetch(`http://127.0.0.1:${names}/${path}`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`the name server took no record: ${answer.status}`);
    },
    async start() {
      const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: String(rejectedNonces) };
      const argv = ['pebble', '-strict', '-config', at('pebble.json'), '-dnsserver', nameServer];
      authority = Bun.spawn(argv, { ...nowhere, env });
      await answers(directoryUrl);
    },
    stop: () => end(authority),
    async [Symbol.asyncDispose]() {
      await end(authority);
      await end(resolver);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await answers(`http://127.0.0.1:${names}/`);
  await pebble.start();
  return pebble;
}

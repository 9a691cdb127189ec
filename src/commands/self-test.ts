// The release gate, run by the executable itself on the processor it was built for: database, cryptography, web server
// and detector. Two past Bun releases did not even start on a Pi 3 or 4.

import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMotionParams } from '../motion/params.ts';
import { createWatcher } from '../motion/watcher.ts';
import { datagramSender } from '../system/health/notifier.ts';
import { hex } from '../vault/bytes.ts';
import { newKeyPair, openSealedFor, sealFor } from '../vault/key-pair.ts';
import { deviceKeyOf, readSigned, writeSigned } from '../vault/signed.ts';
import { type Command, readOptions } from './command.ts';

const usage = `usage: nightjar self-test [--data DIR]

Checks that this executable works on this machine: database, cryptography, web server, detector.
  --data DIR   where to make its temporary files (default: the system's temporary folder)`;

export const selfTest: Command = async (argv, io) => {
  const { values } = readOptions(argv, { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const folder = mkdtempSync(join(String(values.data ?? tmpdir()), 'nightjar-self-test-'));
  let failed = 0;
  try {
    for (const [name, check] of Object.entries(checks)) {
      const startMs = performance.now();
      try {
        await check(folder);
        io.out(`ok      ${name} (${Math.round(performance.now() - startMs)} ms)`);
      } catch (error) {
        failed++;
        io.out(`FAILED  ${name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  io.out(failed === 0 ? 'all is well' : `${failed} of ${Object.keys(checks).length} failed`);
  return failed === 0 ? 0 : 1;
};

function must(claim: boolean, words: string): asserts claim {
  if (!claim) throw new Error(words);
}

const checks: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  async database(folder) {
    using db = new Database(join(folder, 'test.sqlite'), { create: true });
    db.run('PRAGMA journal_mode = WAL');
    db.run('CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)');
    const insert = db.prepare('INSERT INTO t (text) VALUES (?)');
    db.transaction(() => {
      for (let i = 0; i < 1000; i++) insert.run(`row ${i}`);
    })();
    const row = db.query('SELECT count(*) AS n, max(text) AS last FROM t').get() as { n: number; last: string };
    must(row.n === 1000 && row.last === 'row 999', `the rows came back as ${JSON.stringify(row)}`);
  },

  async 'keys of the vault'() {
    const device = deviceKeyOf(crypto.getRandomValues(new Uint8Array(32)));
    const record = readSigned('record', writeSigned('record', { deviceKey: hex(device.publicKey) }, device).bytes);
    must(record?.isTrue() === true, 'a signature of the box was refused');
    const pair = newKeyPair();
    const opened = openSealedFor(pair, sealFor(pair.publicKey, new TextEncoder().encode('correct horse')));
    must(opened !== undefined && new TextDecoder().decode(opened) === 'correct horse', 'what was sealed does not open');
  },

  async cryptography() {
    // The known answer of FIPS 180-2 for "abc": a wrong processor feature shows as a wrong digest.
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'));
    must(
      Buffer.from(digest).toString('hex').startsWith('ba7816bf8f01cfea414140de5dae2223'),
      'SHA-256 of "abc" is wrong',
    );
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = crypto.getRandomValues(new Uint8Array(65_536));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain);
    const opened = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed));
    must(Buffer.compare(opened, plain) === 0, 'what was sealed opened differently');
  },

  async 'web server'() {
    const server = createServer((request, response) => response.end(`hello ${request.url}`));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      must(typeof address === 'object' && address !== null, 'the server has no address');
      const answer = await (await fetch(`http://127.0.0.1:${address.port}/page`)).text();
      must(answer === 'hello /page', `the server answered ${JSON.stringify(answer)}`);
    } finally {
      server.close();
    }
  },

  async 'telling systemd'() {
    // Nobody listens there; that the C library can be called is what a box cannot start without.
    datagramSender()('@nightjar-self-test', 'READY=1');
  },

  async detector() {
    const watcher = createWatcher({
      params: { ...defaultMotionParams, mergeGapS: 2 },
      isOn: () => true,
      newId: () => 'visit',
    });
    // Ten seconds of a quiet, slightly noisy scene; then a bright square walks through it for three.
    const [width, height] = [320, 180];
    let seed = 1;
    const noise = () => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return (seed >> 16) % 5;
    };
    const kinds: string[] = [];
    for (let frame = 0; frame < 90; frame++) {
      const data = new Uint8Array(width * height);
      for (let i = 0; i < data.length; i++) data[i] = 90 + ((i * 7) % 40) + noise();
      if (frame >= 50 && frame < 65) {
        const left = 20 + (frame - 50) * 12;
        for (let y = 70; y < 110; y++) data.fill(220, y * width + left, y * width + left + 24);
      }
      const { events } = watcher.step({ width, height, data, atMs: frame * 200 });
      if (frame < 50) must(events.length === 0, 'it saw motion in a quiet scene');
      kinds.push(...events.map((e) => e.kind));
    }
    must(kinds[0] === 'start' && kinds.at(-1) === 'end', `one visit gave ${kinds.join(', ') || 'no events'}`);
  },
};

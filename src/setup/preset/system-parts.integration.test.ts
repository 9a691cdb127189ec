// The keys that the box writes for sshd, as OpenSSH itself makes and reads them.

import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesUnder } from '../../base/places.ts';
import { takePreset } from './take.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-ssh-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sshKeygen(...args: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['ssh-keygen', ...args]);
  if (exitCode !== 0) throw new Error(stderr.toString());
  return stdout.toString();
}

test('keys of every kind that ssh-keygen makes come from the card into a file that OpenSSH reads, as the same keys', async () => {
  const kinds = ['ed25519', 'rsa -b 2048', 'rsa -b 4096', 'ecdsa -b 256', 'ecdsa -b 384', 'ecdsa -b 521'];
  const made = kinds.map((kind, i) => {
    const path = join(folder, `key-${i}`);
    sshKeygen('-q', '-N', '', '-C', 'you@home', '-f', path, '-t', ...kind.split(' '));
    return { key: readFileSync(`${path}.pub`, 'utf8').trim(), print: sshKeygen('-l', '-f', `${path}.pub`).trim() };
  });
  const places = placesUnder(folder);
  for (const path of [places.bootfs, places.preset, places.system]) mkdirSync(path, { recursive: true });
  const keys = made.map(({ key }) => `  ${JSON.stringify(key)},`).join('\n');
  writeFileSync(join(places.bootfs, 'nightjar.toml'), `[ssh]\nkeys = [\n${keys}\n]\n`);
  const taken = await takePreset({ places, whileWritable: (write) => write() });
  expect(taken).toEqual({ presetTaken: true, problems: [] });
  const read = sshKeygen('-l', '-f', join(places.system, 'ssh/authorized_keys'));
  expect(read.trim().split('\n')).toEqual(made.map(({ print }) => print));
}, 60_000);

// `make release` as its script does it: a key, an executable, and files that a box with that key takes.

import { afterAll, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { updateFiles } from '../src/app/update-files.ts';
import { runChild } from '../src/base/child.ts';
import { installUpdate } from '../src/system/update/install.ts';
import { thisMachine } from '../src/system/update/keys.ts';
import { readReleaseKeys } from '../src/system/update/manifest.ts';
import { emptyRecord } from '../src/system/update/record.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-release-'));
afterAll(() => rmSync(folder, { recursive: true }));
const key = join(folder, 'keys/release-key');
const machine = thisMachine();
const built = join(folder, 'nightjar');
writeFileSync(built, '#!/bin/sh\necho nightjar 9.9.9\n', { mode: 0o755 });

async function script(...args: readonly string[]) {
  const ran = await runChild([
    process.execPath,
    resolve(import.meta.dir, '../scripts/release.ts'),
    ...args,
    '--key',
    key,
  ]);
  return { code: ran.code, out: new TextDecoder().decode(ran.stdout), err: ran.stderr };
}
const pack = (...args: readonly string[]) =>
  script('pack', '--out', join(folder, 'out'), '--built', `${machine}=${built}`, '--level', '3', ...args);

test('a release that was made can be installed, and only with its key', async () => {
  expect((await pack('--version', '9.9.9', '--draft')).err).toContain('there is no release key');
  const made = await script('key');
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const publicKey = /^ {2}([0-9a-f]{64})$/m.exec(made.out)?.[1] ?? '';
  expect(made.out).not.toContain(readFileSync(key, 'utf8').trim());
  expect((await script('key')).out).toContain(publicKey);

  const packed = await pack('--version', '9.9.9', '--draft');
  expect(packed).toMatchObject({ code: 0 });
  const names = [`nightjar-${machine}.release`, `nightjar-9.9.9-${machine}.update`];
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['SHA256SUMS', ...names.toSorted(), 'notes.txt'].sort());
  for (const name of names) expect(packed.out).toContain(name);
  expect(await runChild(['sha256sum', '-c', 'SHA256SUMS'], { cwd: join(folder, 'out') })).toMatchObject({ code: 0 });

  const file = readFileSync(join(folder, 'out', names[1]!));
  const install = (keys: readonly Uint8Array[]) =>
    installUpdate(
      { files: updateFiles, folder, keys, machine, version: '9.9.8', running: 'factory', freeBytes: async () => 1e12 },
      emptyRecord,
      { chunks: new Blob([file]).stream() as unknown as AsyncIterable<Uint8Array>, allowOlder: false },
    );
  await expect(install([new Uint8Array(32)])).rejects.toThrow('not signed');
  expect((await install(readReleaseKeys(publicKey))).trial?.version).toBe('9.9.9');
  expect(readFileSync(join(folder, 'a/nightjar'))).toEqual(readFileSync(built));
});

test('what is no release is not packed as one', async () => {
  expect((await pack('--version', '9.9.9+abcdef0')).err).toContain('is no release');
  expect((await pack('--version', 'next')).code).toBe(2);
  expect((await pack('--version', '9.9.7', '--draft')).err).toContain('says "nightjar 9.9.9", not version 9.9.7');
  chmodSync(key, 0o644);
  expect((await pack('--version', '9.9.9', '--draft')).err).toContain('others can read the release key');
});

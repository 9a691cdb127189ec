// `make release` and `make release-key`: signs what was built and lists what to publish. The key stays in a file outside the
// checkout (RELEASE_KEY=file); nothing of it is printed but its public half.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import nacl from 'tweetnacl';
import { thisMachine } from '../src/system/update/keys.ts';
import { MAX_NOTES, type Machine, readReleaseKeys } from '../src/system/update/manifest.ts';
import { headFileName, updateFileName } from '../src/system/update/names.ts';
import { packRelease } from '../src/system/update/pack.ts';
import { isVersion } from '../src/system/update/version-order.ts';

const usage = `usage: release.ts key [--key FILE]
       release.ts pack --version VERSION [--key FILE] [--draft] [--notes FILE] [--out DIR] [--level 1-19] [--built amd64=FILE …]`;

const root = resolve(import.meta.dir, '..');
const keysOfImage = join(root, 'firmware/rootfs/usr/share/nightjar/release-keys');

class Wrong extends Error {}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    key: { type: 'string' },
    version: { type: 'string' },
    notes: { type: 'string' },
    out: { type: 'string' },
    level: { type: 'string' },
    built: { type: 'string', multiple: true },
    draft: { type: 'boolean' },
  },
});
const keyPath = values.key || join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'nightjar/release-key');

try {
  if (positionals[0] === 'key') makeKey();
  else if (positionals[0] === 'pack') await pack();
  else throw new Wrong(usage);
} catch (error) {
  if (!(error instanceof Wrong)) throw error;
  console.error(error.message);
  process.exit(2);
}

/** Makes the key once; a second time only says what its public half is. */
function makeKey(): void {
  const isNew = !existsSync(keyPath);
  if (isNew) {
    mkdirSync(dirname(keyPath), { recursive: true, mode: 0o700 });
    const seed = Buffer.from(nacl.randomBytes(32)).toString('hex');
    writeFileSync(keyPath, `${seed}\n`, { mode: 0o600, flag: 'wx' });
  }
  const key = Buffer.from(readKey().publicKey).toString('hex');
  console.log(
    `${isNew ? 'made' : 'kept'} ${keyPath}: keep a copy where nobody finds it; who has it can update every box.`,
  );
  console.log(`\n  ${key}\n`);
  console.log(
    imageKeys().includes(key)
      ? 'The image knows this key.'
      : `Add that line to ${keysOfImage.slice(root.length + 1)}, and boxes flashed from then on take what it signs.`,
  );
}

/** Throws Wrong when there is no key, or when others may read it. */
function readKey(): nacl.SignKeyPair {
  if (!existsSync(keyPath))
    throw new Wrong(
      `there is no release key at ${keyPath}: make release-key makes one, RELEASE_KEY=file names another`,
    );
  if ((statSync(keyPath).mode & 0o077) !== 0) throw new Wrong(`others can read the release key: chmod 600 ${keyPath}`);
  const words = readFileSync(keyPath, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(words)) throw new Wrong(`${keyPath} holds no release key (64 hexadecimal digits)`);
  return nacl.sign.keyPair.fromSeed(Uint8Array.from(Buffer.from(words, 'hex')));
}

function imageKeys(): readonly string[] {
  const text = existsSync(keysOfImage) ? readFileSync(keysOfImage, 'utf8') : '';
  return readReleaseKeys(text).map((key) => Buffer.from(key).toString('hex'));
}

async function pack(): Promise<void> {
  const { version = '' } = values;
  if (!isVersion(version)) throw new Wrong(usage);
  if (version.includes('+') && !values.draft) {
    throw new Wrong(
      `${version} is no release: commit everything and tag it (git tag v${version.replace(/\+.*/, '')}), or try it out with ARGS=--draft`,
    );
  }
  if (!values.draft) demandCommitted();
  const { publicKey, secretKey } = readKey();
  if (!imageKeys().includes(Buffer.from(publicKey).toString('hex')) && !values.draft) {
    throw new Wrong(`no image knows this key, so no box would take the release: see make release-key`);
  }
  const notes = notesOf(version);
  const out = resolve(values.out || join(root, 'dist/release'));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const lines: string[] = [];
  const releasedAtMs = Date.now();
  for (const built of values.built ?? []) {
    const [machine = '', path = ''] = built.split('=');
    if ((machine !== 'amd64' && machine !== 'arm64') || !existsSync(path))
      throw new Wrong(`there is no executable ${built}`);
    console.log(`packing ${path} as ${version} for ${machine}`);
    const executable = new Uint8Array(readFileSync(path));
    demandVersion(path, machine, version);
    const level = Number(values.level ?? 12);
    const { head, file } = await packRelease({ executable, version, machine, notes, releasedAtMs, secretKey, level });
    lines.push(keep(out, updateFileName(version, machine), file), keep(out, headFileName(machine), head));
  }
  if (lines.length === 0) throw new Wrong('nothing was built: --built amd64=FILE');
  writeFileSync(join(out, 'SHA256SUMS'), `${lines.join('\n')}\n`);
  writeFileSync(join(out, 'notes.txt'), `${notes}\n`);
  console.log(`\nPublish everything in ${out} at the release address, the .update files first:\n`);
  for (const name of [...lines.map((line) => line.slice(66)), 'SHA256SUMS', 'notes.txt']) {
    console.log(`  ${name.padEnd(44)} ${String(Math.ceil(statSync(join(out, name)).size / 1000)).padStart(7)} kB`);
  }
  console.log('\nThe .release files are what boxes ask for: once they are there, the version is offered.');
}

/** Writes a file; its line of SHA256SUMS. */
function keep(out: string, name: string, bytes: Uint8Array): string {
  writeFileSync(join(out, name), bytes);
  return `${createHash('sha256').update(bytes).digest('hex')}  ${name}`;
}

/** An executable that calls itself otherwise would be offered again for ever. Only one for this machine can be asked. */
function demandVersion(path: string, machine: Machine, version: string): void {
  if (machine !== thisMachine()) return;
  const said = Bun.spawnSync([resolve(path), 'version'])
    .stdout.toString()
    .trim();
  if (said !== `nightjar ${version}`) throw new Wrong(`${path} says "${said}", not version ${version}: build it again`);
}

function demandCommitted(): void {
  const { stdout } = Bun.spawnSync(['git', 'status', '--porcelain'], { cwd: root });
  if (stdout.length > 0)
    throw new Wrong('there are changes that are not committed: what is released could not be built again');
}

/** From `--notes`, or the version's own part of CHANGELOG.md. What is too long ends after a whole line. */
function notesOf(version: string): string {
  if (values.notes) return bounded(readFileSync(values.notes, 'utf8').trim());
  const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const plain = version.replace(/\+.*/, '');
  const parts = text.split(/^## /m).slice(1);
  const part = parts.find((p) => p.startsWith(plain)) ?? (values.draft ? parts[0] : undefined);
  if (!part) throw new Wrong(`CHANGELOG.md has no part "## ${plain}": the owner reads it before installing`);
  return bounded(
    part
      .replace(/^.*\n/, '')
      .replace(/\*\*|`/g, '')
      .trim(),
  );
}

function bounded(notes: string): string {
  const end = '\n…';
  return notes.length <= MAX_NOTES ? notes : `${notes.slice(0, MAX_NOTES - end.length).replace(/\n[^\n]*$/, '')}${end}`;
}

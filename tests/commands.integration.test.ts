// The executable's commands as an owner types them: help, clear errors, exit codes, and what they find on a real box.

import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatusView } from '../src/http/api.ts';
import { eventually, executable, startBox } from './support/box.ts';

const nightjar = async (...argv: readonly string[]) => {
  const child = Bun.spawn([executable, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '' },
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
};

test('help and version work for every command', async () => {
  const { out, code } = await nightjar();
  expect(code).toBe(0);
  const names = [...out.matchAll(/^ {2}([a-z-]+) +\S/gm)].map((m) => m[1] ?? '');
  expect(names).toEqual(expect.arrayContaining(['run', 'detect', 'check', 'doctor', 'bench', 'version']));
  for (const name of names.filter((n) => n !== 'version')) {
    const help = await nightjar(name, '--help');
    expect({ name, code: help.code, says: help.out.startsWith(`usage: nightjar ${name}`) }).toEqual({
      name,
      code: 0,
      says: true,
    });
  }
  expect((await nightjar('version')).out).toMatch(/^nightjar \d+\.\d+\.\d+/);
});

test.each([
  [['watch'], 'there is no command "watch"'],
  [['run', '--dtaa', 'x'], "Unknown option '--dtaa'"],
  [['run', '--http', 'everywhere'], '--http must be HOST:PORT'],
  [['run', '--http', 'off', '--https', 'off'], 'there is no page'],
  [['run', '--log', 'loud'], '--log must be debug, info, warn or error'],
  [['detect'], 'name at least one clip or folder (see nightjar detect --help)'],
  [['detect', '--preset', 'attic', 'clip.mp4'], '--preset must be one of indoor, outdoor, night'],
])('%j is refused in one sentence with exit code 2', async (argv, words) => {
  const { code, err, out } = await nightjar(...argv);
  expect({ code, said: (err + out).includes(words) }).toEqual({ code: 2, said: true });
  expect(err).not.toContain('    at ');
});

test('a second box on the same folder, and a port that is taken, are told as what they are', async () => {
  await using box = await startBox();
  const second = await nightjar('run', '--data', box.dataDir, '--http', '127.0.0.1:0', '--https', 'off');
  expect(second.code).toBe(1);
  expect(second.err).toContain('another Nightjar is using');
  const elsewhere = mkdtempSync(join(tmpdir(), 'nightjar-port-'));
  const port = await nightjar('run', '--data', elsewhere, '--http', new URL(box.http).host, '--https', 'off');
  expect(port.code).toBe(1);
  expect(port.err).toMatch(/port|address/);
});

test('everything kept is for its owner only, and a box that is told to stop does so cleanly', async () => {
  await using box = await startBox({ args: ['--demo'] });
  await box.claim();
  expect(statSync(box.dataDir).mode & 0o777).toBe(0o700);
  const open = readdirSync(box.dataDir, { recursive: true })
    .map(String)
    .filter((name) => (statSync(join(box.dataDir, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o077);
  expect(open).toEqual([]);
  expect(await box.stop()).toBe(0);
  const check = await nightjar('check', '--data', box.dataDir);
  expect({ code: check.code, err: check.err }).toEqual({ code: 0, err: '' });
});

test('the status page knows the machine, and an invalid settings file is told there in words', async () => {
  const first = await startBox();
  await first.claim();
  await first.stop();
  const path = join(first.dataDir, 'settings.json');
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 60));
  await using box = await startBox({ dataDir: first.dataDir });
  const status = await (await box.signIn()).json<StatusView>('/api/v1/status');
  expect(status.disk.freeBytes).toBeGreaterThan(0);
  expect(status.memoryBytes).toBeGreaterThan(10e6);
  expect(status.tlsFingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(status.notices.map((n) => n.message).join()).toContain('last good copy');
});

test('doctor says what is well and what to mend, with advice', async () => {
  await using box = await startBox({ args: ['--demo'] });
  const owner = await box.claim();
  await owner.json('/api/v1/cameras', {
    method: 'POST',
    json: { name: 'Gone', source: { kind: 'rtsp', url: 'rtsp://127.0.0.1:1/x' } },
  });
  await eventually('the camera to be saved', () =>
    readFileSync(join(box.dataDir, 'settings.json'), 'utf8').includes('Gone') ? true : undefined,
  );
  const { code, out } = await nightjar('doctor', '--data', box.dataDir);
  expect(code).toBe(1);
  expect(out).toContain('ffmpeg version');
  expect(out).toMatch(/ok +Demo yard: H.264 1280×720/);
  expect(out).toMatch(/MEND +Gone: .*\n +\S/);
}, 60_000);

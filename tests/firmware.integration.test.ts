// What systemd itself makes of the device's files: units that start, in an order that is possible, with as few rights as promised;
// accounts and folders that come out as meant. Debian's own units are stood in for by their names.

import { afterAll, expect, test } from 'bun:test';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const firmware = resolve(import.meta.dir, '../firmware/rootfs');
const units = 'usr/lib/systemd/system';
const root = mkdtempSync(join(tmpdir(), 'nightjar-firmware-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function place(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}
cpSync(firmware, root, { recursive: true, verbatimSymlinks: true });
for (const program of [
  'bin/nightjar',
  'bin/cat',
  'bin/sleep',
  'bin/systemctl',
  'sbin/iw',
  'sbin/rfkill',
  'sbin/modprobe',
].map((name) => `usr/${name}`))
  place(program, '#!/bin/sh\n', 0o755);
const standIns = {
  target: [
    'sysinit',
    'local-fs',
    'multi-user',
    'basic',
    'network',
    'network-pre',
    'shutdown',
    'umount',
    'local-fs-pre',
    'paths',
  ],
  service: ['systemd-remount-fs', 'systemd-udev-trigger', 'systemd-modules-load'],
};
for (const [kind, names] of Object.entries(standIns)) {
  for (const name of names) {
    place(
      `${units}/${name}.${kind}`,
      kind === 'target' ? '[Unit]\nDescription=stand-in\n' : '[Service]\nType=oneshot\nExecStart=/usr/bin/cat\n',
    );
  }
}
place(`${units}/dbus.socket`, '[Socket]\nListenStream=/run/dbus/socket\n');
place(`${units}/dbus.service`, '[Service]\nExecStart=/usr/bin/cat\n');
for (const [name, what] of [
  ['tmp', 'tmpfs'],
  ['boot-firmware', '/dev/x'],
] as const) {
  place(`${units}/${name}.mount`, `[Mount]\nWhat=${what}\nWhere=/${name.replace('-', '/')}\n`);
}
place(`${units}/system.slice`, '[Unit]\nDescription=stand-in\n');
place(`${units}/-.slice`, '[Unit]\nDescription=stand-in\n');

function run(argv: readonly string[]) {
  const ran = Bun.spawnSync([...argv], {
    env: { ...process.env, SYSTEMD_PAGER: '', LC_ALL: 'C.UTF-8' },
    timeout: 60_000,
  });
  return { code: ran.exitCode, said: `${ran.stdout.toString()}${ran.stderr.toString()}` };
}
const systemdVersion = Number(/^systemd (\d+)/.exec(run(['systemd-analyze', '--version']).said)?.[1]);

const accounts = run(['systemd-sysusers', `--root=${root}`, join(root, 'usr/lib/sysusers.d/nightjar.conf')]);

/** Settings of the device's systemd (257) that this machine's may be too old to know, with the version they came in. */
const newer: Readonly<Record<string, number>> = { RestartSteps: 254, RestartMaxDelaySec: 254, RestartMode: 254 };

test('systemd finds nothing wrong with any unit', () => {
  const ours = readdirSync(join(firmware, units)).filter((name) => !name.endsWith('.d'));
  const { said } = run(['systemd-analyze', 'verify', '--man=no', '--recursive-errors=yes', `--root=${root}`, ...ours]);
  const wrong = said.split('\n').filter((line) => {
    const unknown = /Unknown key (?:name )?'(\w+)'/.exec(line)?.[1];
    return line !== '' && !(unknown && (newer[unknown] ?? 0) > systemdVersion);
  });
  expect(wrong).toEqual([]);
});

test('systemd would notice: a misspelt setting, a missing program and a circle are found', () => {
  const path = join(root, units, 'nightjar-broken.service');
  writeFileSync(
    path,
    '[Unit]\nAfter=nightjar-broken-2.service\nRequires=nightjar-broken-2.service\n[Service]\nExecStart=/usr/bin/none\nNoNewPrivilege=yes\n',
  );
  place(
    `${units}/nightjar-broken-2.service`,
    '[Unit]\nAfter=nightjar-broken.service\n[Service]\nExecStart=/usr/bin/cat\n',
  );
  const { said } = run(['systemd-analyze', 'verify', '--man=no', `--root=${root}`, 'nightjar-broken.service']);
  expect(said).toMatch(/Unknown key (name )?'NoNewPrivilege'/);
  expect(said).toContain('/usr/bin/none');
  expect(said).toContain('ordering cycle');
});

for (const [unit, most] of [
  ['nightjar.service', 3],
  ['nightjar-rescue.service', 3],
  ['nightjar-screen.service', 3],
  ['nightjar-country.service', 3],
  // It mounts and formats: root by its nature. What it does not need it does not have either.
  ['nightjar-boot.service', 5],
] as const) {
  test(`${unit} is exposed by at most ${most.toFixed(1)} of 10, as systemd reckons`, () => {
    const { said } = run(['systemd-analyze', 'security', '--no-pager', '--offline=true', `--root=${root}`, unit]);
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    console.log(`${unit}: exposure ${exposure}`);
    expect(exposure).toBeGreaterThan(0);
    expect(exposure).toBeLessThanOrEqual(most);
  });
}

test('the account comes out with its number, without a shell, and in the groups of the cameras', () => {
  const { code, said } = accounts;
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain(
    'nightjar:x:700:700:Nightjar:/data/nightjar:/usr/sbin/nologin',
  );
  const groups = readFileSync(join(root, 'etc/group'), 'utf8');
  for (const group of ['video', 'render', 'audio'])
    expect(groups).toMatch(new RegExp(`^${group}:x:\\d+:nightjar$`, 'm'));
});

test('a boot makes what it must in memory, and Wi-Fi passwords are root’s alone', () => {
  mkdirSync(join(root, 'data/system'), { recursive: true });
  mkdirSync(join(root, 'var/log'), { recursive: true });
  const config = join(root, 'usr/lib/tmpfiles.d/nightjar.conf');
  const { said } = run(['systemd-tmpfiles', '--create', `--root=${root}`, config]);
  expect(
    said.replaceAll(/.*(Operation not permitted|Unknown (user|group) '\w+'|Failed to resolve (user|group)).*\n?/g, ''),
  ).toBe('');
  expect(statSync(join(root, 'data/system/network')).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(root, 'run/nightjar/screen.txt'), 'utf8')).toBe('Nightjar is starting.\n');
});

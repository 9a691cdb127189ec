// What is installed on the device, as far as its files show it: nothing a unit names is missing, nothing runs that is not on the
// list, and what the design promises of root, disk, ports and rights is what the files say. What systemd makes of them is in
// firmware.integration.test.ts.

import { expect, test } from 'bun:test';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { places, placesUnder } from '../src/base/places.ts';
import { keepForSystem } from '../src/setup/preset/system-parts.ts';
import { systemTakeSteps } from '../src/setup/preset/take.ts';

const root = resolve(import.meta.dir, '../firmware/rootfs');
const stage = resolve(import.meta.dir, '../image/stage-nightjar');
const units = '/usr/lib/systemd/system';

/** Paths as on the device, `/usr/…`. */
function files(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const isLink = (path: string) => lstatSync(join(root, path)).isSymbolicLink();
const all = files();
const unitFiles = all.filter((path) => path.startsWith(`${units}/`) && !isLink(path));
/** Of units with a file of their own, not of additions to Debian's. */
const ours = unitFiles.filter((path) => !path.includes('.d/')).map((path) => basename(path));

/** `Section.Key` → values, in order. An empty value forgets what was said before, as systemd has it. */
function settings(path: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let section = '';
  for (const line of read(path).split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const head = /^\[(\w+)\]$/.exec(line);
    if (head) {
      section = head[1]!;
      continue;
    }
    const [, key, value] = /^(\w[\w.-]*) ?= ?(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw new Error(`${path}: what is ${JSON.stringify(line)}?`);
    const name = `${section}.${key}`;
    if (value === '') found.set(name, []);
    else found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}
const unit = (name: string) => settings(`${units}/${name}`);
const words = (values: readonly string[] | undefined) => (values ?? []).flatMap((value) => value.split(/\s+/));

/** Programs that come from Debian, and the package that the image must then have. */
const debianPrograms: Readonly<Record<string, string>> = {
  '/usr/bin/cat': 'coreutils',
  '/usr/bin/mkdir': 'coreutils',
  '/usr/bin/sleep': 'coreutils',
  '/usr/bin/systemctl': 'systemd',
  '/usr/bin/ssh-keygen': 'openssh-server',
  '/usr/sbin/sshd': 'openssh-server',
  '/usr/sbin/nft': 'nftables',
  '/usr/sbin/fstrim': 'util-linux',
  '/usr/sbin/iw': 'iw',
  '/usr/sbin/modprobe': 'kmod',
  '/usr/sbin/rfkill': 'rfkill',
};
/** What Debian's debootstrap always installs. */
const essential = new Set(['coreutils', 'util-linux']);
const packages = new Set(
  readFileSync(join(stage, '00-packages/00-packages-nr'), 'utf8')
    .replaceAll(/#.*/g, '')
    .split(/\s+/)
    .filter((word) => word !== ''),
);

test('every program a unit starts is in the image', () => {
  const missing: string[] = [];
  for (const path of unitFiles) {
    for (const [key, values] of settings(path)) {
      if (!/^Service\.Exec(Start|Stop|Reload|Condition)(Pre|Post)?$/.test(key)) continue;
      for (const command of values) {
        const program = command.replace(/^[-@:+!]+/, '').split(' ')[0]!;
        const from = debianPrograms[program];
        const isThere =
          program === places.factory ||
          existsSync(join(root, program)) ||
          (from !== undefined && (essential.has(from) || packages.has(from)));
        if (!isThere) missing.push(`${path}: ${program}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

test('every command of ours that a unit starts is one the executable has', () => {
  const main = readFileSync(resolve(import.meta.dir, '../src/main.ts'), 'utf8');
  const started = unitFiles.flatMap((path) => [...read(path).matchAll(/^Exec\w+=-?\/usr\/bin\/nightjar ([\w-]+)/gm)]);
  expect(started.length).toBeGreaterThan(2);
  for (const [, command] of started) expect(main).toMatch(new RegExp(`^ {2}'?${command}'?: \\{$`, 'm'));
});

test('every unit that a unit names is ours or one that the base system has', () => {
  const debians =
    /^(sysinit|local-fs|multi-user|network|network-pre|shutdown)\.target$|^systemd-[\w-]+\.service$|^(tmp|boot-firmware)\.mount$|^dbus\.socket$|^(nftables|NetworkManager|wpa_supplicant)\.service$/;
  const strangers = unitFiles.flatMap((path) =>
    [...settings(path)]
      .filter(([key]) =>
        /^(Unit|Install)\.(Wants|Requires|After|Before|OnFailure|Conflicts|BindsTo|WantedBy)$/.test(key),
      )
      .flatMap(([, values]) => words(values))
      .filter((name) => !ours.includes(name) && !debians.test(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(strangers).toEqual([]);
});

test('a mount unit is named after where it mounts', () => {
  for (const name of ours.filter((name) => name.endsWith('.mount'))) {
    const where = unit(name).get('Mount.Where')?.[0];
    expect(name).toBe(`${where?.slice(1).replaceAll('/', '-')}.mount`);
  }
});

const preset = read('/usr/lib/systemd/system-preset/00-nightjar.preset')
  .split('\n')
  .filter((line) => /^(enable|disable) /.test(line));

test('a unit of ours that asks to be started is on the list of what runs, and everything that is not on it is off', () => {
  const asking = ours.filter((name) => unit(name).has('Install.WantedBy'));
  expect(asking).toContain('nightjar.service');
  for (const name of asking) expect(preset).toContain(`enable ${name}`);
  expect(preset.at(-1)).toBe('disable *');
  const enabled = preset
    .filter((line) => /^enable .*nightjar|^enable (data|var)-/.test(line))
    .map((line) => line.slice(7));
  for (const name of enabled) expect(asking).toContain(name);
});

test('a unit of ours that nobody enables is started by another', () => {
  for (const name of ours.filter((name) => !preset.includes(`enable ${name}`))) {
    const others = ours.filter((other) => other !== name);
    const started =
      others.some((other) => unit(other).get('Unit.OnFailure')?.includes(name)) ||
      others.some((other) => unit(other).get('Service.ExecStart')?.join('\n').endsWith(` start --no-block ${name}`)) ||
      ours.includes(name.replace(/\.service$/, '.path'));
    expect({ name, started }).toEqual({ name, started: true });
  }
});

test('only the start script may be run; everything else is read', () => {
  const runnable = all.filter((path) => !isLink(path) && (lstatSync(join(root, path)).mode & 0o111) !== 0);
  expect(runnable).toEqual(['/usr/lib/nightjar/start']);
});

test('the start script starts what is chosen where there ever was an update, else the image’s own, with the page’s ports', async () => {
  const here = mkdtempSync(join(tmpdir(), 'nightjar-start-'));
  try {
    const moved = placesUnder(here);
    for (const folder of [moved.update, dirname(moved.executable), dirname(moved.factory)]) {
      mkdirSync(folder, { recursive: true });
    }
    // Stands in for the factory's executable: says what it was started as, and chooses as the test wants.
    const program = (name: string, chooses: string) =>
      `#!/bin/sh\n[ "$1" = choose-slot ] && { ${chooses}; }\necho ${name} "$@"\n`;
    const update = join(here, 'update');
    const start = async (chooses: string) => {
      writeFileSync(moved.factory, program('factory', chooses), { mode: 0o755 });
      writeFileSync(update, program('update', 'exit 1'), { mode: 0o755 });
      const script = read('/usr/lib/nightjar/start');
      for (const place of [places.factory, `${places.update}/`, places.executable]) expect(script).toContain(place);
      writeFileSync(join(here, 'start'), script.replaceAll(/(?<=[ =(])\/(usr|run|data\/update)\//g, `${here}/$1/`));
      const child = Bun.spawn(['/bin/sh', join(here, 'start')], { stdio: ['ignore', 'pipe', 'inherit'] });
      return (await new Response(child.stdout).text()).trim();
    };
    const run = `run --appliance --data ${places.box} --http 0.0.0.0:80 --https 0.0.0.0:443`;
    const choosesUpdate = `echo ${update} > ${moved.executable}; exit 0`;
    expect(await start(choosesUpdate)).toBe(`factory ${run}`);
    writeFileSync(join(moved.update, 'state.json'), 'whatever it says');
    expect(await start(choosesUpdate)).toBe(`update ${run}`);
    expect(await start(`echo ${update} > ${moved.executable}; exit 1`)).toBe(`factory ${run}`);
  } finally {
    rmSync(here, { recursive: true, force: true });
  }
});

test('links lead to nothing at all (off for good), or to what is made at boot', () => {
  const links = Object.fromEntries(all.filter(isLink).map((path) => [path, readlinkSync(join(root, path))]));
  const { '/etc/resolv.conf': resolver, '/etc/hostname': name, ...masks } = links;
  expect(resolver).toBe('../run/NetworkManager/resolv.conf');
  expect(name).toBe('../run/nightjar-boot/host-name');
  expect(Object.values(masks).every((to) => to === '/dev/null')).toBe(true);
  // Nobody logs in on a screen or a serial port, and nothing asks questions there.
  for (const off of ['getty@', 'serial-getty@', 'autovt@', 'console-getty', 'systemd-firstboot']) {
    expect(Object.keys(masks)).toContain(`/etc/systemd/system/${off}.service`);
  }
});

test('the box writes to its own folders and nowhere else, and cannot look at what is the system’s', () => {
  const service = unit('nightjar.service');
  expect(service.get('Service.ProtectSystem')).toEqual(['strict']);
  const { box, update, preset: taken, request, health } = places;
  expect(words(service.get('Service.ReadWritePaths')).toSorted()).toEqual(
    [box, update, taken, request, health].map((path) => `-${path}`).toSorted(),
  );
  expect(words(service.get('Service.InaccessiblePaths'))).toEqual(
    expect.arrayContaining([`-${places.system}`, '-/boot']),
  );
  // What is run must not be what can be written, but for an update that was checked.
  expect(words(service.get('Service.ExecPaths')).toSorted()).toEqual([`-${places.update}`, '/usr'].toSorted());
  // "/" alone does not reach the folders that are writable: each is a mount of its own (seen with systemd 257).
  expect(words(service.get('Service.NoExecPaths'))).toEqual(
    expect.arrayContaining([
      '/',
      '/tmp',
      '/var/tmp',
      '/run/nightjar',
      ...[box, taken, request, health].map((path) => `-${path}`),
    ]),
  );
});

for (const name of ['nightjar.service', 'nightjar-rescue.service', 'nightjar-screen.service']) {
  test(`${name} is nobody special: no root, no capability, no way to become either`, () => {
    const service = unit(name);
    expect(service.get('Service.User')).toEqual(['nightjar']);
    expect(service.get('Service.CapabilityBoundingSet')).toEqual([]);
    expect(service.get('Service.AmbientCapabilities') ?? []).toEqual([]);
    expect(service.get('Service.NoNewPrivileges')).toEqual(['yes']);
    for (const values of service.values()) for (const value of values) expect(value).not.toMatch(/^[+!]+\//);
  });
}

test('a box that hangs, dies or does not get ready is started again, and after that there is the rescue page', () => {
  const service = unit('nightjar.service');
  const one = (key: string) => service.get(key)?.[0];
  expect(one('Service.Type')).toBe('notify');
  expect(one('Service.Restart')).toBe('always');
  expect(one('Service.TimeoutStartSec')).toBe('90');
  expect(Number(one('Service.WatchdogSec'))).toBeLessThanOrEqual(60);
  // A stopped process hears nothing else.
  expect(one('Service.WatchdogSignal')).toBe('SIGKILL');
  expect(one('Unit.OnFailure')).toBe('nightjar-rescue.service');
  // Without it every failed start counts as a failure of the unit, and the rescue page takes the port from the next start.
  expect(one('Service.RestartMode')).toBe('direct');
  expect(Number(one('Service.RestartMaxDelaySec'))).toBeGreaterThan(Number(one('Service.RestartSec')));
});

test('the starts that lead to the rescue page fit in the time in which they are counted', () => {
  const service = unit('nightjar.service');
  const number = (key: string) => Number(service.get(key)![0]);
  const starts = number('Unit.StartLimitBurst');
  const [minSec, maxSec, steps] = ['RestartSec', 'RestartMaxDelaySec', 'RestartSteps'].map((key) =>
    number(`Service.${key}`),
  );
  // systemd.service(5): from RestartSec to RestartMaxDelaySec in that many steps, each longer by the same factor.
  let waitedSec = 0;
  for (let i = 0; i < starts; i++) waitedSec += minSec! * (maxSec! / minSec!) ** (Math.min(i, steps!) / steps!);
  const intervalSec = Number(/^(\d+)min$/.exec(service.get('Unit.StartLimitIntervalSec')![0]!)![1]) * 60;
  // The slowest failure is a start that never gets ready.
  expect(waitedSec + starts * number('Service.TimeoutStartSec')).toBeLessThan(intervalSec);
});

test('a kernel that stands still is reset within 15 seconds, the longest a Pi’s watchdog can', () => {
  const seconds = Number(
    settings('/usr/lib/systemd/system.conf.d/10-nightjar.conf').get('Manager.RuntimeWatchdogSec')?.[0],
  );
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(15);
});

test('root is read-only, so is the boot partition, which may be missing; everything else is memory', () => {
  const mounts = read('/etc/fstab')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
    .map(([what, where, type, options]) => ({ what, where, type, options: options!.split(',') }));
  const [rootfs, bootfs, ...memory] = mounts;
  expect(rootfs).toMatchObject({ what: 'ROOTDEV', where: '/', type: 'ext4' });
  expect(rootfs!.options).toContain('ro');
  expect(bootfs).toMatchObject({ what: 'BOOTDEV', where: places.bootfs, type: 'vfat' });
  expect(bootfs!.options).toEqual(expect.arrayContaining(['ro', 'nofail', 'umask=0077', 'noexec']));
  for (const { type, options } of memory) {
    expect(type).toBe('tmpfs');
    expect(options.some((option) => option.startsWith('size='))).toBe(true);
  }
});

test('the number of the box’s account is fixed: its files outlive the image', () => {
  expect(read('/usr/lib/sysusers.d/nightjar.conf')).toMatch(/^u nightjar 700 "Nightjar" \S+ \/usr\/sbin\/nologin$/m);
});

test('the box may ask for power and network and for nothing else; others are none of its rules’ business', () => {
  type Rule = (action: { id: string }, subject: { user: string }) => string;
  const rules: Rule[] = [];
  const polkit = {
    addRule: (rule: Rule) => rules.push(rule),
    Result: { YES: 'yes', NO: 'no', NOT_HANDLED: 'not handled' },
  };
  new Function('polkit', read('/usr/share/polkit-1/rules.d/50-nightjar.rules'))(polkit);
  const ask = (user: string, id: string) => rules[0]!({ id }, { user });
  for (const id of [
    'login1.reboot',
    'login1.power-off',
    'NetworkManager.settings.modify.system',
    'NetworkManager.wifi.scan',
  ]) {
    expect(ask('nightjar', `org.freedesktop.${id}`)).toBe('yes');
  }
  for (const id of [
    'systemd1.manage-units',
    'systemd1.manage-unit-files',
    'login1.reboot-ignore-inhibit',
    'login1.set-reboot-to-firmware-setup',
    'hostname1.set-static-hostname',
    'NetworkManager.settings.modify.hostname',
    'NetworkManager.checkpoint-rollback',
    'timedate1.set-time',
  ]) {
    expect(ask('nightjar', `org.freedesktop.${id}`)).toBe('no');
  }
  expect(ask('root', 'org.freedesktop.login1.reboot')).toBe('not handled');
});

test('the firewall drops what it does not know, and knows the page, mDNS and what setting up needs', () => {
  const rules = read('/etc/nftables.conf').replaceAll(/^\s*#.*$/gm, '');
  expect([...rules.matchAll(/hook (\w+) .*policy (\w+);/g)].map(([, hook, policy]) => `${hook} ${policy}`)).toEqual([
    'input drop',
    'forward drop',
  ]);
  expect(/set open_tcp \{[^}]*elements = \{ ([^}]*) \}/.exec(rules)?.[1]).toBe('80, 443');
  const accepted = rules.split('\n').filter((line) => /dport/.test(line) && /accept/.test(line));
  expect(accepted.map((line) => line.trim())).toEqual([
    'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept',
    'tcp dport @open_tcp accept',
    'udp dport 5353 accept',
    'udp sport 68 udp dport 67 fib daddr . iif type broadcast accept',
    'ip daddr 192.168.4.1 udp dport { 53, 67 } accept',
    'ip daddr 192.168.4.1 tcp dport 53 accept',
  ]);
});

test('SSH takes no password, and is not started where no key was preset', () => {
  const sshd = read('/etc/ssh/sshd_config.d/10-nightjar.conf');
  for (const line of [
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    // Whatever accounts packages bring, the keys are for root. Its password is locked, which sshd minds without PAM.
    'AllowUsers root',
    'UsePAM yes',
  ]) {
    expect(sshd).toMatch(new RegExp(`^${line}$`, 'm'));
  }
  const keys = /^AuthorizedKeysFile (\S+)$/m.exec(sshd)?.[1];
  const ssh = settings(`${units}/ssh.service.d/10-nightjar.conf`);
  expect(ssh.get('Unit.ConditionPathExists')).toEqual([keys!]);
  // Looked at only when the keys have been taken from the card.
  expect(words(ssh.get('Unit.After'))).toContain('nightjar-boot.service');
  expect(preset).toContain('enable ssh.service');
});

test('SSH keys and country stand where the first step of the boot writes them, and count before the network is used', () => {
  const system = mkdtempSync(join(tmpdir(), 'nightjar-system-'));
  try {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f you@home';
    keepForSystem(system, { country: 'DE', ssh: { keys: [key] } }, systemTakeSteps);
    const sshd = read('/etc/ssh/sshd_config.d/10-nightjar.conf');
    const country = unit('nightjar-country.service');
    const [keys] = /(?<=^AuthorizedKeysFile ).*$/m.exec(sshd)!;
    const files = [keys, country.get('Service.EnvironmentFile')![0]!].map((path) => relative(places.system, path));
    expect(files.filter((path) => !existsSync(join(system, path)))).toEqual([]);
    expect(country.get('Unit.ConditionPathExists')).toEqual(country.get('Service.EnvironmentFile')!);
    expect(readFileSync(join(system, files[1]!), 'utf8')).toBe('COUNTRY=DE\n');
    // Known to the kernel before the first chip is, whenever that is found.
    expect(country.get('Service.ExecStart')?.slice(0, 2)).toEqual([
      '-/usr/sbin/modprobe cfg80211',
      expect.stringMatching(/^\/usr\/sbin\/iw reg set \$\{COUNTRY\}$/),
    ]);
    expect(words(country.get('Unit.Before'))).toEqual(
      expect.arrayContaining(['NetworkManager.service', 'wpa_supplicant.service', 'network-pre.target']),
    );
    expect(words(country.get('Unit.After'))).toContain('nightjar-boot.service');
    // Ended in the middle of loading, the module takes the kernel with it: in modules-load.d it would have 90 s.
    expect(country.get('Service.TimeoutStartSec')).toEqual(['10min']);
    expect(read('/usr/lib/modules-load.d/nightjar.conf')).not.toContain('cfg80211');
    expect(packages).toContain('wireless-regdb');
  } finally {
    rmSync(system, { recursive: true });
  }
});

test('the log is in memory and has an end; Wi-Fi does not save power; nothing asks the Internet whether it is there', () => {
  const journal = settings('/usr/lib/systemd/journald.conf.d/10-nightjar.conf');
  expect(journal.get('Journal.Storage')).toEqual(['volatile']);
  expect(journal.get('Journal.RuntimeMaxUse')?.[0]).toMatch(/^\d+M$/);
  const network = settings('/usr/lib/NetworkManager/conf.d/10-nightjar.conf');
  expect(network.get('connection.wifi.powersave')).toEqual(['2']);
  expect(network.get('connectivity.enabled')).toEqual(['false']);
  expect(network.get('keyfile.path')).toEqual([`${places.system}/network`]);
});

test('the README says of every file why it is there', () => {
  const readme = readFileSync(join(root, '../README.md'), 'utf8');
  const unsaid = all.filter(
    (path) =>
      !isLink(path) && !readme.includes(path.replace(/^.*\/([^/]+\.d\/)/, '$1').replace(/^.*\/(?!.*\.d\/)/, '')),
  );
  expect(unsaid).toEqual([]);
});

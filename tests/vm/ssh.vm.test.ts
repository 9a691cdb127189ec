// What nightjar.toml says to root, on the image as it is shipped: whose key stands in it signs in by SSH, nobody else does; and
// Wi-Fi keeps to the rules of the country before anything uses it. One boot, the first, with the file on the card.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/box.ts';
import { startVm, type Vm } from '../support/vm.ts';
import { complaints, MINUTES } from '../support/vm-box.ts';
import { copyDisk, vmImage } from '../support/vm-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-vm-ssh-'));
const at = (name: string) => join(folder, name);
let vm: Vm;
let port: number;

function tool(argv: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...argv], { stdin: 'ignore' });
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

beforeAll(async () => {
  for (const name of ['owner', 'stranger'])
    tool(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `${name}@home`, '-f', at(name)]);
  const key = readFileSync(at('owner.pub'), 'utf8').trim();
  writeFileSync(at('nightjar.toml'), `[box]\ncountry = "DE"\n[ssh]\nkeys = ["${key}"]\n`);
  const card = at('card.img');
  await copyDisk(vmImage().disk, card);
  tool(['mcopy', '-o', '-i', `${card}@@8M`, at('nightjar.toml'), '::nightjar.toml']);
  // As on a Pi: every radio is off until somebody switches it on.
  vm = await startVm({ from: card, arguments: 'rfkill.default_state=0', lifeMs: 9 * MINUTES });
  await vm.monitor('hostfwd_add net tcp:127.0.0.1:0-:22');
  port = Number(/127\.0\.0\.1\s+(\d+)\s+\S+\s+22\s/.exec(await vm.monitor('info usernet'))?.[1]);
}, 6 * MINUTES);
afterAll(async () => {
  await vm?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** What a command printed, or what ssh said instead. */
async function ssh(who: string, account: string, command: string) {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'ConnectTimeout=20'];
  const child = Bun.spawn(
    [
      ...['timeout', '60', 'ssh', '-F', 'none', '-i', at(who), '-p', String(port)],
      ...[...options, `UserKnownHostsFile=${at('known')}`, 'LogLevel=ERROR'].flatMap((option) => ['-o', option]),
      ...[`${account}@127.0.0.1`, command],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, out: out.trim(), err: err.trim() };
}

test(
  'the key on the card opens root’s account, on a root that is read-only, and every other door stays shut',
  async () => {
    const signedIn = await eventually(
      'SSH',
      async () => {
        const tried = await ssh('owner', 'root', 'id -un; touch /x 2>/dev/null || echo read-only');
        return tried.status === 0 ? tried.out : undefined;
      },
      4 * MINUTES,
    ).catch(async (cause) => {
      const log = await vm.tryRun('systemctl status --no-pager ssh; journalctl -b -u ssh --no-pager -o cat');
      throw new Error(`${log.out}\n${await complaints(vm)}`, { cause });
    });
    expect(signedIn).toBe('root\nread-only');
    // No other key, no other account, no password.
    for (const [who, account] of [
      ['stranger', 'root'],
      ['owner', 'nightjar'],
    ] as const) {
      expect((await ssh(who, account, 'id')).err).toEndWith('Permission denied (publickey).');
    }
    expect(await vm.run('awk -F: \'$1 == "root" { print substr($2, 1, 1) }\' /etc/shadow')).toBe('!\n');
    expect(await vm.run('stat -c "%a %U" /data/system/ssh /data/system/ssh/authorized_keys')).toBe(
      '700 root\n600 root\n',
    );
    // The service, which may be taken over, has no say in it.
    const service = 'setpriv --reuid nightjar --regid nightjar --clear-groups';
    expect((await vm.tryRun(`${service} cat /data/system/ssh/authorized_keys`)).status).not.toBe(0);
    expect(await vm.run('cat /data/preset/network.json 2>/dev/null || true')).not.toContain('ssh-');
  },
  6 * MINUTES,
);

test(
  'the country of the file holds for a Wi-Fi chip that is found later, and its radio is on; NetworkManager came after',
  async () => {
    const started = await vm.run(
      'systemctl show -P ActiveEnterTimestampMonotonic nightjar-country.service; systemctl show -P ExecMainStartTimestampMonotonic NetworkManager.service',
    );
    const [country, manager] = started.trim().split(/\s+/).map(Number);
    expect(country).toBeGreaterThan(0);
    expect(manager).toBeGreaterThan(country!);
    await vm.run('systemctl stop NetworkManager; modprobe mac80211_hwsim radios=1; udevadm settle', MINUTES);
    expect(await vm.run('iw reg get')).toMatch(/^global\ncountry DE: /m);
    expect(await vm.run('cat /sys/module/rfkill/parameters/default_state')).toBe('0\n');
    expect(await vm.run('rfkill --noheadings --output TYPE,SOFT')).toMatch(/^wlan\s+unblocked$/m);
    // What only that country allows: channel 13.
    expect(await vm.run('iw phy')).toMatch(/2472(\.0)? MHz \[13\] \(20\.0 dBm\)$/m);
  },
  3 * MINUTES,
);

// One box from the flashed card on: its first boot, what it lets nobody do, a camera that is plugged in, a reboot.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { CameraView, EventView, FoundDevice, SettingsView } from '../../src/http/api.ts';
import { eventually, type Owner } from '../support/box.ts';
import { startVm, type Vm } from '../support/vm.ts';
import {
  checkedClean,
  MINUTES,
  pageOf,
  recordingsOf,
  recordsAgain,
  setCamera,
  signInTo,
  steadyCamera,
  systemOf,
} from '../support/vm-box.ts';

let vm: Vm;
let owner: Owner;
/** Ends the machine also when the first test fails; the rest then fails quickly. */
beforeAll(async () => {
  vm = await startVm({ lifeMs: 20 * MINUTES });
}, 4 * MINUTES);
afterAll(() => vm?.[Symbol.asyncDispose]());

test(
  'the first boot makes the data partition, and the page waits to be claimed, without a code',
  async () => {
    const { visitor, session, uptimeS } = await pageOf(vm);
    console.log(`first boot: the page answered at ${uptimeS.toFixed(1)} s of uptime (goal: 45 s)`);
    expect(session.state).toBe('unclaimed');
    expect(session.setup?.codeNeeded).toBe(false);
    const page = await visitor.fetch('/');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>');
    const mounted = await vm.run(
      'findmnt -n -o SOURCE,FSTYPE,OPTIONS /data; lsblk -n -o LABEL "$(findmnt -n -o SOURCE /data)"',
    );
    expect(mounted).toMatch(/^\/dev\/vda3\s+ext4\s+rw,nosuid,nodev,noatime/);
    expect(mounted.trim().split('\n').at(-1)).toBe('data');
    owner = await visitor.claim(undefined);
    const { appliance, slot, boot } = await systemOf(owner);
    expect({ appliance, slot, disk: boot?.disk.kind }).toEqual({ appliance: true, slot: 'factory', disk: 'ready' });
    expect(boot?.disk.kind === 'ready' ? boot.disk.did : []).toEqual([{ kind: 'made' }]);
    expect(boot?.problems).toEqual([]);
  },
  6 * MINUTES,
);

test('every service that started has started', async () => {
  expect(await vm.run('systemctl --failed --no-legend --plain')).toBe('');
});

test('root is read-only, for root too', async () => {
  const { status, err } = await vm.tryRun('touch /usr/bin/something /etc/something /something');
  expect(status).not.toBe(0);
  expect(err.match(/Read-only file system/g)).toHaveLength(3);
  expect(await vm.run('findmnt -n -o OPTIONS / | tr , "\\n" | grep -x ro')).toBe('ro\n');
});

test('nothing listens but the page, the name on the network, and what belongs to this machine alone', async () => {
  const lines = (await vm.run('ss -H -lntu; true')).trim().split('\n').filter(Boolean);
  const open = lines
    .map((line) => line.split(/\s+/))
    .map(([protocol, , , , local]) => ({
      protocol,
      address: local!.replace(/:[^:]*$/, ''),
      port: local!.split(':').at(-1),
    }))
    .filter(({ address }) => !/^(127\.|\[::1\])/.test(address))
    .map(({ protocol, port }) => `${protocol} ${port}`);
  const named = new Set(['tcp 80', 'tcp 443', 'udp 5353']);
  // avahi also takes a port of its own choice, for asking; DHCP's client listens while it has a lease
  const others = open.filter((port) => !named.has(port));
  const byWhom = await vm.run('ss -H -lntup; true');
  for (const other of others) {
    const line = byWhom
      .split('\n')
      .find((l) => l.startsWith(other.split(' ')[0]!) && l.includes(`:${other.split(' ')[1]} `));
    expect(`${other} ${line}`).toMatch(/avahi-daemon|NetworkManager|udp 68|udp 546/);
  }
  expect(open).toContain('tcp 80');
  expect(open).toContain('tcp 443');
  // whatever listens, the firewall has the last word
  expect(await vm.run('nft list ruleset')).toMatch(/hook input [^}]*policy drop/s);
});

test('the service runs as a user without rights, and reads nothing that is not its own', async () => {
  const pid = (await vm.run('systemctl show -p MainPID --value nightjar.service')).trim();
  const status = await vm.run(`cat /proc/${pid}/status`);
  const nightjar = (await vm.run('id -u nightjar')).trim();
  expect(/^Uid:\s+(\d+)\s+(\d+)/m.exec(status)?.slice(1)).toEqual([nightjar, nightjar]);
  expect(/^CapEff:\s+(\w+)/m.exec(status)?.[1]).toMatch(/^0+$/);
  expect(/^NoNewPrivs:\s+(\d)/m.exec(status)?.[1]).toBe('1');
  // as the service sees the world: in its mount namespace, as its user
  const asService = (command: string) =>
    vm.tryRun(
      `nsenter -t ${pid} -m setpriv --reuid nightjar --regid nightjar --clear-groups --no-new-privs sh -c '${command}'`,
    );
  const forbidden = [
    'cat /etc/shadow',
    'ls /boot/firmware/*',
    'ls /data/system/*',
    'ls /root/*',
    'cat /proc/1/environ',
    'touch /data/here',
    'touch /usr/share/nightjar/here',
    'head -c 1 /dev/vda',
  ];
  const done: string[] = [];
  for (const command of forbidden) if ((await asService(command)).status === 0) done.push(command);
  expect(done).toEqual([]);
  expect((await asService('touch /data/nightjar/here && rm /data/nightjar/here')).status).toBe(0);
});

test('no account has a password, and nobody can sign in over the network', async () => {
  const open = await vm.run(`awk -F: '$2 !~ /^[!*]/ { print $1 }' /etc/shadow`);
  expect(open).toBe('');
  expect((await vm.tryRun('systemctl is-active ssh.service ssh.socket')).out).toBe('inactive\ninactive\n');
  expect(await vm.run('nft list set inet nightjar open_tcp')).toMatch(/elements = \{ 80, 443 \}/);
});

test(
  'a camera that is plugged in while the box runs is offered, and records',
  async () => {
    expect(await owner.json<readonly FoundDevice[]>('/api/v1/devices')).toEqual([]);
    await vm.run('modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0');
    const found = await eventually(
      'the camera',
      async () => {
        const devices = await owner.json<readonly FoundDevice[]>('/api/v1/devices');
        return devices.find((device) => device.kind === 'usb');
      },
      MINUTES,
    );
    const source = { ...found.source, width: 320, height: 240, fps: 5, bitrateKbps: 300 };
    const camera = { ...steadyCamera(source), name: 'Shelf' };
    const { id } = await owner.json<CameraView>('/api/v1/cameras', { method: 'POST', json: camera });
    const { recording } = await recordsAgain(vm, owner);
    expect(recording.cameraId).toBe(id);
    await eventually(
      'more of it',
      async () => ((await recordingsOf(owner))[0]!.bytes > recording.bytes ? true : undefined),
      MINUTES,
    );
  },
  3 * MINUTES,
);

test(
  'something that moves in its picture is an event, with a recording',
  async () => {
    const [camera] = await owner.json<readonly CameraView[]>('/api/v1/cameras');
    await setCamera(owner, camera!.id, {
      motion: { ...camera!.settings.motion, enabled: true, smallestDurationMs: 200 },
      record: { ...camera!.settings.record, mode: 'motion', preRollS: 2, postRollS: 2 },
    });
    // The empty scene is learnt first, which takes as long as the emulator lets it: somebody comes and goes until it is seen.
    let isThere = false;
    const event = await eventually(
      'an event with its recording',
      async () => {
        isThere = !isThere;
        await vm.run(`v4l2-ctl -d /dev/video0 --set-ctrl show_square=${isThere ? 1 : 0}`, MINUTES);
        await Bun.sleep(5000);
        return (await owner.json<readonly EventView[]>('/api/v1/events?limit=5')).find((e) => e.recordingId);
      },
      3 * MINUTES,
    );
    await vm.run('v4l2-ctl -d /dev/video0 --set-ctrl show_square=0', MINUTES);
    expect(event.cameraId).toBe(camera!.id);
    const recording = await eventually(
      'the recording to end',
      async () => (await recordingsOf(owner)).find((r) => r.id === event.recordingId && r.endMs !== undefined),
      MINUTES,
    );
    expect(recording.startMs).toBeLessThan(event.startMs);
  },
  5 * MINUTES,
);

test(
  'a reboot keeps whose box it is, settings and recordings',
  async () => {
    const settings = await owner.json<SettingsView>('/api/v1/settings');
    await owner.json('/api/v1/settings/box', { method: 'PUT', json: { ...settings.box, name: 'Behind the shop' } });
    const [camera] = await owner.json<readonly CameraView[]>('/api/v1/cameras');
    await setCamera(owner, camera!.id, { record: { ...camera!.settings.record, mode: 'continuous' } });
    await eventually(
      'the camera to be recorded',
      async () => ((await recordingsOf(owner)).some((r) => r.endMs === undefined && r.bytes > 0) ? true : undefined),
      MINUTES,
    );
    const before = await recordingsOf(owner);
    const booted = vm.nextBoot();
    await owner.json('/api/v1/system/restart', { method: 'POST', json: { proof: owner.proof } });
    await booted;
    owner = await signInTo(vm);
    const after = await recordingsOf(owner);
    expect(before.filter(({ id }) => !after.some((r) => r.id === id))).toEqual([]);
    expect((await owner.json<SettingsView>('/api/v1/settings')).box.name).toBe('Behind the shop');
    expect((await owner.json<readonly CameraView[]>('/api/v1/cameras'))[0]?.settings.name).toBe('Shelf');
    const { boot } = await systemOf(owner);
    expect(boot?.disk.kind === 'ready' ? boot.disk.did : 'missing').toEqual([]);
    // The camera's driver is loaded by nobody; plugged in again, it is found without being asked.
    await vm.run('modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0');
    await recordsAgain(vm, owner, new Set(after.map((r) => r.id)));
    expect(await checkedClean(vm)).toBe('');
  },
  6 * MINUTES,
);

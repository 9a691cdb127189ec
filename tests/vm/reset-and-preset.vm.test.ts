// Given away and set up anew: the three ways to a factory reset, and nightjar.toml as people write it: well, with a mistake, and
// with bad intentions.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { SettingsView } from '../../src/http/api.ts';
import type { Owner } from '../support/box.ts';
import { startVm, type Vm } from '../support/vm.ts';
import { claimedDisk, MINUTES, pageOf, signInTo, systemOf } from '../support/vm-box.ts';

let vm: Vm;
let owner: Owner;
beforeAll(async () => {
  vm = await startVm({ from: await claimedDisk(), lifeMs: 18 * MINUTES });
}, 8 * MINUTES);
afterAll(() => vm?.[Symbol.asyncDispose]());

/** As somebody does who puts the card into a computer: files onto bootfs, by name. */
const onCard = async (files: Readonly<Record<string, string>>) => {
  const writes = Object.entries(files).map(
    ([name, text]) => `base64 -d <<<'${Buffer.from(text).toString('base64')}' > '/boot/firmware/${name}'`,
  );
  await vm.run(
    ['mount -o remount,rw /boot/firmware', ...writes, 'sync', 'mount -o remount,ro /boot/firmware'].join('\n'),
  );
};
const restarted = async (how: () => Promise<unknown>) => {
  const booted = vm.nextBoot();
  await how();
  await booted;
};
/** What is on the data partition, as raw bytes, is not what was there before. */
const mark = 'somebody-lived-here-0123456789';

test(
  'a reset asked for on the page destroys everything, and the wizard is back',
  async () => {
    owner = await signInTo(vm);
    const { boxName } = (await pageOf(vm)).session;
    await vm.run(`echo ${mark} > /data/nightjar/mark; sync`);
    const refused = await owner.fetch('/api/v1/system/reset', {
      method: 'POST',
      json: { proof: owner.proof, boxName: 'another box' },
    });
    expect(refused.status).toBe(409);
    await restarted(() =>
      owner.json('/api/v1/system/reset', { method: 'POST', json: { proof: owner.proof, boxName } }),
    );
    const { session, visitor } = await pageOf(vm);
    expect(session.state).toBe('unclaimed');
    expect((await vm.tryRun('ls /data/nightjar/mark')).status).not.toBe(0);
    expect((await vm.tryRun(`head -c 200M /dev/vda3 | grep -c ${mark}`, 60_000)).out).toBe('0\n');
    owner = await visitor.claim(undefined);
    expect((await systemOf(owner)).boot?.reset).toEqual({ by: 'page' });
  },
  8 * MINUTES,
);

test(
  'the file nightjar-reset on the card does, too, once; and a nightjar.toml beside it sets the new box up',
  async () => {
    await onCard({
      'nightjar-reset': '',
      'nightjar.toml': `[box]
name = "Garden box"
timeZone = "Europe/Lisbon"

[mail]
enabled = true
host = "mail.example.org"
username = "robin@example.org"
password = "not for other eyes"
from = "robin@example.org"
to = ["robin@example.org"]

[[cameras]]
name = "Gate"
source = { kind = "rtsp", url = "rtsp://10.0.2.2:9/gate", username = "admin", password = "secret at the gate" }
`,
    });
    await restarted(() => vm.run('systemctl reboot'));
    const { session, visitor } = await pageOf(vm);
    expect({ state: session.state, name: session.boxName }).toEqual({ state: 'unclaimed', name: 'Garden box' });
    expect(session.setup?.preset?.problems ?? []).toEqual([]);
    owner = await visitor.claim(undefined);
    const { boot, preset } = await systemOf(owner);
    expect(boot?.reset).toEqual({ by: 'file' });
    expect(preset?.problems).toEqual([]);
    const settings = await owner.json<SettingsView>('/api/v1/settings');
    expect(settings.box).toMatchObject({ name: 'Garden box', timeZone: 'Europe/Lisbon' });
    expect(settings.mail).toMatchObject({ host: 'mail.example.org' });
    expect(settings.secretsSet).toContain('mail.password');
    expect(await owner.json<readonly { readonly name: string }[]>('/api/v1/cameras')).toMatchObject([{ name: 'Gate' }]);
    // The card can be read by whoever finds it: the file is there, its secrets are not, nor is the request.
    expect((await vm.run('ls /boot/firmware')).split('\n')).not.toContain('nightjar-reset');
    const left = await vm.run('cat /boot/firmware/nightjar.toml');
    expect(left).toContain('Garden box');
    expect((await vm.tryRun('grep -a -c -e "not for other eyes" -e "secret at the gate" /dev/vda1', 60_000)).out).toBe(
      '0\n',
    );
  },
  8 * MINUTES,
);

test(
  'a nightjar.toml with a mistake is shown with its line, and the rest of it is taken; it resets nothing',
  async () => {
    await onCard({
      'nightjar.toml': `[box]
name = "Shed box"
timeZone = "Europe/Atlantis"
`,
    });
    await restarted(() => vm.run('systemctl reboot'));
    owner = await signInTo(vm);
    const { boot, preset } = await systemOf(owner);
    expect(boot?.reset).toBeUndefined();
    expect(preset?.problems).toHaveLength(1);
    expect(preset?.problems[0]).toMatchObject({ line: 3, path: 'box.timeZone' });
  },
  6 * MINUTES,
);

test(
  'a hostile nightjar.toml and a boot argument: the box is reset, comes up, and says what it did not read',
  async () => {
    const disk = vm.disk;
    await onCard({
      'nightjar.toml': `${'['.repeat(20_000)}\n[box]\nname = "${'\\u0000'.repeat(2000)}"\n`,
    });
    await vm.powerOff();
    // The disk goes on in a machine whose kernel is told to reset.
    await using other = await startVm({ disk, arguments: 'nightjar.reset', lifeMs: 8 * MINUTES });
    const { session, visitor } = await pageOf(other);
    expect(session.state).toBe('unclaimed');
    expect(session.setup?.preset?.problems.length).toBeGreaterThan(0);
    expect(session.setup?.preset?.problems[0]?.line).toBeGreaterThanOrEqual(1);
    const { boot } = await systemOf(await visitor.claim(undefined));
    expect(boot?.reset).toEqual({ by: 'argument' });
  },
  10 * MINUTES,
);

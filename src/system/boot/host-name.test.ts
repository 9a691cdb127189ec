import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ManualClock } from '../../base/clock.ts';
import { findHostName, giveHostName, hostNameOf, readMachineSerial } from './host-name.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A machine as its files say it is. */
function machine(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-name-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
const card = (name: string, mac: string) => ({
  [`sys/class/net/${name}/address`]: `${mac}\n`,
  [`sys/class/net/${name}/device/x`]: '',
});

test('a Pi is named after its serial, whatever network cards it has', async () => {
  const pi = { 'proc/device-tree/serial-number': '10000000a1b2c3d4\0' };
  const name = await findHostName({ root: machine(pi) });
  expect(name).toBe('nightjar-qrh5');
  expect(await findHostName({ root: machine({ ...pi, ...card('eth0', 'dc:a6:32:01:02:03') }) })).toBe(name);
});

test('the name is easy to read aloud, and does not tell the serial', () => {
  for (let i = 0; i < 500; i++) {
    expect(hostNameOf({ from: 'device-tree', serial: `10000000a1b2${i}` })).toMatch(
      /^nightjar-[2-9bcdfghjkmnp-tv-z]{4}$/,
    );
  }
  expect(hostNameOf({ from: 'device-tree', serial: 'ABCDEF01' })).toBe(hostNameOf({ from: 'mac', serial: 'abcdef01' }));
});

const useless = [
  'To be filled by O.E.M.',
  'Default string',
  '0000000000000000',
  'Not Specified',
  '123456789',
  'System Serial Number',
  'None',
  '',
  'FFFFFFFF',
];
for (const said of useless) {
  test(`a board that calls itself ${JSON.stringify(said)} is named after its network card`, () => {
    const root = machine({ 'sys/class/dmi/id/product_serial': `${said}\n`, ...card('enp3s0', '1c:69:7a:0a:0b:0c') });
    expect(readMachineSerial(root)).toEqual({ from: 'mac', serial: '1c:69:7a:0a:0b:0c' });
  });
}

test('the wired card comes first; made-up addresses and bridges do not count', () => {
  const root = machine({
    ...card('wlan0', 'dc:a6:32:00:00:02'),
    ...card('end0', 'dc:a6:32:00:00:01'),
    ...card('eth9', '02:11:22:33:44:55'),
    'sys/class/net/br0/address': 'dc:a6:32:00:00:00\n',
    'sys/class/net/lo/address': '00:00:00:00:00:00\n',
  });
  expect(readMachineSerial(root)).toEqual({ from: 'mac', serial: 'dc:a6:32:00:00:01' });
});

test('a name made of a network card is remembered, and outlives the card', async () => {
  const root = machine(card('enx1', '1c:69:7a:0a:0b:0c'));
  const rememberAt = join(root, 'data/system/host-name');
  const name = await findHostName({ root, rememberAt });
  expect(readFileSync(rememberAt, 'utf8')).toBe(`${name}\n`);
  const other = machine(card('enx2', '1c:69:7a:ff:ff:ff'));
  expect(await findHostName({ root: other, rememberAt })).toBe(name);
  expect(await findHostName({ root: other })).not.toBe(name);
});

test('what is remembered is not believed when it is no name of ours', async () => {
  const root = machine({ ...card('enx1', '1c:69:7a:0a:0b:0c'), 'data/system/host-name': 'evil; reboot\n' });
  expect(await findHostName({ root, rememberAt: join(root, 'data/system/host-name') })).toBe(
    await findHostName({ root }),
  );
});

test('a network card that is found late is waited for; without any the box is called nightjar', async () => {
  const root = machine({});
  const clock = new ManualClock();
  const named = findHostName({ root, clock, waitMs: 1000 });
  for (const [path, text] of Object.entries(card('eth0', 'dc:a6:32:01:02:03'))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  await clock.advance(200);
  expect(await named).toBe(hostNameOf({ from: 'mac', serial: 'dc:a6:32:01:02:03' }));
  expect(await findHostName({ root: machine({}), clock, waitMs: 0 })).toBe('nightjar');
});

test('the name is given to the kernel and to who asks for it later', () => {
  const root = machine({ 'proc/sys/kernel/hostname': 'localhost' });
  giveHostName('nightjar-2bcd', root);
  expect(readFileSync(join(root, 'proc/sys/kernel/hostname'), 'utf8')).toBe('nightjar-2bcd');
  expect(readFileSync(join(root, 'run/nightjar-boot/host-name'), 'utf8')).toBe('nightjar-2bcd\n');
});

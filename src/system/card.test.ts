import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cardUnder } from './card.ts';

/** A /sys with one device and one partition of it, 179:2. */
function sysOf(device: string, files: Readonly<Record<string, string>>, partition = 'p2'): string {
  const sys = mkdtempSync(join(tmpdir(), 'nightjar-sys-'));
  const place = join(sys, 'devices', device);
  const all = { size: '62333952\n', stat: '  100 0 800 5 2000 10 4096 30 0 40 50 0 0 0 0\n', ...files };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), content);
  }
  mkdirSync(join(place, device + partition));
  writeFileSync(join(place, device + partition, 'partition'), '2\n');
  mkdirSync(join(sys, 'dev/block'), { recursive: true });
  symlinkSync(join(place, device + partition), join(sys, 'dev/block/179:2'));
  return sys;
}
const read = (sys: string) => cardUnder('/somewhere', sys, () => '179:2');

test('an SD card is named with its size, its age and what was written to it, by the partition that holds the data', () => {
  const sys = sysOf('mmcblk0', { 'device/type': 'SD\n', 'device/name': 'SC32G\n', 'device/date': '07/2023\n' });
  expect(read(sys)).toEqual({
    device: 'mmcblk0',
    kind: 'sd',
    bytes: 62333952 * 512,
    writtenBytes: 4096 * 512,
    name: 'SC32G',
    made: '07/2023',
  });
});

test.each([
  ['0x01 0x01', '0x01', [0, 10], 'normal'],
  ['0x02 0x05', '0x02', [40, 50], 'warning'],
  ['0x0b 0x00', '0x03', [100, 110], 'urgent'],
  ['0x00 0x00', '0x00', undefined, undefined],
] as const)('an eMMC tells how worn it is: %s and %s', (life, reserve, usedPercent, says) => {
  const files = { 'device/type': 'MMC\n', 'device/life_time': `${life}\n`, 'device/pre_eol_info': `${reserve}\n` };
  const card = read(sysOf('mmcblk1', files));
  expect([card?.kind, card?.usedPercent, card?.reserve]).toEqual(['emmc', usedPercent as never, says]);
});

test.each([
  ['nvme0n1', {}, 'nvme'],
  ['sda', { 'queue/rotational': '1\n' }, 'hard-disk'],
  ['sda', { 'queue/rotational': '0\n', removable: '0\n' }, 'ssd'],
  ['sda', { 'queue/rotational': '1\n', removable: '1\n' }, 'stick'],
  ['vda', { 'queue/rotational': '1\n' }, 'other'],
  ['dm-0', { 'queue/rotational': '0\n' }, 'other'],
] as const)('%s with %j is known as what it is', (device, files, kind) => {
  expect(read(sysOf(device, files))?.kind).toBe(kind);
});

test('memory, a network disk and a machine that does not tell have no card', () => {
  expect(cardUnder('/somewhere', sysOf('sda', {}), () => '0:42')).toBeUndefined();
  expect(cardUnder('/there/is/no/such/folder', sysOf('sda', {}))).toBeUndefined();
  expect(read(sysOf('sda', { stat: '\n' }))).toBeUndefined();
});

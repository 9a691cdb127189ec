import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceOfMount, findRootDisk, partitionName } from './root-disk.ts';

/** From a Pi: root, then what is mounted below it. */
const PI = `22 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 ro
23 22 0:21 / /proc rw,nosuid shared:12 - proc proc rw
35 22 179:1 / /boot/firmware ro shared:29 - vfat /dev/mmcblk0p1 ro,umask=0077
36 22 179:3 / /data rw,nosuid,nodev,noatime shared:30 - ext4 /dev/mmcblk0p3 rw
`;

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function machine(mountinfo: string): string {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-disk-'));
  const disk = 'sys/devices/platform/emmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0';
  for (const path of ['proc/self', 'sys/dev/block', `${disk}/mmcblk0p2`])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'proc/self/mountinfo'), mountinfo);
  writeFileSync(join(folder, disk, 'size'), '62333952\n');
  writeFileSync(join(folder, disk, 'mmcblk0p2/partition'), '2\n');
  symlinkSync(join('../..', disk.slice(4), 'mmcblk0p2'), join(folder, 'sys/dev/block/179:2'));
  return folder;
}

test('the disk is found from what is mounted as root, not from names or labels', () => {
  const disk = findRootDisk(machine(PI));
  expect(disk).toMatchObject({ device: join(folder, 'dev/mmcblk0'), bytes: 62_333_952 * 512, rootNumber: 2 });
  expect(disk?.partition(3)).toBe(join(folder, 'dev/mmcblk0p3'));
});

test('a root in memory or over the network is on no disk', () => {
  expect(findRootDisk(machine('22 1 0:25 / / rw - overlay overlayroot rw\n'))).toBeUndefined();
  expect(findRootDisk(machine(''))).toBeUndefined();
});

test('the last mount on a folder is the one that is seen; an initrd’s root is covered', () => {
  expect(deviceOfMount('1 1 0:2 / / rw - rootfs rootfs rw\n22 1 179:2 / / ro - ext4 /dev/root ro\n', '/')).toBe(
    '179:2',
  );
  expect(deviceOfMount(PI, '/data')).toBe('179:3');
  expect(deviceOfMount(PI, '/dat')).toBeUndefined();
});

test.each([
  ['sda', 'sda3'],
  ['vda', 'vda3'],
  ['mmcblk0', 'mmcblk0p3'],
  ['nvme0n1', 'nvme0n1p3'],
])('the third partition of %s is %s', (disk, name) => {
  expect(partitionName(disk, 3)).toBe(name);
});

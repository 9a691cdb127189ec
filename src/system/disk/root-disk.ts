// Which disk the system runs from: from the mount table to the partition that holds `/`, and from there to its disk, through
// sysfs. Neither labels nor names of devices are believed: a stick called `data` must never be taken for ours.

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface RootDisk {
  /** E.g. /dev/mmcblk0. */
  readonly device: string;
  readonly bytes: number;
  /** Number of the partition that holds `/`. */
  readonly rootNumber: number;
  /** E.g. /dev/mmcblk0p3 for 3. */
  partition(number: number): string;
}

/** Undefined when `/` is not on a partition of a disk (memory, overlay, network). `kernel` is where /proc, /sys and /dev are. */
export function findRootDisk(kernel: string): RootDisk | undefined {
  const device = deviceOfMount(readFileSync(join(kernel, 'proc/self/mountinfo'), 'utf8'), '/');
  const link = join(kernel, 'sys/dev/block', device ?? '');
  if (!device || !existsSync(join(link, 'partition'))) return undefined;
  const partition = realpathSync(link);
  const disk = dirname(partition);
  const name = basename(disk);
  return {
    device: join(kernel, 'dev', name),
    // In sysfs a sector is 512 bytes, whatever the disk says of itself.
    bytes: number(join(disk, 'size')) * 512,
    rootNumber: number(join(partition, 'partition')),
    partition: (n) => join(kernel, 'dev', partitionName(name, n)),
  };
}

/** `major:minor` of what is mounted on a folder, the last mount winning; proc(5), /proc/pid/mountinfo. */
export function deviceOfMount(mountinfo: string, folder: string): string | undefined {
  let device: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    if (fields[4] === folder) device = fields[2];
  }
  return device;
}

/** sda → sda3; names that end in a digit get a p between: mmcblk0 → mmcblk0p3. */
export const partitionName = (disk: string, number: number): string => `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`;

function number(path: string): number {
  return Number(readFileSync(path, 'utf8').trim());
}

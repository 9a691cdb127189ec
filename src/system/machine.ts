// Facts about the machine the box runs on: disk, load, temperature, addresses. Read on demand from the kernel's own files;
// what a machine does not have is absent, not an error.

import { readFileSync, statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { loadavg, networkInterfaces } from 'node:os';

export interface DiskSpace {
  readonly totalBytes: number;
  /** What an unprivileged process may still write. */
  readonly freeBytes: number;
}

const spaceOf = (s: { bsize: number; blocks: number; bavail: number }): DiskSpace => ({
  totalBytes: s.blocks * s.bsize,
  freeBytes: s.bavail * s.bsize,
});

/** Space of the file system that holds a folder. Throws what the system says when the folder is gone. */
export const diskSpace = async (folder: string): Promise<DiskSpace> => spaceOf(await statfs(folder));
export const diskSpaceNow = (folder: string): DiskSpace => spaceOf(statfsSync(folder));

/** Load of the last minute divided by the number of cores: 1 means fully busy. */
export const loadPerCore = (): number => loadavg()[0]! / navigator.hardwareConcurrency;

/** Of the processor, in degrees Celsius; undefined where the machine does not tell. */
export function temperatureC(path = '/sys/class/thermal/thermal_zone0/temp'): number | undefined {
  try {
    const milli = Number(readFileSync(path, 'utf8'));
    return Number.isFinite(milli) && milli > 0 ? Math.round(milli / 100) / 10 : undefined;
  } catch {
    return undefined;
  }
}

/** Addresses under which others in the network reach this machine, IPv4 first, without loopback and link-local ones. */
export function lanAddresses(interfaces = networkInterfaces()): readonly string[] {
  return Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter((a) => !a.internal && !a.address.startsWith('fe80:') && !a.address.startsWith('169.254.'))
    .sort((a, b) => a.family.localeCompare(b.family))
    .map((a) => a.address);
}

/** Identifies this run of the kernel: monotonic times of different boots cannot be compared. */
export function bootId(path = '/proc/sys/kernel/random/boot_id'): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

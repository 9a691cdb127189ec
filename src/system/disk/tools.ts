// The system's programs that look at and change disks, each as a function with typed arguments. How a program is run is an
// argument: tests put image files under the real programs and stand in for the kernel. What to do is decided elsewhere.

import { runChild } from '../../base/child.ts';
import { describeError } from '../../base/errors.ts';

export interface ToolResult {
  /** Null when it could not be started, was ended by a signal, or took too long. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last of both outputs, for the report. */
  readonly said: string;
}

export type RunTool = (
  argv: readonly [string, ...string[]],
  options?: { readonly stdin?: string; readonly timeoutMs?: number },
) => Promise<ToolResult>;

/** Runs one of the system's programs. Never throws: a program that is not there is a result, too. */
export const runSystemTool: RunTool = async (argv, options = {}) => {
  try {
    const ran = await runChild(argv, {
      timeoutMs: options.timeoutMs ?? 60_000,
      maxBytes: 1024 * 1024,
      // At boot a service may have a bare PATH; disk programs are in sbin.
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      ...(options.stdin === undefined ? {} : { stdin: new TextEncoder().encode(options.stdin) }),
    });
    const stdout = new TextDecoder().decode(ran.stdout);
    return { code: ran.timedOut ? null : ran.code, stdout, said: lastOf(`${stdout}\n${ran.stderr}`) };
  } catch (error) {
    return { code: null, stdout: '', said: describeError(error) };
  }
};

/** A whole check of a large disk full of errors takes long; the unit gives the whole boot step an hour. */
const CHECK_WITHIN_MS = 14 * 60_000;

const FORMAT = ['-q', '-F', '-L', 'data', '-b', '4096', '-i', '32768', '-m', '1'];
const ENTRY_ONLY = ['--no-reread', '--no-tell-kernel'];

/** Arguments are checked against the manuals of util-linux 2.38-2.41 and e2fsprogs 1.47. */
export const diskTools = (run: RunTool) => ({
  /** The partition table as JSON. */
  readTable: (disk: string) => run(['sfdisk', '--json', disk]),

  /**
   * Writes one entry of the table, new or changed. Only sector 0 is written, so a power cut leaves the old entry or the new.
   * The kernel is told separately: root's disk is in use, and sfdisk's own way needs it not to be.
   */
  writeEntry: (disk: string, entry: { number: number; start: number; sectors: number; type: string }) =>
    run(['sfdisk', ...ENTRY_ONLY, '--wipe=never', '--wipe-partitions=never', '-N', String(entry.number), disk], {
      stdin: `start=${entry.start}, size=${entry.sectors}, type=${entry.type}\n`,
    }),

  writeType: (disk: string, number: number, type: string) =>
    run(['sfdisk', ...ENTRY_ONLY, '--part-type', disk, String(number), type]),

  /** Makes the kernel see one partition as the table has it: new or with another size. */
  tellKernel: (disk: string, number: number) => run(['partx', '--update', '--nr', String(number), disk]),

  /**
   * An empty ext4 named `data`. One inode per 32 KiB halves the tables (recordings are megabytes), 1 % for root keeps the box able to
   * boot when full, and a journal of 64 MiB is plenty: the default on a large card is 1 GiB, a minute of writing at the first boot.
   */
  makeFileSystem: (partition: string, bytes: number) =>
    run(['mkfs.ext4', ...FORMAT, ...(bytes >= 2 ** 30 ? ['-J', 'size=64'] : []), partition], {
      timeoutMs: 15 * 60_000,
    }),

  /** Replays the journal and mends what is safe; an instant when the disk is clean. Exit code: see `judgeCheck`. */
  check: (partition: string) => run(['e2fsck', '-p', partition], { timeoutMs: CHECK_WITHIN_MS }),
  /** Looks at everything and mends whatever it can. */
  mend: (partition: string) => run(['e2fsck', '-f', '-y', partition], { timeoutMs: CHECK_WITHIN_MS }),
  /** What a partition holds, when it is not ext4: `TYPE=btrfs`. Code 2: nothing known. */
  identify: (partition: string) => run(['blkid', '-p', '-o', 'export', partition]),

  /** Grows to the size of its partition, mounted: the kernel does it in steps that survive a power cut. */
  growFileSystem: (partition: string) => run(['resize2fs', partition], { timeoutMs: 15 * 60_000 }),

  /** Gives all blocks back to the card. Code 0: it took them. */
  discard: (partition: string) => run(['blkdiscard', '-f', partition], { timeoutMs: 10 * 60_000 }),

  mountData: (partition: string, folder: string) =>
    run(['mount', '-t', 'ext4', '-o', 'nodev,nosuid,noatime,errors=remount-ro', partition, folder], {
      timeoutMs: 5 * 60_000,
    }),
  unmount: (folder: string) => run(['umount', folder]),
  remount: (folder: string, how: 'rw' | 'ro') => run(['mount', '-o', `remount,${how}`, folder]),
});

export type DiskTools = ReturnType<typeof diskTools>;

const lastOf = (text: string): string =>
  text
    .replaceAll(/\n{2,}/g, '\n')
    .trim()
    .slice(-1500);

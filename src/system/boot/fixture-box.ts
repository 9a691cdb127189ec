// A box for tests of the boot, in a folder: image files under the real sfdisk, mkfs.ext4, e2fsck, resize2fs and blkid; and a stand-in
// for what only a kernel can do (mount, unmount, remount, seeing a partition, discard). What is on a file system is a folder named
// by its UUID, so a new file system is empty and the old one's content can still be looked at. Run as a program it is one boot,
// which can be cut short at any step.

import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { type Places, placesUnder } from '../../base/places.ts';
import { type Partition, parseTable } from '../disk/partition-table.ts';
import { type RunTool, runSystemTool, type ToolResult } from '../disk/tools.ts';
import { boot } from './boot.ts';
import { type BootReport, readBootReport } from './report.ts';

const MiB = 2 ** 20;
export const ROOT_END_MIB = 52;

export interface FixtureBox {
  readonly folder: string;
  readonly places: Places;
  /** The disk, and the file that stands for its third partition. */
  readonly disk: string;
  readonly p3: string;
  /** A start of the box; with `cutBefore`, the power goes right before that tool (counted from 1) would be run. */
  start(options?: StartOptions): Promise<BootReport | undefined>;
  /** Tools that the last start ran, in order, each as one line. */
  ran(): readonly string[];
  table(): Promise<readonly Partition[]>;
  uuid(): string;
  /** Where the content of a file system lies while it is not mounted. */
  content(uuid: string): string;
  /** Moves the image to a card of this size. */
  card(mebibytes: number): void;
  remove(): void;
}

export interface StartOptions {
  readonly cutBefore?: number;
  /** Programs that fail with what they would say. */
  readonly failing?: Readonly<Record<string, string>>;
  readonly commandLine?: string;
}

/** A card as it is flashed: bootfs, root, and nothing behind. */
export async function flashedBox(options: {
  readonly mebibytes: number;
  readonly table?: string;
}): Promise<FixtureBox> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-card-'));
  const at = (path: string) => join(folder, path);
  const places = placesUnder(folder);
  for (const path of [
    'proc/self',
    'proc/sys/kernel/random',
    'proc/device-tree',
    'sys/dev/block',
    'dev',
    'etc',
    'contents',
  ])
    mkdirSync(at(path), { recursive: true });
  mkdirSync(at('sys/devices/virtio/block/vda/vda2'), { recursive: true });
  symlinkSync(at('sys/devices/virtio/block/vda/vda2'), at('sys/dev/block/254:2'));
  writeFileSync(at('sys/devices/virtio/block/vda/vda2/partition'), '2\n');
  writeFileSync(at('proc/self/mountinfo'), '22 1 254:2 / / ro,noatime shared:1 - ext4 /dev/root ro\n');
  writeFileSync(at('proc/device-tree/serial-number'), '10000000a1b2c3d4\0');
  writeFileSync(at('proc/sys/kernel/hostname'), 'nightjar');
  const own = `${process.getuid?.()}:${process.getgid?.()}`;
  writeFileSync(
    at('etc/passwd'),
    `root:x:${own}:root:/root:/usr/sbin/nologin\nnightjar:x:${own}::/:/usr/sbin/nologin\n`,
  );
  mkdirSync(places.bootfs, { recursive: true });
  mkdirSync(places.data);
  writeFileSync(join(places.bootfs, 'cmdline.txt'), 'console=tty1 root=PARTUUID=1234abcd-02 rootwait ro\n');
  const disk = at('dev/vda');
  writeFileSync(disk, '');
  const table =
    options.table ?? 'label: dos\nlabel-id: 0x1234abcd\nstart=8192,size=32768,type=c\nstart=40960,size=65536,type=83\n';
  truncateSync(disk, options.mebibytes * MiB);
  await runSystemTool(['sfdisk', '-q', disk], { stdin: table });
  let boots = 0;
  const box: FixtureBox = {
    folder,
    places,
    disk,
    p3: at('dev/vda3'),
    async start(start = {}) {
      unmountAll(folder);
      rmSync(at('run'), { recursive: true, force: true });
      await kernelSees(folder);
      writeFileSync(at('proc/cmdline'), start.commandLine ?? readFileSync(join(places.bootfs, 'cmdline.txt')));
      writeFileSync(at('proc/sys/kernel/random/boot_id'), `boot-${++boots}\n`);
      writeFileSync(at('ran'), '');
      if (start.cutBefore === undefined) await bootOnce(folder, start);
      else {
        const child = Bun.spawn([process.execPath, import.meta.path, folder, JSON.stringify(start)], {
          stderr: 'inherit',
        });
        await child.exited;
      }
      return readBootReport(places.bootReport);
    },
    ran: () => readFileSync(at('ran'), 'utf8').trim().split('\n'),
    table: () => partitions(folder),
    uuid: () => uuidOf(box.p3) ?? '',
    content: (uuid) => at(`contents/${uuid}`),
    card: (mebibytes) => {
      truncateSync(disk, mebibytes * MiB);
      writeFileSync(at('sys/devices/virtio/block/vda/size'), `${mebibytes * 2048}\n`);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  box.card(options.mebibytes);
  return box;
}

function bootOnce(folder: string, start: StartOptions): Promise<BootReport> {
  const run = standIn(folder, start);
  const takePreset = async () => ({ presetTaken: false, problems: [] });
  return boot({ places: placesUnder(folder), kernel: folder, run, clock: systemClock, log: silentLog, takePreset });
}

/** The real programs, but for what only a kernel does. */
function standIn(folder: string, { cutBefore, failing = {} }: StartOptions): RunTool {
  const data = join(folder, 'data');
  const p3 = join(folder, 'dev/vda3');
  let count = 0;
  return async (argv, options) => {
    if (++count === cutBefore) process.kill(process.pid, 'SIGKILL');
    writeFileSync(join(folder, 'ran'), `${argv.join(' ').replaceAll(folder, '')}\n`, { flag: 'a' });
    const [program] = argv;
    const says = failing[program] ?? (argv.includes('remount,rw') ? failing.remount : undefined);
    if (says !== undefined) return { code: 1, stdout: '', said: says };
    switch (program) {
      case 'partx':
        await kernelSees(folder);
        return done;
      case 'blkdiscard': {
        const bytes = Bun.file(p3).size;
        truncateSync(p3, 0);
        truncateSync(p3, bytes);
        return done;
      }
      case 'mount': {
        if (argv.some((word) => word.startsWith('remount'))) return done;
        const uuid = uuidOf(p3);
        if (!uuid) return { code: 32, stdout: '', said: 'mount: wrong fs type, bad superblock' };
        mkdirSync(join(folder, 'contents', uuid), { recursive: true });
        rmdirSync(data);
        renameSync(join(folder, 'contents', uuid), data);
        writeFileSync(join(folder, 'mounted'), uuid);
        return done;
      }
      case 'umount':
        unmountAll(folder);
        return done;
      default:
        return runSystemTool(argv, options);
    }
  };
}

const done: ToolResult = { code: 0, stdout: '', said: '' };

function unmountAll(folder: string): void {
  const mark = join(folder, 'mounted');
  if (!existsSync(mark)) return;
  renameSync(join(folder, 'data'), join(folder, 'contents', readFileSync(mark, 'utf8')));
  mkdirSync(join(folder, 'data'));
  rmSync(mark);
}

/** The file of the third partition has the size that the table says; what is on it stays. */
async function kernelSees(folder: string): Promise<void> {
  const entry = (await partitions(folder)).find((p) => p.number === 3);
  const p3 = join(folder, 'dev/vda3');
  if (!entry) return;
  if (!existsSync(p3)) writeFileSync(p3, '');
  truncateSync(p3, entry.sectors * 512);
}

async function partitions(folder: string): Promise<readonly Partition[]> {
  const read = await runSystemTool(['sfdisk', '--json', join(folder, 'dev/vda')]);
  return parseTable(read.stdout)?.partitions ?? [];
}

/** Of the ext4 on a partition, if there is one that a kernel would mount. */
function uuidOf(partition: string): string | undefined {
  const bytes = new Uint8Array(1024);
  const fd = openSync(partition, 'r');
  readSync(fd, bytes, 0, 1024, 1024);
  closeSync(fd);
  return bytes[0x38] === 0x53 && bytes[0x39] === 0xef
    ? Buffer.from(bytes.subarray(0x68, 0x78)).toString('hex')
    : undefined;
}

if (import.meta.main) await bootOnce(process.argv[2]!, JSON.parse(process.argv[3]!) as StartOptions);

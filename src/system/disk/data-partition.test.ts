import { afterEach, beforeEach, expect, test } from 'bun:test';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../base/log.ts';
import { prepareData } from './data-partition.ts';
import type { RootDisk } from './root-disk.ts';
import { diskTools, type ToolResult } from './tools.ts';

// What the programs answer is told; what is run in answer to it is the promise. Real programs: boot.integration.test.ts.

const MiB = 2 ** 20;
const SIZE = 512 * MiB;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const table = JSON.stringify({
  partitiontable: {
    label: 'dos',
    sectorsize: 512,
    partitions: [
      { node: 'vda1', start: 8192, size: 32768, type: 'c' },
      { node: 'vda2', start: 40960, size: 65536, type: '83' },
      { node: 'vda3', start: 106496, size: SIZE / 512, type: '83' },
    ],
  },
});

type Answer = number | null | readonly [code: number | null, said: string];

/** A disk whose third partition holds ext4 (or not), and programs with these answers, in order; 0 when there are no more. */
async function prepare(answers: Readonly<Record<string, readonly Answer[]>>, ext4 = true) {
  const p3 = join(folder, 'vda3');
  const fd = openSync(p3, 'w');
  if (ext4) {
    const superblock = new Uint8Array(1024);
    const view = new DataView(superblock.buffer);
    view.setUint32(0x04, SIZE / 4096, true);
    view.setUint32(0x18, 2, true);
    view.setUint16(0x38, 0xef53, true);
    writeSync(fd, superblock, 0, 1024, 1024);
  }
  closeSync(fd);
  truncateSync(p3, 4 * MiB);
  const disk: RootDisk = {
    device: '/dev/vda',
    bytes: 106496 * 512 + SIZE,
    rootNumber: 2,
    partition: () => p3,
  };
  const ran: string[] = [];
  const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
  const run = async (argv: readonly [string, ...string[]]): Promise<ToolResult> => {
    const name = argv[0] === 'e2fsck' ? `e2fsck ${argv.slice(1, -1).join(' ')}` : argv[0];
    if (argv[1] === '--json') return { code: 0, stdout: table, said: '' };
    ran.push(name);
    const told = left.get(name)?.shift();
    const answer = told === undefined ? 0 : told;
    const [code, said] = typeof answer === 'object' && answer !== null ? answer : [answer, ''];
    return { code, stdout: said, said };
  };
  return { report: await prepareData(disk, { tools: diskTools(run), log: silentLog, folder: '/data' }), ran };
}

test('an ordinary day is a check and a mount', async () => {
  const { report, ran } = await prepare({});
  expect(ran).toEqual(['e2fsck -p', 'mount']);
  expect(report).toMatchObject({ kind: 'ready', bytes: SIZE, did: [] });
});

test('damage that -p leaves to people is mended, twice if it must be', async () => {
  const { report, ran } = await prepare({
    'e2fsck -p': [4],
    'e2fsck -f -y': [
      [4, 'half'],
      [1, 'the rest'],
    ],
  });
  expect(ran).toEqual(['e2fsck -p', 'e2fsck -f -y', 'e2fsck -f -y', 'mount']);
  expect(report).toMatchObject({ kind: 'ready', did: [{ kind: 'mended', detail: 'the rest' }] });
});

test('what cannot all be mended is used as far as it goes, and said', async () => {
  const { report } = await prepare({ 'e2fsck -p': [4], 'e2fsck -f -y': [4, [4, 'inode 12']] });
  expect(report).toMatchObject({ did: [{ kind: 'mended', detail: 'not everything could be mended: inode 12' }] });
});

test('mending that took too long is not begun again, at this start: what can be mounted is used', async () => {
  const { report, ran } = await prepare({ 'e2fsck -p': [4], 'e2fsck -f -y': [null, 0], mount: [0] });
  expect(ran).toEqual(['e2fsck -p', 'e2fsck -f -y', 'mount']);
  expect(report).toMatchObject({ kind: 'ready' });
  const never = await prepare({ 'e2fsck -p': [null], 'e2fsck -f -y': [null], mount: [32] });
  expect(never.ran).toEqual(['e2fsck -p', 'e2fsck -f -y', 'mount']);
  expect(never.report).toMatchObject({ kind: 'missing', reason: 'unreadable' });
});

test('a mount that fails after a good check is mended and tried once more', async () => {
  const { report, ran } = await prepare({ mount: [32], 'e2fsck -f -y': [[1, 'journal']] });
  expect(ran).toEqual(['e2fsck -p', 'mount', 'e2fsck -f -y', 'mount']);
  expect(report).toMatchObject({ kind: 'ready', did: [{ kind: 'mended', detail: 'journal' }] });
  const again = await prepare({ mount: [32, [32, 'bad geometry']], 'e2fsck -f -y': [1] });
  expect(again.report).toMatchObject({ kind: 'missing', reason: 'unreadable', detail: 'bad geometry' });
});

const neverMade: readonly (readonly [string, Readonly<Record<string, readonly Answer[]>>, boolean])[] = [
  ['the checker is not there', { 'e2fsck -p': [null], 'e2fsck -f -y': [null, null], mount: [32, 32] }, true],
  ['the checker refuses a file system that is there', { 'e2fsck -p': [8], 'e2fsck -f -y': [8, 8] }, true],
  ['nothing mounts', { mount: [32, 32] }, true],
  ['another file system is there', { 'e2fsck -p': [8], 'e2fsck -f -y': [8, 8], blkid: [[0, 'TYPE=btrfs']] }, false],
  ['it cannot be told what is there', { 'e2fsck -p': [8], 'e2fsck -f -y': [8, 8], blkid: [null] }, false],
];
test.each(neverMade)('nothing is made anew when %s', async (_, answers, ext4) => {
  const { report, ran } = await prepare(answers, ext4);
  expect(ran).not.toContain('mkfs.ext4');
  expect(ran).not.toContain('sfdisk');
  expect(report).toMatchObject({ kind: 'missing', reason: 'unreadable' });
});

test('it is made anew when nothing at all is there', async () => {
  const { report, ran } = await prepare({ 'e2fsck -p': [8], 'e2fsck -f -y': [8, 8], blkid: [2] }, false);
  expect(ran).toEqual([
    ...['e2fsck -p', 'e2fsck -f -y', 'e2fsck -f -y', 'blkid', 'sfdisk', 'partx', 'mkfs.ext4', 'sfdisk', 'mount'],
  ]);
  expect(report).toMatchObject({ kind: 'ready', did: [{ kind: 'made-anew' }] });
});

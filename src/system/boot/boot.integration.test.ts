// The boot over real partition tables and file systems: sfdisk, mkfs.ext4, e2fsck, resize2fs and blkid work on image files.

import { afterEach, expect, test } from 'bun:test';
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { runSystemTool } from '../disk/tools.ts';
import { type FixtureBox, flashedBox, ROOT_END_MIB } from './fixture-box.ts';

const CARD_MIB = 400;
const P3_START = ROOT_END_MIB * 2048;

let box: FixtureBox;
afterEach(() => box?.remove());

/** A box that has started once and has something to lose. */
async function usedBox(): Promise<string> {
  box = await flashedBox({ mebibytes: CARD_MIB });
  await box.start();
  writeFileSync(join(box.places.box, 'settings.json'), 'the password of the Wi-Fi');
  return box.uuid();
}
const overwriteStart = (path: string, bytes: number) => {
  const fd = openSync(path, 'r+');
  writeSync(fd, new Uint8Array(bytes), 0, bytes, 0);
  closeSync(fd);
};
const soundly = async () => expect((await runSystemTool(['e2fsck', '-f', '-n', box.p3])).code).toBe(0);

test('the first start makes the data partition of all the room behind root, labelled, with its folders', async () => {
  box = await flashedBox({ mebibytes: CARD_MIB });
  const report = await box.start();
  expect(report).toMatchObject({
    disk: { kind: 'ready', partition: box.p3, did: [{ kind: 'made' }] },
    presetTaken: false,
    problems: [],
    bootId: 'boot-1',
  });
  expect((await box.table())[2]).toEqual({
    number: 3,
    start: P3_START,
    sectors: (CARD_MIB - ROOT_END_MIB) * 2048,
    type: '83',
  });
  expect((await runSystemTool(['blkid', '-p', '-s', 'LABEL', '-o', 'value', box.p3])).stdout).toBe('data\n');
  const modes = ['', 'nightjar', 'update', 'preset', 'request', 'health', 'system', 'system/network'].map(
    (path) => `${path} ${(lstatSync(join(box.places.data, path)).mode & 0o7777).toString(8)}`,
  );
  expect(modes).toEqual([
    ...[' 755', 'nightjar 700', 'update 700', 'preset 700', 'request 700', 'health 700'],
    ...['system 755', 'system/network 700'],
  ]);
  expect(lstatSync(box.places.bootReport).mode & 0o777).toBe(0o644);
  expect(report!.hostName).toMatch(/^nightjar-\w{4}$/);
  expect(readFileSync(join(box.folder, 'proc/sys/kernel/hostname'), 'utf8')).toBe(report!.hostName);
}, 60_000);

test('an ordinary start checks, mounts, and writes nothing to the table', async () => {
  const uuid = await usedBox();
  expect((await box.start())?.disk).toMatchObject({ kind: 'ready', did: [] });
  expect(box.ran().map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    ...['sfdisk --json', 'e2fsck -p', 'mount -t', 'sfdisk --json'],
  ]);
  expect(box.uuid()).toBe(uuid);
  expect(readdirSync(box.places.box)).toEqual(['settings.json']);
}, 60_000);

test('a card that was moved to a larger one grows, and keeps what is on it', async () => {
  const uuid = await usedBox();
  box.card(800);
  const { disk } = (await box.start())!;
  expect(disk).toMatchObject({
    kind: 'ready',
    did: [{ kind: 'grown', fromBytes: (CARD_MIB - ROOT_END_MIB) * 2 ** 20, toBytes: (800 - ROOT_END_MIB) * 2 ** 20 }],
  });
  expect(box.uuid()).toBe(uuid);
  expect(readdirSync(box.places.box)).toEqual(['settings.json']);
  await soundly();
}, 60_000);

test('a damaged file system is mended, and the report says so', async () => {
  const uuid = await usedBox();
  overwriteStart(box.p3, 4096);
  const { disk } = (await box.start())!;
  expect(disk).toMatchObject({ kind: 'ready', did: [{ kind: 'mended' }] });
  expect(box.uuid()).toBe(uuid);
  await soundly();
}, 60_000);

test('where nothing is left to read, it is made anew; what belongs to somebody else is left alone', async () => {
  const uuid = await usedBox();
  const bytes = Bun.file(box.p3).size;
  truncateSync(box.p3, 0);
  truncateSync(box.p3, bytes);
  expect((await box.start())?.disk).toMatchObject({ kind: 'ready', did: [{ kind: 'made-anew' }] });
  expect(box.uuid()).not.toBe(uuid);

  truncateSync(box.p3, 0);
  truncateSync(box.p3, bytes);
  await runSystemTool(['mkswap', box.p3]);
  expect((await box.start())?.disk).toMatchObject({
    kind: 'missing',
    reason: 'unreadable',
    detail: expect.stringMatching(/it holds swap/),
  });
}, 60_000);

test('what an older card held behind root is not taken for this box’s data', async () => {
  const uuid = await usedBox();
  await runSystemTool(['sfdisk', '--delete', box.disk, '3']);
  expect((await box.start())?.disk).toMatchObject({ kind: 'ready', did: [{ kind: 'made' }] });
  expect(box.uuid()).not.toBe(uuid);
}, 60_000);

test('a card without room, and one with another kind of table, are said in a sentence', async () => {
  box = await flashedBox({ mebibytes: 100 });
  expect((await box.start())?.disk).toMatchObject({
    kind: 'missing',
    reason: 'no-room',
    message: expect.stringContaining('no room for recordings'),
  });
  box.remove();
  box = await flashedBox({ mebibytes: CARD_MIB, table: 'label: gpt\n,16M\n,16M\n' });
  expect((await box.start())?.disk).toMatchObject({ kind: 'missing', reason: 'no-disk' });
}, 60_000);

test('a card that cannot be written never fails the start', async () => {
  box = await flashedBox({ mebibytes: CARD_MIB });
  const report = await box.start({ failing: { 'mkfs.ext4': 'mkfs.ext4: Input/output error' } });
  expect(report?.disk).toMatchObject({
    kind: 'missing',
    reason: 'unreadable',
    detail: expect.stringContaining('Input/output error'),
  });
  expect((await box.start())?.disk).toMatchObject({ kind: 'ready', did: [{ kind: 'made' }] });
}, 60_000);

test('a second call in the same boot does nothing and says the same', async () => {
  await usedBox();
  const { boot } = await import('./boot.ts');
  const parts = { places: box.places, kernel: box.folder, run: () => Promise.reject(new Error('no tool may be run')) };
  const { systemClock } = await import('../../base/clock.ts');
  const { silentLog } = await import('../../base/log.ts');
  const takePreset = () => Promise.reject(new Error('nothing may be taken'));
  const again = await boot({ ...parts, clock: systemClock, log: silentLog, takePreset });
  expect(again).toMatchObject({ bootId: 'boot-1', problems: [], disk: { kind: 'ready' } });
}, 60_000);

// Factory reset over real partition tables and file systems, asked for in each of its three ways.

import { afterEach, expect, test } from 'bun:test';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FixtureBox } from '../boot/fixture-box.ts';
import { runSystemTool } from '../disk/tools.ts';
import { asks, CMDLINE, commandLine, expectGone, SECRET, usedBox, ways } from './fixture-used-box.ts';

let box: FixtureBox;
afterEach(() => box?.remove());

test.each(ways)(
  'a reset asked for by %s destroys keys first, then all the rest, and is not done twice',
  async (by) => {
    box = await usedBox();
    const uuid = box.uuid();
    const length = by === 'argument' ? CMDLINE.length + ' nightjar.reset'.length : CMDLINE.length;
    const report = await box.start(asks[by](box));
    expect(report).toMatchObject({ disk: { kind: 'ready', did: [{ kind: 'made' }] }, reset: { by }, problems: [] });
    expectGone(box, uuid);
    expect(commandLine(box).length).toBe(length);
    const next = box.uuid();
    const after = await box.start();
    expect(after?.reset).toBeUndefined();
    expect(box.uuid()).toBe(next);
  },
  60_000,
);

test('a reset works on a data partition that can no longer be read', async () => {
  box = await usedBox();
  const fd = openSync(box.p3, 'r+');
  writeSync(fd, new Uint8Array(2048), 0, 2048, 0);
  closeSync(fd);
  const report = await box.start(asks.file(box));
  expect(report).toMatchObject({ disk: { kind: 'ready', did: [{ kind: 'made' }] }, reset: { by: 'file' } });
  expect(readdirSync(box.places.bootfs)).toEqual(['cmdline.txt']);
}, 60_000);

test('a card that cannot forget its blocks is overwritten from its beginning', async () => {
  box = await usedBox();
  // Where the file system keeps no structure: only zeroing takes it away.
  const at = 200 * 2 ** 20;
  const fd = openSync(box.p3, 'r+');
  writeSync(fd, Buffer.from(SECRET), 0, SECRET.length, at);
  closeSync(fd);
  await box.start({ ...asks.page(box), failing: { blkdiscard: 'BLKDISCARD: Operation not supported' } });
  expect(
    await Bun.file(box.p3)
      .slice(at, at + SECRET.length)
      .text(),
  ).toBe('\0'.repeat(SECRET.length));
}, 60_000);

test('a request that could not be dropped again destroys nothing, and the report says why', async () => {
  box = await usedBox();
  const uuid = box.uuid();
  const report = await box.start({ ...asks.file(box), failing: { remount: 'mount: write-protected' } });
  expect(report).toMatchObject({
    disk: { kind: 'ready', did: [] },
    problems: [expect.stringContaining('was not done')],
  });
  expect(report?.reset).toBeUndefined();
  expect(box.uuid()).toBe(uuid);
  expect(readFileSync(join(box.places.box, 'device.key'), 'utf8')).toBe(SECRET);
}, 60_000);

test('a word typed at the start of the machine resets that once, though it stands in no file', async () => {
  box = await usedBox();
  const uuid = box.uuid();
  const report = await box.start({ commandLine: 'root=/dev/vda2 ro nightjar.reset=1' });
  expect(report?.reset).toEqual({ by: 'argument' });
  expectGone(box, uuid);
  writeFileSync(join(box.places.box, 'new'), '');
  expect((await box.start())?.reset).toBeUndefined();
  expect(readdirSync(box.places.box)).toEqual(['new']);
}, 60_000);

test('a partition that somebody else put there is not destroyed by a reset', async () => {
  box = await usedBox();
  await runSystemTool(['sfdisk', '--part-type', box.disk, '3', '7']);
  const report = await box.start(asks.file(box));
  expect(report?.disk).toMatchObject({ kind: 'missing', reason: 'unreadable' });
  expect(report?.reset).toBeUndefined();
  expect((await box.table())[2]).toMatchObject({ type: '7' });
  expect(box.ran().filter((line) => /mkfs|blkdiscard|--part-type/.test(line))).toEqual([]);
}, 60_000);

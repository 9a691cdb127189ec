// The power goes right before each program that the boot runs, in turn; the next start must make it good. Over real partition
// tables and file systems, each boot a process of its own that is killed.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSystemTool } from '../disk/tools.ts';
import { asks, expectGone, usedBox, ways } from '../reset/fixture-used-box.ts';
import { type FixtureBox, flashedBox, ROOT_END_MIB } from './fixture-box.ts';

setDefaultTimeout(300_000);
const CARD_MIB = 320;

let box: FixtureBox;
afterEach(() => box?.remove());

test('a first start that was cut short is made good by the next, on a card that held an older box, too', async () => {
  const flashedAnew = async () => {
    box = await usedBox();
    await runSystemTool(['sfdisk', '--delete', box.disk, '3']);
    return box.uuid();
  };
  await flashedAnew();
  await box.start();
  const steps = box.ran().length;
  expect(steps).toBeGreaterThan(5);
  for (let cutBefore = 1; cutBefore <= steps; cutBefore++) {
    box.remove();
    const old = await flashedAnew();
    expect(await box.start({ cutBefore })).toBeUndefined();
    const { disk } = (await box.start())!;
    // Cut before its last steps it was made already; never is it said that something was lost.
    if (disk.kind === 'missing' || disk.did.some(({ kind }) => kind !== 'made')) throw new Error(JSON.stringify(disk));
    expect((await box.table())[2]).toMatchObject({ start: ROOT_END_MIB * 2048, type: '83' });
    expect(box.uuid()).not.toBe(old);
  }
});

test('growing that was cut short goes on at the next start, and loses nothing', async () => {
  box = await flashedBox({ mebibytes: CARD_MIB });
  await box.start();
  writeFileSync(join(box.places.box, 'settings.json'), 'kept');
  const uuid = box.uuid();
  box.card(CARD_MIB + 32);
  await box.start();
  const steps = box.ran().length;
  expect(steps).toBeGreaterThan(6);
  for (let cutBefore = 1; cutBefore <= steps; cutBefore++) {
    const size = CARD_MIB + 32 + cutBefore * 32;
    box.card(size);
    expect(await box.start({ cutBefore })).toBeUndefined();
    expect((await box.start())?.disk).toMatchObject({ kind: 'ready', bytes: (size - ROOT_END_MIB) * 2 ** 20 });
    expect(box.uuid()).toBe(uuid);
    expect(readdirSync(box.places.box)).toEqual(['settings.json']);
  }
});

test.each(ways)('a reset asked for by %s that was cut short goes on at the next start', async (by) => {
  box = await usedBox();
  await box.start(asks[by](box));
  const steps = box.ran().length;
  expect(steps).toBeGreaterThan(10);
  for (let cutBefore = 1; cutBefore <= steps; cutBefore++) {
    // Between its beginning and its end it is the same for all three.
    if (by !== 'page' && cutBefore > 5 && cutBefore < steps - 1) continue;
    box.remove();
    box = await usedBox();
    const uuid = box.uuid();
    expect(await box.start({ ...asks[by](box), cutBefore })).toBeUndefined();
    const report = await box.start();
    expect(report).toMatchObject({ disk: { kind: 'ready' }, problems: [] });
    expectGone(box, uuid);
    // Before the last step the request has just been dropped.
    if (cutBefore < steps) expect(report?.reset).toEqual({ by });
  }
});

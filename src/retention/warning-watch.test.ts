import { expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { watchSpace } from './warning-watch.ts';

test('a level is told once, also over restarts, and a broken memory is only a mail more', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-warnings-'));
  const clock = new ManualClock();
  const told: string[] = [];
  const facts = async () => ({ recordingsBytes: 90, spaceBytes: 100 });
  const settings = () => ({ warnAtPercent: [80], warnBelowDays: 0 });
  const run = async () => {
    const watch = watchSpace({ dataDir, clock, log: silentLog, facts, settings, tell: (text) => void told.push(text) });
    await watch.look();
    await clock.advance(24 * 3_600_000);
    await watch.look();
    await watch.close();
  };
  await run();
  await run();
  expect(told).toHaveLength(1);
  writeFileSync(join(dataDir, 'space-warnings.json'), '{');
  await run();
  expect(told).toHaveLength(1);
  for (const name of ['space-warnings.json', 'space-warnings.json.last-good']) writeFileSync(join(dataDir, name), '7');
  await run();
  expect(told).toHaveLength(2);
});

test('a disk that cannot be asked is asked again', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  let isGone = true;
  const facts = async () => {
    if (isGone) throw new Error('the folder is gone');
    return { recordingsBytes: 90, spaceBytes: 100 };
  };
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-warnings-'));
  const settings = () => ({ warnAtPercent: [80], warnBelowDays: 0 });
  const watch = watchSpace({ dataDir, clock, log: silentLog, facts, settings, tell: (text) => void told.push(text) });
  await watch.look();
  isGone = false;
  await clock.advance(600_000);
  await watch.look();
  expect(told).toHaveLength(1);
  await watch.close();
});

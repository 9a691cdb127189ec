import { expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootTime, bootsFile, readBoots } from './boots-file.ts';

const march2026 = 1_772_323_200_000;
const boot = (fromMs: number, offsetMs: number, firstMs = fromMs): BootTime => ({
  ...{ bootId: 'boot-1', firstMs, marks: [{ fromMs, offsetMs, kind: 'known' }] },
});

test('times that no calendar has are not believed: the last good ones are, and recording goes on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-boots-'));
  const good = [boot(20_000, march2026)];
  bootsFile(folder).write(good);
  const lies = [boot(20_000, 9e15), boot(20_000, -8e15), boot(-1, march2026), boot(20_000, march2026, -5)];
  for (const lie of lies) {
    writeFileSync(join(folder, 'boots.json'), JSON.stringify({ version: 1, boots: [lie] }));
    expect(bootsFile(folder).read()).toEqual(good);
    expect(readBoots(folder)).toEqual([]);
  }
});

test('a machine without a clock battery that wakes in 1970 is believed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-boots-'));
  const early = [boot(12_000, -11_000), boot(0, 0)];
  bootsFile(folder).write(early);
  expect(bootsFile(folder).read()).toEqual(early);
});

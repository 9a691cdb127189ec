import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDeviceKey } from '../access/device-key.ts';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { catalogPath, openLibrary, recordingsFolder } from '../library/library.ts';
import { lockDataFolder } from '../library/lock.ts';
import { recordClip, sampleSealing } from '../library/sample-footage.ts';
import { check } from './check.ts';

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-check-'));
  const clock = new ManualClock();
  const sealing = { ...sampleSealing, device: openDeviceKey(folder, () => false) };
  await using library = await openLibrary({
    dataFolder: folder,
    clock,
    log: silentLog,
    sealing,
    cameraName: (id) => id,
  });
  await recordClip(library, clock, [1]);
  await recordClip(library, clock, [1]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const out = (line: string) => {
    text += `${line}\n`;
  };
  const code = await check(['--data', folder, ...argv], { out, err: out, env: {}, isTerminal: false });
  return { code, text };
}
const firstFile = () =>
  join(
    recordingsFolder(folder),
    readdirSync(recordingsFolder(folder), { recursive: true })
      .map(String)
      .sort()
      .find((p) => p.endsWith('.nj'))!,
  );

test('a folder in order is said to be well', async () => {
  expect(await run()).toMatchObject({ code: 0, text: expect.stringContaining('All is well: 2 files') });
});

test('damage is named and left alone, mended when asked, and gone then', async () => {
  truncateSync(firstFile(), 100);
  const found = await run();
  expect(found.code).toBe(1);
  expect(found.text).toContain('but is 100');
  expect(found.text).toContain('--repair');
  expect(await run('--repair')).toMatchObject({ code: 0, text: expect.stringContaining('(mended)') });
  expect(await run()).toMatchObject({ code: 0, text: expect.stringContaining('1 file,') });
});

test('a missing or damaged catalog is a problem, and made anew when asked', async () => {
  rmSync(catalogPath(folder));
  expect(await run()).toMatchObject({ code: 1, text: expect.stringContaining('catalog is missing') });
  writeFileSync(catalogPath(folder), 'x'.repeat(5000));
  expect(await run()).toMatchObject({ code: 1, text: expect.stringContaining('catalog is damaged') });
  expect((await run('--repair')).code).toBe(0);
  expect(await run()).toMatchObject({ code: 0, text: expect.stringContaining('2 files') });
});

test('beside a running Nightjar it checks, but refuses to repair', async () => {
  using _ = lockDataFolder(folder);
  expect((await run()).code).toBe(0);
  await expect(run('--repair')).rejects.toMatchObject({ kind: 'conflict' });
});

test('the report can be read by a program', async () => {
  rmSync(firstFile());
  const report = JSON.parse((await run('--json')).text);
  expect(report).toMatchObject({ segments: 2, catalog: 'ok', problems: [{ kind: 'missing-file', repaired: false }] });
});

test('wrong use is refused in words', async () => {
  const io = { out() {}, err() {}, env: {}, isTerminal: false };
  await expect(check([], io)).rejects.toMatchObject({ kind: 'invalid' });
  await expect(check(['--data', '/no/such/folder'], io)).rejects.toMatchObject({ kind: 'invalid' });
  await expect(check(['--nonsense'], io)).rejects.toMatchObject({ kind: 'invalid' });
});

test('--deep finds a recording that was changed though its size is right, and leaves it', async () => {
  const path = firstFile();
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  expect((await run()).code).toBe(0);
  const { code, text } = await run('--deep');
  expect(code).toBe(1);
  expect(text).toContain('is not what this box recorded');
  expect(text).not.toContain('--repair');
  expect(readFileSync(path)).toEqual(bytes);
});

// The disk that all proofs of durability stand on must itself forget what a real one may forget, and nothing else.

import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailingDisk, type PowerCut } from './failing-disk.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A file and its name are flushed; then it grows, another is made, one is renamed and one removed, and the power goes. */
async function afterPowerCut(how: PowerCut): Promise<Readonly<Record<string, string>>> {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-disk-'));
  folders.push(root);
  await using disk = new FailingDisk(root);
  const { layer } = disk;
  const write = async (name: string, text: string, sync: boolean) => {
    const file = await layer.create(`${root}/${name}`);
    await file.write(new TextEncoder().encode(text), 0);
    if (sync) await file.sync();
    return file;
  };
  await layer.makeFolder(`${root}/day`);
  await layer.syncFolder(root);
  const grown = await write('day/grown', 'abc', true);
  await write('day/renamed', 'name', true);
  await write('day/removed', 'gone', true);
  await layer.syncFolder(`${root}/day`);
  await grown.write(new TextEncoder().encode('def'), 3);
  await write('day/new', 'new', false);
  await layer.rename(`${root}/day/renamed`, `${root}/day/other`);
  await layer.unlink(`${root}/day/removed`);
  disk.cutPower(how);
  await expect(layer.unlink(`${root}/day/grown`)).rejects.toMatchObject({ code: 'ESTOPPED' });
  return Object.fromEntries(
    ['grown', 'new', 'renamed', 'other', 'removed'].flatMap((name) => {
      const path = `${root}/day/${name}`;
      return existsSync(path) ? [[name, readFileSync(path, 'utf8')]] : [];
    }),
  );
}

test('a power cut takes what was not fsynced: contents, new names, renames and removals', async () => {
  expect(await afterPowerCut('lost')).toEqual({ grown: 'abc', renamed: 'name', removed: 'gone' });
});

test('or leaves files with their new length and zeros in them', async () => {
  expect(await afterPowerCut('zeros')).toEqual({ grown: 'abc\0\0\0', renamed: 'name', removed: 'gone' });
});

test('or leaves the names, and not the contents', async () => {
  expect(await afterPowerCut('names')).toEqual({ grown: 'abc', new: '', other: 'name' });
});

test('a step fails once, or it and all that follow; half of a failing write is there', async () => {
  for (const how of ['error', 'stop'] as const) {
    const root = mkdtempSync(join(tmpdir(), 'nightjar-disk-'));
    folders.push(root);
    await using disk = new FailingDisk(root, { step: 2, how, code: 'ENOSPC' });
    const file = await disk.layer.create(`${root}/a`);
    await expect(file.write(new Uint8Array(8), 0)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await file.bytes()).toBe(4);
    const next = await file.write(new Uint8Array(8), 0).then(
      () => 'written',
      (error) => error.code,
    );
    expect(next).toBe(how === 'error' ? 'written' : 'ESTOPPED');
  }
});

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolResult } from '../disk/tools.ts';
import { blankWord, whileWritable, withoutWord, writeDurably } from './bootfs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-bootfs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function remounts(code = 0) {
  const asked: string[] = [];
  const remount = async (_: string, how: 'rw' | 'ro'): Promise<ToolResult> => {
    asked.push(how);
    return { code, stdout: '', said: 'write-protected' };
  };
  return { asked, tools: { remount } };
}

test('bootfs is writable for the moment of the change, and read-only again when that fails', async () => {
  const { asked, tools } = remounts();
  expect(await whileWritable(folder, tools, () => asked.join())).toBe('rw');
  expect(asked).toEqual(['rw', 'ro']);
  const failing = whileWritable(folder, tools, () => {
    throw new Error('no room');
  });
  await expect(failing).rejects.toThrow('no room');
  expect(asked).toEqual(['rw', 'ro', 'rw', 'ro']);
});

test('what cannot be made writable is not written to', async () => {
  const { asked, tools } = remounts(32);
  const path = join(folder, 'nightjar-reset');
  await expect(whileWritable(folder, tools, () => writeDurably(path, 'page\n'))).rejects.toThrow('write-protected');
  expect(asked).toEqual(['rw']);
  expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
});

test.each([
  ['console=tty1 nightjar.reset rootwait\n', 'console=tty1                rootwait\n'],
  ['nightjar.reset', '              '],
  ['a nightjar.reset=1 b nightjar.reset', 'a                  b               '],
  ['nightjar.resetting=1 xnightjar.reset', 'nightjar.resetting=1 xnightjar.reset'],
  ['', ''],
])('only the word itself is blanked, and the length stays: %p', (before, after) => {
  expect(withoutWord(before, 'nightjar.reset')).toBe(after);
  expect(after.length).toBe(before.length);
});

test('a word is taken out of the command line in place: the same file, the same size', () => {
  const path = join(folder, 'cmdline.txt');
  writeFileSync(path, 'root=PARTUUID=1234abcd-02 nightjar.reset ro\n');
  const before = statSync(path);
  expect(blankWord(path, 'nightjar.reset')).toBe(true);
  expect(statSync(path)).toMatchObject({ ino: before.ino, size: before.size });
  expect(readFileSync(path, 'utf8').split(/\s+/)).toEqual(['root=PARTUUID=1234abcd-02', 'ro', '']);
  expect(blankWord(path, 'nightjar.reset')).toBe(false);
});

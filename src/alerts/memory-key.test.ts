import { expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryKey, systemPlace } from './memory-key.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'nightjar-key-'));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const inMemory = (...folders: string[]) => ({ folders, isInMemory: () => true });

test('a restart finds the same key, another data folder another, and nobody else can read it', () => {
  const folder = newFolder();
  const key = memoryKey('/data/a', inMemory(folder));
  expect(key).toHaveLength(32);
  expect(hex(memoryKey('/data/a', inMemory(folder)))).toBe(hex(key));
  expect(hex(memoryKey('/data/b', inMemory(folder)))).not.toBe(hex(key));
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600]);
});

test('no key is ever laid down where it outlives the power', () => {
  const folder = newFolder();
  const place = { folders: [folder], isInMemory: () => false };
  expect(hex(memoryKey('/data', place))).not.toBe(hex(memoryKey('/data', place)));
  expect(readdirSync(folder)).toEqual([]);
});

test('what somebody else may have laid there is not used', () => {
  const [readable, linked, free] = [newFolder(), newFolder(), newFolder()];
  memoryKey('/data', inMemory(readable));
  const name = readdirSync(readable)[0]!;
  chmodSync(join(readable, name), 0o644);
  writeFileSync(join(free, 'target'), new Uint8Array(32));
  symlinkSync(join(free, 'target'), join(linked, name));
  const key = memoryKey('/data', inMemory(readable, linked, free));
  expect(hex(key)).toBe(hex(memoryKey('/data', inMemory(free))));
  expect(hex(key)).not.toBe(hex(new Uint8Array(32)));
});

test('a key that was cut in the middle is made anew', () => {
  const folder = newFolder();
  memoryKey('/data', inMemory(folder));
  writeFileSync(join(folder, readdirSync(folder)[0]!), 'cut');
  const key = memoryKey('/data', inMemory(folder));
  expect(hex(memoryKey('/data', inMemory(folder)))).toBe(hex(key));
});

test('this machine has a folder in memory, and other file systems are not taken for one', () => {
  const { folders, isInMemory } = systemPlace({ RUNTIME_DIRECTORY: '/run/nightjar', XDG_RUNTIME_DIR: 'not/a/path' });
  expect(folders).toEqual(['/run/nightjar', '/run', '/dev/shm']);
  expect(isInMemory('/dev/shm')).toBe(true);
  expect(isInMemory('/nowhere')).toBe(false);
  expect(isInMemory('/proc')).toBe(false);
});

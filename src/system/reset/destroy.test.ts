import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overwriteBeginning, overwriteKeyMaterial } from './destroy.ts';

let folder = '';
const at = (path: string) => join(folder, path);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-destroy-'));
  mkdirSync(at('box/recordings/cam1'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Each look at it is a millisecond. */
function ticking() {
  let now = 0;
  return { monotonicMs: () => now++ };
}
const zeros = (path: string) => readFileSync(at(path)).every((byte) => byte === 0);

test('every file is overwritten where it lies, with its size; sealed recordings are left', () => {
  writeFileSync(at('box/device.key'), 'a key');
  writeFileSync(at('box/empty'), '');
  writeFileSync(at('box/catalog.db'), Buffer.alloc(2_500_000, 7));
  writeFileSync(at('box/recordings/keyring.json'), 'wrapped');
  writeFileSync(at('box/recordings/cam1/1.nj'), 'sealed');
  const outcome = overwriteKeyMaterial([at('box'), at('nowhere')], { clock: ticking() });
  expect(outcome).toEqual({ files: 4, bytes: 5 + 2_500_000 + 7, left: [] });
  for (const path of ['box/device.key', 'box/catalog.db', 'box/recordings/keyring.json'])
    expect(zeros(path)).toBe(true);
  expect(readFileSync(at('box/catalog.db')).length).toBe(2_500_000);
  expect(readFileSync(at('box/recordings/cam1/1.nj'), 'utf8')).toBe('sealed');
});

test('links are not followed: what they lead to is not the box’s', () => {
  writeFileSync(at('passwd'), 'the system’s');
  symlinkSync(at('passwd'), at('box/link'));
  mkdirSync(at('elsewhere'));
  writeFileSync(at('elsewhere/file'), 'not ours');
  symlinkSync(at('elsewhere'), at('box/folder'));
  overwriteKeyMaterial([at('box')], { clock: ticking() });
  expect(readFileSync(at('passwd'), 'utf8')).toBe('the system’s');
  expect(readFileSync(at('elsewhere/file'), 'utf8')).toBe('not ours');
});

test('when time is short, small files have gone first, and what was not reached is named', () => {
  writeFileSync(at('box/a-catalog.db'), Buffer.alloc(2_000_000, 7));
  writeFileSync(at('box/z.key'), 'a key');
  const outcome = overwriteKeyMaterial([at('box')], { clock: ticking(), withinMs: 3 });
  expect(zeros('box/z.key')).toBe(true);
  expect(zeros('box/a-catalog.db')).toBe(false);
  expect(outcome.left).toEqual([at('box/a-catalog.db')]);
});

test('a file with holes, larger than any card, takes no longer than the time there is', () => {
  writeFileSync(at('box/hole'), '');
  truncateSync(at('box/hole'), 2 ** 40);
  writeFileSync(at('box/z.key'), 'a key');
  const outcome = overwriteKeyMaterial([at('box')], { clock: ticking(), withinMs: 5 });
  expect(zeros('box/z.key')).toBe(true);
  expect(outcome.left).toEqual([at('box/hole')]);
  expect(statSync(at('box/hole')).blocks * 512).toBeLessThan(100 * 2 ** 20);
});

test('the beginning of a partition is overwritten to its end, and no further than time allows', () => {
  writeFileSync(at('p3'), Buffer.alloc(10_000_000, 7));
  expect(overwriteBeginning(at('p3'), { clock: ticking(), bytes: 10_000_000 })).toBe(10_000_000);
  expect(readFileSync(at('p3')).equals(Buffer.alloc(10_000_000))).toBe(true);
  writeFileSync(at('p3'), Buffer.alloc(10_000_000, 7));
  expect(overwriteBeginning(at('p3'), { clock: ticking(), bytes: 10_000_000, withinMs: 2 })).toBe(4 * 1024 * 1024);
  expect(readFileSync(at('p3')).at(-1)).toBe(7);
});

import { expect, test } from 'bun:test';
import { judgeCheck } from './check-verdict.ts';

const result = (code: number | null, said = '') => ({ code, said, stdout: '' });

test('replaying the journal after a power cut is an ordinary day', () => {
  const said = `data: recovering journal
data: Clearing orphaned inode 14 (uid=0, gid=0, mode=0100644, size=2)
data: clean, 13/76800 files, 10267/76800 blocks`;
  expect(judgeCheck(result(0, said))).toEqual({ kind: 'clean' });
});

test('what was mended is said in few words', () => {
  const said = `e2fsck 1.47.0 (5-Feb-2023)
Pass 1: Checking inodes, blocks, and sizes
Pass 5: Checking group summary information
Free blocks count wrong (277609, counted=272488).
Fix? yes

data: ***** FILE SYSTEM WAS MODIFIED *****`;
  const detail =
    'Free blocks count wrong (277609, counted=272488).; Fix? yes; data: ***** FILE SYSTEM WAS MODIFIED *****';
  expect(judgeCheck(result(1, said))).toEqual({ kind: 'mended', detail });
  expect(judgeCheck(result(3, said)).kind).toBe('mended');
});

test.each([
  [4, 'damaged'],
  [5, 'damaged'],
  [12, 'no-file-system'],
  [8, 'no-file-system'],
  [32, 'damaged'],
  [null, 'damaged'],
] as const)('exit code %p means %s', (code, kind) => {
  expect(judgeCheck(result(code, 'x')).kind).toBe(kind);
});

test('a long complaint keeps its end', () => {
  const verdict = judgeCheck(result(4, `${'a line\n'.repeat(500)}the end`));
  expect(verdict.kind === 'damaged' && verdict.detail).toMatch(/^.{400}$/);
  expect(verdict.kind === 'damaged' && verdict.detail).toEndWith('the end');
});

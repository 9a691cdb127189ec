import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemFileLayer as files } from './file-layer.ts';

function someFolder() {
  const [folder, elsewhere] = ['recordings', 'elsewhere'].map((name) =>
    mkdtempSync(join(tmpdir(), `nightjar-${name}-`)),
  );
  writeFileSync(join(elsewhere!, 'private'), 'of somebody else');
  return { at: (name: string) => join(folder!, name), folder: folder!, elsewhere: elsewhere! };
}

test('a link is not followed: what it leads to is neither read, written, listed nor removed', async () => {
  const { at, folder, elsewhere } = someFolder();
  symlinkSync(join(elsewhere, 'private'), at('1-a.nj'));
  symlinkSync(elsewhere, at('2026-01-01'));
  writeFileSync(at('2-b.nj'), 'ours');
  expect(await files.list(folder)).toEqual(['2-b.nj']);
  expect(await files.bytes(at('1-a.nj'))).toBeUndefined();
  for (const how of ['read', 'update'] as const) {
    expect(await files.open(at('1-a.nj'), how).catch((error) => error.code)).toBe('ENOENT');
  }
  expect(await files.unlink(at('1-a.nj'))).toBe(true);
  expect(readFileSync(join(elsewhere, 'private'), 'utf8')).toBe('of somebody else');
});

test('a folder or a pipe under the name of a file is no file, and stands in nobody’s way', async () => {
  const { at } = someFolder();
  mkdirSync(at('1-a.nj'));
  writeFileSync(join(at('1-a.nj'), 'inside'), 'kept');
  expect(Bun.spawnSync(['mkfifo', at('2-b.nj')]).exitCode).toBe(0);
  for (const name of ['1-a.nj', '2-b.nj']) {
    expect(await files.bytes(at(name))).toBeUndefined();
    for (const how of ['read', 'update'] as const) {
      expect(await files.open(at(name), how).catch((error) => error.code)).toBe('ENOENT');
    }
  }
  expect(await files.unlink(at('1-a.nj'))).toBe(false);
  expect(readFileSync(join(at('1-a.nj'), 'inside'), 'utf8')).toBe('kept');
});

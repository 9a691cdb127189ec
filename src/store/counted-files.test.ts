import { expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countedFiles } from './counted-files.ts';
import { systemFileLayer } from './file-layer.ts';

test('every byte that is written counts, also when it is written over, and none of a write that fails', async () => {
  const { files, writtenBytes } = countedFiles(systemFileLayer);
  const path = join(mkdtempSync(join(tmpdir(), 'nightjar-counted-')), 'a');
  const made = await files.create(path);
  await made.write(new Uint8Array(1000), 0);
  await made.write(new Uint8Array(10), 0);
  await made.close();
  expect(writtenBytes()).toBe(1010);
  const again = await files.open(path, 'update');
  await again.write(new Uint8Array(5), 1000);
  await again.close();
  const read = await files.open(path, 'read');
  await expect(read.write(new Uint8Array(7), 0)).rejects.toThrow();
  await read.close();
  expect([writtenBytes(), await files.bytes(path)]).toEqual([1015, 1005]);
});

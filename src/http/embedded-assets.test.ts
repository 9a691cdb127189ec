import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

test('every file that belongs to the page is in the executable', () => {
  const source = readFileSync(join(import.meta.dir, 'embedded-assets.ts'), 'utf8');
  const embedded = [...source.matchAll(/web\/dist\/([\w.-]+)'/g)].map((match) => match[1]);
  const served = [...source.matchAll(/^ {2}\['\/([\w.-]+)'/gm)].map((match) => match[1]);
  const files = ['app.js', 'app.css', 'vault-worker.js', ...readdirSync(join(import.meta.dir, '../../web/static'))];
  expect(embedded.sort()).toEqual(files.sort());
  expect(served.sort()).toEqual(files.sort());
});

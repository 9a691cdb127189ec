import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesUnder } from '../../base/places.ts';
import { dataFolders, makeDataFolders, parseAccounts } from './data-folders.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-folders-'));
  const own = `${process.getuid?.()}:${process.getgid?.()}`;
  writeFileSync(join(folder, 'passwd'), `root:x:${own}::/root:/usr/bin/bash\nnightjar:x:${own}::/:/usr/sbin/nologin\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const make = () => makeDataFolders(dataFolders(placesUnder(folder)), join(folder, 'passwd'));
const mode = (path: string) => (lstatSync(join(folder, path)).mode & 0o7777).toString(8);

test('what the box keeps, only its user may enter; whatever somebody did to a mode is undone at the next boot', () => {
  expect(make()).toEqual([]);
  expect(['data', 'data/nightjar', 'data/request', 'data/system', 'data/system/network'].map(mode)).toEqual([
    ...['755', '700', '700', '755', '700'],
  ]);
  writeFileSync(join(folder, 'data/nightjar/settings.json'), '{}');
  chmodSync(join(folder, 'data/nightjar'), 0o777);
  expect(make()).toEqual([]);
  expect(mode('data/nightjar')).toBe('700');
  expect(lstatSync(join(folder, 'data/nightjar/settings.json')).isFile()).toBe(true);
});

test('a link or a file in the place of a folder is said, and not touched', () => {
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'elsewhere'), { mode: 0o755 });
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'data/nightjar'));
  expect(make()).toEqual([`${join(folder, 'data/nightjar')} is not a folder.`]);
  expect(mode('elsewhere')).toBe('755');
});

test('a user that the system does not have is said; the other folders are made', () => {
  writeFileSync(join(folder, 'passwd'), `root:x:${process.getuid?.()}:${process.getgid?.()}::/root:/usr/bin/bash\n`);
  const problems = make();
  expect(problems).toHaveLength(5);
  expect(problems[0]).toMatch(/no user nightjar/);
  expect(mode('data/system/network')).toBe('700');
});

test('accounts are read by name', () => {
  const accounts = parseAccounts(
    'root:x:0:0:root:/root:/bin/bash\nnightjar:x:970:971::/:/usr/sbin/nologin\n\nbroken\n',
  );
  expect([...accounts]).toEqual([
    ['root', { uid: 0, gid: 0 }],
    ['nightjar', { uid: 970, gid: 971 }],
  ]);
});

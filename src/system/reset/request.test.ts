import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Places, placesUnder } from '../../base/places.ts';
import { askedOutside, askForReset, pageAsksForReset, pageRequestPath, readAskedOutside } from './request.ts';

let folder = '';
let places: Places;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-reset-'));
  places = placesUnder(folder);
  mkdirSync(places.request, { recursive: true });
  mkdirSync(places.bootfs, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [[], '', 'root=/dev/sda2 ro', undefined],
  [['nightjar-reset'], '', '', 'file'],
  [['NIGHTJAR-RESET'], '', '', 'file'],
  [['cmdline.txt', 'nightjar-reset.txt'], 'please', '', 'file'],
  [['nightjar-reset.txt.bak', 'my-nightjar-reset'], '', '', undefined],
  [['nightjar-reset'], 'page', '', 'page'],
  [['nightjar-reset'], 'argument', 'nightjar.reset', 'argument'],
  [[], '', 'quiet nightjar.reset ro', 'argument'],
  [[], '', 'nightjar.reset=1', 'argument'],
  [[], '', 'nightjar.reset=yes', 'argument'],
  [[], '', 'nightjar.reset=0', undefined],
  [[], '', 'nightjar.reset=', undefined],
  [[], '', 'nightjar.reset-not systemd.nightjar.reset', undefined],
] as const)('with files %p, note %p and command line %p the reset is asked for by %p', (names, note, line, by) => {
  expect(askedOutside(names, note, line)).toBe(by);
});

test('a folder of that name asks as well; no bootfs asks for nothing', () => {
  mkdirSync(join(places.bootfs, 'nightjar-reset'));
  expect(readAskedOutside(places.bootfs, '')).toBe('file');
  expect(readAskedOutside(join(folder, 'gone'), '')).toBeUndefined();
});

test('what the page asks is found at the next boot, and is for nobody else to read', () => {
  expect(pageAsksForReset(places)).toBe(false);
  askForReset(places);
  expect(pageAsksForReset(places)).toBe(true);
  expect(statSync(pageRequestPath(places)).mode & 0o777).toBe(0o600);
});

test('a link in the place of the request is no request', () => {
  writeFileSync(join(folder, 'elsewhere'), '');
  symlinkSync(join(folder, 'elsewhere'), pageRequestPath(places));
  expect(pageAsksForReset(places)).toBe(false);
});

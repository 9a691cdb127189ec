import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScreenFacts, screenText, showOnScreen } from './screen.ts';

const facts: ScreenFacts = {
  boxName: 'Nightjar',
  hostName: 'nightjar-qrh5',
  addresses: ['192.168.1.20', '2001:db8::5'],
  claimCode: 'K7QF-3MHD',
};

test('the screen says where the page is and what it will ask for', () => {
  expect(screenText(facts)).toBe(`
  Nightjar

  Open the page on a phone or a computer in the same network:

    http://nightjar-qrh5.local
    http://192.168.1.20

  Claim code  K7QF-3MHD
  The page asks for it once, to make this box yours.

`);
});

test('a box that is somebody’s shows no code', () => {
  expect(screenText({ ...facts, claimCode: undefined })).not.toContain('ode');
});

test('without a network it says what to do, and no address', () => {
  const text = screenText({ ...facts, addresses: [] });
  expect(text).toContain('Plug in a network cable.');
  expect(text).not.toContain('http');
});

test('an IPv6 address is one that a browser understands', () => {
  expect(screenText({ ...facts, addresses: ['2001:db8::5'] })).toContain('http://[2001:db8::5]\n');
});

test('nothing on the screen is wider than the screen, and no name moves the cursor', () => {
  const notice = `The card could not be read. ${'long '.repeat(40)}${'x'.repeat(200)}`;
  const text = screenText({ ...facts, boxName: '\u001b[2JMy\u009b31m box\r\n', notice });
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(text).toContain('The card could not be read.');
});

test('it is written once for each change, for the box’s eyes only', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nightjar-screen-')), 'screen.txt');
  expect(showOnScreen(path, facts)).toBe(true);
  expect(showOnScreen(path, facts)).toBe(false);
  expect(showOnScreen(path, { ...facts, addresses: ['10.0.0.9'] })).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('http://10.0.0.9\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

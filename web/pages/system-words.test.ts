import { expect, test } from 'bun:test';
import type { BootReport } from '../../src/http/api.ts';
import { isName, lastUpdateWords, startNotices, startRows } from './system-words.ts';

const boot = (more: Partial<BootReport> = {}): BootReport => ({
  disk: { kind: 'ready', partition: '/dev/mmcblk0p3', bytes: 58e9, did: [] },
  hostName: 'nightjar-4f2a',
  presetTaken: false,
  problems: [],
  bootId: 'b',
  ...more,
});
const did = (...deeds: Extract<BootReport['disk'], { kind: 'ready' }>['did']): BootReport =>
  boot({ disk: { kind: 'ready', partition: '/dev/mmcblk0p3', bytes: 58e9, did: deeds } });
const levels = (of: BootReport | undefined) => startNotices(of).map(({ level }) => level);

test('an ordinary start is not worth a word', () => {
  expect(startNotices(undefined)).toEqual([]);
  expect(startNotices(boot())).toEqual([]);
  expect(startNotices(did({ kind: 'made' }))).toEqual([]);
  expect(startNotices(did({ kind: 'grown', fromBytes: 1, toBytes: 2 }))).toEqual([]);
});

test('recordings that are lost, a card that was mended, and what else went wrong are told, worst first', () => {
  expect(levels(did({ kind: 'made-anew', detail: 'x' }))).toEqual(['error']);
  expect(levels(did({ kind: 'mended', detail: 'x' }))).toEqual(['warn']);
  const missing = { kind: 'missing', reason: 'no-room', message: 'the card is too small', detail: 'x' } as const;
  const all = startNotices(boot({ disk: missing, reset: { by: 'file' }, problems: ['the name could not be set'] }));
  expect(all.map(({ message }) => message)).toEqual([
    'The card is too small.',
    'The box was reset at this start, as it was asked to by the file on the card.',
    'The name could not be set.',
  ]);
});

test('the table of the start says where recordings go and what was done to the card', () => {
  expect(startRows(did({ kind: 'grown', fromBytes: 28e9, toBytes: 58e9 }))).toEqual([
    ['Name on the network', 'nightjar-4f2a.local'],
    ['Space for recordings', '58 GB on /dev/mmcblk0p3'],
    ['At this start', 'Grown from 28 GB to 58 GB'],
  ]);
});

test('an update that holds is good news; one that was taken back says why', () => {
  const view = { state: { kind: 'idle' }, hasKeys: true } as const;
  expect(lastUpdateWords(view)).toBeUndefined();
  expect(lastUpdateWords({ ...view, last: { version: '1.3.0', outcome: 'holds', message: '' } })).toEqual({
    level: 'ok',
    message: 'The update to 1.3.0 holds.',
  });
  const last = { version: '1.3.0', outcome: 'rolled-back', message: 'it did not start' } as const;
  expect(lastUpdateWords({ ...view, last })).toEqual({
    level: 'warn',
    message: 'The update to 1.3.0 did not work, so the version before is back.',
    advice: 'It did not start.',
  });
});

test('the name of the box is the same with spaces around it and with letters made of two parts, and no other', () => {
  expect(isName(' Hu\u0308tte ', 'H\u00fctte')).toBe(true);
  expect(isName('hütte', 'Hütte')).toBe(false);
  expect(isName('', 'Hütte')).toBe(false);
});

import { expect, test } from 'bun:test';
import type { BootReport, DiskReport } from '../boot/report.ts';
import { type Found, situationOf, waitInWords } from './rescue.ts';
import { afterEnd, afterReboot, noRestarts, type RestartRecord } from './restarts.ts';

const moment = { bootId: 'a', sinceBootMs: 1000 };
const report = (disk: DiskReport): BootReport => ({
  disk,
  hostName: 'nightjar-1a2b',
  presetTaken: false,
  problems: [],
  bootId: 'a',
});
const ready: DiskReport = { kind: 'ready', partition: '/dev/mmcblk0p3', bytes: 1e10, did: [] };
const missing = (reason: 'no-room' | 'unreadable' | 'no-disk', detail = ''): DiskReport => ({
  kind: 'missing',
  reason,
  message: 'The part of the card for recordings cannot be read.',
  detail,
});
const crashed = afterEnd(noRestarts, moment, { result: 'exit-code', status: '1' });
const reboots = (times: number): RestartRecord =>
  Array.from({ length: times }).reduce<RestartRecord>((record) => afterReboot(record, moment, 'x'), crashed);
const found = (more: Partial<Found> = {}) =>
  situationOf({ boot: report(ready), record: crashed, isKept: true, ...more });

test('a crash loop restarts the box after ten seconds, and later each time', () => {
  expect([0, 1, 5, 400].map((times) => found({ record: reboots(times) }).delayMs)).toEqual([
    10_000, 20_000, 60_000, 3_600_000,
  ]);
});

test('without a place to count, restarts are never close together', () => {
  expect(found({ isKept: false, record: noRestarts }).delayMs).toBe(600_000);
  expect(found({ boot: report(missing('unreadable')), isKept: false, record: noRestarts }).delayMs).toBe(600_000);
});

test('it says why, from what is known', () => {
  expect(found().message).toContain('Nightjar stopped because of an error.');
  expect(found({ unwell: 'the disk does not answer' }).message).toContain('The last time, the disk does not answer.');
  expect(found({ record: reboots(1) }).message).toContain('already restarted itself once');
  expect(found({ record: reboots(4) }).message).toContain('already restarted itself 4 times');
  expect(found({ boot: undefined, record: noRestarts })).toMatchObject({ kind: 'crashing' });
});

test('the owner is asked to do something only when restarts have not helped', () => {
  expect(found().advice).toStartWith('You need not do anything');
  expect(found({ record: reboots(3) }).advice).toContain('unplug the box');
});

test('a missing disk is said in its own sentence, whatever the record says', () => {
  for (const reason of ['no-room', 'unreadable', 'no-disk'] as const) {
    expect(found({ boot: report(missing(reason)), record: reboots(4) })).toMatchObject({
      kind: 'no-disk',
      message: 'The part of the card for recordings cannot be read.',
      delayMs: 600_000,
    });
  }
});

test('what the tools said is bounded', () => {
  expect(found({ boot: report(missing('unreadable', 'x'.repeat(1e6))) }).detail).toHaveLength(2000);
  expect(found({ boot: report(missing('unreadable', '  \n')) })).not.toHaveProperty('detail');
});

test('waiting is told as somebody who waits would', () => {
  const words = [0, 1, 999, 10_000, 89_000, 89_001, 90_000, 600_000, 3_599_000, 3_600_000].map(waitInWords);
  expect(words).toEqual([
    '0 seconds',
    '1 second',
    '1 second',
    '10 seconds',
    '89 seconds',
    '2 minutes',
    '2 minutes',
    '10 minutes',
    '1 hour',
    '1 hour',
  ]);
});

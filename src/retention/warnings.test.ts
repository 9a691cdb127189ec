import { expect, test } from 'bun:test';
import { nextWarning, nothingTold, type SpaceFacts, type WarningSettings } from './warnings.ts';

const HOUR_MS = 3_600_000;
const settings: WarningSettings = { warnAtPercent: [95, 80], warnBelowDays: 3 };
/** Goes through looks a day apart; answers at which of them something was told. */
function told(looks: readonly Partial<SpaceFacts & { percent: number }>[], given = settings, apartMs = 24 * HOUR_MS) {
  let state = nothingTold;
  return looks.flatMap(({ percent = 10, ...facts }, i) => {
    const all = { nowMs: 1e12 + i * apartMs, recordingsBytes: percent * 1e9, spaceBytes: 100e9, ...facts };
    const next = nextWarning(state, all, given);
    state = JSON.parse(JSON.stringify(next.state)) as typeof state; // as it comes back from the disk
    return next.text === undefined ? [] : [`${i}: ${next.text.replace(/ When it is full.*?stay\./, '')}`];
  });
}
const at = (...percents: readonly number[]) => percents.map((percent) => ({ percent }));

test('each level is told once, the highest when two are passed at once', () => {
  expect(told(at(79, 80, 81, 94, 95, 99, 100))).toEqual([
    '1: The space for recordings is 80 % full: 80 GB of 100 GB.',
    '4: The space for recordings is 95 % full: 95 GB of 100 GB.',
  ]);
  expect(told(at(10, 99, 100))).toEqual(['1: The space for recordings is 99 % full: 99 GB of 100 GB.']);
});

test('to and fro about a level is told once; well below and back is told again', () => {
  expect(told(at(80, 79, 80, 76, 81))).toHaveLength(1);
  expect(told(at(80, 74, 80)).map((line) => line[0])).toEqual(['0', '2']);
  expect(told(at(96, 85, 96)).map((line) => line[0])).toEqual(['0', '2']);
});

test('never two within six hours: the second waits, and is told then', () => {
  expect(told(at(80, 95, 95, 95, 95, 95, 95, 95), settings, HOUR_MS).map((line) => line[0])).toEqual(['0', '6']);
});

test('a clock that is set back by years keeps nothing silent', () => {
  expect(told([{ percent: 80 }, { percent: 95, nowMs: 1e11 }])).toHaveLength(2);
});

test('too few days are told once, with what keeps more, and again only after there were enough', () => {
  const looks = [5, 2.5, 2.8, 3.2, 2.9, 4, 2.04].map((daysHeld) => ({ daysHeld }));
  expect(told(looks)).toEqual([
    '1: At the present rate the disk holds about 2.5 days of recordings. That is less than the 3 days you want to be told about. A larger disk, a lower bit rate of the cameras, or recording only when something moves keeps more.',
    '6: At the present rate the disk holds about 2 days of recordings. That is less than the 3 days you want to be told about. A larger disk, a lower bit rate of the cameras, or recording only when something moves keeps more.',
  ]);
});

test('how many days it holds stands in every mail, where that is known', () => {
  expect(told([{ percent: 85, daysHeld: 12.4 }])).toEqual([
    '0: The space for recordings is 85 % full: 85 GB of 100 GB. At the present rate the disk holds about 12 days of recordings.',
  ]);
});

test('who wants no mail gets none, and who sets a level later is told of it then', () => {
  expect(told([{ percent: 100, daysHeld: 0.1 }], { warnAtPercent: [], warnBelowDays: 0 })).toEqual([]);
  const later = nextWarning(
    nothingTold,
    { nowMs: 0, recordingsBytes: 50, spaceBytes: 100 },
    { ...settings, warnAtPercent: [] },
  );
  expect(
    nextWarning(later.state, { nowMs: 1, recordingsBytes: 50, spaceBytes: 100 }, { ...settings, warnAtPercent: [50] })
      .text,
  ).toContain('50 % full');
});

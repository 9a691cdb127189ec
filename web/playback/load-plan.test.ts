import { expect, test } from 'bun:test';
import { firstWanted, type LoadState, nextStep, overLost } from './load-plan.ts';

const state = (over: Partial<LoadState>): LoadState => ({
  ...{ atS: 0, totalS: 3600, ranges: [], lost: [], reachedS: undefined },
  ...over,
});

test('with nothing there, fetching begins at the play head', () => {
  expect(nextStep(state({ atS: 100 }))).toEqual({ kind: 'begin', fromS: 100 });
});

test('what is being fetched goes on while it is what plays next, also when the play head is a little ahead of it', () => {
  expect(nextStep(state({ atS: 100, ranges: [[98, 110]], reachedS: 110 }))).toEqual({ kind: 'go-on' });
  expect(nextStep(state({ atS: 113, ranges: [[98, 110]], reachedS: 110 }))).toEqual({ kind: 'go-on' });
});

test('a seek elsewhere begins there, whatever was being fetched', () => {
  expect(nextStep(state({ atS: 500, ranges: [[98, 110]], reachedS: 110 }))).toEqual({ kind: 'begin', fromS: 500 });
  expect(nextStep(state({ atS: 20, ranges: [[98, 110]], reachedS: 110 }))).toEqual({ kind: 'begin', fromS: 20 });
});

test('what is there is not fetched twice: fetching goes on behind it, when that comes near', () => {
  const ranges = [
    [0, 20],
    [20.04, 55],
  ] as const;
  expect(nextStep(state({ atS: 10, ranges }))).toEqual({ kind: 'go-on' });
  expect(nextStep(state({ atS: 30, ranges }))).toEqual({ kind: 'begin', fromS: 55 });
  expect(nextStep(state({ atS: 30, totalS: 55.1, ranges }))).toEqual({ kind: 'complete' });
});

test('what is known to be lost is not fetched again, and what follows it is', () => {
  const lost = [
    { fromS: 20, toS: 22, message: 'damaged' },
    { fromS: 22, toS: 23.5 },
  ];
  expect(firstWanted({ atS: 5, ranges: [[0, 20.02]], lost })).toBe(23.5);
  expect(
    firstWanted({
      atS: 5,
      ranges: [
        [0, 20.02],
        [23.52, 30],
      ],
      lost,
    }),
  ).toBe(30);
});

test('the play head jumps over what is lost, and stays where something may still come', () => {
  const lost = [
    { fromS: 20, toS: 22, message: 'damaged' },
    { fromS: 22, toS: 23.5 },
  ];
  expect(overLost({ atS: 19.97, ranges: [[0, 20]], lost })).toBeCloseTo(23.501);
  expect(
    overLost({
      atS: 21,
      ranges: [
        [0, 20],
        [23.6, 30],
      ],
      lost,
    }),
  ).toBeCloseTo(23.601);
  expect(overLost({ atS: 10, ranges: [[0, 20]], lost })).toBeUndefined();
  expect(overLost({ atS: 25, ranges: [[0, 20]], lost })).toBeUndefined();
});

// Hand-made labels and alarms, and what the scorer that the first measurements were made with (a program of its own, in
// Python) says of them: same definitions, same figures.

import { expect, test } from 'bun:test';
import alarms from './fixtures/alarms.json';
import expected from './fixtures/expected.json';
import labels from './fixtures/labels.json';
import { type ClipLabels, type ClipScore, type Interval, median, scoreClip, total } from './score.ts';

type Pairs = readonly (readonly number[])[];
const intervals = (pairs: Pairs) => pairs as unknown as readonly Interval[];
const alarmsOf = alarms as unknown as Record<string, Pairs>;
const clips = Object.entries(labels.clips).map(([name, clip]): { name: string; labels: ClipLabels } => ({
  name,
  labels: {
    durationS: clip.duration,
    events: intervals(clip.intervals),
    ignore: intervals(clip.ignore),
    underWay: clip.in_progress,
  },
}));

for (const [warmUp, { all, clips: clipsExpected }] of Object.entries(expected)) {
  const scores = new Map(
    clips.map((clip): [string, ClipScore] => [
      clip.name,
      scoreClip(clip.labels, intervals(alarmsOf[clip.name] ?? []), Number(warmUp)),
    ]),
  );

  test.each(Object.entries(clipsExpected))(
    `with ${warmUp} s of warm-up, %s is judged as by the other scorer`,
    (name, e) => {
      const score = scores.get(name);
      expect(rounded(score)).toEqual({
        events: e.events,
        found: e.hits,
        alreadyInAlarm: e.already,
        latenciesS: e.latencies,
        missed: intervals(e.missed),
        falseAlarms: intervals(e.fa_list),
        falseBursts: e.fa_strict,
        emptyS: e.neg_s,
        falseS: e.fa_s,
      });
    },
  );

  test(`with ${warmUp} s of warm-up, all clips together are, too`, () => {
    const score = total([...scores.values()]);
    expect(inDigits(score.recall, 3)).toBe(all.recall);
    expect(inDigits(score.freshRecall, 3)).toBe(all.recall_fresh);
    expect(inDigits(score.falseShare, 3)).toBe(all.fa_time);
    expect(inDigits(score.latencyS, 2)).toBe(all.latency_median);
    expect([score.falseAlarms, score.falseBursts]).toEqual([all.false_alarms, all.fa_strict]);
  });
}

test('where nobody ever moves there is no recall to speak of, and of no empty time no share', () => {
  const only = scoreClip({ durationS: 10, events: [], ignore: [[0, 10]], underWay: [] }, [[1, 2]], 0);
  expect(total([only])).toEqual({
    recall: undefined,
    freshRecall: undefined,
    falseAlarms: 0,
    falseBursts: 0,
    falseShare: undefined,
    latencyS: undefined,
  });
});

test('the median of two is between them', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, undefined]);
});

const inDigits = (value = Number.NaN, digits: number) => Number(value.toFixed(digits));

/** As the other scorer prints: hundredths. */
function rounded(score: ClipScore | undefined): ClipScore | undefined {
  const two = (value: number) => inDigits(value, 2);
  const both = ([from, to]: Interval): Interval => [two(from), two(to)];
  return (
    score && {
      ...score,
      latenciesS: score.latenciesS.map(two),
      falseAlarms: score.falseAlarms.map(both),
      emptyS: two(score.emptyS),
      falseS: two(score.falseS),
    }
  );
}

import { expect, test } from 'bun:test';
import { isFault, type Loss, lengthWords, lossWords, sizeWords, whenWords } from './clip-words.ts';
import { showMoment } from './moment.ts';

const T0 = Date.UTC(2026, 10, 21, 18);
const at = showMoment(T0);

const losses = {
  gap: { kind: 'gap', name: 'a.nj', fromMs: T0, toMs: T0 + 2000, why: 'damaged' },
  cut: { kind: 'torn', name: 'b.nj', atMs: T0 },
  power: { kind: 'power-cut', name: 'c.nj', atMs: T0 + 5000 },
  closed: { kind: 'closed', name: 'd.nj', startMs: T0 - 1000, sentence: 'That is why.' },
  missing: { kind: 'absent', count: 2, fromMs: T0, toMs: T0 + 60_000 },
  removed: { kind: 'absent', count: 1, fromMs: Number.NEGATIVE_INFINITY, toMs: T0, why: 'owner' },
  changed: { kind: 'untrue', name: 'a.nj', finding: 'changed' },
  foreign: { kind: 'untrue', name: 'a.nj', finding: 'another-box' },
  unlinked: { kind: 'unlinked', name: 'e.nj' },
} as const satisfies Readonly<Record<string, Loss>>;

test.each([
  ['gap', `${at} – ${showMoment(T0 + 2000).slice(11)}: something is damaged in a.nj`],
  ['cut', `${at}: b.nj stops without an end`],
  ['power', 'a power cut ended c.nj'],
  ['closed', 'd.nj does not open. That is why.'],
  ['missing', '2 recorded files are missing'],
  ['removed', `before ${at}: a recorded file was removed by an owner; the box has signed that`],
  ['changed', 'a.nj is not as the box signed it'],
  ['unlinked', 'nobody can say whether something is missing'],
] as const)('%s is said in one line', (name, words) => {
  const said = lossWords([losses[name]]);
  expect(said.length).toBe(1);
  expect(said[0]!.words).toContain(words);
});

test('what the pictures show to be damaged is not said again of the file; that it is another box’s is', () => {
  expect(lossWords([losses.changed, losses.gap, losses.foreign]).map(({ kind }) => kind)).toEqual(['gap', 'untrue']);
});

test('lines stand in order of time, those without a time last', () => {
  const said = lossWords([losses.unlinked, losses.power, losses.foreign, losses.missing, losses.closed]);
  expect(said.map(({ kind }) => kind)).toEqual(['closed', 'absent', 'power-cut', 'unlinked', 'untrue']);
});

test('what the box has signed away, or a power cut that it tells of, is no fault', () => {
  const faults = Object.entries(losses).filter(([, loss]) => isFault(loss));
  expect(faults.map(([name]) => name)).toEqual(['gap', 'cut', 'closed', 'missing', 'changed', 'foreign']);
});

test('lengths, sizes and open ends read like speech', () => {
  expect([400, 61_000, 7_260_000].map(lengthWords)).toEqual(['0.4 s', '1 min 1 s', '2 h 1 min']);
  expect([1_234_000, 2_500_000_000].map(sizeWords)).toEqual(['1.2 MB', '2.50 GB']);
  expect(whenWords({ fromMs: T0, toMs: Number.POSITIVE_INFINITY })).toBe(`after ${at}`);
});

import { expect, test } from 'bun:test';
import { clockTime } from '../words.ts';
import { placeWords, shareWords, whyWords } from './why-words.ts';

const event = { id: 'e', cameraId: 'yard', startMs: 1_795_000_000_000, peakMs: 1_795_000_001_000, level: 14 };
const at = clockTime(event.startMs);

test('an event says how much changed, when and where it was first seen', () => {
  const changed = { percent: 2.1, x: 0.9, y: 0.5 };
  expect(whyWords({ ...event, confirmed: true, changed })).toBe(
    `Something changed in 2.1 % of the picture, first seen ${at}, near the right edge.`,
  );
  expect(whyWords({ ...event, confirmed: true, changed, zones: ['Path', 'Gate'] })).toEndWith('edge (Path, Gate).');
});

test('one that was not confirmed says so, also when nothing differs at all', () => {
  expect(whyWords({ ...event, confirmed: false })).toBe(
    `Something seemed to move, first at ${at}. Looked at in colour, hardly anything differs there from the picture before.`,
  );
});

test.each([
  [0, 'less than 0.1 %'],
  [0.14, '0.1 %'],
  [9.94, '9.9 %'],
  [9.96, '10 %'],
  [43.6, '44 %'],
])('a share of %p percent is %p', (percent, words) => {
  expect(shareWords(percent)).toBe(words);
});

test.each([
  [0.1, 0.5, 'near the left edge'],
  [0.9, 0.5, 'near the right edge'],
  [0.5, 0.1, 'near the top edge'],
  [0.5, 0.9, 'near the bottom edge'],
  [0.1, 0.9, 'near the bottom left corner'],
  [0.5, 0.5, 'in the middle'],
])('%p, %p is %p', (x, y, words) => {
  expect(placeWords({ x, y })).toBe(words);
});

import { expect, test } from 'bun:test';
import type { TimelineSegment } from '../../src/http/api.ts';
import { withAdded } from './use-day.ts';

const segment = (id: string, startMs: number, durationMs: number): TimelineSegment => ({
  ...{ id, startMs, durationMs, bytes: durationMs, mimeType: 'video/mp4', width: 1, height: 1 },
  ...{ recordingId: 'r', cameraId: 'yard', peakLevel: 0 },
});
const old = [segment('a', 0, 60_000), segment('b', 60_000, 20_000)];

test('what has grown takes the place of what it was, and what is new follows', () => {
  const added = [segment('b', 60_000, 60_000), segment('c', 120_000, 5000)];
  expect(withAdded(old, added).map(({ id, durationMs }) => [id, durationMs])).toEqual([
    ['a', 60_000],
    ['b', 60_000],
    ['c', 5000],
  ]);
});

test('with nothing new the list stays the same, so that nothing is drawn again', () => {
  expect(withAdded(old, [segment('b', 60_000, 20_000)])).toBe(old);
  expect(withAdded(old, [])).toBe(old);
});

import { expect, test } from 'bun:test';
import type { RecordingView } from '../../src/http/api.ts';
import { bars, dayAxis, recordingAt } from './day-axis.ts';

const hour = 3_600_000;
const midnight = new Date(2026, 10, 21).getTime();
const axis = dayAxis('2026-11-21');

const recording = (id: string, cameraId: string, startMs: number, durationMs: number): RecordingView => ({
  id,
  cameraId,
  cameraName: cameraId,
  startMs,
  endMs: startMs + durationMs,
  durationMs,
  bytes: 1,
  reasons: ['motion'],
  hasStill: true,
  peakLevel: 10,
  events: [],
  interrupted: false,
});

test('a day goes from midnight to midnight where the viewer is', () => {
  expect(axis).toEqual({ fromMs: midnight, toMs: new Date(2026, 10, 22).getTime() });
});

test('a box in another zone widens the strip, it never hides a recording', () => {
  expect(dayAxis('2026-11-21', { fromMs: midnight - hour, toMs: midnight + 23 * hour }).fromMs).toBe(midnight - hour);
});

test('recordings are bars in proportion, short ones still wide enough to hit', () => {
  const [long, short] = bars(axis, [
    { id: 'a', startMs: midnight + 6 * hour, endMs: midnight + 12 * hour },
    { id: 'b', startMs: midnight + 18 * hour, endMs: midnight + 18 * hour + 1000 },
  ]);
  expect(long).toEqual({ id: 'a', left: 0.25, width: 0.25 });
  expect(short?.width).toBe(0.0025);
  expect(bars(axis, [{ id: 'c', startMs: midnight - hour, endMs: midnight }])).toEqual([]);
});

test('a tap means the recording there, else the nearest one within ten minutes, of that camera only', () => {
  const all = [recording('a', 'yard', midnight + hour, 60_000), recording('b', 'door', midnight + 2 * hour, 60_000)];
  const tap = (atMs: number) => recordingAt(all, 'yard', atMs)?.id;
  expect(tap(midnight + hour + 30_000)).toBe('a');
  expect(tap(midnight + hour - 5 * 60_000)).toBe('a');
  expect(tap(midnight + 2 * hour)).toBeUndefined();
});

import { expect, test } from 'bun:test';
import type { Packet } from '../media/types.ts';
import { keyFrameBefore } from './key-frame-before.ts';

/** Two seconds a group, ten pictures a second, from 0 to 10 s. */
const packets: readonly Packet[] = Array.from({ length: 100 }, (_, i) => ({
  ...({ track: 'video', ctsOffset: 0, duration: 100, data: new Uint8Array() } as const),
  key: i % 20 === 0,
  atMs: i * 100,
  dts: i * 100,
}));
const never = Number.NEGATIVE_INFINITY;
const at = (firstSeenMs: number, settledMs = never, all = packets) => keyFrameBefore(all, firstSeenMs, settledMs)?.atMs;

test('it is the newest key frame a second before the thing was seen', () => {
  expect(at(9700)).toBe(8000);
  expect(at(8900)).toBe(6000);
  expect(at(9000)).toBe(8000);
});

test('with little in memory it is the oldest one before the thing, and none when there is none', () => {
  expect(at(9000, never, packets.slice(75))).toBe(8000);
  expect(at(8400, never, packets.slice(75))).toBe(8000);
  expect(at(7900, never, packets.slice(75))).toBeUndefined();
  expect(at(9000, never, [])).toBeUndefined();
});

test('what lies after a lamp went on is preferred, even if it is less than a second old', () => {
  expect(at(8500, 5000)).toBe(6000);
  expect(at(8500, 7900)).toBe(8000);
  expect(at(8500, 8300)).toBe(6000);
});

test('sound is no picture', () => {
  const sound = packets.map((p) => ({ ...p, track: 'audio' as const, key: true }));
  expect(at(9000, never, sound)).toBeUndefined();
});

import { expect, test } from 'bun:test';
import type { LumaFrame } from '../media/types.ts';
import { FrameRing } from './frame-ring.ts';

const picture = (atMs: number, grey = 0): LumaFrame => ({
  width: 4,
  height: 2,
  data: new Uint8Array(8).fill(grey),
  atMs,
});
const times = (ring: FrameRing) => ring.frames().map((f) => f.atMs);

test('the ring is never over its bytes: the oldest picture goes first', () => {
  const ring = new FrameRing({ maxMs: 1e9, maxBytes: 25 });
  for (let n = 1; n <= 10; n++) {
    ring.push(picture(n * 200));
    expect(ring.bytes).toBeLessThanOrEqual(25);
  }
  expect(times(ring)).toEqual([1600, 1800, 2000]);
  expect([ring.bytes, ring.count, ring.sinceMs]).toEqual([24, 3, 1600]);
});

test('the ring reaches back no further than its time', () => {
  const ring = new FrameRing({ maxMs: 1000, maxBytes: 1e6 });
  for (let n = 0; n < 20; n++) ring.push(picture(n * 200));
  expect(times(ring)).toEqual([2800, 3000, 3200, 3400, 3600, 3800]);
  ring.push(picture(60_000));
  expect(times(ring)).toEqual([60_000]);
});

test('one picture larger than the ring leaves nothing behind', () => {
  const ring = new FrameRing({ maxMs: 1000, maxBytes: 5 });
  ring.push(picture(0));
  expect([ring.bytes, ring.count, ring.sinceMs]).toEqual([0, 0, undefined]);
});

test('a picture is kept as it was when it came, and a list of pictures as it was when it was asked for', () => {
  const ring = new FrameRing({ maxMs: 1000, maxBytes: 1e6 });
  const lent = picture(0, 7);
  ring.push(lent);
  lent.data.fill(99);
  const before = ring.frames();
  for (let n = 1; n <= 20; n++) ring.push(picture(n * 200));
  expect(before.map((f) => [f.atMs, f.data[0]])).toEqual([[0, 7]]);
});

test('older pictures that come later go before the others, newest first, within the limits', () => {
  const ring = new FrameRing({ maxMs: 1000, maxBytes: 40 });
  ring.push(picture(1000));
  ring.push(picture(1200));
  ring.prefill([picture(100), picture(300), picture(600), picture(800), picture(1000), picture(1100)]);
  expect(times(ring)).toEqual([300, 600, 800, 1000, 1200]);
  expect(ring.bytes).toBe(40);
});

test('pictures before any live one fill an empty ring', () => {
  const ring = new FrameRing({ maxMs: 500, maxBytes: 1e6 });
  ring.prefill([picture(0), picture(600), picture(800)]);
  expect(times(ring)).toEqual([600, 800]);
});

test('a clock that went back is another connection: what was before is let go', () => {
  const ring = new FrameRing({ maxMs: 1e9, maxBytes: 1e6 });
  ring.push(picture(5000));
  ring.push(picture(100));
  expect(times(ring)).toEqual([100]);
});

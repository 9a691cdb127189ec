import { expect, test } from 'bun:test';
import type { Packet } from '../media/types.ts';
import { DecoderTimeline } from './decoder-timeline.ts';

const TIMESCALE = 90_000;
const packet = (ms: number, key = false, ctsMs = 0): Packet => ({
  track: 'video',
  key,
  atMs: 1_000_000 + ms,
  dts: ms * 90,
  ctsOffset: ctsMs * 90,
  duration: 3600,
  data: new Uint8Array(1),
});

/** What `fps=5:round=up` writes: each slot the last picture at or before it, once the next slot has a picture. */
function written(placed: readonly (Packet | undefined)[]): number {
  const shown = placed.filter((p) => p !== undefined).map((p) => p.dts + p.ctsOffset);
  return Math.max(0, Math.ceil((Math.max(...shown) - shown[0]!) / (TIMESCALE / 5) - 1e-6));
}

test('key pictures by themselves take a slot each, however far apart they are, and keep their times', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  const placed: (Packet | undefined)[] = [];
  for (const ms of [0, 4000, 14_000]) {
    placed.push(timeline.begin(packet(ms, true), { sparse: true }));
    placed.push(timeline.next(packet(ms + 40)));
  }
  const times = Array.from({ length: written(placed) }, (_, slot) => timeline.slot(slot));
  expect(times.filter(Boolean)).toEqual([
    { atMs: 1_000_000, sparse: true },
    { atMs: 1_004_000, sparse: true },
    { atMs: 1_014_000, sparse: true },
  ]);
  expect(times.length).toBeLessThanOrEqual(7);
});

test('the decoder’s time only grows, also where decoding is out of order', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  let lastDts = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < 5; n++) {
    const at = n * 3000;
    const placed = [timeline.begin(packet(at, true, 160), { sparse: true })];
    for (const [step, cts] of [
      [80, 320],
      [160, 80],
      [240, -80],
    ] as const)
      placed.push(timeline.next(packet(at + step, false, cts))!);
    for (const { dts } of placed) {
      expect(dts).toBeGreaterThan(lastDts);
      lastDts = dts;
    }
  }
});

test('woken, every slot has the true time of its picture, to a twentieth of a slot', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  timeline.begin(packet(0, true), { sparse: true });
  timeline.begin(packet(6000, true), { sparse: true });
  timeline.wantAll();
  for (let ms = 6040; ms < 7000; ms += 40) timeline.next(packet(ms));
  const due = timeline.dueSlots(0);
  const times = Array.from({ length: due }, (_, slot) => timeline.slot(slot)).filter((time) => time !== undefined);
  const woken = times.filter((time) => !time.sparse);
  expect(woken.length).toBe(5);
  for (const [i, time] of woken.entries()) expect(Math.abs(time.atMs - 1_006_000 - i * 200)).toBeLessThanOrEqual(10);
});

test('beginning one group earlier drops the single picture that was asked for and not yet written', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  timeline.begin(packet(0, true), { sparse: true });
  timeline.begin(packet(2000, true), { sparse: true });
  timeline.dropLast();
  timeline.begin(packet(0, true), { sparse: false });
  for (let ms = 40; ms <= 1000; ms += 40) timeline.next(packet(ms));
  const times = Array.from({ length: timeline.dueSlots(0) }, (_, slot) => timeline.slot(slot)).filter(Boolean);
  expect(times.filter((time) => time!.sparse)).toEqual([{ atMs: 1_000_000, sparse: true }]);
  expect(times.some((time) => time!.atMs >= 1_001_500)).toBe(false);
});

test('what is shown before a key picture and decoded after it is left out when its own group was', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  timeline.begin(packet(0, true, 120), { sparse: false });
  expect(timeline.next(packet(40, false, 0))).toBeUndefined();
  expect(timeline.next(packet(80, false, 200))?.dts).toBe(80 * 90);
});

test('each group takes the time it came with: a camera’s clock that runs away is followed', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  timeline.begin(packet(0, true), { sparse: false });
  for (let ms = 200; ms < 2000; ms += 200) timeline.next(packet(ms));
  timeline.next({ ...packet(2000, true), atMs: 1_002_300 });
  timeline.next(packet(2200));
  const times = Array.from({ length: 11 }, (_, slot) => timeline.slot(slot)?.atMs);
  expect(times.slice(8)).toEqual([1_001_600, 1_001_800, 1_002_300]);
});

test('pictures that the decoder holds back are not due', () => {
  const timeline = new DecoderTimeline(TIMESCALE, 5);
  timeline.begin(packet(0, true), { sparse: false });
  for (let ms = 200; ms <= 1000; ms += 200) timeline.next(packet(ms));
  expect([0, 1, 2, 20].map((held) => timeline.dueSlots(held))).toEqual([5, 4, 3, 0]);
});

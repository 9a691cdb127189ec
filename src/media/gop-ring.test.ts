import { describe, expect, test } from 'bun:test';
import { GopRing } from './gop-ring.ts';
import type { Packet } from './types.ts';

const packet =
  (track: 'video' | 'audio', key: boolean) =>
  (atMs: number, bytes = 10): Packet => ({
    ...{ track, key, atMs, dts: atMs, ctsOffset: 0, duration: 100, data: new Uint8Array(bytes) },
  });
const key = packet('video', true);
const delta = packet('video', false);
const sound = packet('audio', true);

const ringOf = (limits: { maxMs?: number; maxBytes?: number }, packets: readonly Packet[]) => {
  const ring = new GopRing({ maxMs: 1000, maxBytes: 1000, ...limits });
  for (const p of packets) ring.push(p);
  return ring;
};
const times = (packets: readonly Packet[]) => packets.map((p) => p.atMs);
const all = (ring: GopRing) => times(ring.since(Number.NEGATIVE_INFINITY));

describe('what the ring holds', () => {
  const cases: [string, { maxMs?: number; maxBytes?: number }, Packet[], number[]][] = [
    ['nothing before the first key frame', {}, [delta(0), sound(5), key(10), delta(20)], [10, 20]],
    ['sound with the pictures it came with', {}, [key(0), sound(5), delta(10)], [0, 5, 10]],
    [
      'the group that is needed to reach back far enough',
      { maxMs: 100 },
      [key(0), delta(50), key(100), delta(150)],
      [0, 50, 100, 150],
    ],
    [
      'no group that is older than needed',
      { maxMs: 100 },
      [key(0), delta(50), key(100), delta(150), key(200)],
      [100, 150, 200],
    ],
    [
      'the group being received when nothing before is wanted',
      { maxMs: 0 },
      [key(0), delta(50), key(100), delta(150)],
      [100, 150],
    ],
    ['whole groups within the byte limit', { maxBytes: 45 }, [key(0), delta(1), key(2), delta(3), key(4)], [2, 3, 4]],
    ['nothing of a group over the byte limit', { maxBytes: 45 }, [key(0, 30), delta(1, 30), delta(2, 1)], []],
    [
      'the next group after one over the byte limit',
      { maxBytes: 45 },
      [key(0, 60), delta(1), key(2), delta(3)],
      [2, 3],
    ],
  ];
  test.each(cases)('%s', (_, limits, packets, held) => {
    const ring = ringOf(limits, packets);
    expect(all(ring)).toEqual(held);
    expect(ring.bytes).toBe(ring.since(0).reduce((sum, p) => sum + p.data.length, 0));
  });
});

describe('what a recording gets', () => {
  const packets = [key(0), delta(50), key(100), delta(150), key(200), delta(250)];
  const cases: [string, number, number | undefined, number[]][] = [
    ['from the key frame before the wanted moment', 120, undefined, [100, 150, 200, 250]],
    ['from the key frame at the wanted moment', 100, undefined, [100, 150, 200, 250]],
    ['from the oldest when more is wanted than there is', -500, undefined, [0, 50, 100, 150, 200, 250]],
    ['from the newest key frame when the moment is now', 260, undefined, [200, 250]],
    ['nothing twice', 0, 150, [200, 250]],
    ['the newest group again rather than nothing', 0, 250, [200, 250]],
  ];
  test.each(cases)('%s', (_, fromMs, afterMs, given) => {
    expect(times(ringOf({}, packets).since(fromMs, afterMs))).toEqual(given);
  });
});

test('a group over the byte limit is counted once', () => {
  const ring = ringOf({ maxBytes: 45 }, [key(0, 40), delta(1, 40), delta(2, 40), key(3, 60), key(4)]);
  expect(ring.oversizedGops).toBe(2);
});

test('a changed stream leaves nothing of the old one', () => {
  const ring = ringOf({}, [key(0), delta(50)]);
  ring.clear();
  ring.push(delta(60));
  expect([ring.isEmpty, ring.bytes, all(ring)]).toEqual([true, 0, []]);
});

test('smaller limits free memory at once', () => {
  const ring = ringOf({}, [key(0), delta(50), key(100), delta(150)]);
  ring.resize({ maxMs: 0, maxBytes: 1000 });
  expect(all(ring)).toEqual([100, 150]);
});

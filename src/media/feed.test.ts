import { expect, test } from 'bun:test';
import { FeedHub } from './feed.ts';
import type { CameraHealth, Packet, StreamInfo } from './types.ts';

const health: CameraHealth = { state: 'starting', sinceMs: 0, smallStream: false, restarts: 0 };
const stream = { id: 's' } as StreamInfo;
const packet = (dts: number, key = false, bytes = 10): Packet => ({
  ...{ track: 'video', key, atMs: dts, dts, ctsOffset: 0, duration: 1 },
  data: new Uint8Array(bytes),
});

test('a late listener gets health and stream at once, then what follows', () => {
  const hub = new FeedHub({ cameraId: 'a', health });
  hub.setStream(stream);
  hub.pushPacket(packet(0, true));
  const seen: string[] = [];
  const stop = hub.listen({
    health: (h) => seen.push(h.state),
    stream: (s) => seen.push(s.id),
    packet: (p) => seen.push(`${p.dts}`),
  });
  hub.pushPacket(packet(1));
  stop();
  hub.pushPacket(packet(2));
  expect(seen).toEqual(['starting', 's', '1']);
});

test('a listener that throws disturbs nobody', () => {
  const errors: unknown[] = [];
  const hub = new FeedHub({ cameraId: 'a', health, onListenerError: (e) => errors.push(e) });
  const seen: number[] = [];
  hub.listen({
    packet: () => {
      throw new Error('bad listener');
    },
  });
  hub.listen({ packet: (p) => seen.push(p.dts) });
  hub.pushPacket(packet(0, true));
  expect(seen).toEqual([0]);
  expect(errors).toHaveLength(1);
});

test('the current group begins with its key frame, is bounded in bytes, and goes with its stream', () => {
  const hub = new FeedHub({ cameraId: 'a', health, maxGopBytes: 35 });
  hub.setStream(stream);
  hub.pushPacket(packet(0));
  expect(hub.currentGop()).toEqual([]);
  for (let i = 1; i < 9; i++) hub.pushPacket(packet(i, i === 1 || i === 4));
  expect(hub.currentGop().map((p) => p.dts)).toEqual([4, 5, 6]);
  hub.setStream(undefined);
  expect(hub.currentGop()).toEqual([]);
});

import { expect, test } from 'bun:test';
import { readLiveFragment } from './message.ts';

const message = (channel: number, flags: number, atMs: number, payload: readonly number[]) => {
  const bytes = new Uint8Array(10 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, channel);
  view.setUint8(1, flags);
  view.setFloat64(2, atMs, true);
  bytes.set(payload, 10);
  return bytes.buffer;
};

test('the head says channel, kind and time of capture; the rest is video', () => {
  const read = readLiveFragment(message(3, 2 | 4, 1_763_690_000_123.5, [1, 2, 3]));
  expect(read).toEqual({
    channel: 3,
    init: false,
    key: true,
    gap: true,
    capturedAtMs: 1_763_690_000_123.5,
    bytes: new Uint8Array([1, 2, 3]),
  });
  expect(readLiveFragment(message(0, 1, 0, [1]))?.init).toBe(true);
});

test('a message without video is dropped', () => {
  expect(readLiveFragment(new ArrayBuffer(10))).toBeUndefined();
  expect(readLiveFragment(new ArrayBuffer(0))).toBeUndefined();
});

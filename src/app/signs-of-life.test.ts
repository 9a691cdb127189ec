import { expect, test } from 'bun:test';
import { FeedHub } from '../media/feed.ts';
import type { CameraHealth, Packet } from '../media/types.ts';
import { signsOfLife } from './signs-of-life.ts';

const health: CameraHealth = { state: 'live', sinceMs: 0, smallStream: false, restarts: 3 };
const hub = (id: string) => new FeedHub({ cameraId: id, health });
const packet = (track: 'video' | 'audio'): Packet =>
  ({ track, key: true, data: new Uint8Array(1) }) as unknown as Packet;

function house() {
  const feeds = new Map([['door', hub('door')]]);
  const signs = signsOfLife({
    list: () => [...feeds.keys()].map((id) => ({ id, name: id.toUpperCase() })),
    feed: (id) => feeds.get(id),
  });
  return { feeds, signs };
}

test('a camera shows its state, its tries and that pictures come; sound alone is no picture', () => {
  const { feeds, signs } = house();
  expect(signs.look()).toEqual([{ id: 'door', name: 'DOOR', state: 'live', restarts: 3, packets: 0 }]);
  feeds.get('door')!.pushPacket(packet('audio'));
  expect(signs.look()[0]!.packets).toBe(0);
  feeds.get('door')!.pushPacket(packet('video'));
  feeds.get('door')!.pushPacket(packet('video'));
  expect(signs.look()[0]!.packets).toBe(2);
});

test('a camera that was opened anew is listened to anew, and the old feed is left', () => {
  const { feeds, signs } = house();
  const old = feeds.get('door')!;
  let listeners = 0;
  const listen = old.listen.bind(old);
  old.listen = (listener) => {
    const leave = listen(listener);
    listeners++;
    return () => {
      listeners--;
      leave();
    };
  };
  signs.look();
  expect(listeners).toBe(1);
  feeds.set('door', hub('door'));
  signs.look();
  expect(listeners).toBe(0);
  old.pushPacket(packet('video'));
  expect(signs.look()[0]!.packets).toBe(0);
  feeds.get('door')!.pushPacket(packet('video'));
  expect(signs.look()[0]!.packets).toBe(1);
});

test('a camera that was removed is forgotten, and nobody listens after the end', () => {
  const { feeds, signs } = house();
  signs.look();
  const door = feeds.get('door')!;
  feeds.delete('door');
  expect(signs.look()).toEqual([]);
  feeds.set('door', door);
  expect(signs.look()[0]!.packets).toBe(0);
  signs.close();
  door.pushPacket(packet('video'));
  expect(signs.look()[0]!.packets).toBe(0);
});

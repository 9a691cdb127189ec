import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { FeedHub } from '../media/feed.ts';
import type { CameraHealth, Packet, StreamInfo } from '../media/types.ts';
import { createLive } from './live.ts';
import { MAX_GOP_BYTES, MAX_QUEUED_BYTES } from './live-stream.ts';
import { FLAG_GAP, FLAG_INIT, FLAG_KEY, type LiveNotice, readBinaryMessage } from './wire.ts';

const TICKS = 1000;
const FRAME = 40;
const health: CameraHealth = { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 };
const streamInfo = (id: string, width = 640): StreamInfo => ({
  id,
  init: new TextEncoder().encode(`init ${id}`),
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width, height: 360, timescale: TICKS },
});
const frame = (n: number, key: boolean, bytes = 100): Packet => ({
  track: 'video',
  key,
  atMs: n * FRAME,
  dts: n * FRAME,
  ctsOffset: 0,
  duration: FRAME,
  data: new Uint8Array(bytes).fill(n),
});

/** A viewer that tells its story: `init 0`, `key 0@0`, `3@120`, `gap+key …`: channel or frame, and the time on the axis. */
class Viewer {
  readonly story: string[] = [];
  readonly walls: number[] = [];
  stalled = false;
  queued = 0;
  send = (message: string | Uint8Array) => {
    if (this.stalled) this.queued += message.length;
    if (typeof message === 'string') {
      const said = JSON.parse(message) as LiveNotice;
      if (said.type === 'stream') this.story.push(`stream ${said.camera}#${said.channel} ${said.width}`);
      else if (said.type === 'motion') this.story.push(`motion ${said.camera} ${said.moving} ${said.level}`);
      else this.story.push(`state ${said.camera} ${said.health.state}`);
      return;
    }
    const { channel, flags, wallMs, mp4 } = readBinaryMessage(message);
    this.walls.push(wallMs);
    if (flags & FLAG_INIT) {
      this.story.push(`#${channel} ${new TextDecoder().decode(mp4)}`);
      return;
    }
    const marks = `${flags & FLAG_GAP ? 'gap+' : ''}${flags & FLAG_KEY ? 'key ' : ''}`;
    this.story.push(`#${channel} ${marks}${mp4.at(-1)}@${timeOf(mp4)}`);
  };
  queuedBytes = () => this.queued;
  drain() {
    this.stalled = false;
    this.queued = 0;
  }
  take() {
    return this.story.splice(0);
  }
}

/** `tfdt` of the first track: `moof(8) mfhd(16) traf(8) tfhd(20) tfdt(12 + 8)`. */
const timeOf = (mp4: Uint8Array) => Number(new DataView(mp4.buffer, mp4.byteOffset).getBigUint64(8 + 16 + 8 + 20 + 12));

function setUp() {
  const clock = new ManualClock(1_000_000);
  const hub = new FeedHub({ cameraId: 'yard', health });
  const feeds = new Map([['yard', hub]]);
  const live = createLive({ feeds: (id) => feeds.get(id), clock, log: silentLog });
  const watch = (cameras = ['yard']) => {
    const viewer = new Viewer();
    const seat = live.join(viewer);
    seat.watch(cameras);
    return { viewer, seat };
  };
  return { clock, hub, feeds, live, watch };
}

test('who joins in the middle of a group sees a picture at once, and then what follows', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  for (const n of [0, 1, 2]) hub.pushPacket(frame(n, n === 0));
  const { viewer } = watch();
  expect(viewer.take()).toEqual([
    'state yard live',
    'stream yard#0 640',
    '#0 init a',
    '#0 key 0@0',
    '#0 1@40',
    '#0 2@80',
  ]);
  hub.pushPacket(frame(3, false));
  expect(viewer.take()).toEqual(['#0 3@120']);
});

test('a second viewer gets the same fragments, from the first one’s axis', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  hub.pushPacket(frame(10, true));
  const first = watch().viewer;
  hub.pushPacket(frame(11, false));
  const second = watch().viewer;
  hub.pushPacket(frame(12, false));
  expect(second.take().slice(3)).toEqual(['#0 key 10@0', '#0 11@40', '#0 12@80']);
  expect(first.take().slice(3)).toEqual(['#0 key 10@0', '#0 11@40', '#0 12@80']);
});

test('the axis only grows: across a reconnect, another size and a camera that stamps time backwards', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  const { viewer } = watch();
  hub.pushPacket(frame(100, true));
  hub.pushPacket(frame(101, false));
  hub.setStream(streamInfo('a'));
  hub.pushPacket(frame(0, true));
  hub.setStream(streamInfo('b', 1280));
  for (const n of [7, 8, 9, 8, 3]) hub.pushPacket(frame(n, n === 7));
  expect(viewer.take().slice(1)).toEqual([
    ...['stream yard#0 640', '#0 init a', '#0 key 100@0', '#0 101@40'],
    '#0 key 0@80',
    ...['stream yard#0 1280', '#0 init b', '#0 key 7@120', '#0 8@160', '#0 9@200', '#0 8@240', '#0 3@280'],
  ]);
});

test('a long pause of the camera closes up; a short one stays', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  const { viewer } = watch();
  for (const n of [0, 10, 100]) hub.pushPacket(frame(n, true));
  expect(viewer.take().slice(3)).toEqual(['#0 key 0@0', '#0 key 10@400', '#0 key 100@440']);
});

test('every fragment says when it was captured', async () => {
  const { hub, watch, clock } = setUp();
  hub.setStream(streamInfo('a'));
  await clock.advance(500);
  const { viewer } = watch();
  hub.pushPacket(frame(10, true));
  expect(viewer.walls.at(-1)).toBe(1_000_400);
});

test('a slow viewer loses the rest of the group, goes on at a key frame and is told so; the others lose nothing', () => {
  const { hub, watch, live } = setUp();
  hub.setStream(streamInfo('a'));
  const slow = watch();
  const fast = watch();
  slow.viewer.stalled = true;
  for (let n = 0; n < 20; n++) hub.pushPacket(frame(n, n % 5 === 0, 300_000));
  // Above the limit after the fourth frame: nothing more until it drains.
  expect(slow.viewer.take().slice(3)).toEqual(['#0 key 0@0', '#0 1@40', '#0 2@80', '#0 3@120']);
  expect(slow.viewer.queued).toBeLessThan(MAX_QUEUED_BYTES + 2 * 300_000);
  slow.viewer.drain();
  hub.pushPacket(frame(20, true));
  hub.pushPacket(frame(21, false));
  expect(slow.viewer.take()).toEqual(['#0 gap+key 20@800', '#0 21@840']);
  expect(fast.viewer.take().length - 3).toBe(22);
  expect(live.counts.droppedFragments).toBe(16);
});

test('a viewer that catches up in the middle of a group goes on from its key frame at once', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  const { viewer, seat } = watch();
  viewer.stalled = true;
  for (let n = 0; n < 8; n++) hub.pushPacket(frame(n, n % 6 === 0, 300_000));
  viewer.take();
  viewer.drain();
  seat.drained();
  expect(viewer.take()).toEqual(['#0 gap+key 6@240', '#0 7@280']);
  seat.drained();
  expect(viewer.take()).toEqual([]);
});

test('a viewer that stalls and drains within one group is not sent it twice', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  const { viewer, seat } = watch();
  viewer.stalled = true;
  for (let n = 0; n < 6; n++) hub.pushPacket(frame(n, n === 0, 300_000));
  viewer.take();
  viewer.drain();
  seat.drained();
  hub.pushPacket(frame(6, false));
  expect(viewer.take()).toEqual([]);
});

test('a joiner is handed a large group whole, although it is more than a slow viewer may have waiting', () => {
  const { hub, live } = setUp();
  hub.setStream(streamInfo('a'));
  for (let n = 0; n < 8; n++) hub.pushPacket(frame(n, n === 0, 400_000));
  const viewer = new Viewer();
  viewer.stalled = true;
  live.join(viewer).watch(['yard']);
  expect(viewer.take().slice(3).length).toBe(8);
  hub.pushPacket(frame(8, false, 400_000));
  hub.pushPacket(frame(9, false, 400_000));
  hub.pushPacket(frame(10, false, 400_000));
  hub.pushPacket(frame(11, false, 400_000));
  // The group it was handed, and then as much as anybody may have waiting.
  expect(viewer.take()).toEqual(['#0 8@320', '#0 9@360', '#0 10@400']);
});

test('a group too large to keep makes a joiner wait for the next key frame', () => {
  const { hub, watch } = setUp();
  hub.setStream(streamInfo('a'));
  for (let n = 0; n < 6; n++) hub.pushPacket(frame(n, n === 0, MAX_GOP_BYTES / 4));
  const { viewer } = watch();
  hub.pushPacket(frame(6, false));
  hub.pushPacket(frame(7, true));
  expect(viewer.take().slice(3)).toEqual(['#0 key 7@280']);
});

test('sound travels with the picture that follows it, on the same axis', () => {
  const { hub, watch } = setUp();
  const stream = streamInfo('a');
  hub.setStream({ ...stream, audio: { trackId: 2, codecString: 'mp4a.40.2', timescale: 8000 } });
  const { viewer } = watch();
  const sizes: number[] = [];
  const send = viewer.send;
  viewer.send = (message) => {
    if (typeof message !== 'string') sizes.push(message.length);
    send(message);
  };
  const sound: Packet = { ...frame(0, true, 1000), track: 'audio', dts: 80_500, duration: 160 };
  hub.pushPacket(frame(250, true, 100));
  hub.pushPacket(sound);
  hub.pushPacket(frame(251, false, 100));
  // The init segment, a key frame alone, and a frame with 1000 bytes of sound.
  expect(sizes.map((size) => size > 1000)).toEqual([false, true]);
});

test('cameras keep their channels while others come and go; a channel that is free is used again', () => {
  const { feeds, watch } = setUp();
  for (const id of ['gate', 'shed']) {
    const hub = new FeedHub({ cameraId: id, health });
    hub.setStream(streamInfo(id));
    feeds.set(id, hub);
  }
  feeds.get('yard')!.setStream(streamInfo('a'));
  const { viewer, seat } = watch(['yard', 'gate']);
  seat.watch(['gate', 'shed', 'unknown']);
  expect(viewer.take().filter((line) => line.startsWith('stream'))).toEqual([
    'stream yard#0 640',
    'stream gate#1 640',
    'stream shed#0 640',
  ]);
  feeds.get('yard')!.pushPacket(frame(0, true));
  feeds.get('gate')!.pushPacket(frame(0, true));
  expect(viewer.take()).toEqual(['#1 key 0@0']);
});

test('a camera whose settings changed goes on for its viewers with its new feed', () => {
  const { feeds, live, watch } = setUp();
  feeds.get('yard')!.setStream(streamInfo('a'));
  const { viewer } = watch();
  feeds.get('yard')!.pushPacket(frame(0, true));
  const next = new FeedHub({ cameraId: 'yard', health });
  feeds.set('yard', next);
  live.feedChanged('yard');
  next.setStream(streamInfo('b'));
  next.pushPacket(frame(9, true));
  expect(viewer.take().slice(3)).toEqual([
    '#0 key 0@0',
    'state yard live',
    'stream yard#0 640',
    '#0 init b',
    '#0 key 9@40',
  ]);
});

test('state and motion reach who watches that camera', () => {
  const { hub, live, watch } = setUp();
  const { viewer } = watch();
  hub.setHealth({ ...health, state: 'lost' });
  live.motion('yard', true, 42);
  live.motion('gate', true, 1);
  expect(viewer.take()).toEqual(['state yard live', 'state yard lost', 'motion yard true 42']);
});

test('a camera that nobody watches any more costs nothing', () => {
  const { hub, live, watch } = setUp();
  hub.setStream(streamInfo('a'));
  const { viewer, seat } = watch();
  expect(live.counts).toMatchObject({ viewers: 1, cameras: 1 });
  seat.leave();
  viewer.take();
  hub.pushPacket(frame(0, true));
  expect(viewer.take()).toEqual([]);
  expect(live.counts).toMatchObject({ viewers: 0, cameras: 0 });
});

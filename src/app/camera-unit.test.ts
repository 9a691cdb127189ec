import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { cameraSettings } from '../config/camera.ts';
import { FeedHub } from '../media/feed.ts';
import type { StreamInfo } from '../media/types.ts';
import { MemorySink } from '../recorder/memory-sink.ts';
import { CameraUnit } from './camera-unit.ts';

const stream: StreamInfo = {
  id: 's',
  init: new Uint8Array(8),
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width: 64, height: 48, timescale: 1000 },
};

/** A camera that records all the time, and the pictures it sends. */
function yard({ isOwned = () => true, jpegOf = async () => new Uint8Array(3) }: Partial<Asked> = {}) {
  const clock = new ManualClock();
  const feed = new FeedHub({
    cameraId: 'yard',
    health: { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 },
  });
  feed.setStream(stream);
  const sink = new MemorySink();
  const story: string[] = [];
  const unit = new CameraUnit({
    settings: cameraSettings.parse({
      ...{ id: 'yard', name: 'Yard', source: { kind: 'demo' } },
      record: { mode: 'continuous' },
    }),
    clock,
    log: silentLog,
    openCamera: () => ({
      feed,
      apply: async () => {},
      close: async () => void story.push('source closed'),
      [Symbol.asyncDispose]: async () => {},
    }),
    sink,
    jpegOf,
    timeZone: () => 'UTC',
    isOwned,
    outputs: {
      changed: () => {},
      motion: () => {},
      event: () => {},
      still: async (recordingId) => void story.push(`picture of ${recordingId} kept`),
      health: () => {},
      recordingFails: () => {},
    },
  });
  const packet = { track: 'video', key: true, ctsOffset: 0, duration: 500 } as const;
  const passUntil = async (untilMs: number) => {
    while (clock.monotonicMs() < untilMs) {
      const atMs = clock.monotonicMs();
      feed.pushPacket({ ...packet, atMs, dts: atMs, data: new Uint8Array(4) });
      await clock.advance(500);
    }
  };
  return { unit, sink, story, passUntil };
}
type Asked = Pick<ConstructorParameters<typeof CameraUnit>[0], 'isOwned' | 'jpegOf'>;

test('a camera that is closed has its recording ended and its picture kept when it says so', async () => {
  const decoded = Promise.withResolvers<Uint8Array>();
  const { unit, sink, story, passUntil } = yard({ jpegOf: () => decoded.promise });
  await passUntil(1500);
  const closing = unit.close().then(() => story.push('closed'));
  // The source is closed long before a loaded machine has decoded the picture.
  while (story.length === 0) await Bun.sleep(0);
  await Bun.sleep(0);
  decoded.resolve(new Uint8Array(3));
  await closing;
  expect(sink.recordings[0]?.end).toBeDefined();
  expect(story).toEqual(['source closed', 'picture of r1 kept', 'closed']);
});

test('a box that nobody owns records nothing; from when somebody does, it records', async () => {
  let owned = false;
  const { unit, sink, passUntil } = yard({ isOwned: () => owned });
  await passUntil(10_000);
  expect(sink.recordings).toEqual([]);
  owned = true;
  await passUntil(13_000);
  await unit.close();
  expect(sink.recordings).toHaveLength(1);
});

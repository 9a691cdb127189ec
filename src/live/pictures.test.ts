import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { FeedHub } from '../media/feed.ts';
import type { CameraHealth } from '../media/types.ts';
import { createLive } from './live.ts';
import { createPictures } from './pictures.ts';

const health: CameraHealth = { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 };
const signal = new AbortController().signal;

function setUp() {
  const clock = new ManualClock();
  const hub = new FeedHub({ cameraId: 'yard', health });
  const video = { trackId: 1, codec: 'h264', codecString: 'avc1', width: 2, height: 2, timescale: 1000 } as const;
  hub.setStream({ id: 'a', init: new Uint8Array(1), mimeType: 'video/mp4', video });
  const packet = { key: true, atMs: 0, ctsOffset: 0, duration: 40, data: new Uint8Array(1) } as const;
  hub.pushPacket({ ...packet, track: 'video', dts: 0 });
  hub.pushPacket({ ...packet, track: 'audio', dts: 0 });
  const decoded: number[] = [];
  const box = { fail: false };
  const feeds = (id: string) => (id === 'yard' ? hub : undefined);
  const pictures = createPictures({
    feeds,
    live: createLive({ feeds, clock, log: silentLog }),
    jpegOf: async (_stream, packets) => {
      decoded.push(packets.length);
      await Promise.resolve();
      if (box.fail) throw new NightjarError('unavailable', 'cannot decode');
      return Uint8Array.of(decoded.length);
    },
    clock,
    log: silentLog,
  });
  return { clock, hub, decoded, pictures, box };
}

test('a picture of now is decoded once a second, whatever the number of askers', async () => {
  const { clock, decoded, pictures } = setUp();
  const both = await Promise.all([pictures.snapshot('yard', signal), pictures.snapshot('yard', signal)]);
  expect(both).toEqual([Uint8Array.of(1), Uint8Array.of(1)]);
  await clock.advance(900);
  expect(await pictures.snapshot('yard', signal)).toEqual(Uint8Array.of(1));
  await clock.advance(200);
  expect(await pictures.snapshot('yard', signal)).toEqual(Uint8Array.of(2));
  // Video only: the decoder is not handed the sound.
  expect(decoded).toEqual([1, 1]);
});

test('a decode that failed is not remembered', async () => {
  const { pictures, box } = setUp();
  box.fail = true;
  await expect(pictures.snapshot('yard', signal)).rejects.toThrow('cannot decode');
  box.fail = false;
  expect(await pictures.snapshot('yard', signal)).toEqual(Uint8Array.of(2));
});

test('a lost camera has no picture of now, even when one is a moment old', async () => {
  const { hub, pictures } = setUp();
  await pictures.snapshot('yard', signal);
  const fault = { kind: 'refused', message: 'the camera refuses', advice: '' } as const;
  hub.setHealth({ ...health, state: 'lost', fault });
  await expect(pictures.snapshot('yard', signal)).rejects.toMatchObject({
    kind: 'unavailable',
    message: fault.message,
  });
  expect(() => pictures.mjpeg('yard', signal)).toThrow(fault.message);
});

test('a camera that does not exist is missing', async () => {
  const { pictures } = setUp();
  await expect(pictures.snapshot('gate', signal)).rejects.toMatchObject({ kind: 'missing' });
});

test('who stops waiting is let go; the picture is still made for the others', async () => {
  const { pictures } = setUp();
  const gone = new AbortController();
  const left = pictures.snapshot('yard', gone.signal);
  const stays = pictures.snapshot('yard', signal);
  gone.abort();
  await expect(left).rejects.toThrow('nobody waits');
  expect(await stays).toEqual(Uint8Array.of(1));
});

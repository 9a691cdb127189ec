import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { LogBook } from '../base/log.ts';
import { FeedHub } from '../media/feed.ts';
import type { StreamInfo } from '../media/types.ts';
import { CLOSE_GRACE_MS, StillMoments } from './still-moments.ts';

const stream: StreamInfo = {
  id: 's',
  init: new Uint8Array(8),
  mimeType: 'video/mp4; codecs="avc1.64001f"',
  video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width: 64, height: 48, timescale: 1000 },
};

/** Moments of a camera whose pictures are decoded when the test says so. */
function moments() {
  const clock = new ManualClock();
  const feed = new FeedHub({
    cameraId: 'yard',
    health: { state: 'live', sinceMs: 0, smallStream: false, restarts: 0 },
  });
  feed.setStream(stream);
  const packet = { track: 'video', key: true, atMs: 0, dts: 0, ctsOffset: 0, duration: 100 } as const;
  feed.pushPacket({ ...packet, data: new Uint8Array(4) });
  const decoded = Promise.withResolvers<Uint8Array>();
  const asked: number[] = [];
  const stills = new StillMoments({
    feed,
    clock,
    log: new LogBook({ clock, level: 'error', write: () => {} }).log('test'),
    jpegOf: (_stream, _packets, atMs) => {
      asked.push(atMs);
      return decoded.promise;
    },
  });
  stills.remember(0);
  const kept: string[] = [];
  const keepIt = async (jpeg: Uint8Array) => {
    kept.push('begun');
    await Bun.sleep(0);
    kept.push(`done ${jpeg.length}`);
  };
  return { clock, stills, decoded, asked, kept, keepIt };
}

test('a picture is decoded once, whoever asks', async () => {
  const { stills, decoded, asked, kept, keepIt } = moments();
  stills.keep(0, keepIt);
  const mailed = stills.pictureOf(10);
  decoded.resolve(new Uint8Array(3));
  expect(await mailed).toHaveLength(3);
  await stills.close();
  expect(kept).toEqual(['begun', 'done 3']);
  expect(asked).toEqual([0]);
});

test('an end waits until the picture in work is kept', async () => {
  const { stills, decoded, kept, keepIt } = moments();
  stills.keep(0, keepIt);
  const closing = stills.close().then(() => kept.push('closed'));
  decoded.resolve(new Uint8Array(3));
  await closing;
  expect(kept).toEqual(['begun', 'done 3', 'closed']);
});

test('a picture that takes too long at the end is not kept later either; a mail may still have it', async () => {
  const { clock, stills, decoded, kept, keepIt } = moments();
  stills.keep(0, keepIt);
  const closing = stills.close();
  await clock.advance(CLOSE_GRACE_MS);
  await closing;
  decoded.resolve(new Uint8Array(3));
  expect(await stills.pictureOf(0)).toHaveLength(3);
  await Bun.sleep(0);
  expect(kept).toEqual([]);
});

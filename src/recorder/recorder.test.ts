import { describe, expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { LogBook, type LogLine } from '../base/log.ts';
import { box, boxesIn, fullBox, u32 } from '../media/boxes.ts';
import type { CameraHealth, Feed, FeedListener, Packet, StreamInfo } from '../media/types.ts';
import { MemorySink } from './memory-sink.ts';
import { createRecorder, type RecordParams } from './recorder.ts';

const health = (state: CameraHealth['state']): CameraHealth => ({ state, sinceMs: 0, smallStream: false, restarts: 0 });
const trak = (trackId: number) => box('trak', fullBox('tkhd', 0, 0, u32(0, 0, trackId, 0, 0)));

const streamOf = (id: string, codec: 'h264' | 'h265' = 'h264'): StreamInfo => ({
  id,
  init: box('moov', trak(1), trak(2)),
  mimeType: 'video/mp4; codecs="avc1.64001f,mp4a.40.2"',
  video: { trackId: 1, codec, codecString: 'avc1.64001f', width: 64, height: 48, timescale: 1000 },
  audio: { trackId: 2, codecString: 'mp4a.40.2', timescale: 1000 },
});

class TestFeed implements Feed {
  readonly cameraId = 'yard';
  health = health('live');
  stream: StreamInfo | undefined = streamOf('a');
  gop: Packet[] = [];
  #listener: FeedListener | undefined;
  #dtsOffset = 0;

  currentGop = () => this.gop;
  listen(listener: FeedListener): () => void {
    this.#listener = listener;
    if (this.stream) listener.stream?.(this.stream);
    listener.health?.(this.health);
    return () => {
      this.#listener = undefined;
    };
  }
  say(state: CameraHealth['state']): void {
    this.health = health(state);
    this.#listener?.health?.(this.health);
  }
  /** A new connection: media times begin again. */
  connect(stream: StreamInfo, atMs: number): void {
    this.stream = stream;
    this.#dtsOffset = atMs;
    this.#listener?.stream?.(stream);
  }
  picture(atMs: number, key: boolean, bytes = 100, dts = atMs - this.#dtsOffset): Packet {
    const packet: Packet = {
      ...{ track: 'video', key, atMs, dts, ctsOffset: 0, duration: 500, data: new Uint8Array(bytes) },
    };
    this.#listener?.packet?.(packet);
    return packet;
  }
  sound(atMs: number): void {
    const dts = atMs - this.#dtsOffset;
    this.#listener?.packet?.({
      ...{ track: 'audio', key: true, atMs, dts, ctsOffset: 0, duration: 250, data: new Uint8Array(10) },
    });
  }
}

const defaults: RecordParams = {
  ...{ mode: 'motion', preRollS: 5, preRollMaxMB: 24, postRollS: 5, segmentS: 10, manualLimitS: 300, audio: false },
};

function setUp(settings: Partial<RecordParams> = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  const feed = new TestFeed();
  const sink = new MemorySink();
  const lines: LogLine[] = [];
  const book = new LogBook({ clock, write: (line) => lines.push(line) });
  const recorder = createRecorder({
    ...{ cameraId: 'yard', feed, sink, clock, log: book.log('test') },
    ...{ settings: { ...defaults, ...settings }, isOn: () => true },
  });
  /** Two pictures a second, a key frame every two seconds, until the clock shows the second. */
  const film = async (untilS: number, bytes = 100) => {
    while (clock.monotonicMs() < untilS * 1000) {
      const atMs = clock.monotonicMs();
      feed.picture(atMs, atMs % 2000 === 0, bytes);
      feed.sound(atMs + 250);
      await clock.advance(500);
    }
  };
  const motion = { start: () => recorder.motion({ kind: 'start', atMs: clock.monotonicMs() }) };
  const rests = () => recorder.motion({ kind: 'end', endMs: clock.monotonicMs() });
  return { clock, feed, sink, lines, recorder, film, moves: motion.start, rests, wall0: Date.UTC(2026, 0, 1, 12) };
}

/** `start+length` of each file, in seconds since noon. */
const files = (sink: MemorySink, wall0: number) =>
  sink.recordings.map((r) => r.segments.map((s) => `${(s.start.startMs - wall0) / 1000}+${s.mediaMs / 1000}`));

describe('a recording', () => {
  test('opens with the pictures before the motion, and its files follow each other without a gap', async () => {
    const { film, moves, rests, recorder, sink, wall0 } = setUp();
    await film(20);
    moves();
    await film(35);
    rests();
    await film(50);
    await recorder.close();
    expect(files(sink, wall0)).toEqual([['14+10', '24+10', '34+6']]);
    expect(sink.recordings[0]).toMatchObject({ startMs: wall0 + 14_000, reasons: ['motion'] });
    expect(sink.recordings[0]?.end).toEqual({ endMs: wall0 + 40_000, interrupted: false });
  });

  test('never repeats what the one before it holds, and leaves nothing out between', async () => {
    const { film, moves, rests, recorder, sink, wall0 } = setUp();
    await film(10);
    moves();
    await film(11);
    rests();
    await film(18);
    moves();
    await film(20);
    rests();
    await film(40);
    await recorder.close();
    expect(files(sink, wall0)).toEqual([['4+10', '14+2'], ['16+10']]);
  });

  test('has all but the last second of pictures out of its hands at any time', async () => {
    const { film, recorder, sink, clock } = setUp({ mode: 'continuous', segmentS: 60 });
    await film(7.5);
    expect(clock.monotonicMs() - (sink.recordings[0]?.segments[0]?.mediaMs ?? 0)).toBeLessThanOrEqual(1000);
    // Pictures stop without a word: what came is written all the same.
    await clock.advance(2000);
    expect(sink.recordings[0]?.segments[0]?.mediaMs).toBe(7500);
    await recorder.close();
  });

  test('keeps its files in order when the clock is set back meanwhile', async () => {
    const { film, moves, rests, recorder, sink, clock, wall0 } = setUp();
    await film(10);
    moves();
    await film(15);
    clock.stepWallMs(-3_600_000);
    await film(25);
    rests();
    await film(40);
    await recorder.close();
    expect(files(sink, wall0)).toEqual([['4+10', '14+10', '24+6']]);
  });

  test('starts at once from the group being received when the button is pressed, and says until when', async () => {
    const { film, recorder, sink, clock, wall0 } = setUp({ mode: 'manual' });
    await film(11);
    expect(recorder.startManual(60)).toEqual({ untilMs: wall0 + 71_000 });
    expect(recorder.status().recordingSinceMs).toBe(wall0 + 10_000);
    expect(recorder.status()).toMatchObject({ recordingId: 'r1', reasons: ['manual'], manualUntilMs: wall0 + 71_000 });
    await film(13);
    recorder.stopManual();
    await film(20);
    expect(files(sink, wall0)).toEqual([['10+4']]);
    expect(recorder.status()).toEqual({ reasons: [], droppedGops: 0 });
    await clock.advance(0);
    await recorder.close();
  });

  test('cannot be started by hand where recording is turned off', () => {
    const { recorder } = setUp({ mode: 'off' });
    expect(() => recorder.startManual()).toThrow('turned off');
  });

  test('ends at once when the camera is turned off, and begins anew when it is turned on again', async () => {
    const { film, feed, recorder, sink, clock } = setUp({ mode: 'continuous' });
    await film(3);
    recorder.startManual(300);
    feed.say('off');
    expect(recorder.status()).toEqual({ reasons: [], droppedGops: 0 });
    await clock.advance(1000);
    feed.say('live');
    await film(8);
    expect(recorder.status()).toMatchObject({ recordingId: 'r2', reasons: ['continuous'] });
    await recorder.close();
    expect(sink.recordings.map((r) => r.end?.interrupted)).toEqual([false, false]);
  });

  test('is finished and durable when the recorder has closed', async () => {
    const { film, recorder, sink } = setUp({ mode: 'continuous' });
    await film(3);
    await recorder.close();
    expect(sink.recordings[0]?.segments.map((s) => [s.mediaMs, s.finished])).toEqual([[3000, true]]);
    expect(sink.recordings[0]?.end?.interrupted).toBe(false);
  });
});

describe('files', () => {
  test('are cut only at key frames, also where those are rarer than the limit', async () => {
    const { film, recorder, sink } = setUp({ mode: 'continuous', segmentS: 3 });
    await film(10);
    await recorder.close();
    expect(sink.recordings[0]?.segments.map((s) => s.mediaMs)).toEqual([2000, 2000, 2000, 2000, 2000]);
  });

  test('are cut anyway where no key frame comes, and nothing is lost', async () => {
    const { clock, feed, recorder, sink, wall0 } = setUp({ mode: 'continuous', segmentS: 3 });
    feed.picture(0, true);
    for (let ms = 500; ms <= 13_000; ms += 500) {
      await clock.advance(500);
      feed.picture(ms, false);
    }
    await recorder.close();
    expect(files(sink, wall0)).toEqual([['0+6', '6+6', '12+1.5']]);
  });

  test('hold sound only where the settings say so, and then all of it', async () => {
    const bytes = async (audio: boolean) => {
      const { film, recorder, sink } = setUp({ mode: 'continuous', segmentS: 4, audio });
      await film(12);
      await recorder.close();
      const mdats = sink.recordings[0]!.segments.flatMap((s) => s.fragments).flatMap((f) => [...boxesIn(f)]);
      const media = mdats.filter((b) => b.type === 'mdat').reduce((sum, b) => sum + b.to - b.bodyFrom, 0);
      return { media, described: sink.recordings[0]!.segments[0]!.start.stream.audio !== undefined };
    };
    expect(await bytes(false)).toEqual({ media: 24 * 100, described: false });
    expect(await bytes(true)).toEqual({ media: 24 * 100 + 24 * 10, described: true });
  });
});

test('files and recordings of a camera whose clock runs fast do not overlap', async () => {
  const { clock, feed, recorder, sink, lines } = setUp({ mode: 'manual', segmentS: 4 });
  for (let ms = 0; ms < 30_000; ms += 500) {
    feed.picture(ms, ms % 2000 === 0, 100, Math.round(ms * 1.002));
    if (ms === 0 || ms === 12_000) recorder.startManual();
    if (ms === 11_000) recorder.stopManual();
    await clock.advance(500);
  }
  await recorder.close();
  // The sink refuses a file that begins before the one before it ended; the recorder would have said so.
  expect(lines.map((l) => l.message)).toEqual([]);
  expect(sink.recordings.map((r) => r.segments.length)).toEqual([6, 9]);
  for (const { startMs, segments } of sink.recordings) expect(segments[0]!.start.startMs).toBe(startMs);
});

test('sound that comes after the picture that ends its file is still in it', async () => {
  const { clock, feed, recorder, sink } = setUp({ mode: 'continuous', segmentS: 4, audio: true });
  for (let ms = 0; ms < 12_000; ms += 500) {
    feed.picture(ms, ms % 2000 === 0);
    if (ms >= 500) feed.sound(ms - 400);
    await clock.advance(500);
  }
  await recorder.close();
  const soundBytes = sink.recordings[0]!.segments.map(({ fragments }) => {
    const media = fragments.flatMap((f) => [...boxesIn(f)].filter((b) => b.type === 'mdat'));
    return media.reduce((sum, b) => sum + b.to - b.bodyFrom, 0) - 8 * 100;
  });
  expect(soundBytes).toEqual([80, 80, 70]);
});

describe('a camera that goes away', () => {
  test('leaves a finished file, and the recording goes on in the next one', async () => {
    const { film, moves, rests, recorder, sink, clock, feed, wall0 } = setUp();
    await film(10);
    moves();
    await film(12.5);
    feed.say('lost');
    await clock.advance(7500);
    expect(sink.recordings[0]?.segments.map((s) => s.finished)).toEqual([true]);
    feed.connect(streamOf('a'), 20_000);
    feed.say('live');
    await film(23);
    rests();
    await film(40);
    await recorder.close();
    expect(files(sink, wall0)).toEqual([['4+8.5', '20+8']]);
    expect(sink.recordings[0]?.end).toEqual({ endMs: wall0 + 28_000, interrupted: false });
  });

  test('for good leaves an interrupted recording', async () => {
    const { film, recorder, sink, clock, feed, wall0 } = setUp({ mode: 'continuous' });
    await film(5);
    feed.say('lost');
    await clock.advance(60_000);
    expect(sink.recordings[0]?.end).toEqual({ endMs: wall0 + 5000, interrupted: true });
    expect(recorder.status()).toEqual({ reasons: [], droppedGops: 0 });
    await recorder.close();
  });

  test('and whose media times begin again gets a new file', async () => {
    const { film, recorder, sink, feed } = setUp({ mode: 'continuous' });
    await film(4);
    feed.connect(streamOf('a'), 4000);
    await film(8);
    await recorder.close();
    expect(sink.recordings.map((r) => r.segments.map((s) => s.mediaMs))).toEqual([[4000, 4000]]);
  });

  test('for a few seconds, or whose clock leaps, gets a new file at the next key frame', async () => {
    const { film, recorder, sink, clock, wall0 } = setUp({ mode: 'continuous', segmentS: 60 });
    await film(5);
    await clock.advance(4500);
    await film(14);
    await recorder.close();
    expect(files(sink, wall0)).toEqual([['0+5', '10+4']]);
  });

  test('and comes back with another size goes on, with another codec begins a new recording', async () => {
    const { film, recorder, sink, feed } = setUp({ mode: 'continuous' });
    await film(4);
    feed.connect(streamOf('b'), 4000);
    await film(8);
    feed.connect(streamOf('c', 'h265'), 8000);
    await film(12);
    await recorder.close();
    const streams = sink.recordings.map((r) => r.segments.map((s) => s.start.stream.id));
    expect(streams).toEqual([['a-pictures', 'b-pictures'], ['c-pictures']]);
  });
});

describe('a disk', () => {
  test('that is too slow costs whole groups of pictures, counted, and a true gap', async () => {
    const { film, recorder, sink, clock, wall0 } = setUp({ mode: 'continuous', segmentS: 60, preRollMaxMB: 8 });
    let open = () => {};
    sink.gate = new Promise((resolve) => {
      open = resolve;
    });
    await film(20, 1024 * 1024);
    expect(recorder.status().droppedGops).toBe(4);
    open();
    sink.gate = undefined;
    for (let turn = 0; turn < 50; turn++) await clock.advance(0);
    await film(30, 1024 * 1024);
    await recorder.close();
    // 24 MB may wait, and a fragment is 1 MB; it goes on at the first key frame after the disk has caught up.
    expect(files(sink, wall0)).toEqual([['0+13', '20+10']]);
  });

  test('that is full stops the recording cleanly, says so, and it goes on by itself', async () => {
    const { film, recorder, sink, lines } = setUp({ mode: 'continuous' });
    await film(6);
    sink.full = true;
    await film(9);
    expect(recorder.status()).toEqual({ reasons: [], droppedGops: 0, blocked: 'no-space' });
    expect(sink.recordings[0]?.end?.interrupted).toBe(true);
    expect(sink.recordings[0]?.segments.map((s) => s.finished)).toEqual([true]);
    await film(40);
    sink.full = false;
    await film(80);
    expect(recorder.status()).toMatchObject({ reasons: ['continuous'] });
    expect(recorder.status().blocked).toBeUndefined();
    expect(lines.map((l) => l.message)).toEqual([
      'recording stopped: the disk is full; trying again until it works',
      'recording works again',
    ]);
    await recorder.close();
  });
});

test('nothing that goes wrong here reaches the feed, and recording begins when it works', async () => {
  const { film, recorder, sink, lines } = setUp({ mode: 'continuous' });
  const { openRecording } = sink;
  sink.openRecording = () => {
    throw new Error('the catalog is broken');
  };
  await film(1);
  expect(lines[0]?.message).toContain('the catalog is broken');
  expect(recorder.status()).toEqual({ reasons: [], droppedGops: 0, blocked: 'failed' });
  sink.openRecording = openRecording;
  await film(10);
  expect(recorder.status()).toMatchObject({ recordingId: 'r1', reasons: ['continuous'], droppedGops: 0 });
  await recorder.close();
});

test('the group that was being received when the recorder was made is not lost', async () => {
  const clock = new ManualClock();
  const feed = new TestFeed();
  const sink = new MemorySink();
  feed.gop = [feed.picture(0, true), feed.picture(500, false)];
  const log = new LogBook({ clock, write: () => {} }).log('test');
  const recorder = createRecorder({
    ...{ cameraId: 'yard', feed, sink, clock, log, settings: { ...defaults, mode: 'manual' }, isOn: () => true },
  });
  recorder.startManual();
  await recorder.close();
  expect(sink.recordings[0]?.segments[0]?.mediaMs).toBe(1000);
});

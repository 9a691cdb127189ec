import { describe, expect, test } from 'bun:test';
import { ascii, box, concatBytes, findBox, findBoxes, fullBox, u16, u32, viewOf } from './boxes.ts';
import { type ByteSource, indexSegment, planFastStart } from './fast-start.ts';
import { writeFragment } from './mp4-write.ts';
import type { SegmentIndex } from './segment-index.ts';
import type { Packet, StreamInfo } from './types.ts';

/** Just enough of a `moov` for two tracks: pictures with 1000 ticks a second, sound with 8000. */
function streamOf(width: number, entry = 'avc1'): StreamInfo {
  const trak = (trackId: number, kind: string, timescale: number, sample: Uint8Array) =>
    box(
      'trak',
      fullBox('tkhd', 0, 0, u32(0, 0, trackId)),
      box(
        'mdia',
        fullBox('mdhd', 0, 0, u32(0, 0, timescale)),
        fullBox('hdlr', 0, 0, u32(0), ascii(kind)),
        box('minf', box('stbl', fullBox('stsd', 0, 0, u32(1), sample))),
      ),
    );
  const picture = box(entry, new Uint8Array(24), u16(width, 48), new Uint8Array(50));
  return {
    id: `${width}`,
    init: concatBytes([
      box('ftyp', ascii('isom')),
      box('moov', trak(1, 'vide', 1000, picture), trak(2, 'soun', 8000, box('mp4a', new Uint8Array(28)))),
    ]),
    mimeType: 'video/mp4',
    video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width, height: 48, timescale: 1000 },
    audio: { trackId: 2, codecString: 'mp4a.40.2', timescale: 8000 },
  };
}

const picture = (dts: number, more: Partial<Packet> = {}): Packet => ({
  ...{ track: 'video', key: dts % 1000 === 0, atMs: 0, dts, ctsOffset: 0, duration: 500, data: new Uint8Array(100) },
  ...more,
});
const sound = (dts: number): Packet => ({
  ...{ track: 'audio', key: true, atMs: 0, dts, ctsOffset: 0, duration: 4000, data: new Uint8Array(10) },
});

const fileOf = (stream: StreamInfo, ...fragments: readonly (readonly Packet[])[]): Uint8Array =>
  concatBytes([stream.init, ...fragments.map((packets, i) => writeFragment(stream, packets, { sequence: i + 1 }))]);

function reading(bytes: Uint8Array): ByteSource & { readonly readBytes: () => number } {
  let read = 0;
  return {
    bytes: bytes.length,
    read: async (from, to) => {
      read += to - from;
      return bytes.subarray(from, to);
    },
    readBytes: () => read,
  };
}
const indexOf = async (bytes: Uint8Array): Promise<SegmentIndex> => (await indexSegment(reading(bytes)))!;

const small = streamOf(64);
const segment = fileOf(small, [picture(0), sound(0), picture(500)], [sound(4000), picture(1000), picture(1500)]);

/** A table of a track in the planned file, as rows of numbers. */
function table(header: Uint8Array, track: number, name: string, columns: number): readonly number[][] {
  const trak = findBoxes(header, ['moov', 'trak'])[track]!;
  const found = findBox(header, ['mdia', 'minf', 'stbl', name], trak);
  if (!found) return [];
  const view = viewOf(header);
  const from = found.bodyFrom + (name === 'stsz' ? 8 : 4);
  return Array.from({ length: view.getUint32(from) }, (_, row) =>
    Array.from({ length: columns }, (_, column) => view.getInt32(from + 4 + (row * columns + column) * 4)),
  );
}

describe('the index of a segment', () => {
  test('lists every sample without reading the media', async () => {
    const large = fileOf(small, [picture(0, { data: new Uint8Array(1_000_000) })], [picture(500)]);
    const source = reading(large);
    const index = (await indexSegment(source))!;
    expect(index.runs.map((r) => [r.track, r.decodeTime, r.samples.length])).toEqual([
      ['video', 0, 1],
      ['video', 500, 1],
    ]);
    expect([index.durationMs, index.torn, index.wholeBytes]).toEqual([1000, false, large.length]);
    expect(source.readBytes()).toBeLessThan(20_000);
  });

  test('of a file that was cut at any byte ends with the last whole fragment', async () => {
    const fragments = [[picture(0)], [picture(500)], [picture(1000)]];
    const ends = [0, 1, 2, 3].map((n) => fileOf(small, ...fragments.slice(0, n)).length);
    const whole = fileOf(small, ...fragments);
    for (let bytes = ends[0]!; bytes <= whole.length; bytes++) {
      const index = await indexOf(whole.subarray(0, bytes));
      const kept = ends.findLastIndex((end) => end <= bytes);
      expect([bytes, index.runs.length, index.wholeBytes]).toEqual([bytes, kept, ends[kept]!]);
      expect(index.torn).toBe(bytes !== ends[kept]);
    }
  });

  test('ends where a card has left zeros or garbage', async () => {
    for (const byte of [0x00, 0xff]) {
      const index = await indexOf(concatBytes([segment, new Uint8Array(5000).fill(byte)]));
      expect([index.wholeBytes, index.torn]).toEqual([segment.length, true]);
    }
  });

  test('of something else is none', async () => {
    expect(await indexSegment(reading(new Uint8Array(0)))).toBeUndefined();
    expect(await indexSegment(reading(ascii('this is not a film, whatever its name says')))).toBeUndefined();
  });
});

describe('the joined file', () => {
  test('has every picture at its time, with key frames marked', async () => {
    const plan = planFastStart([await indexOf(segment), await indexOf(segment)])!;
    expect(plan.durationMs).toBe(4000);
    expect(table(plan.header, 0, 'stts', 2)).toEqual([[8, 500]]);
    expect(table(plan.header, 0, 'stss', 1)).toEqual([[1], [3], [5], [7]]);
    expect(table(plan.header, 0, 'stsz', 1)).toEqual(Array(8).fill([100]));
    // Sound at 0, 0.5, 2 and 2.5 s: the pictures are longer than the sound, and keep it in its place.
    expect(table(plan.header, 1, 'stts', 2)).toEqual([
      [1, 4000],
      [1, 12_000],
      [2, 4000],
    ]);
  });

  test('copies exactly the media of the sources, and knows its size before', async () => {
    const plan = planFastStart([await indexOf(segment)])!;
    const copied = plan.ranges.reduce((sum, r) => sum + r.to - r.from, 0);
    expect(copied).toBe(4 * 100 + 2 * 10);
    expect(plan.bytes).toBe(plan.header.length + copied);
    const offsets = [...table(plan.header, 0, 'stco', 1), ...table(plan.header, 1, 'stco', 1)].flat();
    const first = plan.header.length;
    expect(offsets).toEqual([first, first + 210, first + 200, first + 410]);
  });

  test('keeps a hole inside a segment, and closes the one between two', async () => {
    const holed = await indexOf(fileOf(small, [picture(0)], [picture(3000)]));
    const plan = planFastStart([holed, holed])!;
    expect(table(plan.header, 0, 'stts', 2)).toEqual([
      [1, 3000],
      [1, 500],
      [1, 3000],
      [1, 500],
    ]);
    expect(plan.durationMs).toBe(7000);
  });

  test('keeps sound with its pictures where it began late', async () => {
    const late = await indexOf(fileOf(small, [picture(0), sound(2000), picture(500)]));
    const { header } = planFastStart([late])!;
    const [pictures, sounds] = findBoxes(header, ['moov', 'trak']).map((t) => findBox(header, ['edts', 'elst'], t));
    expect(pictures).toBeUndefined();
    const view = viewOf(header);
    // A quarter of a second of nothing, then the sound from its beginning.
    expect([view.getBigUint64(sounds!.bodyFrom + 8), view.getBigInt64(sounds!.bodyFrom + 16)]).toEqual([250n, -1n]);
    expect(view.getBigInt64(sounds!.bodyFrom + 36)).toBe(0n);
  });

  test('begins with the first picture shown, where B-frames are decoded ahead', async () => {
    const ahead = await indexOf(fileOf(small, [picture(0, { ctsOffset: 500 }), picture(500, { ctsOffset: 500 })]));
    const { header, durationMs } = planFastStart([ahead])!;
    const elst = findBox(header, ['moov', 'trak', 'edts', 'elst'])!;
    expect(viewOf(header).getBigInt64(elst.bodyFrom + 16)).toBe(500n);
    expect([durationMs, table(header, 0, 'ctts', 2)]).toEqual([1000, [[2, 500]]]);
  });

  test('names each set of parameters once, and says where they change', async () => {
    const wide = fileOf(streamOf(128), [picture(0), picture(500)]);
    const plan = planFastStart([await indexOf(segment), await indexOf(wide), await indexOf(segment)])!;
    expect(table(plan.header, 0, 'stsc', 3)).toEqual([
      [1, 2, 1],
      [3, 2, 2],
      [4, 2, 1],
    ]);
    const stsd = findBox(plan.header, ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'])!;
    expect(viewOf(plan.header).getUint32(stsd.bodyFrom + 4)).toBe(2);
  });

  test('names H.265 as QuickTime wants it', async () => {
    const { header } = planFastStart([await indexOf(fileOf(streamOf(64, 'hev1'), [picture(0)]))])!;
    const stsd = findBox(header, ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'])!;
    expect(findBox(header.subarray(stsd.bodyFrom + 8, stsd.to), ['hvc1'])).toBeDefined();
  });

  test('may be larger than 4 GiB', async () => {
    const index = await indexOf(segment);
    const [run] = index.runs;
    const huge = { ...run!, samples: [{ ...run!.samples[0]!, bytes: 3 * 2 ** 30 }] };
    const plan = planFastStart([{ ...index, runs: [huge, { ...huge, decodeTime: 500 }] }])!;
    expect(plan.bytes).toBe(plan.header.length + 6 * 2 ** 30);
    const [, second] = table(plan.header, 0, 'co64', 2);
    expect(second![0]! * 2 ** 32 + (second![1]! >>> 0)).toBe(plan.header.length + 3 * 2 ** 30);
    // The size of `mdat` itself takes 64 bits, too.
    expect(viewOf(plan.header).getBigUint64(plan.header.length - 8)).toBe(BigInt(6 * 2 ** 30 + 16));
  });

  test('is none where nothing was recorded', async () => {
    expect(planFastStart([])).toBeUndefined();
    expect(planFastStart([await indexOf(small.init)])).toBeUndefined();
  });
});

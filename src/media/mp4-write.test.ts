import { describe, expect, test } from 'bun:test';
import { boxesIn, concatBytes, findBox, viewOf } from './boxes.ts';
import { writeFragment } from './mp4-write.ts';
import type { Packet, StreamInfo } from './types.ts';

const stream: StreamInfo = {
  id: 'a',
  init: new Uint8Array(0),
  mimeType: 'video/mp4',
  video: { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width: 64, height: 48, timescale: 90_000 },
  audio: { trackId: 2, codecString: 'mp4a.40.2', timescale: 48_000 },
};
const packet = (track: 'video' | 'audio', dts: number, more: Partial<Packet> = {}): Packet => ({
  ...{ track, key: track === 'audio', atMs: 0, dts, ctsOffset: 0, duration: 3000, data: Uint8Array.of(dts % 256) },
  ...more,
});

interface Listed {
  readonly trackId: number;
  readonly decodeTime: number;
  /** duration, composition offset, key, bytes */
  readonly samples: readonly (readonly [number, number, boolean, readonly number[]])[];
}

/** Reads a fragment back from its bytes as the specification lays them out; knows only what this writer uses. */
function read(fragment: Uint8Array): readonly Listed[] {
  const view = viewOf(fragment);
  return [...boxesIn(fragment, 8, view.getUint32(0))]
    .filter((b) => b.type === 'traf')
    .map((traf) => {
      const [tfhd, tfdt, trun] = ['tfhd', 'tfdt', 'trun'].map((type) => findBox(fragment, [type], traf)!.bodyFrom);
      const flags = view.getUint32(trun!) & 0xff_ffff;
      let from = view.getUint32(trun! + 8);
      let at = trun! + 12;
      const next = () => {
        at += 4;
        return view.getInt32(at - 4);
      };
      const samples = Array.from({ length: view.getUint32(trun! + 4) }, () => {
        const [duration, bytes] = [next(), next()];
        const sampleFlags = flags & 0x400 ? next() : view.getUint32(tfhd! + 8);
        const offset = flags & 0x800 ? next() : 0;
        from += bytes;
        return [duration, offset, (sampleFlags & 0x1_0000) === 0, [...fragment.subarray(from - bytes, from)]] as const;
      });
      return { trackId: view.getUint32(tfhd! + 4), decodeTime: Number(view.getBigUint64(tfdt! + 4)), samples };
    });
}

describe('a fragment', () => {
  test('holds the packets of each track in their order, with their times, key marks and bytes', () => {
    const mixed = [
      packet('video', 1000, { key: true, ctsOffset: 6000, data: Uint8Array.of(1, 2, 3) }),
      packet('audio', 500, { duration: 1024, data: Uint8Array.of(9) }),
      packet('video', 4000, { ctsOffset: -3000, data: Uint8Array.of(4) }),
      packet('audio', 1524, { duration: 1024, data: Uint8Array.of(8, 7) }),
    ];
    expect(read(writeFragment(stream, mixed, { sequence: 7 }))).toEqual([
      {
        trackId: 1,
        decodeTime: 1000,
        samples: [
          [3000, 6000, true, [1, 2, 3]],
          [3000, -3000, false, [4]],
        ],
      },
      {
        trackId: 2,
        decodeTime: 500,
        samples: [
          [1024, 0, true, [9]],
          [1024, 0, true, [8, 7]],
        ],
      },
    ]);
  });

  test('counts times from the base of each track', () => {
    const packets = [packet('video', 9000, { key: true }), packet('audio', 4800)];
    const read_ = read(writeFragment(stream, packets, { sequence: 1, baseDts: { video: 8000, audio: 4000 } }));
    expect(read_.map((t) => t.decodeTime)).toEqual([1000, 800]);
  });

  test('keeps a gap between packets, and the last duration as it is', () => {
    const packets = [
      packet('video', 0, { key: true }),
      packet('video', 90_000),
      packet('video', 91_500, { duration: 77 }),
    ];
    expect(read(writeFragment(stream, packets, { sequence: 1 }))[0]?.samples.map(([d]) => d)).toEqual([
      90_000, 1500, 77,
    ]);
  });

  test('knows times beyond 32 bits', () => {
    const dts = 2 ** 40 + 5;
    expect(read(writeFragment(stream, [packet('video', dts)], { sequence: 1 }))[0]?.decodeTime).toBe(dts);
  });

  test('has no sound where the stream has none', () => {
    const { audio: _, ...silent } = stream;
    const packets = [packet('video', 0, { key: true }), packet('audio', 0)];
    expect(read(writeFragment(silent, packets, { sequence: 1 })).map((t) => t.trackId)).toEqual([1]);
  });

  test('follows another without anything between', () => {
    const fragments = [1, 2].map((n) => writeFragment(stream, [packet('video', n * 3000)], { sequence: n }));
    expect([...boxesIn(concatBytes(fragments))].map((b) => b.type)).toEqual(['moof', 'mdat', 'moof', 'mdat']);
  });
});

test('a packet before the base is refused, not written with a wrong time', () => {
  const write = () => writeFragment(stream, [packet('video', 5)], { sequence: 1, baseDts: { video: 6, audio: 0 } });
  expect(write).toThrow(RangeError);
});

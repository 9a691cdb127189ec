// Three small pictures as ffmpeg wrote them, and everything that may come instead.

import { expect, test } from 'bun:test';
import { type Mp4Item, Mp4Reader } from './mp4-read.ts';

/** `ffmpeg -f lavfi -i color=gray:s=32x32:r=25:d=0.12 -c:v libx264 … -movflags +empty_moov+…+frag_every_frame`, gzipped. */
const clip = Bun.gunzipSync(
  Buffer.from(
    [
      'H4sIAAAAAAAAA52Tz0vcQBTHv4kKdVlqLIt48BChXUQoxUWlCILaiwcPvdhTL2MmcQczm5B5G7RnD4JHb0Kh4D/gn6DQgyf/gJ7a',
      'mzf/hJU3m7VxXRf1kZmXN2/yPu8HATAT0UGqTLIEuGCtTLKs08UFwL3USZIDiHXelHggIzdWOfb5Lw+Mx/YahooLODeUiT0A32nP',
      'MkeGRH8Z1y8WnEMtlWBLy/66Gnbf/m3Vx6aMs54nVzIs3/ymZJhsipaMQ77jfNKqFQGo5doGLafwXnZ9MzILo1KK1XYW+8X7raGd',
      'GMCZIdNLis9PRB4sPNkAHz42AbvsjeqWyAM/Vjv7jeXFQa2a7nS4NJEHX5yNi0rnH6Z2Ny4qfz6cT3K3Hd4aE+/qvxyMNq8nrgB4',
      'qTBpgeflGSJTCukZMkHJrhkyP/qwnqEgKdlzOg/3uQDKrO6V11/ialsSz2pJh1azzJbnoqXKRJpy6+7ljYoNAWjqJOF+ezq6HzQD',
      'vlIm7DyIz1187p677H/rdFOoUSSpL5tpytotAGNFnNR+AUxpKZhXCY8OV+pz1Z/tvwDkADp/sDWEPj6Ybn21gt5rE5c8WZDH1k/9',
      '+vETUP6HXgEdfQZ0bf74DojrgLJFBAAA',
    ].join(''),
    'base64',
  ),
);

const kinds = (items: readonly Mp4Item[]): string[] => items.map((i) => i.kind);
const at = (name: string, from = 0): number => Buffer.from(clip).indexOf(name, from, 'latin1');
const bent = (change: (bytes: Uint8Array, view: DataView) => void): Uint8Array => {
  const bytes = clip.slice();
  change(bytes, new DataView(bytes.buffer));
  return bytes;
};

test('the description comes first, then each picture with its time, however the bytes are cut', () => {
  for (const step of [1, 7, 100, clip.length]) {
    const reader = new Mp4Reader();
    const items: Mp4Item[] = [];
    for (let i = 0; i < clip.length; i += step) items.push(...reader.push(clip.subarray(i, i + step)));
    expect(kinds(items)).toEqual(['stream', 'sample', 'sample', 'sample']);
    const [stream, ...samples] = items;
    if (stream?.kind !== 'stream') throw new Error('no stream');
    expect(stream.stream.video).toMatchObject({ codec: 'h264', width: 32, height: 32 });
    const { timescale } = stream.stream.video;
    expect(samples.map((s) => s.kind === 'sample' && [s.sample.key, (s.sample.dts * 25) / timescale])).toEqual([
      [true, 0],
      [false, 1],
      [false, 2],
    ]);
  }
});

test('what was read does not change when the caller uses its bytes again, nor with what follows', () => {
  const bytes = clip.slice();
  const reader = new Mp4Reader();
  const items = reader.push(bytes);
  const before = items.map((i) => i.kind === 'sample' && [...i.sample.data]);
  bytes.fill(0xee);
  reader.push(bytes);
  expect(items.map((i) => i.kind === 'sample' && [...i.sample.data])).toEqual(before);
});

test('any byte may be wrong: nothing throws, nothing follows the damage, nothing is held', () => {
  for (let i = 0; i < clip.length; i += 2) {
    for (const value of [0x01, 0xff]) {
      const reader = new Mp4Reader();
      const items = reader.push(bent((bytes) => (bytes[i] = value)));
      const damaged = kinds(items).indexOf('damaged');
      if (damaged >= 0) {
        expect(damaged).toBe(items.length - 1);
        expect(reader.push(clip)).toEqual([]);
        expect(reader.heldBytes).toBe(0);
      }
      expect(reader.heldBytes).toBeLessThanOrEqual(128 * 1024);
    }
  }
});

test('random bytes are damage within the first few', () => {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed >>> 24;
  };
  for (let n = 0; n < 300; n++) {
    const reader = new Mp4Reader();
    expect(kinds(reader.push(Uint8Array.from({ length: 64 }, random)))).toEqual(['damaged']);
    expect(reader.heldBytes).toBe(0);
  }
});

test('a box that claims to be huge is damage at once; one within the limits is waited for without being reserved', () => {
  const claim = (type: string, size: number) =>
    bent((bytes, view) => (view.setUint32(at(type) - 4, size) as undefined) ?? bytes);
  expect(kinds(new Mp4Reader().push(claim('mdat', 0xffff_fff0)))).toContain('damaged');
  expect(kinds(new Mp4Reader().push(claim('moov', 2 * 1024 * 1024)))).toEqual(['damaged']);
  const patient = new Mp4Reader();
  expect(kinds(patient.push(claim('mdat', 30 * 1024 * 1024)))).toEqual(['stream']);
  expect(patient.heldBytes).toBeLessThan(128 * 1024);
});

test('a fragment that lists its bytes many times over is damage, and is not copied that often', () => {
  const moofFrom = at('moof') - 4;
  const trafFrom = at('traf') - 4;
  const trafBytes = new DataView(clip.buffer, clip.byteOffset).getUint32(trafFrom);
  const mdatFrom = at('mdat') - 4;
  const traf = clip.slice(trafFrom, trafFrom + trafBytes);
  const head = clip.slice(moofFrom, trafFrom);
  const moofBytes = head.length + 200 * traf.length;
  new DataView(head.buffer).setUint32(0, moofBytes);
  // trun: size, type, flags, count, then where the samples begin.
  new DataView(traf.buffer).setUint32(Buffer.from(traf).indexOf('trun') + 12, moofBytes + 8);
  const items = new Mp4Reader().push(
    Buffer.concat([
      clip.subarray(0, moofFrom),
      head,
      ...Array.from({ length: 200 }, () => traf),
      clip.subarray(mdatFrom),
    ]),
  );
  expect(kinds(items).at(-1)).toBe('damaged');
  expect(kinds(items).filter((kind) => kind === 'sample').length).toBeLessThan(3);
});

test('pictures before their description are damage', () => {
  expect(kinds(new Mp4Reader().push(clip.subarray(at('moof') - 4)))).toEqual(['damaged']);
});

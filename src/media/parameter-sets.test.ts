// Parameter sets as encoders wrote them (x264, x265; the sizes are not multiples of 16, so that cropping counts), and whatever a
// broken camera may send instead.

import { expect, test } from 'bun:test';
import { ShapeWatch } from '../camera/shape-watch.ts';
import { BitReader, unescapeNal } from './bits.ts';
import { h264Shape, isH264Sps } from './h264.ts';
import { h265Shape, isH265Sps } from './h265.ts';
import { isWholeSample, nalUnits } from './nal.ts';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

const h264Sets: readonly (readonly [string, string, object])[] = [
  ['baseline', '6742c00cda05067e7c0440000003004000000ca3c50aa8', { profile: 66, width: 320, height: 180 }],
  ['1080 lines', '6742c028da01e0089f97011000000300100000030328f1832a', { profile: 66, width: 1920, height: 1080 }],
  ['high', '6764001eacd940b4127e4c0440000003004000000c83c58b6580', { profile: 100, width: 720, height: 570 }],
  ['main', '674d401eeca05a093f260220000003002000000641e2c5b2c0', { profile: 77, width: 720, height: 570 }],
  ['4:4:4', '67f4001e919b2816824fcf80880000030008000003019078b16cb0', { profile: 244, width: 720, height: 570 }],
];
const h265Sets: readonly (readonly [string, string, object])[] = [
  [
    'main',
    '42010101600000030090000003000003003ca00a080c1f3e5ba4a4c2f0168080000003008000000c84',
    { profile: 1, width: 320, height: 180 },
  ],
  [
    '1080 lines',
    '420101016000000300900000030000030078a003c0801107cb96e92930bc05a02000000300200000030321',
    { profile: 1, width: 1920, height: 1080 },
  ],
];

test.each(h264Sets)('the shape of H.264 is read: %s', (_, hex, shape) => {
  expect(isH264Sps(bytes(hex))).toBe(true);
  expect(h264Shape(bytes(hex))).toEqual(shape as never);
});

test.each(h265Sets)('the shape of H.265 is read: %s', (_, hex, shape) => {
  expect(isH265Sps(bytes(hex))).toBe(true);
  expect(h265Shape(bytes(hex))).toEqual(shape as never);
});

test('escaped zeros are put right, and numbers come out as the standard’s table has them', () => {
  expect([...unescapeNal(bytes('0000030100000300000302'))]).toEqual([0, 0, 1, 0, 0, 0, 0, 2]);
  // 1 010 011 00100 00101 → 0 1 2 3 4; signed: 0 1 −1 2 −2
  const table = bytes('a6429800');
  const unsigned = new BitReader(table);
  const signed = new BitReader(table);
  expect(Array.from({ length: 5 }, () => unsigned.unsigned())).toEqual([0, 1, 2, 3, 4]);
  expect(Array.from({ length: 5 }, () => signed.signed())).toEqual([0, 1, -1, 2, -2]);
  expect(() => new BitReader(new Uint8Array(9)).unsigned()).toThrow(RangeError);
  expect(() => new BitReader(new Uint8Array(1)).bits(9)).toThrow(RangeError);
});

test('a parameter set that is cut, bent or made up never throws and never takes long', () => {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed >>> 24;
  };
  for (const [parse, sets] of [
    [h264Shape, h264Sets],
    [h265Shape, h265Sets],
  ] as const) {
    for (const [, hex] of sets) {
      const good = bytes(hex);
      for (let length = 0; length < good.length; length++) parse(good.subarray(0, length));
      for (let i = 0; i < good.length * 8; i++) {
        const bent = good.slice();
        bent[i >> 3]! ^= 1 << (i & 7);
        parse(bent);
      }
    }
    for (let n = 0; n < 3000; n++) {
      const shape = parse(Uint8Array.from({ length: n % 90 }, random));
      if (shape) expect(Number.isSafeInteger(shape.width) && Number.isSafeInteger(shape.height)).toBe(true);
    }
    expect(parse(new Uint8Array(0))).toBeUndefined();
    expect(parse(bytes('67640000'))).toBeUndefined();
  }
});

const sample = (...nals: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(nals.flatMap((nal) => [0, 0, nal.length >> 8, nal.length & 255, ...nal]));
const avcC = (sps: Uint8Array) => Uint8Array.from([1, 0, 0, 0, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, 1, 0x68]);

test('a sample is whole only when its lengths add up', () => {
  const whole = sample(bytes('6501'), bytes('06ff'));
  expect([...nalUnits(whole)].map((n) => n[0])).toEqual([0x65, 6]);
  expect(isWholeSample(whole)).toBe(true);
  for (let cut = 1; cut < whole.length; cut++) expect(isWholeSample(whole.subarray(0, cut))).toBe(cut === 6);
  expect(isWholeSample(new Uint8Array(0))).toBe(false);
  expect(isWholeSample(bytes('ffffffff65'))).toBe(false);
});

test('another size or another codec is noticed, the same shape in other words is not', () => {
  const sets = h264Sets.map(([, hex]) => bytes(hex));
  const watch = new ShapeWatch('h264', avcC(sets[0]!));
  expect(watch.announced).toEqual({ profile: 66, width: 320, height: 180 });
  // The same set with another level.
  const sameShape = sets[0]!.slice();
  sameShape[3] = 31;
  expect(watch.look(sample(sameShape, bytes('6588')), true)).toBe('ok');
  expect(watch.look(sample(sets[1]!, bytes('6588')), true)).toMatchObject({ kind: 'stream-changed' });
  const h265 = bytes(h265Sets[0]![1]);
  expect(watch.look(sample(h265, bytes('2601')), false)).toMatchObject({ kind: 'stream-changed' });
  expect(watch.look(sample(bytes('4201')), false)).toBe('ok');
  expect(watch.look(bytes('00000009'), true)).toBe('damaged');
  expect(watch.look(bytes('00000009'), false)).toBe('ok');
});

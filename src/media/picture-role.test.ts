import { expect, test } from 'bun:test';
import { roleOf } from './picture-role.ts';

const sample = (...nals: readonly (readonly number[])[]) =>
  Uint8Array.from(nals.flatMap((nal) => [0, 0, 0, nal.length, ...nal]));

test('H.264: slices count, filler and messages do not; nal_ref_idc says whether others are built on it', () => {
  const filler = [0x0c, ...Array(90).fill(0xff)];
  expect(roleOf('h264', sample([0x06, 1, 2], [0x41, 9, 9, 9], filler))).toEqual({
    bytes: 4,
    reference: true,
    layer: 0,
  });
  expect(roleOf('h264', sample([0x09, 0xf0], [0x01, 9], [0x01, 9, 9]))).toEqual({
    bytes: 5,
    reference: false,
    layer: 0,
  });
});

test('H.265: even types below 16 are not referred to; the temporal layer is told', () => {
  const nal = (type: number, layer: number) => [type << 1, layer + 1, 7, 7];
  expect(roleOf('h265', sample(nal(35, 0), nal(1, 0)))).toEqual({ bytes: 4, reference: true, layer: 0 });
  expect(roleOf('h265', sample(nal(0, 2), nal(38, 0)))).toEqual({ bytes: 4, reference: false, layer: 2 });
  expect(roleOf('h265', sample(nal(21, 0))).reference).toBe(true);
});

test('garbage and nothing have no slices', () => {
  for (const bytes of [[], [0, 0, 0, 200, 1], [1, 2, 3]]) expect(roleOf('h264', Uint8Array.from(bytes)).bytes).toBe(0);
});

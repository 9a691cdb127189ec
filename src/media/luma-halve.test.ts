import { expect, test } from 'bun:test';
import { LumaHalver } from './luma-halve.ts';

test.each([
  [16, 4],
  [2, 2],
  [34, 6],
  [641, 361],
  [480, 544],
])('every pixel of a halved %p×%p picture is the rounded mean of four', (width, height) => {
  const halver = new LumaHalver(width, height);
  const picture = Uint8Array.from({ length: width * height }, (_, i) => (i * 7919 + (i >> 5) * 31) % 256);
  halver.input.set(picture);
  const small = halver.halve();
  expect(small).toHaveLength(halver.width * halver.height);
  const expected = Uint8Array.from({ length: small.length }, (_, i) => {
    const at = 2 * Math.floor(i / halver.width) * width + 2 * (i % halver.width);
    return (picture[at]! + picture[at + 1]! + picture[at + width]! + picture[at + width + 1]! + 2) >> 2;
  });
  expect(Buffer.compare(small, expected)).toBe(0);
});

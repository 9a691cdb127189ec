import { expect, test } from 'bun:test';
import { pictureSize } from './picture-size.ts';

const bytes = (...parts: (string | readonly number[])[]) =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'hex')] : [...part])));

test('a JPEG says its size behind whatever else stands at its beginning', () => {
  const [soi, app0, tables] = ['ffd8', 'ffe000104a46494600010100000100010000', 'ffdb0004aabbffc40004aabb'];
  expect(pictureSize(bytes(soi, app0, tables, 'ffc0001108016802800301220002110103110'.padEnd(40, '0')))).toEqual({
    width: 640,
    height: 360,
  });
  expect(pictureSize(bytes(soi, 'ffc2000b08000a0014010111'))).toEqual({ width: 20, height: 10 });
});

test('a PNG says it in its first chunk', () => {
  expect(pictureSize(bytes('89504e470d0a1a0a', '0000000d49484452', '00000500000002d0', '0802'))).toEqual({
    width: 1280,
    height: 720,
  });
});

test.each(['', 'ff', 'ffd8', 'ffd8ffe0', 'ffd8ffe0ffff', '89504e47', '0123456789'])('%p is no picture', (hex) => {
  expect(pictureSize(bytes(hex))).toEqual({ width: 0, height: 0 });
});

import { expect, test } from 'bun:test';
import { LumaReader, lumaOutput } from './luma.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A stream of `count` pictures whose bytes all are the picture's number. */
function stream(width: number, height: number, count: number): Uint8Array {
  const pictures = Array.from({ length: count }, (_, n) => [
    ...bytes('FRAME\n'),
    ...new Uint8Array(width * height).fill(n + 10),
  ]);
  return Uint8Array.from([...bytes(`YUV4MPEG2 W${width} H${height} F5:1 Ip A1:1 Cmono\n`), ...pictures.flat()]);
}

test.each([
  [4, 3, 4, 3],
  [360, 16, 360, 16],
  [362, 20, 181, 10],
  [20, 721, 10, 360],
])('%p×%p pictures come out whole, in order and as %p×%p however the bytes were cut', (width, height, w, h) => {
  const all = stream(width, height, 3);
  for (const step of [7, 61, 4096, all.length]) {
    const seen: (string | number)[] = [];
    const reader = new LumaReader((picture, index) => {
      expect(picture.data).toHaveLength(picture.width * picture.height);
      expect(new Set(picture.data).size).toBe(1);
      seen.push(index, `${picture.width}×${picture.height}`, picture.data[0]!);
    });
    for (let at = 0; at < all.length; at += step) reader.push(all.subarray(at, at + step));
    expect(seen).toEqual([0, 1, 2].flatMap((n) => [n, `${w}×${h}`, n + 10]));
  }
});

test.each([
  ['a log line', 'frame= 12 fps=25\n'],
  ['a header without a size', 'YUV4MPEG2 F5:1 Cmono\n'],
  ['colour', 'YUV4MPEG2 W4 H4 F5:1 C420jpeg\n'],
  ['a picture of a gigabyte', 'YUV4MPEG2 W32768 H32768 F5:1 Ip A1:1 Cmono\n'],
  ['no picture after the header', 'YUV4MPEG2 W4 H4 F5:1 Ip A1:1 Cmono\nXXXX\n'],
  ['a line that never ends', 'Y'.repeat(5000)],
])('%s is refused', (_, text) => {
  const reader = new LumaReader(() => {});
  expect(() => reader.push(bytes(text))).toThrow('no picture');
});

test('ffmpeg is told the rate, the plane and the pipe', () => {
  const text = lumaOutput(4, 'ffmpeg').join(' ');
  expect(text).toContain('fps=5:round=up,extractplanes=y');
  expect(text).toEndWith('pipe:4');
});

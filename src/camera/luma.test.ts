import { expect, test } from 'bun:test';
import { LumaReader, lumaOutput, lumaSizeFor } from './luma.ts';

test('the long side becomes 320, the aspect stays, both sides are even', () => {
  const sizes: [number, number, number, number][] = [
    [1920, 1080, 320, 180],
    [1080, 1920, 180, 320],
    [640, 480, 320, 240],
    [320, 240, 320, 240],
    [480, 544, 282, 320],
    [160, 120, 160, 120],
    [0, 0, 320, 180],
    [Number.NaN, 5, 320, 180],
    [20_000, 3, 320, 16],
  ];
  for (const [w, h, width, height] of sizes) expect(lumaSizeFor(w, h)).toEqual({ width, height, fps: 5 });
});

test('frames come out whole and in order however the bytes were cut', () => {
  const size = { width: 4, height: 3 };
  const all = Uint8Array.from({ length: 12 * 7 + 5 }, (_, i) => i);
  for (const step of [1, 5, 12, 13, 36, 1000]) {
    const frames: [number, number[]][] = [];
    const reader = new LumaReader(size, (data, index) => frames.push([index, [...data]]));
    for (let at = 0; at < all.length; at += step) reader.push(all.subarray(at, at + step));
    expect(frames).toEqual(Array.from({ length: 7 }, (_, i) => [i, [...all.subarray(12 * i, 12 * i + 12)]]));
  }
});

test('ffmpeg is told the size, the rate and the pipe', () => {
  const text = lumaOutput(4, lumaSizeFor(1920, 1080)).join(' ');
  expect(text).toContain('fps=5:round=up,scale=320:180');
  expect(text).toEndWith('pipe:4');
});

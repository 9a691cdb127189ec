import { expect, test } from 'bun:test';
import { JpegFrames } from './jpeg-frames.ts';

/** A picture with an end mark inside a header segment, stuffed bytes, a restart marker and a second scan. */
const picture = (n: number) =>
  Uint8Array.of(
    ...[0xff, 0xd8, 0xff, 0xe0, 0x00, 0x06, 0xff, 0xd9, 0xff, 0xd8],
    ...[0xff, 0xda, 0x00, 0x03, 0x01, n, 0xff, 0x00, 0xff, 0xd3, 9],
    ...[0xff, 0xff, 0xda, 0x00, 0x02, 7, 7, 0xff, 0xd9],
  );
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((p) => [...p]));

for (const size of [1, 2, 3, 7, 100]) {
  test(`pictures that arrive in pieces of ${size} come out whole`, () => {
    const run = joined(picture(1), picture(2), picture(3));
    const frames = new JpegFrames();
    const out: Uint8Array[] = [];
    for (let at = 0; at < run.length; at += size) out.push(...frames.push(run.subarray(at, at + size)));
    expect(out).toEqual([picture(1), picture(2), picture(3)]);
  });
}

test('what is no picture is skipped', () => {
  const frames = new JpegFrames();
  expect(frames.push(joined(Uint8Array.of(1, 0xff, 0xd9, 2), picture(1)))).toEqual([picture(1)]);
});

import { expect, test } from 'bun:test';
import { GreyPictures, pictureAt, readGreyPictures } from './grey-pictures.ts';

/** Pictures of 4×2, their grey the second they were made in. */
function answer(times: readonly number[]): ArrayBuffer {
  const bytes = new Uint8Array(times.length * 20);
  const view = new DataView(bytes.buffer);
  times.forEach((atMs, i) => {
    view.setFloat64(i * 20, atMs, true);
    view.setUint16(i * 20 + 8, 4, true);
    view.setUint16(i * 20 + 10, 2, true);
    bytes.fill(Math.floor(atMs / 1000), i * 20 + 12, i * 20 + 20);
  });
  return bytes.buffer;
}

test('pictures are read as they were sent, and a cut one is left out', () => {
  const pictures = readGreyPictures(answer([1000, 1200, 1400]).slice(0, 59));
  expect(pictures.map((p) => [p.atMs, p.width, p.height, p.grey.length, p.grey[0]])).toEqual([
    [1000, 4, 2, 8, 1],
    [1200, 4, 2, 8, 1],
  ]);
});

test('a moment shows the last picture before it, never one of another minute', () => {
  const pictures = readGreyPictures(answer([1000, 1200, 1400]));
  expect([900, 1000, 1399, 2000, 9000].map((at) => pictureAt(pictures, at)?.atMs)).toEqual([
    undefined,
    1000,
    1200,
    1400,
    undefined,
  ]);
});

test('what is around a moment is fetched once, one answer at a time, and the newest wish wins', async () => {
  const asked: string[] = [];
  let answerNow: ((bytes: ArrayBuffer) => void) | undefined;
  let news = 0;
  const pictures = new GreyPictures(
    (from, to) => {
      asked.push(`${from}–${to}`);
      return new Promise((resolve) => {
        answerNow = resolve;
      });
    },
    () => news++,
  );
  expect(pictures.at(10_000, 1e6)).toBeUndefined();
  pictures.at(50_000, 1e6);
  pictures.at(90_500, 1e6);
  expect(asked).toEqual(['9000–14000']);
  answerNow?.(answer([10_000, 10_200]));
  await Bun.sleep(0);
  expect([news, asked]).toEqual([1, ['9000–14000', '89000–94000']] as never);
  answerNow?.(answer([90_400, 90_600]));
  await Bun.sleep(0);
  expect(pictures.at(90_500, 1e6)?.atMs).toBe(90_400);
  expect(pictures.at(10_100, 1e6)?.atMs).toBe(10_000);
  expect(asked).toHaveLength(2);
});

test('pictures far away are forgotten', async () => {
  const pictures = new GreyPictures(
    async (from, to) => answer(Array.from({ length: (to - from) / 200 }, (_, i) => from + i * 200)),
    () => {},
  );
  for (let at = 10_000; at < 180_000; at += 2000) {
    pictures.at(at, 1e6);
    await Bun.sleep(0);
  }
  expect(pictures.at(10_000, 1e6)).toBeUndefined();
  await Bun.sleep(0);
  expect(pictures.at(10_000, 1e6)?.atMs).toBe(10_000);
});

test('the newest second is asked for again when there is more of it, and not before', async () => {
  const asked: number[] = [];
  const pictures = new GreyPictures(
    async (from) => {
      asked.push(from);
      return answer([10_000, 10_200]);
    },
    () => {},
  );
  for (const untilMs of [10_200, 10_200, 10_600, 11_000, 11_000]) {
    pictures.at(10_200, untilMs);
    await Bun.sleep(0);
  }
  expect(asked).toEqual([9000, 9000, 9000]);
});

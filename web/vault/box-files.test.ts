import { expect, test } from 'bun:test';
import type { SegmentIndexView } from '../../src/http/api.ts';
import { readAtMost } from './box-files.ts';
import { entriesOf } from './sealed-segment.ts';

const endless = () => {
  let [sent, cancelled] = [0, false];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
    cancel() {
      cancelled = true;
    },
  });
  return { response: new Response(body), state: () => ({ sent, cancelled }) };
};

test('of an answer without end no more is taken than was asked for', async () => {
  const { response, state } = endless();
  await expect(readAtMost(response, 10_000)).rejects.toThrow('more than was asked for');
  expect(state().cancelled).toBe(true);
  expect(state().sent).toBeLessThan(20_000);
});

test('an answer of the length that was asked for comes whole', async () => {
  const bytes = new Uint8Array(10_000).map((_, i) => i);
  expect(await readAtMost(new Response(bytes), 10_000)).toEqual(bytes);
  await expect(readAtMost(new Response(bytes), 9_999)).rejects.toThrow('more than was asked for');
});

test('places that cannot be in the file are refused before anything is looked for there', () => {
  const index = (...entries: SegmentIndexView['entries'][number][]): SegmentIndexView => ({
    ...{ bytes: 1000, headBytes: 100, finished: true, entries },
  });
  expect(entriesOf(index([0, 100, 0, 0, 1, 255], [1, 300, 0, 500, 2, 7]))).toMatchObject([
    { number: 0, at: 100, kind: 'init' },
    { number: 1, at: 300, kind: 'media', key: true, moved: 7 },
  ]);
  const lies: SegmentIndexView[] = [
    index([0, -1, 0, 0, 1, 255]),
    index([0, 1000, 0, 0, 1, 255]),
    index([0, Number.NaN, 0, 0, 1, 255]),
    index([1e15, 100, 0, 0, 1, 255]),
    index([0, 100, 0, Number.POSITIVE_INFINITY, 1, 255]),
    index([0, 100, 0, 0, 1, 255], [0, 300, 0, 500, 2, 7]),
    index([0, 300, 0, 0, 1, 255], [1, 300, 0, 500, 2, 7]),
    { ...index([0, 100, 0, 0, 1, 255]), bytes: 1e300 },
  ];
  for (const lie of lies) expect(() => entriesOf(lie)).toThrow('where this lies');
});

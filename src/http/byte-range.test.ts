import { expect, test } from 'bun:test';
import { parseRange, rangeResponse } from './byte-range.ts';
import { bodyOf } from './fake-ports.ts';

const table: readonly [string | undefined, ReturnType<typeof parseRange>][] = [
  [undefined, 'whole'],
  ['bytes=0-', { from: 0, to: 100 }],
  ['bytes=10-19', { from: 10, to: 20 }],
  ['bytes=90-500', { from: 90, to: 100 }],
  ['bytes=-10', { from: 90, to: 100 }],
  ['bytes=-500', { from: 0, to: 100 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=20-10', 'whole'],
  ['bytes=0-1,5-6', 'whole'],
  ['bytes=-', 'whole'],
  ['items=0-1', 'whole'],
];
for (const [header, expected] of table) {
  test(`of 100 bytes, ${header ?? 'no range'} means ${JSON.stringify(expected)}`, () => {
    expect(parseRange(header, 100)).toEqual(expected);
  });
}

test('a download that resumes after the file changed starts again', () => {
  const body = bodyOf(new Uint8Array(100));
  const resume = (ifRange: string) =>
    rangeResponse({ method: 'GET', range: 'bytes=50-', ifRange }, body, { etag: '"a"' }).status;
  expect([resume('"a"'), resume('"b"')]).toEqual([206, 200]);
});

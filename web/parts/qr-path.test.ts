import { expect, test } from 'bun:test';
import { darkRuns } from './qr-path.ts';

test('neighbours in a row are drawn as one, and light ones not at all', () => {
  expect(
    darkRuns([
      [true, true, false, true],
      [false, false, false, false],
      [false, true, true, true],
    ]),
  ).toBe('M0 0h2v1h-2zM3 0h1v1h-1zM1 2h3v1h-3z');
});

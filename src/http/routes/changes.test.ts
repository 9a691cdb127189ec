import { expect, test } from 'bun:test';
import { ChangeQueue } from './changes.ts';

test('of the cameras’ state only the newest waits; other news all wait, in order', async () => {
  const queue = new ChangeQueue();
  queue.add('cameras', 'old');
  queue.add('event', 'one');
  queue.add('cameras', 'new');
  queue.add('event', 'two');
  expect([await queue.next(), await queue.next(), await queue.next()]).toEqual(['one', 'new', 'two']);
});

test('a listener who takes nothing is too far behind after half a megabyte', () => {
  const queue = new ChangeQueue();
  const news = 'x'.repeat(100_000);
  const kept = Array.from({ length: 8 }, () => queue.add('event', news));
  expect(kept).toEqual([true, true, true, true, true, false, false, false]);
});

import { expect, test } from 'bun:test';
import { Backoff } from './backoff.ts';
import { ManualClock, sleep } from './clock.ts';

test('pauses grow from the first to the longest, and start over after a success', () => {
  const backoff = new Backoff({ firstMs: 1000, maxMs: 30_000, jitter: 0 });
  expect(Array.from({ length: 7 }, () => backoff.nextMs())).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  backoff.reset();
  expect(backoff.nextMs()).toBe(1000);
});

test('jitter spreads the pauses but never beyond the longest, even after a thousand tries', () => {
  const backoff = new Backoff({ firstMs: 1000, maxMs: 30_000, jitter: 0.2, random: () => 0.999 });
  expect(backoff.nextMs()).toBe(1200);
  for (let n = 0; n < 1000; n++) expect(backoff.nextMs()).toBeLessThanOrEqual(30_000);
});

test('a sleep ends at its time or when it is aborted, and leaves no timer', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const order: string[] = [];
  const long = sleep(clock, 10_000, abort.signal).then(() => order.push('aborted'));
  const short = sleep(clock, 100).then(() => order.push('short'));
  await clock.advance(100);
  abort.abort();
  await Promise.all([long, short]);
  expect(order).toEqual(['short', 'aborted']);
});

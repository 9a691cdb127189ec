import { expect, test } from 'bun:test';
import { MediaClock } from './media-clock.ts';

test('jitter of arrivals does not reach the times', () => {
  const clock = new MediaClock();
  clock.arrive(0, 1000);
  for (let i = 1; i < 500; i++) {
    const at = clock.arrive(i * 40, 1000 + i * 40 + ((i * 37) % 90));
    expect(Math.abs(at - (1000 + i * 40))).toBeLessThan(21);
  }
});

test('a camera whose clock runs slow or fast is followed, and time never goes back', () => {
  for (const rate of [0.9998, 1.0002]) {
    const clock = new MediaClock();
    let last = 0;
    for (let i = 0; i < 90_000; i++) {
      const at = clock.arrive(i * 40 * rate, i * 40);
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
    }
    expect(Math.abs(last - 89_999 * 40)).toBeLessThan(5);
  }
});

test('a stall that is caught up changes nothing; a lasting jump is believed after 2 s', () => {
  const clock = new MediaClock();
  for (let i = 0; i < 100; i++) clock.arrive(i * 40, i * 40);
  for (let i = 100; i < 200; i++) expect(clock.arrive(i * 40, 8000)).toBe(i * 40);
  const jumped = new MediaClock();
  for (let i = 0; i < 100; i++) jumped.arrive(i * 40, i * 40);
  for (let i = 100; i < 200; i++) jumped.arrive(i * 40, i * 40 + 10_000);
  expect(jumped.arrive(8000, 18_000)).toBe(18_000);
});

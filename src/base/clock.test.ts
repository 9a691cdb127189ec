import { expect, test } from 'bun:test';
import { ManualClock } from './clock.ts';

test('what is due is called in order, each at its own time', async () => {
  const clock = new ManualClock();
  const story: string[] = [];
  clock.after(20, () => story.push(`second at ${clock.monotonicMs()}`));
  clock.after(10, () => story.push(`first at ${clock.monotonicMs()}`));
  clock.after(40, () => story.push('not yet'));
  await clock.advance(30);
  expect([story, clock.monotonicMs()]).toEqual([['first at 10', 'second at 20'], 30]);
});

test('what asks to be called back at once for ever fails its test instead of stopping all of them', async () => {
  const clock = new ManualClock();
  const again = () => void clock.after(0, again);
  again();
  await expect(clock.advance(1)).rejects.toThrow('without any time passing');
});

test('what is called back every millisecond for long is not taken for that', async () => {
  const clock = new ManualClock();
  let calls = 0;
  const again = () => {
    calls++;
    clock.after(1, again);
  };
  again();
  await clock.advance(20_000);
  expect(calls).toBe(20_001);
});

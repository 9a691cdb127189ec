import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { readBoot } from './boot.ts';

test('time since boot goes on through a sleep in which our own clock stood still, and keeps what came before', async () => {
  const clock = new ManualClock();
  let uptimeS = 100;
  const read = (path: string) => (path === '/proc/uptime' ? `${uptimeS.toFixed(2)} 5.00\n` : 'an-id\n');
  const boot = readBoot(clock, { read, maySleep: true });
  expect(boot.id).toBe('an-id');
  expect(boot.sinceBootMs(0)).toBe(100_000);
  await clock.advance(5000);
  uptimeS += 5.03;
  expect(boot.sinceBootMs(5000)).toBe(105_000);
  uptimeS += 7200;
  await clock.advance(1000);
  uptimeS += 1;
  expect(boot.sinceBootMs(clock.monotonicMs())).toBe(7_306_030);
  expect(boot.sinceBootMs(5000)).toBe(105_000);
});

test('where the kernel says nothing, each start is a boot of its own', () => {
  const [one, other] = [1, 2].map(() => readBoot(new ManualClock(), { read: () => undefined }));
  expect(one!.id).not.toBe(other!.id);
  expect(one!.sinceBootMs(7)).toBe(7);
  expect(one!.wallSynchronised()).toBeNull();
});

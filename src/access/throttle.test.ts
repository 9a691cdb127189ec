import { describe, expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { addressKey } from './address.ts';
import { Throttle } from './throttle.ts';

describe('throttle', () => {
  test('remembers a bounded number of keys, and keeps those that guessed most', () => {
    const clock = new ManualClock();
    const throttle = new Throttle({ burst: 3, refillMs: 1000, maxKeys: 10 }, clock.monotonicMs);
    for (let i = 0; i < 3; i++) throttle.take('attacker');
    for (let i = 0; i < 1000; i++) throttle.take(`other ${i}`);
    expect(throttle.size).toBeLessThanOrEqual(10);
    expect(throttle.take('attacker')).toEqual({ ok: false, retryAfterS: 1 });
  });

  test('does not care about the wall clock', () => {
    const clock = new ManualClock();
    const throttle = new Throttle({ burst: 1, refillMs: 10_000, maxKeys: 10 }, clock.monotonicMs);
    throttle.take('a');
    clock.stepWallMs(10 * 365 * 86_400_000);
    expect(throttle.take('a')).toEqual({ ok: false, retryAfterS: 10 });
  });
});

test.each([
  ['192.168.1.10', '192.168.1.10'],
  ['::ffff:192.168.1.10', '192.168.1.10'],
  ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['[2001:db8::5]', '2001:db8:0:0::/64'],
  ['', 'other:'],
])('address %p is counted as %p', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

import { expect, test } from 'bun:test';
import { FreezeWatch } from './freeze-watch.ts';

test('5 s without a packet is noticed, and 20 s until the first one are forgiven', () => {
  const watch = new FreezeWatch(0);
  expect(watch.look(19_000)).toBe('ok');
  expect(watch.look(20_000)).toBe('no-packets');
  watch.packet(20_000);
  expect(watch.look(24_999)).toBe('ok');
  expect(watch.look(25_000)).toBe('no-packets');
});

test('the same picture for 60 s is frozen; one changed grey value in a minute is not', () => {
  const run = (fingerprint: (s: number) => number) => {
    const watch = new FreezeWatch(0);
    const verdicts = new Set<string>();
    for (let s = 0; s < 150; s++) {
      watch.packet(s * 1000);
      watch.picture(fingerprint(s), s * 1000);
      verdicts.add(watch.look(s * 1000));
    }
    return [...verdicts];
  };
  expect(run(() => 7)).toEqual(['ok', 'frozen']);
  expect(run((s) => Math.floor(s / 55))).toEqual(['ok']);
});

test('packets of which no picture can be made for 10 s are damage, but not where nobody looks at pictures', () => {
  const run = (decodes: (s: number) => boolean) => {
    const watch = new FreezeWatch(0);
    for (let s = 0; s < 40; s++) {
      watch.packet(s * 1000);
      if (decodes(s)) watch.picture(s, s * 1000);
      if (watch.look(s * 1000) !== 'ok') return `${watch.look(s * 1000)} after ${s} s`;
    }
    return 'ok';
  };
  expect(run((s) => s <= 5)).toBe('damaged after 15 s');
  expect(run((s) => s % 9 === 0)).toBe('ok');
  expect(run(() => false)).toBe('ok');
});

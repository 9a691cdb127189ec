import { expect, test } from 'bun:test';
import { compareVersions, isVersion } from './version-order.ts';

test('versions are ordered as semver orders them, and what is none is older than all', () => {
  const order = [
    'dev',
    '0.9.10',
    '1.0.0-1',
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-rc.2',
    '1.0.0-rc.10',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
  ];
  for (const [i, a] of order.entries()) {
    for (const [j, b] of order.entries())
      expect([a, b, Math.sign(compareVersions(a, b))]).toEqual([a, b, Math.sign(i - j)]);
  }
});

test('which commit it was makes no version older', () => {
  expect(compareVersions('1.0.0+aaaa', '1.0.0+bbbb')).toBe(0);
});

test.each(['', '1', '1.0', 'v1.0.0', '1.0.0 ', '1.0.0/../x', `1.0.0-${'a'.repeat(80)}`, '1.0.0-', '1.0.0\n'])(
  '%j is no version',
  (text) => expect(isVersion(text)).toBe(false),
);

import { expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskSpace, lanAddresses, temperatureC } from './machine.ts';

test('a thermal file reads as degrees, and a machine without one has no temperature', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nightjar-temp-')), 'temp');
  writeFileSync(path, '48312\n');
  expect(temperatureC(path)).toBe(48.3);
  expect(temperatureC(`${path}-none`)).toBeUndefined();
});

test('the disk says how much is free, and never more than there is', async () => {
  const { freeBytes, totalBytes } = await diskSpace(tmpdir());
  expect(freeBytes).toBeGreaterThan(0);
  expect(freeBytes).toBeLessThanOrEqual(totalBytes);
});

test('addresses for the owner leave out loopback and link-local ones, IPv4 first', () => {
  const base = { netmask: '', mac: '', cidr: null };
  expect(
    lanAddresses({
      lo: [{ ...base, address: '127.0.0.1', family: 'IPv4', internal: true }],
      eth0: [
        { ...base, address: 'fe80::1', family: 'IPv6', internal: false, scopeid: 1 },
        { ...base, address: '2001:db8::5', family: 'IPv6', internal: false, scopeid: 0 },
        { ...base, address: '192.168.1.9', family: 'IPv4', internal: false },
      ],
    }),
  ).toEqual(['192.168.1.9', '2001:db8::5']);
});

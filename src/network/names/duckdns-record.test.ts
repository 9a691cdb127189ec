import { expect, test } from 'bun:test';
import type { DuckDns } from './duckdns.ts';
import { duckDnsRecord } from './duckdns-record.ts';
import type { UpdateResult } from './result.ts';

const name = { domain: 'my-house', token: 'c0ffee' };
const signal = new AbortController().signal;

/** A name at DuckDNS that says all it holds, or, `short`, only what it was told just now. */
function duck(options: { readonly short?: boolean; readonly held?: { ipv4?: string; ipv6?: string } } = {}) {
  let held = options.held ?? {};
  const asked: string[] = [];
  const client: DuckDns = {
    async update({ ipv4, ipv6 }) {
      asked.push(`update ${ipv4 ?? '-'} ${ipv6 ?? '-'}`);
      const now = { ...(ipv4 ? { ipv4: ipv4 === 'detect' ? '203.0.113.7' : ipv4 } : {}), ...(ipv6 ? { ipv6 } : {}) };
      held = { ...held, ...now };
      return { kind: 'ok', changed: false, ...(options.short ? now : held) };
    },
    async clear() {
      asked.push('clear');
      held = {};
      return { kind: 'ok', changed: true };
    },
    setTxt: () => Promise.reject(new Error('not asked for')),
    clearTxt: () => Promise.reject(new Error('not asked for')),
  };
  const add = (more: object) => {
    held = { ...held, ...more };
  };
  return { client, asked, add, held: () => held };
}
const ok = (more: object): UpdateResult => ({ kind: 'ok', changed: false, ...more });

test('an address of a kind that is no longer wanted is taken away, at the second attempt that finds it', async () => {
  for (const short of [false, true]) {
    const { client, asked, held } = duck({ short });
    const record = duckDnsRecord(client);
    await record.bring(name, { ipv4: 'detect', ipv6: '2001:db8::7' }, signal);
    const still = ok({ ipv4: '203.0.113.7', ipv6: '2001:db8::7' });
    expect(await record.bring(name, { ipv4: 'detect' }, signal)).toEqual(still);
    expect(asked.splice(0)).toEqual(['update detect 2001:db8::7', 'update detect -']);
    const gone = { kind: 'ok' as const, changed: true, ipv4: '203.0.113.7' };
    expect(await record.bring(name, { ipv4: 'detect' }, signal)).toEqual(gone);
    expect(asked.splice(0)).toEqual(['update detect -', 'clear', 'update detect -']);
    expect(held()).toEqual({ ipv4: '203.0.113.7' });
    await record.bring(name, { ipv4: 'detect' }, signal);
    expect(asked).toEqual(['update detect -']);
  }
});

test('an IPv6 address that comes a little late after a start finds its record untouched', async () => {
  const { client, asked } = duck({ held: { ipv4: '203.0.113.7', ipv6: '2001:db8::7' } });
  const record = duckDnsRecord(client);
  for (const ipv6 of [undefined, '2001:db8::7', undefined, '2001:db8::7']) {
    await record.bring(name, { ipv4: 'detect', ...(ipv6 ? { ipv6 } : {}) }, signal);
  }
  expect(asked).not.toContain('clear');
});

test('a name that leads to an IPv6 address alone loses the IPv4 address that it had', async () => {
  const { client, held } = duck({ held: { ipv4: '192.168.1.20' } });
  const record = duckDnsRecord(client);
  await record.bring(name, { ipv6: '2001:db8::99' }, signal);
  expect(held()).toEqual({ ipv4: '192.168.1.20', ipv6: '2001:db8::99' });
  await record.bring(name, { ipv6: '2001:db8::99' }, signal);
  expect(held()).toEqual({ ipv6: '2001:db8::99' });
});

test('an address that somebody else sets again and again is left alone after one try', async () => {
  const { client, asked, add } = duck({ held: { ipv6: '2001:db8::1' } });
  const stubborn: DuckDns = {
    ...client,
    clear: async (of, aborted) => {
      const result = await client.clear(of, aborted);
      add({ ipv6: '2001:db8::1' });
      return result;
    },
  };
  const record = duckDnsRecord(stubborn);
  for (let i = 0; i < 6; i++) await record.bring(name, { ipv4: 'detect' }, signal);
  expect(asked.filter((line) => line === 'clear')).toHaveLength(1);
});

test('what another name led to is not taken for this one’s', async () => {
  const { client, asked } = duck({ short: true });
  const record = duckDnsRecord(client);
  await record.bring(name, { ipv4: 'detect', ipv6: '2001:db8::7' }, signal);
  const other = { ...name, domain: 'other' };
  for (let i = 0; i < 3; i++)
    expect(await record.bring(other, { ipv4: '10.0.0.5' }, signal)).toEqual(ok({ ipv4: '10.0.0.5' }));
  expect(asked).not.toContain('clear');
});

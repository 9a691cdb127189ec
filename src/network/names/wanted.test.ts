import { expect, test } from 'bun:test';
import type { RemoteSettings } from '../../config/settings.ts';
import { remoteSettings } from '../../config/settings.ts';
import { hostNameOf, missingOf, type NameSettings, wantedAddresses } from './wanted.ts';

const token = '1b4c0a1e-7d5f-4b52-9a44-0f3d5b0e8c11';
/** What the settings hold is what this room needs: types and words. */
const of = (more: Partial<RemoteSettings>): NameSettings => remoteSettings.parse(more);
const own = { ipv4: '192.168.1.20', ipv6: '2001:db8::7' };

test('the name leads outside, home or where the owner chose, and to the box’s IPv6 address where that is wanted', () => {
  const cases: readonly (readonly [Partial<RemoteSettings>, object])[] = [
    [{}, { ipv4: 'detect', ipv6: '2001:db8::7' }],
    [{ ipv6: false }, { ipv4: 'detect' }],
    [{ points: 'home' }, own],
    [{ points: 'home', ipv6: false }, { ipv4: '192.168.1.20' }],
    // Chosen is chosen: a name that leads into a VPN does not lead to the internet beside it.
    [{ points: 'chosen', chosenAddress: '10.8.0.2' }, { ipv4: '10.8.0.2' }],
    [{ points: 'chosen', chosenAddress: '2001:db8::99' }, { ipv6: '2001:db8::99' }],
  ];
  for (const [settings, wanted] of cases) expect(wantedAddresses(of(settings), own)).toEqual(wanted);
  expect(wantedAddresses(of({ points: 'home' }), {})).toEqual({});
  expect(wantedAddresses(of({}), {})).toEqual({ ipv4: 'detect' });
});

test('what is missing is named, and nothing else', () => {
  const cases: readonly (readonly [Partial<RemoteSettings>, string | undefined])[] = [
    [{ provider: 'duckdns' }, 'your name at duckdns.org'],
    [{ provider: 'duckdns', domain: 'my-house' }, 'the token from duckdns.org'],
    [{ provider: 'duckdns', domain: 'my-house', token }, undefined],
    [{ provider: 'duckdns', domain: 'my-house', token, points: 'chosen' }, 'the address that the name is to lead to'],
    [{ provider: 'url' }, 'the update address of your provider'],
    [{ provider: 'url', updateUrl: 'https://p.example/u' }, undefined],
  ];
  for (const [settings, missing] of cases) expect(missingOf(of(settings))).toBe(missing);
});

test('the name is the one that is kept, and no leftover of another provider', () => {
  const both = { domain: 'my-house.duckdns.org', hostName: 'cam.example.org' };
  expect(hostNameOf(of({ ...both, provider: 'duckdns' }))).toBe('my-house.duckdns.org');
  expect(hostNameOf(of({ ...both, provider: 'url' }))).toBe('cam.example.org');
  expect(hostNameOf(of({ ...both, provider: 'none' }))).toBeUndefined();
  expect([hostNameOf(of({ provider: 'url' })), hostNameOf(of({ provider: 'duckdns' }))]).toEqual([
    undefined,
    undefined,
  ]);
});

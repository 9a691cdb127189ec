import { expect, test } from 'bun:test';
import { expandIpv6, type InterfaceAddress, type Interfaces, ownAddresses, parseIfInet6 } from './addresses.ts';

const v4 = (address: string): InterfaceAddress => ({ address, family: 'IPv4', internal: address.startsWith('127.') });
const v6 = (address: string): InterfaceAddress => ({ address, family: 'IPv6', internal: address === '::1' });

test('the address in the home network is the one of a real interface, however many others there are', () => {
  const cases: readonly (readonly [string | undefined, Interfaces])[] = [
    ['192.168.1.20', { lo: [v4('127.0.0.1')], docker0: [v4('172.17.0.1')], eth0: [v4('192.168.1.20')] }],
    ['10.0.0.5', { 'br-1f0c': [v4('172.18.0.1')], wg0: [v4('10.8.0.2')], wlan0: [v4('10.0.0.5')] }],
    [
      '172.16.3.4',
      { virbr0: [v4('192.168.122.1')], tun0: [v4('10.9.0.2')], veth12: [v4('10.1.1.1')], br0: [v4('172.16.3.4')] },
    ],
    ['192.168.1.20', { eth0: [v4('169.254.7.7'), v4('192.168.1.20')] }],
    ['192.168.1.20', { eth0: [v4('198.51.100.3')], eth1: [v4('192.168.1.20')] }],
    ['192.168.1.20', { eth0: [v4('192.168.1.20')], wlan0: [v4('192.168.1.21')] }],
    // No router before it.
    ['198.51.100.3', { eth0: [v4('198.51.100.3')] }],
    [undefined, { eth0: [v4('169.254.7.7')], wwan0: [v4('100.72.1.1')] }],
    [undefined, { eth0: [], docker0: [v4('172.17.0.1')] }],
    [undefined, { eth0: undefined }],
    [undefined, {}],
  ];
  for (const [ipv4, interfaces] of cases)
    expect([interfaces, ownAddresses(interfaces).ipv4]).toEqual([interfaces, ipv4]);
});

const stable = '2001:db8:1:2:ba27:ebff:fe12:3456';
const random = '2001:db8:1:2:8d3a:11c2:9e04:77aa';
const flagsOf = (flags: Readonly<Record<string, number>>) =>
  parseIfInet6(
    Object.entries(flags)
      .map(([address, flag]) => `${expandIpv6(address)} 02 40 00 ${flag.toString(16).padStart(2, '0')}     eth0\n`)
      .join(''),
  );

test('of IPv6 addresses only a global one that stays is taken, as the flags of the system tell', () => {
  const interfaces: Interfaces = {
    eth0: [v6('fe80::1'), v6('fd00::7'), v6(random), v6(stable), v6('2001:db8:1:2::9')],
  };
  const cases: readonly (readonly [string | undefined, Readonly<Record<string, number>>])[] = [
    [stable, { [random]: 0x01, [stable]: 0x00, '2001:db8:1:2::9': 0x20 }],
    [stable, { [random]: 0x21, [stable]: 0x00, '2001:db8:1:2::9': 0x40 }],
    // Set by hand before one that was made up.
    ['2001:db8:1:2::9', { [random]: 0x00, [stable]: 0x00, '2001:db8:1:2::9': 0x80 }],
    [random, { [random]: 0x00, [stable]: 0x08, '2001:db8:1:2::9': 0xa0 }],
    // None rather than one that is gone tomorrow.
    [undefined, { [random]: 0x01, [stable]: 0x20, 'fd00::7': 0x00 }],
    [undefined, {}],
  ];
  for (const [ipv6, flags] of cases) expect(ownAddresses(interfaces, flagsOf(flags)).ipv6).toBe(ipv6);
});

test('flags count for their own interface, and tunnels and containers have none that is taken', () => {
  const flags = parseIfInet6(`${expandIpv6(stable)} 03 40 00 00 wlan0\n${expandIpv6(random)} 04 40 00 00 docker0\n`);
  expect(ownAddresses({ eth0: [v6(stable)], docker0: [v6(random)] }, flags)).toEqual({});
  expect(ownAddresses({ wlan0: [v6(stable)], eth0: [v4('10.0.0.5')] }, flags)).toEqual({
    ipv4: '10.0.0.5',
    ipv6: stable,
  });
});

test('without flags the address that is made of the hardware’s comes first, else the first that is global', () => {
  expect(ownAddresses({ eth0: [v6(random), v6(stable)] }).ipv6).toBe(stable);
  expect(ownAddresses({ eth0: [v6('fe80::1'), v6('fd12::3'), v6(random)] }).ipv6).toBe(random);
  expect(ownAddresses({ lo: [v6('::1')], eth0: [v6('fe80::1'), v6('fc00::1')] }).ipv6).toBeUndefined();
});

test('lines that are not as the system writes them are left out', () => {
  const text = `20010db8000000000000000000000001 02 40 00 80     eth0\n\nnonsense\n20010db8 02 40 00 01 eth0\n`;
  expect([...parseIfInet6(text)]).toEqual([['eth0 20010db8000000000000000000000001', 0x80]]);
});

test('an address is the same however it is written', () => {
  const written = ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001%eth0'];
  expect(new Set(written.map(expandIpv6))).toEqual(new Set(['20010db8000000000000000000000001']));
  expect(expandIpv6('::')).toBe('0'.repeat(32));
  expect(expandIpv6('2001:db8:1:2:3:4:5:6')).toBe('20010db8000100020003000400050006');
  expect(expandIpv6('::ffff:192.0.2.1')).toBe('00000000000000000000ffffc0000201');
  expect([expandIpv6('192.0.2.1'), expandIpv6('x')]).toEqual([undefined, undefined]);
});

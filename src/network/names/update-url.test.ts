import { expect, test } from 'bun:test';
import { ManualClock } from '../../base/clock.ts';
import type { AskInit } from './ask.ts';
import { callUpdateUrl, fillAddress, judgeAnswer } from './update-url.ts';

const both = { ipv4: '192.0.2.4', ipv6: '2001:db8::4' };

test('addresses are filled in where they are wanted; a parameter without one is left out', () => {
  const cases: readonly (readonly [string, { ipv4?: string; ipv6?: string }, string])[] = [
    ['https://p.example/u?a=1&ip={ip}&v6={ipv6}', both, 'https://p.example/u?a=1&ip=192.0.2.4&v6=2001:db8::4'],
    ['https://p.example/u?ip={ip}&v6={IPv6}&a=1', {}, 'https://p.example/u?a=1'],
    ['https://p.example/u?ip={ip}&v6={ipv6}', {}, 'https://p.example/u'],
    ['https://p.example/u?a=1&ip={ip}#x', {}, 'https://p.example/u?a=1#x'],
    ['https://p.example/u?a=1&ip={ip}&v6={ipv6}', { ipv4: '192.0.2.4' }, 'https://p.example/u?a=1&ip=192.0.2.4'],
    ['https://p.example/u?a=1&v6={ipv6}&ip={ip}', { ipv6: '2001:db8::4' }, 'https://p.example/u?a=1&v6=2001:db8::4'],
    ['https://p.example/u?ip={ip},{ipv6}', { ipv4: '192.0.2.4' }, 'https://p.example/u?ip=192.0.2.4,'],
    ['https://p.example/u/{ip}/set', both, 'https://p.example/u/192.0.2.4/set'],
    ['https://p.example/u?myip={ip}', { ipv6: '2001:db8::4' }, 'https://p.example/u?myip=2001:db8::4'],
    ['https://p.example/u?myip={ip}', { ipv4: 'detect', ipv6: '2001:db8::4' }, 'https://p.example/u'],
    ['https://p.example/u?key=abc', both, 'https://p.example/u?key=abc'],
  ];
  for (const [url, addresses, href] of cases) expect(fillAddress({ url, ...addresses })?.url.href).toBe(href);
});

test('user and password go in a header, whatever letters they have, and not in the address', () => {
  const filled = fillAddress({ url: 'https://ada:p%C3%A4ss%25%40@p.example/u?ip={ip}', ...both });
  expect(filled?.url.href).toBe('https://p.example/u?ip=192.0.2.4');
  expect(filled?.headers).toEqual({ authorization: `Basic ${Buffer.from('ada:päss%@').toString('base64')}` });
  expect(fillAddress({ url: 'not an address' })).toBeUndefined();
});

test('an answer is judged by its first word, and by its status where that says nothing', () => {
  const cases: readonly (readonly [number, string, object])[] = [
    [200, 'good 192.0.2.4\n', { kind: 'ok', changed: true, ipv4: '192.0.2.4' }],
    [200, 'nochg 2001:db8::4', { kind: 'ok', changed: false, ipv6: '2001:db8::4' }],
    [200, 'badauth', { kind: 'refused', message: expect.stringContaining('user or password') }],
    [401, 'badauth', { kind: 'refused', message: expect.stringContaining('user or password') }],
    [200, 'KO', { kind: 'refused' }],
    [200, 'nohost', { kind: 'refused', message: expect.stringContaining('does not know the name') }],
    [200, 'notfqdn', { kind: 'refused' }],
    [200, 'abuse', { kind: 'refused', message: expect.stringContaining('blocked') }],
    [200, '!donator', { kind: 'refused', message: expect.stringContaining('paying') }],
    [200, '911', { kind: 'unreachable' }],
    [200, 'dnserr', { kind: 'unreachable' }],
    [204, '', { kind: 'ok' }],
    [200, 'goodness, updated', { kind: 'ok' }],
    [200, '<html>done</html>', { kind: 'ok' }],
    [401, '', { kind: 'refused' }],
    [403, '<html>no</html>', { kind: 'refused' }],
    [404, '<html>no</html>', { kind: 'unreachable', message: 'Your provider does not take the update (404).' }],
  ];
  for (const [status, body, result] of cases) {
    const judged = judgeAnswer({ status, body });
    expect({ body, judged }).toEqual({ body, judged: expect.objectContaining(result) });
    if (judged.kind === 'ok' && !body.startsWith('good ') && !body.startsWith('nochg')) {
      expect(judged.changed).toBeUndefined();
    }
  }
});

test('an error that quotes the address is not passed on, nor is anything of the address', async () => {
  const url = 'https://ada:hunter2@dyn.example/u?key=s3cret&ip={ip}';
  let asked: { readonly url: string; readonly init: AskInit } | undefined;
  const result = await callUpdateUrl(
    { url, ...both },
    {
      clock: new ManualClock(),
      fetch: async (to, init) => {
        asked = { url: to, init };
        throw Object.assign(new Error(`fetching "${to}" failed`), { code: 'SomethingNew', path: to });
      },
    },
    new AbortController().signal,
  );
  expect(asked).toMatchObject({
    url: 'https://dyn.example/u?key=s3cret&ip=192.0.2.4',
    init: { redirect: 'manual', decompress: false },
  });
  expect(asked?.init.tls).toBeUndefined();
  expect(result).toEqual({
    kind: 'unreachable',
    message: 'Your provider could not be reached.',
    advice: 'Check that the box is connected to the internet. Nightjar tries again by itself.',
  });
});

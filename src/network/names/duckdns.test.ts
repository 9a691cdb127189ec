import { expect, test } from 'bun:test';
import { ManualClock } from '../../base/clock.ts';
import { type Fetch, LONGEST_MS } from './ask.ts';
import { duckDns, readAnswer } from './duckdns.ts';

const name = { domain: 'my-house', token: 'c0ffee' };
const signal = new AbortController().signal;

function recorded(answer: (query: URLSearchParams) => string) {
  const asked: string[] = [];
  const fetch: Fetch = async (url) => {
    const { origin, pathname, searchParams } = new URL(url);
    asked.push(`${origin}${pathname} ${[...searchParams].slice(2).map((pair) => pair.join('='))}`);
    expect([searchParams.get('domains'), searchParams.get('token')]).toEqual(['my-house', 'c0ffee']);
    return new Response(answer(searchParams));
  };
  return { asked, dns: duckDns({ clock: new ManualClock(), fetch }) };
}

test('an IPv4 address that DuckDNS is to detect goes before the IPv6 address, which would switch that off', async () => {
  const { asked, dns } = recorded((query) =>
    query.get('ip') === '' ? 'OK\n203.0.113.7\n\nNOCHANGE' : 'OK\n\n2001:db8::7\nUPDATED',
  );
  expect(await dns.update({ ...name, ipv4: 'detect', ipv6: '2001:db8::7' }, signal)).toEqual({
    kind: 'ok',
    changed: true,
    ipv4: '203.0.113.7',
    ipv6: '2001:db8::7',
  });
  const update = 'https://www.duckdns.org/update';
  expect(asked.splice(0)).toEqual([`${update} ip=,verbose=true`, `${update} ipv6=2001:db8::7,verbose=true`]);
  await dns.update({ ...name, ipv4: '192.168.1.2', ipv6: '2001:db8::7' }, signal);
  await dns.update({ ...name, ipv6: '2001:db8::7' }, signal);
  await dns.clear(name, signal);
  await dns.setTxt({ ...name, value: 'x' }, signal);
  await dns.clearTxt(name, signal);
  expect(asked.map((line) => line.slice(update.length + 1))).toEqual([
    'ip=192.168.1.2,ipv6=2001:db8::7,verbose=true',
    'ipv6=2001:db8::7,verbose=true',
    'clear=true,verbose=true',
    'txt=x,verbose=true',
    'txt=,clear=true,verbose=true',
  ]);
});

test('an update in two parts has gone well only when both have', async () => {
  const second = recorded((query) => (query.has('ipv6') ? 'KO' : 'OK\n203.0.113.7\n\nUPDATED'));
  expect(await second.dns.update({ ...name, ipv4: 'detect', ipv6: '::1' }, signal)).toMatchObject({ kind: 'refused' });
  const first = recorded(() => 'KO');
  expect(await first.dns.update({ ...name, ipv4: 'detect', ipv6: '::1' }, signal)).toMatchObject({ kind: 'refused' });
  expect(first.asked).toHaveLength(1);
});

test('OK and KO are words of their own on the first line; anything else is somebody else', () => {
  const cases: readonly (readonly [number, string, object])[] = [
    [200, 'OK', { kind: 'ok' }],
    [200, 'OK\r\n203.0.113.7\r\n\r\nUPDATED\r\n', { kind: 'ok', changed: true, ipv4: '203.0.113.7' }],
    [
      200,
      'OK \n203.0.113.7\n2001:db8::7\nNOCHANGE',
      { kind: 'ok', changed: false, ipv4: '203.0.113.7', ipv6: '2001:db8::7' },
    ],
    [200, 'OK\n203.0.113\n<b>\nUPDATED', { kind: 'ok', changed: true }],
  ];
  for (const [status, body, result] of cases) expect(readAnswer({ status, body })).toEqual(result as never);
  const kinds: readonly (readonly [number, string, string])[] = [
    [200, 'KO', 'refused'],
    [400, 'KO\n', 'refused'],
    [200, 'OKAY', 'unreachable'],
    [200, 'KOALA', 'unreachable'],
    [200, '<html>OK</html>', 'unreachable'],
    [200, '\nOK', 'unreachable'],
    [404, 'OK', 'unreachable'],
    [200, ' \n', 'unreachable'],
  ];
  for (const [status, body, kind] of kinds) expect([body, readAnswer({ status, body }).kind]).toEqual([body, kind]);
});

test('an answer is waited for fifteen seconds, also when it has begun, and also where fetch does not let go', async () => {
  const clock = new ManualClock();
  const begun = new Response(new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode('OK')) }));
  for (const fetch of [() => new Promise<never>(() => {}), async () => begun] as readonly Fetch[]) {
    let result: unknown;
    void duckDns({ clock, fetch })
      .update({ ...name, ipv4: 'detect' }, signal)
      .then((value) => {
        result = value;
      });
    await clock.advance(LONGEST_MS - 1);
    expect(result).toBeUndefined();
    await clock.advance(1);
    await Bun.sleep(0);
    expect(result).toMatchObject({ kind: 'unreachable', message: 'DuckDNS did not answer within 15 seconds.' });
  }
});

test('errors are told by their code alone: a message that quotes the token goes nowhere', async () => {
  const sentences: Readonly<Record<string, string>> = {
    ENOTFOUND: 'The address of DuckDNS could not be looked up.',
    EAI_AGAIN: 'The address of DuckDNS could not be looked up.',
    ECONNREFUSED: 'DuckDNS refused the connection.',
    ENETUNREACH: 'There is no way from here to DuckDNS.',
    ECONNRESET: 'The connection to DuckDNS broke off.',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'What answered could not prove that it is DuckDNS.',
    CERT_HAS_EXPIRED: 'The certificate of DuckDNS is out of date, or the clock of this box is wrong.',
    Malformed_HTTP_Response: 'Something else answered in place of DuckDNS.',
    Unheard: 'DuckDNS could not be reached.',
  };
  for (const [code, message] of Object.entries(sentences)) {
    const fetch: Fetch = async (url) => {
      throw Object.assign(new TypeError(`fetching "${url}" failed`), { code, path: url });
    };
    const result = await duckDns({ clock: new ManualClock(), fetch }).setTxt({ ...name, value: 'x' }, signal);
    expect(result).toMatchObject({ kind: 'unreachable', message });
    expect(JSON.stringify(result)).not.toContain('c0ffee');
  }
});

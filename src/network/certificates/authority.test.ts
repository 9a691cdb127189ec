import { expect, test } from 'bun:test';
import { NoAnswer, refusalOf } from './authority.ts';
import { describeFailure, OrderFailed, orderFailed, recordRefused } from './order-failure.ts';

const NOW = Date.UTC(2026, 2, 1, 10);
const HOUR_MS = 3_600_000;
const HOST = 'my-house.duckdns.org';
const problem = (type: string, detail = '') => JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail });
const from = (status: number, body: string, headers: Record<string, string> = {}) =>
  describeFailure(new Error('x'), HOST, refusalOf(status, new Headers(headers), body, NOW));

test.each([
  ['seconds', { 'retry-after': '7200' }, ''],
  ['a date', { 'retry-after': 'Sun, 01 Mar 2026 12:00:00 GMT' }, ''],
  [
    'words',
    {},
    'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-03-01 12:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/',
  ],
])('a rate limit’s own time is kept, said as %s', (_, headers, detail) => {
  const failure = from(429, problem('rateLimited', detail), headers);
  expect(failure).toMatchObject({ kind: 'limited', notBeforeMs: NOW + 2 * HOUR_MS });
  expect(failure.message).toStartWith(`The certificate authority was asked for ${HOST} too often`);
});

test('a limit without a time, or without words, is one all the same', () => {
  expect(from(429, '<html>slow down</html>')).toMatchObject({ kind: 'limited' });
  expect(from(429, problem('rateLimited'))).not.toContainKey('notBeforeMs');
});

test.each([
  ['rejectedIdentifier', 400, 'refused', 'gives no certificate for my-house.duckdns.org'],
  ['caa', 403, 'refused', 'forbids certificates'],
  ['invalidContact', 400, 'refused', 'does not take your mail address'],
  ['accountDoesNotExist', 400, 'account', 'does not know this box any more'],
  ['unauthorized', 403, 'not-visible', 'did not find the proof'],
  ['dns', 400, 'not-visible', 'did not find the proof'],
  ['serverInternal', 500, 'fault', 'has a fault of its own'],
  ['orderNotReady', 403, 'fault', 'refused'],
  ['badNonce', 400, 'fault', 'refused'],
] as const)('%s is said in words, and the authority’s own are quoted', (type, status, kind, words) => {
  const failure = from(status, problem(type, 'because\nof\u0000 this'));
  expect(failure.kind).toBe(kind);
  expect(failure.message).toContain(words);
  expect(failure.message).toEndWith('It says: “because of this”.');
  expect(failure.advice).toMatch(/\.$/);
});

test('a server that is being worked on may name a time, too', () => {
  expect(from(503, '', { 'retry-after': '60' })).toMatchObject({ kind: 'fault', notBeforeMs: NOW + 60_000 });
});

test.each([
  ['CERT_HAS_EXPIRED', 'clock', 'clock of this box is probably wrong'],
  ['CERT_NOT_YET_VALID', 'clock', 'clock of this box is probably wrong'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unreachable', 'could not prove'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable', 'could not prove'],
  ['EPROTO', 'unreachable', 'could not prove'],
  ['ECONNREFUSED', 'unreachable', 'could not be reached'],
  ['ENOTFOUND', 'unreachable', 'could not be reached'],
  ['REDIRECTED', 'unreachable', 'Something else answered'],
  ['TIMEOUT', 'fault', 'took too long'],
])('nobody answering (%s) is said in words', (code, kind, words) => {
  const failure = describeFailure(new NoAnswer(code), HOST, undefined);
  expect([failure.kind, failure.message]).toEqual([kind as never, expect.stringContaining(words)]);
});

test('what DuckDNS said comes through; a wrong token is told from a connection that is down', () => {
  const said = { message: 'DuckDNS does not accept this.', advice: 'Look there.' };
  expect(recordRefused({ kind: 'refused', ...said }).failure).toEqual({ kind: 'token', ...said });
  expect(recordRefused({ kind: 'unreachable', ...said }).failure).toEqual({ kind: 'duckdns', ...said });
});

test('what ended the order counts before whatever was refused on the way', () => {
  const refusal = refusalOf(400, new Headers(), problem('badNonce'), NOW);
  expect(describeFailure(orderFailed('not-visible'), HOST, refusal).message).toContain('did not show');
  expect(describeFailure(new OrderFailed({ kind: 'token', message: 'a', advice: 'b' }), HOST, refusal).message).toBe(
    'a',
  );
});

import { expect, test } from 'bun:test';
import { sections } from '../../src/config/settings.ts';
import type { Draft } from '../forms/draft.ts';
import { hiddenByProvider, missingFor } from './remote-provider.ts';

const draft = (over: Draft = {}): Draft => ({ ...sections.remote.parse({}), ...over });
const shown = (over: Draft) => {
  const hidden = hiddenByProvider(draft(over));
  return Object.keys(draft())
    .filter((field) => !hidden.includes(field))
    .join(' ');
};

test.each([
  [{}, 'provider'],
  [{ provider: 'duckdns' }, 'provider domain token points ipv6 certificate email'],
  [{ provider: 'duckdns', certificate: false }, 'provider domain token points ipv6 certificate'],
  [{ provider: 'duckdns', points: 'chosen' }, 'provider domain token points chosenAddress certificate email'],
  [{ provider: 'url' }, 'provider hostName updateUrl points ipv6'],
  [{ provider: 'url', points: 'home' }, 'provider hostName updateUrl points ipv6'],
  [{ provider: 'none', points: 'chosen' }, 'provider'],
] as const)('a provider shows what it needs, and nothing of another: %j', (over, fields) => {
  expect(shown(over)).toBe(fields);
});

const missing = (over: Draft, secretsSet: readonly string[] = []) =>
  missingFor(draft(over), secretsSet).map(({ path }) => path);

test('a form that the box could do nothing with is not sent: each empty field is named', () => {
  expect(missing({})).toEqual([]);
  expect(missing({ provider: 'duckdns' })).toEqual(['domain', 'token']);
  expect(missing({ provider: 'duckdns', domain: ' ', points: 'chosen' })).toEqual(['domain', 'token', 'chosenAddress']);
  expect(missing({ provider: 'url' })).toEqual(['hostName', 'updateUrl']);
  expect(missing({ provider: 'none', points: 'chosen' })).toEqual([]);
});

test('a secret that the box has need not be typed again', () => {
  expect(missing({ provider: 'duckdns', domain: 'my-house' }, ['remote.token'])).toEqual([]);
  expect(missing({ provider: 'duckdns', domain: 'my-house' }, ['mail.password'])).toEqual(['token']);
});

// The form of the box's name: which fields belong to which provider, and what is missing before the box can do anything with it. Pure.

import type { Issue } from '../api.ts';
import type { Draft } from '../forms/draft.ts';

/** What the form need not show. What is hidden keeps its value. */
export function hiddenByProvider(draft: Draft): readonly string[] {
  const { provider, points, certificate } = draft;
  const isDuckDns = provider === 'duckdns';
  const hidden: readonly (readonly [field: string, isHidden: boolean])[] = [
    ['domain', !isDuckDns],
    ['token', !isDuckDns],
    ['hostName', provider !== 'url'],
    ['updateUrl', provider !== 'url'],
    ['points', provider === 'none'],
    ['chosenAddress', provider === 'none' || points !== 'chosen'],
    ['ipv6', provider === 'none' || points === 'chosen'],
    ['certificate', !isDuckDns],
    ['email', !isDuckDns || certificate !== true],
  ];
  return hidden.filter(([, isHidden]) => isHidden).map(([field]) => field);
}

const needed: readonly (readonly [field: string, message: string])[] = [
  ['domain', 'Type the name that you added at duckdns.org'],
  ['token', 'Paste the token that duckdns.org shows you'],
  ['hostName', 'Type the name that your provider gave you'],
  ['updateUrl', 'Paste the address that your provider wants to be called'],
  ['chosenAddress', 'Type the address that the name is to lead to'],
];

/** What is shown and must not be empty. A secret that the box has already may be. */
export function missingFor(draft: Draft, secretsSet: readonly string[]): readonly Issue[] {
  const hidden = hiddenByProvider(draft);
  return needed
    .filter(([field]) => !hidden.includes(field) && !secretsSet.includes(`remote.${field}`))
    .filter(([field]) => String(draft[field] ?? '').trim() === '')
    .map(([path, message]) => ({ path, message }));
}

// What the owner's settings ask for: which name, what of them is still missing, and which addresses the name is to lead to. Pure.

import { isIPv6 } from 'node:net';
import type { OwnAddresses } from './addresses.ts';
import { duckDnsHost } from './duckdns.ts';

/** What is needed of the section `remote`. */
export interface NameSettings {
  readonly provider: 'none' | 'duckdns' | 'url';
  /** At DuckDNS, without `.duckdns.org`. */
  readonly domain: string;
  readonly token: string;
  /** Of another provider. */
  readonly hostName: string;
  readonly updateUrl: string;
  readonly points: 'outside' | 'home' | 'chosen';
  readonly chosenAddress: string;
  readonly ipv6: boolean;
}

export interface WantedAddresses {
  /** `detect`: the one of the connection, which only the provider sees. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** Undefined while there is none. */
export function hostNameOf({ provider, domain, hostName }: NameSettings): string | undefined {
  if (provider === 'duckdns' && domain !== '') return duckDnsHost(domain);
  return provider === 'url' && hostName !== '' ? hostName : undefined;
}

/** As part of a sentence: `… is missing`. Undefined when nothing is. */
export function missingOf(settings: NameSettings): string | undefined {
  if (settings.provider === 'duckdns' && settings.domain === '') return 'your name at duckdns.org';
  if (settings.provider === 'duckdns' && settings.token === '') return 'the token from duckdns.org';
  if (settings.provider === 'url' && settings.updateUrl === '') return 'the update address of your provider';
  if (settings.points === 'chosen' && settings.chosenAddress === '') return 'the address that the name is to lead to';
  return undefined;
}

/** What is chosen leads there and nowhere else. */
export function wantedAddresses({ points, chosenAddress, ipv6 }: NameSettings, own: OwnAddresses): WantedAddresses {
  if (points === 'chosen') return isIPv6(chosenAddress) ? { ipv6: chosenAddress } : { ipv4: chosenAddress };
  const ipv4 = points === 'outside' ? 'detect' : own.ipv4;
  return { ...(ipv4 ? { ipv4 } : {}), ...(ipv6 && own.ipv6 ? { ipv6: own.ipv6 } : {}) };
}

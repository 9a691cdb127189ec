// Speaks DuckDNS's HTTP API (https://www.duckdns.org/spec.jsp): sets addresses and the TXT record of a name. Knows no schedule. The
// token goes to DuckDNS and nowhere else: no message and no error has it.

import { isIPv4, isIPv6 } from 'node:net';
import { type AskOptions, ask, nothingSaid, somethingElse } from './ask.ts';
import type { UpdateResult } from './result.ts';

/** Whose record: `domain` is the part before `.duckdns.org`. */
export interface DuckDnsName {
  readonly domain: string;
  readonly token: string;
}

export interface DuckDnsUpdate extends DuckDnsName {
  /** `detect`: the one that the request comes from. Undefined: stays as it is. */
  readonly ipv4?: string;
  /** Undefined: stays as it is. DuckDNS cannot detect one. */
  readonly ipv6?: string;
}

/** Throws only the signal's reason, when that aborts. Everything else is a result. */
export interface DuckDns {
  update(what: DuckDnsUpdate, signal: AbortSignal): Promise<UpdateResult>;
  /** Takes both addresses away: the only way to take one. The TXT record is not meant. */
  clear(of: DuckDnsName, signal: AbortSignal): Promise<UpdateResult>;
  /** DuckDNS holds one TXT record for a name and all names below it: this replaces it. */
  setTxt(record: DuckDnsName & { readonly value: string }, signal: AbortSignal): Promise<UpdateResult>;
  clearTxt(of: DuckDnsName, signal: AbortSignal): Promise<UpdateResult>;
}

export interface DuckDnsOptions extends AskOptions {
  /** Without a path. Default https://www.duckdns.org */
  readonly baseUrl?: string;
}

const WHO = 'DuckDNS';
export const duckDnsHost = (domain: string): string => `${domain}.duckdns.org`;

export function duckDns(options: DuckDnsOptions): DuckDns {
  const request = async (
    { domain, token }: DuckDnsName,
    what: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<UpdateResult> => {
    const url = new URL('/update', options.baseUrl ?? 'https://www.duckdns.org');
    url.search = new URLSearchParams({ domains: domain, token, ...what, verbose: 'true' }).toString();
    const answer = await ask(url, WHO, options, signal);
    return answer.kind === 'answered' ? readAnswer(answer) : answer;
  };
  return {
    async update({ ipv4, ipv6, ...name }, signal) {
      // An IPv6 address in the request switches the detection of the IPv4 address off: they go one by one.
      if (ipv4 !== 'detect' || ipv6 === undefined) {
        const ip = ipv4 === undefined ? {} : { ip: ipv4 === 'detect' ? '' : ipv4 };
        return request(name, { ...ip, ...(ipv6 === undefined ? {} : { ipv6 }) }, signal);
      }
      const first = await request(name, { ip: '' }, signal);
      if (first.kind !== 'ok') return first;
      const second = await request(name, { ipv6 }, signal);
      if (second.kind !== 'ok') return second;
      return { ...second, ...first, ipv6: second.ipv6 ?? ipv6, changed: Boolean(first.changed || second.changed) };
    },
    clear: (of, signal) => request(of, { clear: 'true' }, signal),
    setTxt: ({ value, ...name }, signal) => request(name, { txt: value }, signal),
    clearTxt: (of, signal) => request(of, { txt: '', clear: 'true' }, signal),
  };
}

/** `OK` or `KO`, with status 200 both; then, of an update: IPv4 address, IPv6 address (either may be blank), `UPDATED` or `NOCHANGE`. */
export function readAnswer({ status, body }: { readonly status: number; readonly body: string }): UpdateResult {
  const [verdict, ...more] = body.split('\n').map((line) => line.trim());
  if (verdict === 'KO') {
    return {
      kind: 'refused',
      message: 'DuckDNS does not accept this name with this token.',
      advice:
        'Look at duckdns.org whether the name is yours and spelled like that, and copy the token from there again.',
    };
  }
  if (body.trim() === '') return nothingSaid(WHO);
  if (verdict !== 'OK' || status < 200 || status > 299) return somethingElse(WHO);
  const changed = more.includes('UPDATED') ? true : more.includes('NOCHANGE') ? false : undefined;
  const ipv4 = more.find((line) => isIPv4(line));
  const ipv6 = more.find((line) => isIPv6(line));
  return {
    kind: 'ok',
    ...(changed === undefined ? {} : { changed }),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

// What the page says of the box's name and certificate, in sentences. Pure: the time is handed in.

import type { CertificateView, NetworkView } from '../../src/http/api.ts';
import { count, dateTime, longDate, span } from '../words.ts';

const dayMs = 86_400_000;
/** Clocks of box and browser may differ by this much without strange words. */
const momentMs = 10_000;

/** "Just now", "3 minutes ago", and the date after a day. */
export function agoWords(atMs: number, nowMs: number): string {
  const ago = nowMs - atMs;
  if (ago < momentMs) return 'Just now';
  return ago < dayMs ? `${span(ago)} ago` : dateTime(atMs);
}

/** "Any moment", "In 4 minutes", and the date when it is more than a day. */
export function soonWords(atMs: number, nowMs: number): string {
  const ahead = atMs - nowMs;
  if (ahead < momentMs) return 'Any moment';
  return ahead < dayMs ? `In ${span(ahead)}` : dateTime(atMs);
}

export interface StateWords {
  /** As the dot beside it: all is well, on its way, wrong, nothing wanted. */
  readonly is: 'ok' | 'waiting' | 'wrong' | 'nothing';
  /** A sentence, with the address in it where there is one. */
  readonly before: string;
  readonly address?: string;
  readonly after: string;
}

/** `home`: where the box is reached at home. */
export function stateWords({ name, certificate, address }: NetworkView, home: string, nowMs: number): StateWords {
  const { hostName, last } = name;
  if (hostName === undefined) {
    return {
      ...{ is: 'nothing', address: home, after: '.' },
      before: 'The box has no name on the internet. At home you reach it at ',
    };
  }
  const isFailed = last?.kind === 'failed';
  if (address === undefined) {
    return isFailed
      ? { is: 'wrong', before: `The name ${hostName} could not be set. What to do is below.`, after: '' }
      : unprovenWords(hostName, certificate);
  }
  const at = { before: 'Your box is at ', address } as const;
  if (isFailed) return { ...at, is: 'wrong', after: ', but the name could not be renewed. What to do is below.' };
  if (!certificate || certificate.untilMs <= nowMs) {
    return { ...at, is: 'wrong', after: ', but its certificate has run out: browsers warn.' };
  }
  if (certificate.kind === 'own') return { ...at, is: 'ok', after: ' · with your own certificate.' };
  return { ...at, is: 'ok', after: ' · browsers trust it.' };
}

/** A name without a certificate for it. */
function unprovenWords(hostName: string, certificate: CertificateView | undefined): StateWords {
  const say = (is: StateWords['is'], before: string): StateWords => ({ is, before, after: '' });
  if (!certificate) return say('waiting', `The box is called ${hostName}, but answers on no encrypted port.`);
  if (certificate.doing !== undefined) return say('waiting', `The certificate for ${hostName} is on its way.`);
  if (certificate.last?.kind === 'failed') {
    return say('wrong', `There is no certificate for ${hostName} yet. What to do is below.`);
  }
  return say('waiting', `The box is called ${hostName}, and has no certificate for that name: browsers warn.`);
}

/** What the owner must know or do about the way in; undefined where that is nothing, or the name must be mended first. */
export function outsideWords(
  { name, address }: NetworkView,
  points: string,
  addresses: readonly string[],
): string | undefined {
  if (name.hostName === undefined || name.last?.kind === 'failed') return undefined;
  if (points === 'home') return 'The name leads to the box in your own network: it works at home only.';
  // Never a port that is not encrypted.
  const encrypted = address ?? addresses.find((one) => one.startsWith('https:'));
  if (points !== 'outside' || encrypted === undefined) return undefined;
  const port = new URL(encrypted).port || '443';
  return `From outside it works once your router passes port ${port} on to the box: “port forwarding” in the router’s settings.`;
}

/** Where the box is reached at home: where one is now, if that is one of its own addresses, else the first of them. */
export function homeAddress(addresses: readonly string[], here: string): string {
  const plain = addresses.map((address) => new URL(address).origin);
  if (plain.includes(here) || new URL(here).hostname.endsWith('.local')) return here;
  return plain[0] ?? here;
}

/** What the name leads to, as far as the box knows. */
export const leadsToWords = ({ addresses }: NetworkView['name'], points: string): string =>
  addresses.length > 0
    ? addresses.join(', ')
    : points === 'outside'
      ? 'The address of your connection'
      : 'Not known yet';

export const kindWords: Readonly<Record<CertificateView['kind'], string>> = {
  box: 'Made by the box itself. Browsers do not know it and warn; compare the fingerprint once.',
  automatic: 'From a certificate authority that browsers trust. It is renewed by itself.',
  own: 'Your own. The box does not renew it: put in the next one before it runs out.',
};

/** "21 November 2026, in 62 days". */
export function untilWords(untilMs: number, nowMs: number): string {
  const days = Math.floor(Math.abs(untilMs - nowMs) / dayMs);
  const left = days === 0 ? 'less than a day left' : `in ${count(days, 'day')}`;
  const past = days === 0 ? 'has just run out' : `ran out ${count(days, 'day')} ago`;
  return [longDate(untilMs), untilMs <= nowMs ? past : left].map(unbroken).join(', ');
}

/** A line ends before it or behind it, never in it. */
const unbroken = (text: string) => text.replaceAll(' ', '\u00a0');

/** Whether something goes on that the page should look at again in a few seconds. */
export const isRestless = ({ name, certificate }: NetworkView, nowMs: number): boolean =>
  name.busy ||
  certificate?.doing !== undefined ||
  (name.hostName !== undefined && name.last === undefined) ||
  [name.nextMs, certificate?.nextMs].some((nextMs) => nextMs !== undefined && nextMs <= nowMs);

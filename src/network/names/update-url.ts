// Any other provider of names: calls the address that the owner copied from there. Judged by the words of the dyndns2 protocol where the
// answer begins with one, otherwise by its status. The address is a secret: no message and no error has any part of it.

import { isIPv4, isIPv6 } from 'node:net';
import { type Answered, type AskOptions, ask } from './ask.ts';
import type { Refused, UpdateResult } from './result.ts';

export interface UpdateCall {
  /** With `{ip}` and `{ipv6}` in it, and perhaps `user:password@`. */
  readonly url: string;
  /** `detect`: the one that the call comes from, which the provider is to see for itself. Undefined: none. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

const WHO = 'Your provider';

/** Throws only the signal's reason, when that aborts. */
export async function callUpdateUrl(call: UpdateCall, options: AskOptions, signal: AbortSignal): Promise<UpdateResult> {
  const filled = fillAddress(call);
  if (!filled) return refused('The update address is no address.', 'Copy it from your provider once more.');
  const answer = await ask(filled.url, WHO, { ...options, headers: filled.headers }, signal);
  return answer.kind === 'answered' ? judgeAnswer(answer) : answer;
}

/**
 * Undefined when it is no address. A parameter that is nothing but an address which is not there is left out: most providers then look
 * where the call comes from, while an empty one means something else to each.
 */
export function fillAddress(
  call: UpdateCall,
): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } | undefined {
  // Who has one placeholder takes either kind there.
  const only = !/\{ipv6\}/i.test(call.url) && call.ipv4 === undefined ? call.ipv6 : undefined;
  const [ipv4 = '', ipv6 = ''] = [call.ipv4 === 'detect' ? undefined : (call.ipv4 ?? only), call.ipv6];
  const without = call.url
    .replace(ipv4 === '' ? /(?<=[?&])[^?&#=]*=\{ip\}(?:&|(?=#|$))/gi : /$^/, '')
    .replace(ipv6 === '' ? /(?<=[?&])[^?&#=]*=\{ipv6\}(?:&|(?=#|$))/gi : /$^/, '')
    .replace(/[?&]+(?=#|$)/, '');
  const text = without.replace(/\{ip\}/gi, ipv4).replace(/\{ipv6\}/gi, ipv6);
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { username, password } = url;
  if (username === '' && password === '') return { url, headers: {} };
  url.username = '';
  url.password = '';
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return { url, headers: { authorization: `Basic ${pair}` } };
}

/** By the first word, which some providers send with a status of its own and some with 200. */
export function judgeAnswer({ status, body }: Pick<Answered, 'status' | 'body'>): UpdateResult {
  const [word = '', ...more] = body.trim().split(/\s+/, 3);
  const ipv4 = more.find((text) => isIPv4(text));
  const ipv6 = more.find((text) => isIPv6(text));
  const addresses = { ...(ipv4 ? { ipv4 } : {}), ...(ipv6 ? { ipv6 } : {}) };
  switch (word.toLowerCase()) {
    case 'good':
      return { kind: 'ok', changed: true, ...addresses };
    case 'nochg':
      return { kind: 'ok', changed: false, ...addresses };
    case 'badauth':
    case 'ko':
      return refused('Your provider does not accept the user or password in the update address.', again);
    case '!donator':
      return refused('Your provider does this for paying customers only.', 'Ask your provider, or use another one.');
    case 'nohost':
    case '!yours':
    case 'notfqdn':
    case 'numhost':
      return refused('Your provider does not know the name in the update address.', again);
    case 'abuse':
      return refused('Your provider has blocked the name.', 'Sign in at your provider: there is said why.');
    case 'badagent':
    case 'badsys':
      return refused('Your provider does not take updates in this way.', again);
    case '911':
    case 'dnserr':
      return unreachable('Your provider has a fault of its own.', 'Nightjar tries again by itself.');
  }
  if (status >= 200 && status < 300) return { kind: 'ok' };
  if (status === 401 || status === 403) {
    return refused(`Your provider does not let the update in (${status}).`, again);
  }
  return unreachable(`Your provider does not take the update (${status}).`, again);
}

const again = 'Look there for the update address, and copy it from there once more.';
const refused = (message: string, advice: string): Refused => ({ kind: 'refused', message, advice });
const unreachable = (message: string, advice: string): UpdateResult => ({ kind: 'unreachable', message, advice });

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

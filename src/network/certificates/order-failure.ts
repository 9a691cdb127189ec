// Says in plain words why there is no certificate, what to do about it, and when to ask again. What the authority says of its own
// accord is quoted; nothing of what was sent to it, or to DuckDNS, is.

import { NoAnswer, type Refusal } from './authority.ts';

export interface OrderFailure {
  readonly kind:
    | 'token' // DuckDNS refuses name and token: the owner has to do something
    | 'duckdns' // DuckDNS cannot be reached
    | 'not-visible' // the proof did not show at the name servers
    | 'limited' // asked too often
    | 'unreachable'
    | 'clock'
    | 'refused' // the authority will not, for this name or this owner
    | 'account' // it does not know us any more: a new key makes a new account
    | 'fault'; // whatever else: theirs, or ours
  readonly message: string;
  readonly advice: string;
  /** The authority's own time: not asked before. */
  readonly notBeforeMs?: number;
}

/** Ends an order. */
export class OrderFailed extends Error {
  readonly failure: OrderFailure;
  constructor(failure: OrderFailure, options?: { readonly cause: unknown }) {
    super(failure.message, options);
    this.failure = failure;
  }
}

const byItself = 'Nightjar tries again by itself.';
const online = `Check that the box is connected to the internet. ${byItself}`;

const fixed = {
  'not-visible': {
    kind: 'not-visible',
    message: 'The proof that the name is yours did not show at the name servers of DuckDNS in time.',
    advice: `DuckDNS may be busy. ${byItself}`,
  },
  'too-long': { kind: 'fault', message: 'The certificate authority took too long.', advice: byItself },
} as const satisfies Record<string, OrderFailure>;

export const orderFailed = (why: keyof typeof fixed): OrderFailed => new OrderFailed(fixed[why]);

/** What whoever was asked for the TXT record said. */
export const recordRefused = (result: {
  readonly kind: 'refused' | 'unreachable';
  readonly message: string;
  readonly advice: string;
}): OrderFailed =>
  new OrderFailed({
    kind: result.kind === 'refused' ? 'token' : 'duckdns',
    message: result.message,
    advice: result.advice,
  });

/** @param refusal the last one that came, where one did. */
export function describeFailure(thrown: unknown, hostName: string, refusal: Refusal | undefined): OrderFailure {
  if (thrown instanceof OrderFailed) return thrown.failure;
  if (thrown instanceof NoAnswer) return unanswered(thrown.code);
  if (refusal) return refused(refusal, hostName);
  return { kind: 'fault', message: 'What the certificate authority answers is not understood.', advice: byItself };
}

function unanswered(code: string): OrderFailure {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return {
      kind: 'clock',
      message:
        'The certificate authority’s own certificate looks out of date: the clock of this box is probably wrong.',
      advice: `Check the time of the box on the status page. ${byItself}`,
    };
  }
  if (/CERT|UNABLE_TO|SELF_SIGNED|EPROTO|TLS|SSL/.test(code)) {
    return {
      kind: 'unreachable',
      message: 'What answered could not prove that it is the certificate authority.',
      advice: 'Something may be in between, such as a filter, or the sign-in page of a guest network.',
    };
  }
  if (code === 'REDIRECTED' || code === 'TOO_LARGE') {
    return {
      kind: 'unreachable',
      message: 'Something else answered in place of the certificate authority.',
      advice: byItself,
    };
  }
  if (code === 'TIMEOUT') return fixed['too-long'];
  return { kind: 'unreachable', message: 'The certificate authority could not be reached.', advice: online };
}

/** Also for what it says of a challenge that failed. */
export function refused(refusal: Refusal, hostName: string): OrderFailure {
  const said = quoted(refusal.detail);
  const later = refusal.notBeforeMs === undefined ? {} : { notBeforeMs: refusal.notBeforeMs };
  switch (refusal.type) {
    case 'rateLimited':
      return {
        kind: 'limited',
        message: `The certificate authority was asked for ${hostName} too often and takes no order now.${said}`,
        advice: 'Nightjar asks again as soon as it may.',
        ...later,
      };
    case 'rejectedIdentifier':
    case 'unsupportedIdentifier':
      return {
        kind: 'refused',
        message: `The certificate authority gives no certificate for ${hostName}.${said}`,
        advice: 'Choose another name at duckdns.org, and put it in here.',
      };
    case 'caa':
      return {
        kind: 'refused',
        message: `The name ${hostName} forbids certificates of this authority.${said}`,
        advice: 'That is set by who keeps the name (its CAA record).',
      };
    case 'invalidContact':
    case 'unsupportedContact':
      return {
        kind: 'refused',
        message: `The certificate authority does not take your mail address.${said}`,
        advice: 'Correct the address for the certificate authority in the settings, or leave it empty.',
      };
    case 'accountDoesNotExist':
      return {
        kind: 'account',
        message: `The certificate authority does not know this box any more.${said}`,
        advice: byItself,
      };
    case 'dns':
    case 'unauthorized':
    case 'incorrectResponse':
    case 'connection':
      return {
        kind: 'not-visible',
        message: `The certificate authority did not find the proof that ${hostName} is yours.${said}`,
        advice: byItself,
        ...later,
      };
  }
  if (refusal.status === 429) return refused({ ...refusal, type: 'rateLimited' }, hostName);
  if (refusal.status >= 500 || refusal.type === 'serverInternal') {
    return {
      kind: 'fault',
      message: `The certificate authority has a fault of its own.${said}`,
      advice: byItself,
      ...later,
    };
  }
  return { kind: 'fault', message: `The certificate authority refused.${said}`, advice: byItself, ...later };
}

function quoted(words: string): string {
  const plain = words
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 300);
  return plain === '' ? '' : ` It says: “${plain.replace(/\.$/, '')}”.`;
}

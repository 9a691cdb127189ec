// Asks a provider one question over HTTP: bounded in bytes and time, redirects not followed, certificates checked. What is wrong on the
// way becomes sentences. They are made here and from error codes alone: the messages of `fetch` quote the address, and the token with it.

import type { Clock } from '../../base/clock.ts';
import type { Unreachable } from './result.ts';

export interface AskInit {
  readonly signal: AbortSignal;
  readonly redirect: 'manual';
  /** Bun's: what is packed stays packed, so that few bytes cannot become many. */
  readonly decompress: false;
  /** Bun's: a connection of five minutes ago is of no use, and may lead through a network that is gone. */
  readonly keepalive: false;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: { readonly ca: string };
}
/** What this room needs of Bun's `fetch`. */
export type Fetch = (url: string, init: AskInit) => Promise<Response>;

export interface AskOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly fetch?: Fetch;
  /** PEM: trusted instead of the system's authorities. For tests. */
  readonly trustedCa?: string;
}

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly body: string;
}

/** The whole answer has come by then. */
export const LONGEST_MS = 15_000;
export const MAX_BYTES = 4096;

/**
 * @param who begins the sentences: `DuckDNS`.
 * Throws the signal's reason when that aborts, and nothing else.
 */
export async function ask(
  url: URL,
  who: string,
  options: AskOptions & { readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<Answered | Unreachable> {
  signal.throwIfAborted();
  const ended = new AbortController();
  let late = false;
  const calm = options.clock.after(LONGEST_MS, () => {
    late = true;
    ended.abort();
  });
  const ends = AbortSignal.any([signal, ended.signal]);
  try {
    return await Promise.race([exchange(url, who, options, ends), rejectedBy(ends)]);
  } catch (error) {
    signal.throwIfAborted();
    return late ? tooSlow(who) : whyNot(who, error);
  } finally {
    calm();
    ended.abort();
  }
}

async function exchange(
  url: URL,
  who: string,
  options: AskOptions & { readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<Answered | Unreachable> {
  const response = await (options.fetch ?? (fetch as Fetch))(url.href, {
    signal,
    redirect: 'manual',
    decompress: false,
    keepalive: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'Nightjar', ...options.headers },
    ...(options.trustedCa === undefined ? {} : { tls: { ca: options.trustedCa } }),
  });
  const { status } = response;
  const judged = judgeStatus(who, status);
  if (judged) return judged;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) return somethingElse(who);
    chunks.push(chunk);
  }
  return { kind: 'answered', status, body: new TextDecoder().decode(Buffer.concat(chunks)) };
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** What no provider means as an answer to an update. Undefined: the words have to be read. */
function judgeStatus(who: string, status: number): Unreachable | undefined {
  if (status === 429) return unreachable(`${who} is asked too often.`, 'Nightjar asks less often for a while.');
  if (status >= 500) return unreachable(`${who} has a fault of its own (${status}).`, byItself);
  if (status >= 300 && status < 400) return somethingElse(who);
  return undefined;
}

/** Something spoke for the provider that is not the provider, as far as one can see. */
export const somethingElse = (who: string): Unreachable =>
  unreachable(
    `Something else answered in place of ${named(who)}.`,
    'If the network of the box has a sign-in page, as guest networks do, sign in there, or use another network.',
  );

export const nothingSaid = (who: string): Unreachable => unreachable(`${who} answered with nothing.`, byItself);

const tooSlow = (who: string): Unreachable =>
  unreachable(`${who} did not answer within ${LONGEST_MS / 1000} seconds.`, byItself);

/** By the code of the error only: never by its message. */
function whyNot(who: string, error: unknown): Unreachable {
  const { code } = error instanceof Error ? (error as Error & { readonly code?: unknown }) : {};
  const is = (pattern: RegExp) => typeof code === 'string' && pattern.test(code);
  if (is(/ENOTFOUND|EAI_|DNS/)) {
    return unreachable(`The address of ${named(who)} could not be looked up.`, online);
  }
  if (is(/EXPIRED|NOT_YET_VALID/)) {
    return unreachable(
      `The certificate of ${named(who)} is out of date, or the clock of this box is wrong.`,
      'Check the time of the box on the status page. Nothing was told to whoever answered.',
    );
  }
  if (is(/CERT|UNABLE_TO|SELF_SIGNED|TLS|SSL|EPROTO/)) {
    return unreachable(
      `What answered could not prove that it is ${named(who)}.`,
      'Somebody may be in between, such as the sign-in page of a guest network, or the clock of this box is wrong. Nothing was told to whoever answered.',
    );
  }
  if (is(/ECONNREFUSED/)) return unreachable(`${who} refused the connection.`, byItself);
  if (is(/EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL/)) {
    return unreachable(`There is no way from here to ${named(who)}.`, online);
  }
  if (is(/ECONNRESET|EPIPE|ECONNABORTED|ConnectionClosed/)) {
    return unreachable(`The connection to ${named(who)} broke off.`, byItself);
  }
  if (is(/HTTP/i)) return somethingElse(who);
  return unreachable(`${who} could not be reached.`, online);
}

const byItself = 'Nightjar tries again by itself.';
const online = 'Check that the box is connected to the internet. Nightjar tries again by itself.';
const unreachable = (message: string, advice: string): Unreachable => ({ kind: 'unreachable', message, advice });
/** Within a sentence: `Your provider` → `your provider`; names stay as they are. */
const named = (who: string): string => who.replace(/^Your\b/, 'your');

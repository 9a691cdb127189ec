// What every route may know of the request it answers: who asks, from which address, and the clock. The server hands in the
// socket; tests hand in nothing and are nobody at an unknown address.

import type { Context } from 'hono';
import type { Clock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Ports, Session } from './ports.ts';

export interface HttpEnv {
  Bindings: {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
    readonly outgoing?: { destroy(): unknown };
  };
  Variables: { session?: Session; cookie?: string };
}
export type HttpContext = Context<HttpEnv>;

export interface HttpParts {
  readonly ports: Ports;
  readonly clock: Clock;
  readonly log: Log;
}

/** The address the request came from, for throttling and logs. IPv4 in its own notation on dual-stack sockets too. */
export const addressOf = (c: HttpContext): string =>
  (c.env?.incoming?.socket?.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');

export const isSecure = (c: HttpContext): boolean => new URL(c.req.url).protocol === 'https:';

/** Behind the guard there always is one. */
export function sessionOf(c: HttpContext): Session {
  const session = c.get('session');
  if (!session) throw new NightjarError('denied', 'sign in first');
  return session;
}

/** Whether who asked is still signed in: for answers that go on for hours. */
export const stillSignedIn = (c: HttpContext, ports: Ports): boolean => {
  const cookie = c.get('cookie');
  return cookie !== undefined && ports.access.session(cookie) !== undefined;
};
/** How often that is asked again. */
export const RECHECK_MS = 30_000;

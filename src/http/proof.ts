// The present sign-in secret, asked for again before keys change hands: a session alone is not enough for that.

import { addressOf, type HttpContext, sessionOf } from './context.ts';
import { RequestRefused, tooManyTries } from './errors.ts';
import type { AccessPort } from './ports.ts';

/** Throws 403 `denied`, or 429 after too many tries. */
export function demandProof(c: HttpContext, access: AccessPort, secret: string | undefined): void {
  const words = 'Sign in again first: this page no longer knows that it is you.';
  refuseUnproven(access.prove(sessionOf(c), secret, addressOf(c)), words);
}

/** Not 401: the session is fine, the page must not show the sign-in form. */
export function refuseUnproven(result: ReturnType<AccessPort['prove']>, words: string): void {
  if (result.ok) return;
  if (result.reason === 'throttled') throw tooManyTries(result.retryAfterS);
  throw new RequestRefused(403, 'denied', words);
}

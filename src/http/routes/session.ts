// Claiming the box, signing in and out, and the passphrase. Who may do what is decided by `access/`; here its answers become
// status codes and the cookie.

import { Hono } from 'hono';
import { z } from 'zod';
import type { SessionView } from '../api.ts';
import { jsonBody } from '../checked.ts';
import { addressOf, type HttpContext, type HttpEnv, type HttpParts, isSecure, sessionOf } from '../context.ts';
import { giveCookie, takeCookie } from '../cookie.ts';
import { RequestRefused } from '../errors.ts';
import type { Person } from '../ports.ts';

const name = () => z.string().trim().min(1).max(60);
// Hashing is slow by design: nobody may make the box hash megabytes.
const passphrase = () => z.string().min(1).max(1000);

export const sessionRoutes = ({ ports }: HttpParts) => {
  const { access, boxName, version } = ports;
  const view = (person: Person | undefined): SessionView => ({
    state: person ? 'signed-in' : access.isClaimed() ? 'signed-out' : 'unclaimed',
    boxName: boxName(),
    version,
    ...(person ? { person: { name: person.name } } : {}),
  });
  const endSession = (c: HttpContext) => {
    const session = c.get('session');
    if (session) access.logout(session.id);
  };
  return new Hono<HttpEnv>()
    .get('/session', (c) => c.json(view(c.get('session')?.person)))
    .post(
      '/claim',
      jsonBody(() => z.strictObject({ code: z.string().max(100), name: name(), passphrase: passphrase() })),
      async (c) => {
        const result = await access.claim(c.req.valid('json'), addressOf(c));
        if (!result.ok) {
          if (result.reason === 'claimed') throw new RequestRefused(409, 'conflict', result.message);
          if (result.reason === 'weak') throw new RequestRefused(400, 'invalid', result.message);
          throw refusal(result, 'that is not the claim code; it is printed on the console of the box');
        }
        giveCookie(c, result.cookie, isSecure(c));
        return c.json(view(result.session.person));
      },
    )
    .post(
      '/login',
      jsonBody(() => z.strictObject({ name: name(), passphrase: passphrase() })),
      async (c) => {
        const result = await access.login(c.req.valid('json'), addressOf(c));
        if (!result.ok) throw refusal(result, 'name or passphrase is wrong');
        // Who signs in again in the same browser leaves no second session behind.
        endSession(c);
        giveCookie(c, result.cookie, isSecure(c));
        return c.json(view(result.session.person));
      },
    )
    .post('/logout', (c) => {
      endSession(c);
      takeCookie(c, isSecure(c));
      return c.json(view(undefined));
    })
    .post(
      '/passphrase',
      jsonBody(() => z.strictObject({ current: passphrase(), next: passphrase() })),
      async (c) => {
        const { current, next } = c.req.valid('json');
        const result = await access.changePassphrase(sessionOf(c).person, current, next, addressOf(c), sessionOf(c).id);
        if (!result.ok) {
          if (result.reason === 'throttled') throw new RequestRefused(429, 'throttled', result.message);
          // Not 401: the session is fine, the page must not show the sign-in form.
          throw new RequestRefused(
            result.reason === 'wrong' ? 403 : 400,
            result.reason === 'wrong' ? 'denied' : 'invalid',
            result.message,
          );
        }
        return c.json({});
      },
    );
};

function refusal(result: { readonly reason: string; readonly retryAfterS?: number }, wrong: string): RequestRefused {
  if (result.reason !== 'throttled') return new RequestRefused(401, 'denied', wrong);
  const seconds = Math.max(1, Math.ceil(result.retryAfterS ?? 60));
  const words = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new RequestRefused(429, 'throttled', `too many tries; try again in ${words}`, {
    'retry-after': String(seconds),
  });
}

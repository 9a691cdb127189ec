// The keyring, as far as it concerns who asks, and its change: a new passphrase for oneself, new keys by an owner. The box
// keeps it and can open nothing with it.

import { Hono } from 'hono';
import { z } from 'zod';
import { bytes32, jsonBody, sentKeyring } from '../checked.ts';
import { addressOf, type HttpEnv, type HttpParts, sessionOf } from '../context.ts';
import { RequestRefused, tooManyTries } from '../errors.ts';

export const vaultRoutes = ({ ports: { access } }: HttpParts) =>
  new Hono<HttpEnv>()
    .get('/vault', (c) => c.json(access.vault(sessionOf(c).person.id)))
    .put(
      '/vault',
      jsonBody(() => z.strictObject(sentKeyring())),
      (c) => c.json(access.changeKeys(c.req.valid('json'))),
    )
    .put(
      '/vault/me',
      jsonBody(() => z.strictObject({ current: bytes32(), signIn: bytes32(), wrapped: z.unknown() })),
      (c) => {
        const result = access.changePassphrase(sessionOf(c), c.req.valid('json'), addressOf(c));
        if (!result.ok) {
          if (result.reason === 'throttled') throw tooManyTries(result.retryAfterS);
          // Not 401: the session is fine, the page must not show the sign-in form.
          throw new RequestRefused(403, 'denied', 'The present passphrase is not right.');
        }
        return c.json({});
      },
    );

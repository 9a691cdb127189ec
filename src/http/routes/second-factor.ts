// The second factor of whoever asks: on with a code from an authenticator app, off with the passphrase.

import { Hono } from 'hono';
import { z } from 'zod';
import { bytes32, jsonBody, nothing } from '../checked.ts';
import { addressOf, type HttpEnv, type HttpParts, sessionOf } from '../context.ts';
import { RequestRefused } from '../errors.ts';
import { refuseUnproven } from '../proof.ts';

export const secondFactorRoutes = ({ ports: { access } }: HttpParts) =>
  new Hono<HttpEnv>()
    .post('/second-factor', jsonBody(nothing), (c) => c.json(access.offerSecondFactor(sessionOf(c).person.id)))
    .post(
      '/second-factor/confirm',
      jsonBody(() => z.strictObject({ code: z.string().max(40) })),
      (c) => {
        if (!access.confirmSecondFactor(sessionOf(c).person.id, c.req.valid('json').code)) {
          const words =
            'That code is not right. Use the newest one, and see that the clocks of phone and box are right.';
          throw new RequestRefused(403, 'denied', words);
        }
        return c.json({});
      },
    )
    .delete(
      '/second-factor',
      jsonBody(() => z.strictObject({ signIn: bytes32() })),
      (c) => {
        const result = access.removeSecondFactor(sessionOf(c).person.id, c.req.valid('json').signIn, addressOf(c));
        refuseUnproven(result, 'The passphrase is not right.');
        return c.json({});
      },
    );

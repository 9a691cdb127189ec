// The second factor of whoever asks: on and off with the passphrase. With a stolen cookie alone a thief could switch on one of
// their own, and the owner could not sign in any more.

import { Hono } from 'hono';
import { z } from 'zod';
import { bytes32, jsonBody } from '../checked.ts';
import { addressOf, type HttpEnv, type HttpParts, sessionOf } from '../context.ts';
import { RequestRefused } from '../errors.ts';
import { demandProof, refuseUnproven } from '../proof.ts';

export const secondFactorRoutes = ({ ports: { access } }: HttpParts) =>
  new Hono<HttpEnv>()
    .post(
      '/second-factor',
      jsonBody(() => z.strictObject({ proof: bytes32().optional() })),
      (c) => {
        demandProof(c, access, c.req.valid('json').proof);
        return c.json(access.offerSecondFactor(sessionOf(c).person.id));
      },
    )
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

// Coming in with the recovery key instead of a passphrase: a challenge that only the key opens, and its answer.

import { Hono } from 'hono';
import { z } from 'zod';
import { jsonBody, nothing, personName } from '../checked.ts';
import { addressOf, type HttpEnv, type HttpParts } from '../context.ts';
import { RequestRefused, tooManyTries } from '../errors.ts';
import { begun } from './session.ts';

export const recoverRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>()
    .post('/recover', jsonBody(nothing), (c) => {
      const result = ports.access.recover(addressOf(c));
      if (!result.ok) throw tooManyTries(result.retryAfterS);
      return c.json({ id: result.id, challenge: result.challenge });
    })
    .post(
      '/recover/answer',
      jsonBody(() =>
        z.strictObject({ id: z.string().max(80), answer: z.string().max(200), name: personName().optional() }),
      ),
      (c) => {
        const { id, answer, name } = c.req.valid('json');
        const asked = { id, answer, ...(name === undefined ? {} : { name }) };
        const result = ports.access.answerRecovery(asked, addressOf(c));
        if (result.ok) return begun(c, ports, result);
        if (result.reason === 'throttled') throw tooManyTries(result.retryAfterS);
        if (result.reason === 'invalid') throw new RequestRefused(400, 'invalid', result.message);
        throw new RequestRefused(
          401,
          'denied',
          'This recovery key does not belong to this box, or that took too long.',
        );
      },
    );

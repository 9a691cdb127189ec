// Stream tokens: for players that cannot sign in. A token opens pictures, nothing else, and is shown once.
// It outlives the session it was made in, so whoever makes one shows that they typed the passphrase.

import { Hono } from 'hono';
import { z } from 'zod';
import { NightjarError } from '../../base/errors.ts';
import { bytes32, cameraId, found, jsonBody } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';
import { demandProof } from '../proof.ts';

const newToken = () =>
  z.strictObject({
    name: z.string().trim().min(1).max(60),
    cameraId: cameraId().nullable().default(null),
    proof: bytes32().optional(),
  });

export const streamTokenRoutes = ({ ports }: HttpParts) => {
  const { access, cameras } = ports;
  return new Hono<HttpEnv>()
    .get('/stream-tokens', (c) => c.json(access.streamTokens()))
    .post('/stream-tokens', jsonBody(newToken), (c) => {
      const { name, cameraId, proof } = c.req.valid('json');
      demandProof(c, access, proof);
      if (cameraId !== null) found(cameras.get(cameraId), 'camera');
      return c.json(access.createStreamToken(name, cameraId), 201);
    })
    .delete('/stream-tokens/:id', (c) => {
      if (!access.revokeStreamToken(c.req.param('id')))
        throw new NightjarError('missing', 'there is no such stream token');
      return c.json({});
    });
};

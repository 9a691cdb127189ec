// The keyring, as far as it concerns who asks, and its change: a new passphrase for oneself, new keys by an owner. The box
// keeps it and can open nothing with it.

import { Hono } from 'hono';
import { z } from 'zod';
import { bytes32, jsonBody, sentKeyring } from '../checked.ts';
import { addressOf, type HttpEnv, type HttpParts, sessionOf } from '../context.ts';
import { demandProof, refuseUnproven } from '../proof.ts';

export const vaultRoutes = ({ ports: { access } }: HttpParts) =>
  new Hono<HttpEnv>()
    .get('/vault', (c) => c.json(access.vault(sessionOf(c).person.id)))
    .put(
      '/vault',
      jsonBody(() => z.strictObject(sentKeyring())),
      (c) => {
        const { proof, ...sent } = c.req.valid('json');
        demandProof(c, access, proof);
        return c.json(access.changeKeys(sent));
      },
    )
    .put(
      '/vault/me',
      jsonBody(() => z.strictObject({ current: bytes32(), signIn: bytes32(), wrapped: z.unknown() })),
      (c) => {
        const result = access.changePassphrase(sessionOf(c), c.req.valid('json'), addressOf(c));
        refuseUnproven(result, 'The present passphrase is not right.');
        return c.json({});
      },
    );

// The people of the box, for its owners: list, add, remove, and a new passphrase for who forgot theirs. The keyring that goes
// with each change is made in the owner's browser.

import { Hono } from 'hono';
import { z } from 'zod';
import { bytes32, jsonBody, personId, personName, sentKeyring } from '../checked.ts';
import { type HttpEnv, type HttpParts, sessionOf } from '../context.ts';
import { RequestRefused } from '../errors.ts';
import { demandProof } from '../proof.ts';

export const peopleRoutes = ({ ports: { access } }: HttpParts) =>
  new Hono<HttpEnv>()
    .get('/people', (c) => c.json(access.people()))
    .post(
      '/people',
      jsonBody(() => z.strictObject({ ...sentKeyring(), name: personName(), personId: personId(), signIn: bytes32() })),
      (c) => {
        const { proof, ...body } = c.req.valid('json');
        demandProof(c, access, proof);
        return c.json(access.addPerson(body), 201);
      },
    )
    .delete(
      '/people/:id',
      jsonBody(() => z.strictObject(sentKeyring())),
      (c) => {
        const { proof, ...sent } = c.req.valid('json');
        demandProof(c, access, proof);
        access.removePerson(c.req.param('id'), sent);
        return c.json({});
      },
    )
    .post(
      '/people/:id/reset',
      jsonBody(() => z.strictObject({ ...sentKeyring(), signIn: bytes32() })),
      (c) => {
        const { proof, ...body } = c.req.valid('json');
        demandProof(c, access, proof);
        const result = access.resetPerson(sessionOf(c), c.req.param('id'), body);
        if (!result.ok) {
          const words = 'Change your own passphrase with the present one. If you forgot it, use the recovery key.';
          throw new RequestRefused(403, 'denied', words);
        }
        return c.json({});
      },
    );

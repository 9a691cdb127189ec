// The box's name on the internet and its certificate: what they are, trying again, and a certificate of the owner's own. What
// decides for whom the box is taken is changed only by who shows that they typed the passphrase.

import { Hono } from 'hono';
import { z } from 'zod';
import { NightjarError } from '../../base/errors.ts';
import { bytes32, jsonBody, nothing } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';
import { bodiesUpTo } from '../guard.ts';
import type { NetworkPort } from '../ports-network.ts';
import { demandProof } from '../proof.ts';

/** A chain of four with keys of 8192 bits has 12 KiB. */
export const MAX_CERTIFICATE_BYTES = 64 * 1024;

const proof = () => bytes32().optional();
const pem = () => z.string().min(1);

export const networkRoutes = ({ ports }: HttpParts) => {
  const network = (): NetworkPort => {
    if (!ports.network) throw new NightjarError('missing', 'this Nightjar looks after no name and no certificate');
    return ports.network;
  };
  return new Hono<HttpEnv>()
    .get('/network', (c) => c.json(network().view()))
    .post('/network/name/update', jsonBody(nothing), async (c) => c.json(await network().updateName(c.req.raw.signal)))
    .post('/network/certificate/renew', jsonBody(nothing), (c) => c.json(network().renewCertificate()))
    .put(
      '/network/certificate/own',
      bodiesUpTo(MAX_CERTIFICATE_BYTES),
      jsonBody(() => z.strictObject({ certificate: pem(), key: pem(), proof: proof() })),
      async (c) => {
        const { proof, certificate, key } = c.req.valid('json');
        demandProof(c, ports.access, proof);
        return c.json(await network().useOwnCertificate({ certificate, key }));
      },
    )
    .delete(
      '/network/certificate/own',
      jsonBody(() => z.strictObject({ proof: proof() })),
      async (c) => {
        demandProof(c, ports.access, c.req.valid('json').proof);
        return c.json(await network().dropOwnCertificate());
      },
    );
};

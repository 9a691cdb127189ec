// A test mail, with the mail server's own words as the answer.

import { Hono } from 'hono';
import { z } from 'zod';
import { jsonBody } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';

const address = () =>
  z
    .string()
    .max(254)
    .regex(/^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+$/, 'must be a mail address');

export const mailRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>().post(
    '/mail/test',
    jsonBody(() => z.strictObject({ to: address().optional() })),
    async (c) => c.json(await ports.mail.test(c.req.valid('json').to, c.req.raw.signal)),
  );

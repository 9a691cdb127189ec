// How the box is: the whole of it for its owner, one line for whoever asks whether it is alive, and its log.

import { Hono } from 'hono';
import { z } from 'zod';
import { plainLine } from '../../base/log.ts';
import { limit, query } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';

const MOST_LINES = 2000;

export const statusRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>()
    .get('/status', async (c) => c.json(await ports.status.status()))
    .get(
      '/logs',
      query(() => z.strictObject({ lines: limit(MOST_LINES, 500) })),
      (c) => c.json({ lines: ports.status.logs(c.req.valid('query').lines) }),
    )
    .get('/logs/download', (c) => {
      const lines = ports.status.logs(MOST_LINES);
      const text = lines
        .map((line) => `${new Date(line.atMs).toISOString().slice(0, 10)} ${plainLine(line)}\n`)
        .join('');
      return c.body(text, 200, {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': 'attachment; filename="nightjar-log.txt"',
      });
    });

export const healthRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>().get('/health', (c) => c.json(ports.status.health()));

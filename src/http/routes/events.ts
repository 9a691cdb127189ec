// Motion events, newest first, and the picture that shows why one was set off.

import { Hono } from 'hono';
import { z } from 'zod';
import { cameraId, found, isRecordId, limit, momentMs, query } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';

const eventsQuery = () =>
  z.strictObject({
    camera: cameraId().optional(),
    from: momentMs().optional(),
    to: momentMs().optional(),
    limit: limit(1000, 100),
  });

export const eventRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>()
    .get('/events', query(eventsQuery), (c) => {
      const q = c.req.valid('query');
      return c.json(
        ports.recordings.events({
          limit: q.limit,
          ...(q.camera === undefined ? {} : { cameraId: q.camera }),
          ...(q.from === undefined ? {} : { fromMs: q.from }),
          ...(q.to === undefined ? {} : { toMs: q.to }),
        }),
      );
    })
    .get('/events/:id/difference', async (c) => {
      const id = c.req.param('id');
      const png = found(isRecordId(id) ? await ports.recordings.difference(id) : undefined, 'picture');
      return new Response(png as Uint8Array<ArrayBuffer>, {
        headers: { 'content-type': 'image/png', 'cache-control': 'private, max-age=300' },
      });
    });

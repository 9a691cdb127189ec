// Motion events, newest first, and the sealed picture that shows why one was set off.

import { Hono } from 'hono';
import { z } from 'zod';
import { cameraId, found, isRecordId, limit, momentMs, query } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';
import { sealedPicture } from '../sealed-response.ts';

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
      return sealedPicture(found(isRecordId(id) ? await ports.recordings.difference(id) : undefined, 'picture'));
    });

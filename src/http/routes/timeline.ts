// What there is to play of a time, for pages that show or play a whole day.

import { Hono } from 'hono';
import { z } from 'zod';
import { cameraId, limit, momentMs, query } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';

const timelineQuery = () =>
  z.strictObject({
    camera: cameraId().optional(),
    from: momentMs(),
    to: momentMs(),
    after: z.string().min(1).max(200).optional(),
    limit: limit(2000, 2000),
  });

export const timelineRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>().get('/timeline', query(timelineQuery), (c) => {
    const q = c.req.valid('query');
    return c.json(
      ports.recordings.timeline({
        fromMs: q.from,
        toMs: q.to,
        limit: q.limit,
        ...(q.camera === undefined ? {} : { cameraId: q.camera }),
        ...(q.after === undefined ? {} : { after: q.after }),
      }),
    );
  });

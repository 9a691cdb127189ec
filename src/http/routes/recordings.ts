// Recordings: by time, camera and reason, by day, one with its segments and still, and their removal; and the sealed bytes of
// segments with the index to read them by.

import { Hono } from 'hono';
import { z } from 'zod';
import { cameraId, found, isRecordId, jsonBody, limit, momentMs, query, reason, recordId } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';
import { sealedFile, sealedPicture } from '../sealed-response.ts';

const listQuery = () =>
  z.strictObject({
    camera: cameraId().optional(),
    from: momentMs().optional(),
    to: momentMs().optional(),
    reason: reason().optional(),
    before: z.string().min(1).max(200).optional(),
    limit: limit(200, 50),
  });
const daysQuery = () => z.strictObject({ camera: cameraId().optional(), reason: reason().optional() });

export const recordingRoutes = (parts: HttpParts) => {
  const { recordings } = parts.ports;
  const known = (id: string) => found(isRecordId(id) ? recordings.get(id) : undefined, 'recording');
  const star = async (id: string, starred: boolean) => {
    await recordings.setStarred(known(id).id, starred);
    const { segments: _, ...view } = known(id);
    return view;
  };
  return new Hono<HttpEnv>()
    .get('/recordings', query(listQuery), (c) => {
      const q = c.req.valid('query');
      return c.json(
        recordings.list({
          limit: q.limit,
          ...(q.camera === undefined ? {} : { cameraId: q.camera }),
          ...(q.from === undefined ? {} : { fromMs: q.from }),
          ...(q.to === undefined ? {} : { toMs: q.to }),
          ...(q.reason === undefined ? {} : { reason: q.reason }),
          ...(q.before === undefined ? {} : { before: q.before }),
        }),
      );
    })
    .get('/recordings/days', query(daysQuery), (c) => {
      const q = c.req.valid('query');
      return c.json(
        recordings.days({
          ...(q.camera === undefined ? {} : { cameraId: q.camera }),
          ...(q.reason === undefined ? {} : { reason: q.reason }),
        }),
      );
    })
    .post(
      '/recordings/delete',
      jsonBody(() => z.strictObject({ ids: z.array(recordId()).min(1).max(1000) })),
      async (c) => c.json({ deleted: await recordings.remove([...new Set(c.req.valid('json').ids)]) }),
    )
    .get('/recordings/:id', (c) => c.json(known(c.req.param('id'))))
    .delete('/recordings/:id', async (c) => {
      const { id } = known(c.req.param('id'));
      return c.json({ deleted: await recordings.remove([id]) });
    })
    .put('/recordings/:id/star', async (c) => c.json(await star(c.req.param('id'), true)))
    .delete('/recordings/:id/star', async (c) => c.json(await star(c.req.param('id'), false)))
    .get('/recordings/:id/still', async (c) => {
      const { id } = known(c.req.param('id'));
      return sealedPicture(found(await recordings.still(id), 'picture'));
    });
};

export const segmentRoutes = (parts: HttpParts) => {
  const { recordings } = parts.ports;
  const whatOf = async <T>(id: string, ask: (id: string) => Promise<T | undefined>) =>
    found(isRecordId(id) ? await ask(id) : undefined, 'segment');
  return new Hono<HttpEnv>()
    .get('/segments/:id/sealed', async (c) => {
      const id = c.req.param('id');
      const body = await whatOf(id, recordings.segment);
      return sealedFile(c, parts, body, `"${id}-${body.bytes}"`);
    })
    .get('/segments/:id/index', async (c) => c.json(await whatOf(c.req.param('id'), recordings.segmentIndex)));
};

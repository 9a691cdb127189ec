// Recordings: by time, camera and reason, by day, one with its segments, as a file, and their removal.

import { Hono } from 'hono';
import { z } from 'zod';
import { rangeResponse } from '../byte-range.ts';
import { cameraId, found, isRecordId, jsonBody, limit, momentMs, query, reason, recordId } from '../checked.ts';
import type { HttpContext, HttpEnv, HttpParts } from '../context.ts';
import { cutShortOnError } from '../cut-short.ts';
import type { Body } from '../ports.ts';

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
    .get('/recordings/:id/still.jpg', async (c) => {
      const { id } = known(c.req.param('id'));
      const jpeg = found(await recordings.still(id), 'picture');
      return new Response(jpeg as Uint8Array<ArrayBuffer>, {
        headers: { 'content-type': 'image/jpeg', 'cache-control': 'private, max-age=300' },
      });
    })
    .get('/recordings/:id/download.mp4', async (c) => {
      const { id } = known(c.req.param('id'));
      const { name, body } = found(await recordings.download(id), 'recording');
      return fileResponse(c, parts, body, `"${id}-${body.bytes}"`, {
        'content-type': 'video/mp4',
        'content-disposition': attachment(name),
      });
    });
};

export const segmentRoutes = (parts: HttpParts) =>
  new Hono<HttpEnv>().get('/segments/:id/media.mp4', async (c) => {
    const id = c.req.param('id');
    const body = found(isRecordId(id) ? await parts.ports.recordings.segment(id) : undefined, 'segment');
    return fileResponse(c, parts, body, `"${id}-${body.bytes}"`, { 'content-type': 'video/mp4' });
  });

function fileResponse(c: HttpContext, parts: HttpParts, body: Body, etag: string, headers: Record<string, string>) {
  const watched: Body = {
    bytes: body.bytes,
    stream: (from, to) => cutShortOnError(c, parts, body.stream(from, to)),
  };
  return rangeResponse(
    { method: c.req.method, range: c.req.header('range'), ifRange: c.req.header('if-range') },
    watched,
    { ...headers, etag, 'cache-control': 'private, no-cache' },
  );
}

/** RFC 6266: a plain name for old browsers, the real one beside it. */
export function attachment(name: string): string {
  const plain =
    name
      .normalize('NFKD')
      .replace(/[^\w .()-]/g, '')
      .trim() || 'recording.mp4';
  const real = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${real}`;
}

// Cameras: list, add, change, remove, try an address, and record by hand. What a camera is made of is checked by the same
// schema as the settings file; a change may carry any part of it.

import { Hono } from 'hono';
import { z } from 'zod';
import {
  cameraAlertSettings,
  cameraSettings,
  keepSettings,
  motionSettings,
  recordSettings,
  sourceSettings,
} from '../../config/camera.ts';
import type { CameraPatch } from '../api.ts';
import { cameraId, found, jsonBody } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';

/** Any part of an object: what is left out stays as it is, so no default may step in. */
function someOf<T extends z.ZodRawShape>(schema: z.ZodObject<T>): z.ZodType {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([key, field]) => [key, withoutDefault(field as z.ZodType).optional()]),
  );
  return z.strictObject(shape);
}

const withoutDefault = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? withoutDefault(field.unwrap() as z.ZodType) : field;

const parts = () => ({
  enabled: z.boolean().optional(),
  motion: someOf(motionSettings).optional(),
  record: someOf(recordSettings).optional(),
  keep: someOf(keepSettings).optional(),
  alerts: someOf(cameraAlertSettings).optional(),
});
const newCamera = () => z.strictObject({ name: cameraSettings.shape.name, source: sourceSettings, ...parts() });
// Part of a source cannot be judged without the rest; whoever joins them checks the whole.
const partOfSource = () => z.record(z.string(), z.union([z.string().max(2000), z.number(), z.boolean()]));
const changedCamera = () =>
  z.strictObject({
    name: cameraSettings.shape.name.optional(),
    source: z.union([sourceSettings, partOfSource()]).optional(),
    ...parts(),
  });

export const cameraRoutes = ({ ports }: HttpParts) => {
  const { cameras } = ports;
  const existing = (id: string) => found(cameras.get(id), 'camera').id;
  return new Hono<HttpEnv>()
    .get('/cameras', (c) => c.json(cameras.list()))
    .post('/cameras', jsonBody(newCamera), async (c) =>
      c.json(await cameras.add(c.req.valid('json') as Parameters<typeof cameras.add>[0]), 201),
    )
    .post(
      '/cameras/test',
      jsonBody(() => z.strictObject({ source: sourceSettings, cameraId: cameraId().optional() })),
      async (c) => {
        const { source, cameraId } = c.req.valid('json');
        return c.json(await cameras.test(source, cameraId, c.req.raw.signal));
      },
    )
    .get('/cameras/:id', (c) => c.json(found(cameras.get(c.req.param('id')), 'camera')))
    .put('/cameras/:id', jsonBody(changedCamera), async (c) =>
      c.json(await cameras.change(existing(c.req.param('id')), c.req.valid('json') as CameraPatch)),
    )
    .delete('/cameras/:id', async (c) => {
      await cameras.remove(existing(c.req.param('id')));
      return c.json({});
    })
    .post(
      '/cameras/:id/recording',
      jsonBody(() => z.strictObject({ limitS: z.int().min(5).max(86_400).optional() })),
      async (c) => c.json(await cameras.startManual(existing(c.req.param('id')), c.req.valid('json').limitS)),
    )
    .delete('/cameras/:id/recording', async (c) => c.json(await cameras.stopManual(existing(c.req.param('id')))))
    .get('/devices', async (c) => c.json(await cameras.devices()));
};

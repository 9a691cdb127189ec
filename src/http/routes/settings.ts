// Settings of the box, one section at a time. A section is replaced whole; a secret that comes back as '' stays.

import { Hono } from 'hono';
import { z } from 'zod';
import { type SectionName, sections } from '../../config/settings.ts';
import { found, jsonBody } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';

const isSection = (name: string): name is SectionName => Object.hasOwn(sections, name);

export const settingsRoutes = ({ ports }: HttpParts) =>
  new Hono<HttpEnv>()
    .get('/settings', (c) => c.json(ports.settings.view()))
    .get('/settings/schema', (c) => c.json(ports.settings.schema()))
    .put(
      '/settings/:section',
      jsonBody(() => z.record(z.string(), z.unknown())),
      async (c) => {
        const name = c.req.param('section');
        const section = found(isSection(name) ? name : undefined, 'section of the settings');
        return c.json(await ports.settings.replace(section, sections[section].parse(c.req.valid('json'))));
      },
    );

// Settings of the box, one section at a time. A section is replaced whole; a secret that comes back as '' stays.
// Where pictures are mailed to, where the links in mails and the box's name lead, and whom the box asks for updates, changes only
// for who shows that they typed the passphrase: a thief of a cookie would go on getting pictures after the session has ended, send
// the owner to a page of their own, or hear from the box every day.

import { Hono } from 'hono';
import { z } from 'zod';
import { type SectionName, sections } from '../../config/settings.ts';
import { bytes32, found, jsonBody } from '../checked.ts';
import type { HttpEnv, HttpParts } from '../context.ts';
import type { SettingsPort } from '../ports.ts';
import { demandProof } from '../proof.ts';

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
        const { proof, ...sent } = c.req.valid('json');
        const value = sections[section].parse(sent);
        if (leadsElsewhere(section, value, ports.settings.view())) {
          demandProof(c, ports.access, bytes32().optional().parse(proof));
        }
        return c.json(await ports.settings.replace(section, value));
      },
    );

function leadsElsewhere(
  section: SectionName,
  value: object,
  { box, updates }: ReturnType<SettingsPort['view']>,
): boolean {
  if (section === 'mail' || section === 'remote') return true;
  if ('publicUrl' in value) return value.publicUrl !== box.publicUrl;
  return 'address' in value && value.address !== updates.address;
}

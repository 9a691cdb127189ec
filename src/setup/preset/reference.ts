// The reference of nightjar.toml as Markdown, written from its schema. A house-rule test keeps `docs/reference/preset.md` equal to
// this. What belongs to a camera stands in the reference of the settings.

import { limitsOf, type Node } from '../../config/reference.ts';
import { cameraDefaults, presetSchema } from './schema.ts';

const titles: Readonly<Record<string, string>> = {
  box: 'The box',
  wifi: 'Wi-Fi',
  hotspot: 'The Wi-Fi that the box opens for setting it up (checked and kept; not used yet)',
  ssh: 'Signing in by SSH',
  mail: 'Mail',
  storage: 'Keeping recordings',
  updates: 'Updates',
  remote: 'Name and certificate (name and token of DuckDNS are enough)',
};

export function presetReference(): string {
  const out = [
    '# nightjar.toml',
    '',
    'Written from the schema in `src/setup/preset/` by `make reference`; do not edit. How to use it: [guide](../guide/preset.md).',
    '',
    'The file lies on the partition `bootfs` of the card, which every computer can read. It is [TOML](https://toml.io), at most',
    '64 KB. All of it may be left out. Secrets are taken out of the file once it was read.',
    '',
  ];
  for (const [name, node] of Object.entries((presetSchema() as Node).properties ?? {})) {
    if (name === 'cameras' || name in cameraDefaults) continue;
    out.push(`## \`[${name}]\`: ${titles[name] ?? name}`, '', '| setting | meaning | values | |', '|---|---|---|---|');
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      const isNeeded = node.required?.includes(key) && child.default === undefined;
      out.push(`| \`${key}\` | ${child.description ?? ''} | ${limitsOf(child)} | ${isNeeded ? 'needed' : ''} |`);
    }
    out.push('');
  }
  out.push(
    '## `[[cameras]]`: one such section for each camera',
    '',
    'Everything in [the settings of a camera](settings.md#a-camera). `name` and `source` are needed; `id` is made from the name',
    `where none is given. ${Object.keys(cameraDefaults)
      .map((name) => `\`[${name}]\``)
      .join(' and ')} hold what counts for every camera of the file that does not say otherwise.`,
    '',
  );
  return `${out.join('\n').trimEnd()}\n`;
}

// The settings reference as Markdown, written from the schemas: what a setting means, its default, its limits and its
// environment variable. A house-rule test keeps `docs/reference/settings.md` equal to this.

import { cameraSettings } from './camera.ts';
import { reservedVariables, variableName } from './environment.ts';
import { sections } from './settings.ts';
import { z } from './zod.ts';

export interface Node {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly default?: unknown;
  readonly defaultText?: string;
  readonly description?: string;
  readonly secret?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Node;
  readonly required?: readonly string[];
}

/** Schemas as JSON Schema, for the settings form (`GET /api/v1/settings/schema`). */
export const settingsSchemas = () => ({
  sections: Object.fromEntries(
    Object.entries(sections).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })]),
  ),
  camera: z.toJSONSchema(cameraSettings, { io: 'input' }),
});

const titles: Readonly<Record<string, string>> = {
  box: 'The box',
  mail: 'Mail',
  storage: 'Storage',
  updates: 'Updates (on the appliance)',
  remote: 'Name and certificate',
  source: 'Where the pictures come from',
  motion: 'Motion',
  record: 'Recording',
  keep: 'Keeping',
  alerts: 'Alerts',
};

export function settingsReference(): string {
  const { sections: parts, camera } = settingsSchemas();
  const out: string[] = [
    '# Settings',
    '',
    'Written from the schemas in `src/config/` by `make reference`; do not edit.',
    '',
    'Settings live in `settings.json` in the data folder and are changed on the Settings page or through the API.',
    'An environment variable wins over the file and is never written into it.',
    `Variables that are options of \`nightjar run\`: ${reservedVariables.map((v) => `\`${v}\``).join(', ')}.`,
    '',
  ];
  for (const [name, node] of Object.entries(parts)) {
    out.push(`## ${titles[name]}`, '', ...table(node as Node, [name], [name]), '');
  }
  out.push(
    '## A camera',
    '',
    'In a camera’s variables, `<ID>` is its id in capitals with `_` for `-`.',
    '',
    ...table(camera as Node, ['camera', '<ID>'], []),
    '',
  );
  for (const [name, node] of Object.entries((camera as Node).properties ?? {})) {
    const kinds = node.oneOf ?? node.anyOf;
    if (kinds?.some((k) => k.properties)) {
      for (const kind of kinds) {
        const label = String(kind.properties?.kind?.const ?? kind.properties?.kind?.enum?.[0]);
        out.push(
          `### ${titles[name]}: \`"kind": "${label}"\``,
          '',
          ...table(kind, ['camera', '<ID>', name], [name]),
          '',
        );
      }
    } else if (node.properties) {
      out.push(`### ${titles[name]}`, '', ...table(node, ['camera', '<ID>', name], [name]), '');
      for (const [key, list] of Object.entries(node.properties)) out.push(...listTable(list, `${name}.${key}`));
    }
  }
  return `${out.join('\n').trimEnd()}\n`;
}

function table(node: Node, variable: readonly string[], path: readonly string[]): string[] {
  const rows = Object.entries(node.properties ?? {})
    .filter(([key, child]) => key !== 'kind' && !child.properties && !isUnion(child))
    .map(([key, child]) => {
      const name = key === 'id' ? '–' : `\`${variableName(...variable, key)}\``;
      const meaning =
        child.description ?? (key === 'id' ? 'Short name in addresses and files. Cannot be changed.' : '');
      return `| \`${[...path, key].join('.')}\` | ${meaning} | ${defaultOf(child)} | ${limitsOf(child)} | ${name} |`;
    });
  return rows.length === 0
    ? []
    : ['| setting | meaning | default | values | variable |', '|---|---|---|---|---|', ...rows];
}

/** What the things of a list are made of, where they are more than words. */
function listTable({ items }: Node, path: string): string[] {
  const parts = Object.entries(items?.properties ?? {});
  if (!parts.some(([, node]) => node.description)) return [];
  const rows = parts.map(([key, node]) => {
    const needed = items?.required?.includes(key) ? 'needed' : 'may be left out';
    const values = node.properties
      ? `any of ${Object.keys(node.properties)
          .map((k) => `\`${k}\``)
          .join(' ')}`
      : limitsOf(node);
    return `| \`${key}\` | ${node.description ?? ''} | ${needed} | ${values} |`;
  });
  return [`Each of \`${path}\`:`, '', '| part | meaning | | values |', '|---|---|---|---|', ...rows, ''];
}

const isUnion = (node: Node) => (node.oneOf ?? node.anyOf)?.some((n) => n.properties) ?? false;

function defaultOf(node: Node): string {
  if (node.defaultText) return node.defaultText;
  if (node.default === undefined) return 'needed';
  if (node.default === '') return 'empty';
  if (Array.isArray(node.default) && node.default.length === 0) return 'none';
  return `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
}

/** What a setting may be, in a cell of a table. */
export function limitsOf(node: Node): string {
  const values = node.enum ?? (node.anyOf ?? []).map((n) => n.const).filter((v) => v !== undefined && v !== '');
  if (node.secret) return 'secret';
  if (values.length > 0) return values.map((v) => `\`${v}\``).join(' ');
  if (node.type === 'boolean') return '`true` `false`';
  const { minimum, maximum } = node;
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && bounded) return `${minimum} to ${maximum}`;
  if (node.type === 'array') return `list${node.maxItems ? `, at most ${node.maxItems}` : ''}`;
  return 'text';
}

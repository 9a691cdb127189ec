// Reads JSON Schema (as zod writes it) into the fields of a form. Pure; labels and order come from `layouts.ts`.

export interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly secret?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

export type FieldKind = 'text' | 'secret' | 'number' | 'toggle' | 'choice' | 'words' | 'numbers' | 'zones' | 'schedule';

export interface SchemaField {
  /** Inside the form, e.g. `source.url`. */
  readonly path: string;
  readonly kind: FieldKind;
  readonly help: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly maxLength?: number;
  readonly choices?: readonly (string | number)[];
}

/** The object of a `oneOf` whose `kind` is this, e.g. the fields of an RTSP source. */
export function variantOf(schema: SchemaNode, kind: string): SchemaNode | undefined {
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  return variants.find((variant) => variant.properties?.kind?.const === kind);
}

/** All fields of an object, in its own order, objects inside it included. `kinds` picks the variant of a union by its path. */
export function fieldsOf(
  schema: unknown,
  kinds: Readonly<Record<string, string>> = {},
  prefix = '',
): readonly SchemaField[] {
  const node = (schema ?? {}) as SchemaNode;
  return Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const kind = kinds[path];
    const inner = kind === undefined ? property : (variantOf(property, kind) ?? property);
    if (inner.properties) return fieldsOf(inner, kinds, path);
    if (property.const !== undefined) return [];
    const field = fieldOf(path, property, node.required?.includes(name) ?? false);
    return field ? [field] : [];
  });
}

function fieldOf(path: string, node: SchemaNode, required: boolean): SchemaField | undefined {
  const base = { path, help: node.description ?? '', required, default: node.default };
  const choices = node.enum ?? constants(node);
  if (choices) return { ...base, kind: 'choice', choices: choices as readonly (string | number)[] };
  if (node.secret) return { ...base, kind: 'secret' };
  // "Empty or an address" is a text that may be empty.
  const inner = node.type ? node : (node.anyOf?.find((option) => option.type && option.const === undefined) ?? node);
  switch (inner.type) {
    case 'boolean':
      return { ...base, kind: 'toggle' };
    case 'integer':
    case 'number':
      return {
        ...base,
        kind: 'number',
        whole: inner.type === 'integer',
        ...(inner.minimum === undefined ? {} : { min: inner.minimum }),
        ...(inner.maximum === undefined ? {} : { max: inner.maximum }),
      };
    case 'string':
      return { ...base, kind: 'text', ...(inner.maxLength === undefined ? {} : { maxLength: inner.maxLength }) };
    case 'array': {
      const item = inner.items;
      if (item?.properties?.points) return { ...base, kind: 'zones' };
      if (item?.properties?.days) return { ...base, kind: 'schedule' };
      if (item?.type === 'integer' || item?.type === 'number') return { ...base, kind: 'numbers' };
      return item?.type === 'string' ? { ...base, kind: 'words' } : undefined;
    }
    default:
      return undefined;
  }
}

const constants = (node: SchemaNode): readonly unknown[] | undefined => {
  const options = node.anyOf;
  return options && options.length > 1 && options.every((option) => option.const !== undefined)
    ? options.map((option) => option.const)
    : undefined;
};

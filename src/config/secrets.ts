// Which settings are secrets, and how a page edits them without ever seeing them: they leave as '' and come back as ''
// when they are to stay as they are.

import { cameraSettings } from './camera.ts';
import { settings } from './settings.ts';
import { z } from './zod.ts';

type Json = { readonly [key: string]: unknown };

/** Names of the keys marked `secret` anywhere in a schema. A name is a secret everywhere or nowhere (tested). */
function secretKeysOf(schema: z.ZodType): ReadonlySet<string> {
  const keys = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Json };
    for (const [name, child] of Object.entries(properties ?? {})) {
      if ((child as { secret?: boolean }).secret) keys.add(name);
    }
    Object.values(node).forEach(walk);
  };
  walk(z.toJSONSchema(schema, { io: 'input' }));
  return keys;
}

let keys: ReadonlySet<string> | undefined;
const secretKeys = (): ReadonlySet<string> => {
  keys ??= new Set([...secretKeysOf(settings), ...secretKeysOf(cameraSettings)]);
  return keys;
};

export const isSecretKey = (name: string): boolean => secretKeys().has(name);

/** The value with every secret as '', and the dotted paths of those that are set. Arrays are copied whole: no secret lives in one. */
export function withoutSecrets<T>(value: T): { readonly value: T; readonly secretsSet: readonly string[] } {
  const secretsSet: string[] = [];
  const strip = (node: unknown, path: string): unknown => {
    if (Array.isArray(node) || typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([name, child]) => {
        const at = path ? `${path}.${name}` : name;
        if (!isSecretKey(name)) return [name, strip(child, at)];
        if (child !== '') secretsSet.push(at);
        return [name, ''];
      }),
    );
  };
  return { value: strip(value, '') as T, secretsSet };
}

/** `next` with each secret that is '' taken from the same place in `before`. */
export function keepingSecrets<T>(next: T, before: unknown): T {
  if (Array.isArray(next) || typeof next !== 'object' || next === null) return next;
  const old = (typeof before === 'object' && before !== null ? before : {}) as Json;
  return Object.fromEntries(
    Object.entries(next).map(([name, child]) => {
      if (isSecretKey(name)) return [name, child === '' && typeof old[name] === 'string' ? old[name] : child];
      return [name, keepingSecrets(child, old[name])];
    }),
  ) as T;
}

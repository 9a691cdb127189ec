// Settings from the environment: `NIGHTJAR_MAIL_HOST` is `mail.host`, `NIGHTJAR_STORAGE_KEEP_FREE_MB` is
// `storage.keepFreeMB`, and `NIGHTJAR_CAMERA_FRONT_DOOR_SOURCE_PASSWORD` is the password of the camera `front-door`. They win over
// the file and are never written into it.

import { NightjarError } from '../base/errors.ts';
import type { Settings } from './settings.ts';

/** Variables that are not settings but options of the `run` command. */
export const reservedVariables: readonly string[] = [
  'NIGHTJAR_DATA',
  'NIGHTJAR_HTTP',
  'NIGHTJAR_HTTPS',
  'NIGHTJAR_LOG',
];

export type Environment = Readonly<Record<string, string | undefined>>;

/** keepFreeMB → KEEP_FREE_MB, front-door → FRONT_DOOR. */
export const variableName = (...path: readonly string[]): string =>
  [
    'NIGHTJAR',
    ...path.map((p) =>
      p
        .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
        .replaceAll('-', '_')
        .toUpperCase(),
    ),
  ].join('_');

export interface Overlaid {
  /** Not yet validated. */
  readonly value: unknown;
  /** Dotted paths that the environment decides, `cameras.front-door.source.password` for a camera's. */
  readonly paths: readonly string[];
  /** Variables that fit no setting, in the order of their names. */
  readonly unknown: readonly string[];
}

/** Lays the environment over settings that are complete (defaults filled in). Throws `invalid` for a value of the wrong kind. */
export function overlayEnvironment(stored: Settings, env: Environment): Overlaid {
  const given = new Set(
    Object.keys(env).filter((k) => k.startsWith('NIGHTJAR_') && env[k] !== undefined && !reservedVariables.includes(k)),
  );
  const paths: string[] = [];
  const overlay = (node: unknown, names: readonly string[], path: readonly string[]): unknown => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      const variable = variableName(...names);
      if (!given.delete(variable)) return node;
      paths.push(path.join('.'));
      return readAs(variable, env[variable]!, node);
    }
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [key, overlay(child, [...names, key], [...path, key])]),
    );
  };
  const { version, cameras, ...sections } = stored;
  const value = {
    version,
    ...(overlay(sections, [], []) as object),
    cameras: cameras.map((c) => {
      const { id, ...rest } = c;
      return { id, ...(overlay(rest, ['camera', id], ['cameras', id]) as object) };
    }),
  };
  return { value, paths, unknown: [...given].sort() };
}

/** Reads a text as the kind of value that stands there now. Lists may be JSON or separated by commas. */
function readAs(variable: string, text: string, now: unknown): unknown {
  if (typeof now === 'string') return text;
  if (Array.isArray(now) && !text.trim().startsWith('[')) {
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    return parts.every((part) => /^\d+(\.\d+)?$/.test(part)) ? parts.map(Number) : parts;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const kind = Array.isArray(now) ? 'a list' : typeof now === 'boolean' ? 'true or false' : 'a number';
    throw new NightjarError('invalid', `${variable} must be ${kind}`, { cause });
  }
}

// Settings files of older versions, brought up to date one step at a time. A file of a newer version is refused: guessing
// would lose settings.

import { NightjarError } from '../base/errors.ts';
import { SETTINGS_VERSION } from './settings.ts';

type Raw = Record<string, unknown>;

/** `steps[n]` turns version n into n + 1. Version 0 is a hand-written file without a version. */
const steps: Readonly<Record<number, (raw: Raw) => Raw>> = {
  0: (raw) => ({ ...raw, version: 1 }),
};

export function migrate(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NightjarError('invalid', 'the settings must be one JSON object');
  }
  let raw = { ...value } as Raw;
  const from = raw.version ?? 0;
  if (typeof from !== 'number' || !Number.isInteger(from) || from < 0) {
    throw new NightjarError('invalid', 'version must be a whole number');
  }
  if (from > SETTINGS_VERSION) {
    throw new NightjarError(
      'invalid',
      `these settings are of version ${from}, but this Nightjar knows only up to ${SETTINGS_VERSION}: update Nightjar`,
    );
  }
  for (let version = from; version < SETTINGS_VERSION; version++) raw = steps[version]!(raw);
  return raw;
}

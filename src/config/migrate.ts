// Settings files of older versions, brought up to date one step at a time. A file of a newer version is refused: guessing
// would lose settings.

import { NightjarError } from '../base/errors.ts';
import { SETTINGS_VERSION } from './settings.ts';

type Raw = Record<string, unknown>;

/** `steps[n]` turns version n into n + 1. Version 0 is a hand-written file without a version. */
const steps: Readonly<Record<number, (raw: Raw) => Raw>> = {
  0: (raw) => ({ ...raw, version: 1 }),
  // What was called a cool-down was the pause after which a visit is over; a cool-down is now the time in which none begins.
  1: (raw) => ({ ...raw, version: 2, ...(Array.isArray(raw.cameras) ? { cameras: raw.cameras.map(renamedGap) } : {}) }),
  // What is kept of a camera and when a filling disk is mailed about came with defaults; an older Nightjar would refuse them.
  2: (raw) => ({ ...raw, version: 3 }),
  // Where updates come from.
  3: (raw) => ({ ...raw, version: 4 }),
  // The box's name on the internet and its certificate.
  4: (raw) => ({ ...raw, version: 5 }),
};

function renamedGap(camera: unknown): unknown {
  if (!isObject(camera) || !isObject(camera.motion)) return camera;
  const { coolDownS, ...motion } = camera.motion;
  if (coolDownS === undefined || 'mergeGapS' in motion) return camera;
  return { ...camera, motion: { ...motion, mergeGapS: coolDownS } };
}

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

export function migrate(value: unknown): unknown {
  if (!isObject(value)) {
    throw new NightjarError('invalid', 'the settings must be one JSON object');
  }
  let raw = { ...value };
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

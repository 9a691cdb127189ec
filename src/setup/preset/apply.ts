// Carries out what nightjar.toml says, once, when the service starts: settings and cameras through the settings' own checks, what
// belongs to the network into `network.json`. The file goes last, so that a power cut in between repeats it; all of it may be
// done twice. Never throws: a mistake in a file must not stop a box.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../../base/durable.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { SettingsRefused, type SettingsStore } from '../../config/store.ts';
import { readBounded } from './bounded-file.ts';
import { addToNetworkFile, readNetworkFile } from './network-file.ts';
import { keepOutcome, type PresetOutcome, type PresetProblem, readOutcome } from './outcome.ts';
import { decodePreset } from './preset-file.ts';
import { type PresetReading, readPreset } from './read.ts';
import { type NetworkPreset, networkParts } from './schema.ts';
import { presetFileName } from './take.ts';
import type { TomlPath } from './toml-entries.ts';

export interface ApplyOptions {
  /** `places.preset`. */
  readonly folder: string;
  readonly store: Pick<SettingsStore, 'current' | 'replaceSection' | 'addCamera' | 'changeCamera'>;
  /**
   * Somebody owns the box: then only the Wi-Fi is taken, so that whoever holds the card for a minute cannot redirect their mail.
   * SSH keys were taken all the same, before this, by root: see `docs/design/appliance.md`.
   */
  readonly isOwned: boolean;
  readonly log: Log;
}

/** What came of the file, of this start or an earlier one; undefined where there never was one. */
export function applyPreset(options: ApplyOptions): PresetOutcome | undefined {
  const { folder, log } = options;
  try {
    const bytes = readBounded(join(folder, presetFileName));
    if (!bytes) return readOutcome(folder);
    const reading = readPreset(decodePreset(bytes));
    const outcome = carryOut(reading, options);
    keepOutcome(folder, outcome);
    rmSync(join(folder, presetFileName));
    syncFolder(folder);
    log.info('nightjar.toml was read', { taken: outcome.taken.join(' '), mistakes: outcome.problems.length });
    for (const { line, column, path, message } of outcome.problems)
      log.warn(`nightjar.toml, line ${line}, column ${column}${path ? `, ${path}` : ''}: ${message}`);
    return outcome;
  } catch (error) {
    // It stays, and is read again at the next start.
    log.error(`nightjar.toml could not be taken (${describeError(error)}); the box tries again at its next start`);
    return readOutcome(folder);
  }
}

function carryOut(reading: PresetReading, { folder, store, isOwned }: ApplyOptions): PresetOutcome {
  const problems: PresetProblem[] = [...reading.problems];
  const taken = new Set<string>();
  /** Throws what is no fault of the file: a full disk. */
  const attempt = (name: string, at: TomlPath, act: () => void): void => {
    try {
      act();
      taken.add(name);
    } catch (error) {
      if (!(error instanceof SettingsRefused)) throw error;
      for (const { path, message } of error.issues)
        problems.push(reading.problemAt([...at, ...path.split('.').map(keyOf)], sentence(message)));
    }
  };

  const network = isOwned ? onlyReach(reading.network) : reading.network;
  for (const { name, given, secretAt } of reading.asBefore) {
    const before = (readNetworkFile(folder) as NetworkPreset)[name] as Readonly<Record<string, unknown>> | undefined;
    const judged = networkParts[name].partial().safeParse(given);
    const isSame =
      before &&
      judged.success &&
      Object.entries(judged.data).every(([key, value]) => Bun.deepEquals(before[key], value));
    if (isSame) continue;
    const message = 'This was taken out when the file was read. Type it again to change this section.';
    problems.push(reading.problemAt(secretAt, message));
  }
  if (Object.keys(network).length > 0) {
    addToNetworkFile(folder, network);
    for (const name of Object.keys(network)) taken.add(name === 'country' ? 'box' : name);
  }
  if (isOwned) {
    if (saysMore(reading)) {
      const message = 'The box has an owner, so only the Wi-Fi and SSH keys were taken. Change the rest on its pages.';
      problems.unshift({ line: 1, column: 1, path: '', message });
    }
    return { taken: [...taken], problems };
  }
  for (const [name, given] of Object.entries(reading.settings)) {
    const section = name as keyof typeof reading.settings;
    const implied = wantedWith(section, given);
    attempt(name, [name], () => store.replaceSection(section, { ...store.current[section], ...implied, ...given }));
  }
  for (const { index, id, given } of reading.cameras) {
    const isThere = store.current.cameras.some((camera) => camera.id === id);
    attempt('cameras', ['cameras', index], () =>
      isThere ? store.changeCamera(id, { ...given, id }) : store.addCamera({ ...given, id }),
    );
  }
  return { taken: [...taken], problems };
}

/** Whoever writes down a mail server wants mails; who writes down a name at a provider wants it. */
function wantedWith(section: string, given: object): object {
  if (section === 'mail') return Object.keys(given).length > 0 ? { enabled: true } : {};
  if (section !== 'remote') return {};
  return 'domain' in given ? { provider: 'duckdns' } : 'updateUrl' in given ? { provider: 'url' } : {};
}

const reach: readonly string[] = ['country', 'wifi', 'ssh'];

/** What gets the owner back to a box that they cannot reach. */
const onlyReach = (network: NetworkPreset): NetworkPreset =>
  Object.fromEntries(Object.entries(network).filter(([name]) => reach.includes(name)));

const saysMore = ({ settings, cameras, network }: PresetReading): boolean =>
  Object.keys(settings).length > 0 || cameras.length > 0 || Object.keys(network).some((name) => !reach.includes(name));

const keyOf = (key: string): string | number => (/^\d+$/.test(key) ? Number(key) : key);

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.?$/, '.')}`;

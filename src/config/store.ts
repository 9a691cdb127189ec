// The settings of this box while it runs: loaded with defaults, last good copy and environment, changed one part at a
// time, written durably before anybody hears of the change. What the change means is the listeners' business.

import { join } from 'node:path';
import { LowSync } from 'lowdb';
import type { z } from 'zod';
import { DurableJsonFile } from '../base/durable-json.ts';
import { NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type CameraSettings, cameraSettings } from './camera.ts';
import { type Environment, overlayEnvironment } from './environment.ts';
import { type Issue, issuesOf, wordsOf } from './issues.ts';
import { migrate } from './migrate.ts';
import { isSameMachine } from './same-machine.ts';
import { keepingSecrets } from './secrets.ts';
import { defaultSettings, type SectionName, type Settings, sections, settings } from './settings.ts';

export interface SettingsChange {
  readonly before: Settings;
  readonly after: Settings;
}

/** Settings that were refused, with the place of each fault. */
export class SettingsRefused extends NightjarError {
  readonly issues: readonly Issue[];
  constructor(issues: readonly Issue[]) {
    super('invalid', `these settings cannot be used: ${wordsOf(issues)}`);
    this.issues = issues;
  }
}

export class SettingsStore {
  readonly #db: LowSync<Settings>;
  readonly #env: Environment;
  readonly #listeners = new Set<(change: SettingsChange) => void>();
  #effective: Settings;
  #fromEnvironment: readonly string[] = [];
  /** Set when the settings file could not be used at start, in words for the owner. */
  readonly recovered: string | undefined;

  /** Throws `invalid` for an environment that cannot be used, `no-space` when a first file does not fit; never for a bad file. */
  constructor(options: { readonly dataDir: string; readonly env: Environment; readonly log: Log }) {
    const file = new DurableJsonFile<Settings>({
      path: join(options.dataDir, 'settings.json'),
      parse: (value) => accepted(migrate(value)),
    });
    this.#env = options.env;
    this.#db = new LowSync(file, defaultSettings());
    this.#db.read();
    if (file.problem) {
      const used = file.source === 'last-good' ? 'the last good copy is used' : 'the defaults are used';
      this.recovered = `The settings file could not be used (${file.problem}); ${used}. What was in it is kept as settings.json.rejected.`;
      options.log.warn(this.recovered);
    }
    if (file.source !== 'file') this.#keep(this.#db.data);
    this.#effective = this.#overlaid(this.#db.data);
  }

  get current(): Settings {
    return this.#effective;
  }

  /** Dotted paths that the environment decides. */
  get fromEnvironment(): readonly string[] {
    return this.#fromEnvironment;
  }

  listen(listener: (change: SettingsChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Replaces one section; a secret that is '' stays as it was. Throws SettingsRefused; like all changes `no-space` on a full disk. */
  replaceSection(name: SectionName, value: unknown): void {
    const parsed = acceptedBy<z.ZodType>(sections[name], keepingSecrets(value, this.#db.data[name]));
    this.#save({ ...this.#db.data, [name]: parsed });
  }

  /** Throws SettingsRefused, or `conflict` when the id is taken. */
  addCamera(value: unknown): CameraSettings {
    const camera = acceptedBy(cameraSettings, value);
    if (this.#db.data.cameras.some((c) => c.id === camera.id)) {
      throw new NightjarError('conflict', `there is a camera with the id ${camera.id} already`);
    }
    this.#save({ ...this.#db.data, cameras: [...this.#db.data.cameras, camera] });
    return camera;
  }

  /** Changes the named parts of one camera; parts are merged one level deep, `source` is replaced when its kind changes. */
  changeCamera(id: string, patch: Readonly<Record<string, unknown>>): CameraSettings {
    const before = this.#db.data.cameras.find((c) => c.id === id);
    if (!before) throw new NightjarError('missing', `there is no camera ${id}`);
    if ('id' in patch && patch.id !== id) throw new NightjarError('invalid', 'the id of a camera cannot be changed');
    const merged: Record<string, unknown> = { ...before };
    for (const [part, value] of Object.entries(patch)) {
      const old = (before as Record<string, unknown>)[part];
      const kind = (value as { kind?: unknown } | null)?.kind;
      const kindChanges = part === 'source' && kind !== undefined && kind !== before.source.kind;
      merged[part] =
        isObject(value) && isObject(old) && !kindChanges ? { ...old, ...keepingSecrets(value, old) } : value;
    }
    const camera = acceptedBy(cameraSettings, merged);
    if (isPasswordLedAway(camera, before, patch)) {
      const message = 'type the password again: it was for the camera at the address before';
      throw new SettingsRefused([{ path: 'source.password', message }]);
    }
    this.#save({ ...this.#db.data, cameras: this.#db.data.cameras.map((c) => (c.id === id ? camera : c)) });
    return camera;
  }

  removeCamera(id: string): void {
    if (!this.#db.data.cameras.some((c) => c.id === id)) throw new NightjarError('missing', `there is no camera ${id}`);
    this.#save({ ...this.#db.data, cameras: this.#db.data.cameras.filter((c) => c.id !== id) });
  }

  #save(next: Settings): void {
    const stored = accepted(next);
    const effective = this.#overlaid(stored);
    this.#keep(stored);
    const before = this.#effective;
    this.#effective = effective;
    for (const listener of this.#listeners) listener({ before, after: effective });
  }

  #keep(stored: Settings): void {
    const kept = this.#db.data;
    this.#db.data = stored;
    try {
      this.#db.write();
    } catch (cause) {
      // What is not on the disk does not hold, and must not slip in with the next change.
      this.#db.data = kept;
      const full = ['ENOSPC', 'EDQUOT'].includes((cause as { code?: string }).code ?? '');
      throw new NightjarError(
        full ? 'no-space' : 'internal',
        full
          ? 'the settings could not be saved: the disk is full. Remove recordings, or free space elsewhere'
          : 'the settings could not be saved',
        { cause },
      );
    }
  }

  #overlaid(stored: Settings): Settings {
    const { value, paths, unknown } = overlayEnvironment(stored, this.#env);
    // A variable of a camera that is not there (yet) is no mistake: cameras come and go while the environment stays.
    const wrong = unknown.filter((name) => !name.startsWith('NIGHTJAR_CAMERA_'));
    if (wrong.length > 0) {
      throw new NightjarError('invalid', `${wrong.join(', ')}: no such setting (see docs/reference/settings.md)`);
    }
    const parsed = settings.safeParse(value);
    if (!parsed.success) {
      throw new NightjarError(
        'invalid',
        `the environment's settings cannot be used: ${wordsOf(issuesOf(parsed.error))}`,
      );
    }
    this.#fromEnvironment = paths;
    return parsed.data;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const accepted = (value: unknown): Settings => acceptedBy(settings, value);

function acceptedBy<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SettingsRefused(issuesOf(parsed.error));
  return parsed.data;
}

/** A password that stays as it was, beside an address of another machine. */
function isPasswordLedAway(
  after: CameraSettings,
  before: CameraSettings,
  patch: { readonly source?: unknown },
): boolean {
  const typed = (patch.source as { password?: unknown } | undefined)?.password;
  const kept = 'password' in after.source && after.source.password !== '' && (typed === undefined || typed === '');
  return kept && !isSameMachine(after.source, before.source);
}

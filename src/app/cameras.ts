// All cameras of the box, following the settings: a new one starts, a changed one is told, a removed one ends, and no other
// notices. Implements what the routes ask about cameras.

import type { Clock } from '../base/clock.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { FoundCamera } from '../camera/devices.ts';
import type { TestReport } from '../camera/test.ts';
import type { CameraSettings, SourceSettings } from '../config/camera.ts';
import { isSameMachine } from '../config/same-machine.ts';
import { keepingSecrets, withoutSecrets } from '../config/secrets.ts';
import type { SettingsStore } from '../config/store.ts';
import type { CameraView } from '../http/api.ts';
import type { CamerasPort } from '../http/ports.ts';
import type { Feed } from '../media/types.ts';
import type { CameraUnit } from './camera-unit.ts';

export interface CamerasOptions {
  readonly store: SettingsStore;
  readonly openUnit: (settings: CameraSettings) => CameraUnit;
  readonly testSource: (source: SourceSettings, options: { signal: AbortSignal }) => Promise<TestReport>;
  readonly findDevices: () => Promise<readonly FoundCamera[]>;
  /** A camera came, changed or went: its viewers must look again. */
  readonly onUnits: (cameraId: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class Cameras implements CamerasPort {
  readonly #o: CamerasOptions;
  readonly #units = new Map<string, CameraUnit>();
  /** Work per camera goes in order; different cameras do not wait for each other. */
  readonly #queues = new Map<string, Promise<void>>();
  readonly #stopListening: () => void;

  constructor(options: CamerasOptions) {
    this.#o = options;
    for (const camera of options.store.current.cameras) this.#open(camera);
    this.#stopListening = options.store.listen(({ before, after }) => this.#follow(before.cameras, after.cameras));
  }

  list(): readonly CameraView[] {
    return this.#o.store.current.cameras.flatMap((c) => this.get(c.id) ?? []);
  }

  get(id: string): CameraView | undefined {
    const unit = this.#units.get(id);
    if (!unit) return undefined;
    const { value, secretsSet } = withoutSecrets(unit.settings);
    const status = unit.recorder.status();
    return {
      id,
      name: unit.settings.name,
      settings: value,
      secretsSet,
      health: unit.feed.health,
      watching: unit.watching,
      motion: unit.motion,
      recording: status.reasons,
      ...(status.recordingSinceMs === undefined ? {} : { recordingSinceMs: status.recordingSinceMs }),
      ...(status.manualUntilMs === undefined ? {} : { manualUntilMs: status.manualUntilMs }),
    };
  }

  async add(body: Parameters<CamerasPort['add']>[0]): Promise<CameraView> {
    const camera = this.#o.store.addCamera({ ...body, id: this.#freeId(body.name) });
    await this.#queues.get(camera.id);
    return this.#must(camera.id);
  }

  async change(id: string, patch: Parameters<CamerasPort['change']>[1]): Promise<CameraView> {
    this.#o.store.changeCamera(id, patch);
    await this.#queues.get(id);
    return this.#must(id);
  }

  async remove(id: string): Promise<void> {
    this.#o.store.removeCamera(id);
    await this.#queues.get(id);
  }

  test(source: SourceSettings, cameraId: string | undefined, signal: AbortSignal): Promise<TestReport> {
    const known = cameraId === undefined ? undefined : this.settings(cameraId)?.source;
    // A stored password only ever goes back to the machine it was typed in for.
    const sameMachine = known !== undefined && isSameMachine(source, known);
    return this.#o.testSource(sameMachine ? keepingSecrets(source, known) : source, { signal });
  }

  devices(): Promise<readonly FoundCamera[]> {
    return this.#o.findDevices();
  }

  feed(id: string): Feed | undefined {
    return this.#units.get(id)?.feed;
  }

  unit(id: string): CameraUnit | undefined {
    return this.#units.get(id);
  }

  settings(id: string): CameraSettings | undefined {
    return this.#units.get(id)?.settings;
  }

  async startManual(id: string, limitS: number | undefined): Promise<CameraView> {
    const unit = this.#mustUnit(id);
    if (unit.feed.health.state !== 'live') {
      throw new NightjarError('conflict', `${unit.settings.name} shows no picture now, so there is nothing to record`);
    }
    unit.recorder.startManual(limitS);
    return this.#must(id);
  }

  async stopManual(id: string): Promise<CameraView> {
    this.#mustUnit(id).recorder.stopManual();
    return this.#must(id);
  }

  /** The units stay known: a mail that is being written still asks one for its picture. */
  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all(this.#queues.values());
    await Promise.all([...this.#units.values()].map((unit) => unit.close()));
  }

  #follow(before: readonly CameraSettings[], after: readonly CameraSettings[]): void {
    for (const old of before) {
      if (after.some((c) => c.id === old.id)) continue;
      const unit = this.#units.get(old.id);
      this.#units.delete(old.id);
      this.#o.onUnits(old.id);
      if (unit) this.#enqueue(old.id, () => unit.close());
    }
    for (const camera of after) {
      const old = before.find((c) => c.id === camera.id);
      if (!old) this.#enqueue(camera.id, async () => this.#open(camera));
      else if (JSON.stringify(old) !== JSON.stringify(camera)) {
        this.#enqueue(camera.id, async () => this.#units.get(camera.id)?.apply(camera));
      }
    }
  }

  #open(camera: CameraSettings): void {
    this.#units.set(camera.id, this.#o.openUnit(camera));
    this.#o.onUnits(camera.id);
  }

  #enqueue(id: string, work: () => Promise<unknown>): void {
    const next = (this.#queues.get(id) ?? Promise.resolve())
      .then(work)
      .catch((error) => this.#o.log.error(`camera ${id}: ${describeError(error)}`))
      .then(() => {
        if (this.#queues.get(id) === next) this.#queues.delete(id);
      });
    this.#queues.set(id, next);
  }

  #must(id: string): CameraView {
    const view = this.get(id);
    if (!view) throw new NightjarError('missing', `there is no camera ${id}`);
    return view;
  }

  #mustUnit(id: string): CameraUnit {
    const unit = this.#units.get(id);
    if (!unit) throw new NightjarError('missing', `there is no camera ${id}`);
    return unit;
  }

  /** `Front door` → front-door, front-door-2 …: recordings of a removed camera must not be taken for a new one's. */
  #freeId(name: string): string {
    const base =
      name
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 34) || 'camera';
    // `new` is the address of the page that adds a camera.
    const taken = new Set(['new', ...this.#o.store.current.cameras.map((c) => c.id)]);
    for (let n = 1; ; n++) {
      const id = n === 1 ? base : `${base}-${n}`;
      if (!taken.has(id) && !this.#queues.has(id)) return id;
    }
  }
}

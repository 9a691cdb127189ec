// A machine for tests: real time goes on, its wall clock is set by hand, and what it records is written to a catalog as the library
// writes it, with a list that stands for the files. Power cycles and rebuilds included; nothing sleeps.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Catalog } from '../catalog/catalog.ts';
import type { SegmentRow } from '../catalog/rows.ts';
import { createDating, type Dating, type Stamp } from './dating.ts';

interface FileOnDisk {
  readonly id: string;
  readonly cameraId: string;
  readonly recordingId: string;
  readonly path: string;
  readonly stamp: Stamp;
  readonly durationMs: number;
  /** When it really was. */
  readonly trueStartMs: number;
}

export class SimulatedMachine {
  readonly files: FileOnDisk[] = [];
  readonly redated: string[] = [];
  synchronised: boolean | null = null;
  /** Real time. */
  nowMs: number;
  clock = new ManualClock(0);
  dating!: Dating;
  catalog!: Catalog;
  readonly folder: string;
  #boots = 0;
  #catalogs = 0;
  #onMs = 0;
  #asleepMs = 0;

  constructor(folder: string, nowMs: number) {
    this.folder = folder;
    this.nowMs = nowMs;
    mkdirSync(this.#recordings, { recursive: true });
    this.catalog = this.#newCatalog();
    this.catalog.markFilled();
  }

  get #recordings(): string {
    return join(this.folder, 'recordings');
  }

  /** Switches on, with whatever its clock says then. */
  switchOn(wallMs: number, synchronised: boolean | null = null): void {
    this.#boots++;
    this.#onMs = this.nowMs - 20_000; // the kernel and the services before us take 20 s
    this.#asleepMs = 0;
    this.synchronised = synchronised;
    this.#start(wallMs);
  }

  switchOff(forMs: number): void {
    this.dating.close();
    this.nowMs += forMs;
  }

  /** Nightjar ends and starts again; the machine stays on. */
  restart(): void {
    this.dating.close();
    this.#start(this.clock.wallMs());
  }

  #start(wallMs: number): void {
    const base = this.nowMs - this.#onMs;
    this.clock = new ManualClock(wallMs);
    const asleepBefore = this.#asleepMs;
    this.dating = createDating({
      recordingsFolder: this.#recordings,
      clock: this.clock,
      log: silentLog,
      boot: {
        id: `boot-${this.#boots}`,
        sinceBootMs: (monotonicMs) => monotonicMs + base + this.#asleepMs - asleepBefore,
        wallSynchronised: () => this.synchronised,
      },
    });
    this.dating.begin({ catalog: this.catalog, announce: ({ recordingIds }) => this.redated.push(...recordingIds) });
  }

  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.clock.advance(ms);
  }

  /** Suspended to memory: its own clock goes on, our monotonic one stands still. */
  sleep(ms: number): void {
    this.nowMs += ms;
    this.#asleepMs += ms;
    this.clock.stepWallMs(ms);
  }

  setClock(toMs: number): void {
    this.clock.stepWallMs(toMs - this.clock.wallMs());
  }

  /** Records one file of each camera. */
  async record(seconds = 10, cameras: readonly string[] = ['door']): Promise<void> {
    const begun = cameras.map((cameraId) => {
      const id = `s${this.files.length.toString().padStart(4, '0')}${cameraId}`;
      const stamp = this.dating.stamp(this.clock.monotonicMs());
      return { id, cameraId, recordingId: `r${id}`, path: `${cameraId}/day/${stamp.startMs}-${id}.nj`, stamp };
    });
    for (const { id, cameraId, recordingId, path, stamp } of begun) {
      const trueStartMs = this.nowMs;
      this.files.push({ id, cameraId, recordingId, path, stamp, trueStartMs, durationMs: seconds * 1000 });
      const { startMs } = this.dating.date(stamp);
      this.catalog.putRecording({ ...recordingOf(recordingId, cameraId, startMs), endMs: null });
      this.catalog.putSegment({ ...segmentOf(this.files.at(-1)!), ...this.dating.date(stamp), state: 'open' });
    }
    await this.pass(seconds * 1000);
    for (const { id, recordingId } of begun) {
      this.catalog.keepSegment(id, { durationMs: seconds * 1000, bytes: 1 });
      this.catalog.endRecording(recordingId, 0, false);
      this.catalog.sumRecording(recordingId);
    }
  }

  /** Of one camera in the order of recording: how far each date is from the truth. */
  errorsMs(cameraId = 'door'): readonly number[] {
    return this.files
      .filter((file) => file.cameraId === cameraId)
      .map((file) => this.catalog.read.segment(file.id)!.startMs - file.trueStartMs);
  }

  rows(catalog = this.catalog) {
    const segments = this.files.map((file) => catalog.read.segment(file.id));
    return { segments, recordings: this.files.map((file) => catalog.read.recording(file.recordingId)) };
  }

  /** The rows that a catalog made anew from the files alone has. */
  rebuilt() {
    const catalog = this.#newCatalog();
    const dating = createDating({
      recordingsFolder: this.#recordings,
      clock: this.clock,
      log: silentLog,
      boot: { id: 'another', sinceBootMs: (ms) => ms, wallSynchronised: () => null },
    });
    for (const file of this.files.toReversed()) {
      const { startMs } = dating.date(file.stamp);
      const endMs = startMs + file.durationMs;
      catalog.putRecording({ ...recordingOf(file.recordingId, file.cameraId, startMs), endMs });
      catalog.putSegment({ ...segmentOf(file), ...dating.date(file.stamp) });
      catalog.sumRecording(file.recordingId);
    }
    const rows = this.rows(catalog);
    catalog.close();
    return rows;
  }

  /** Pairs of files of one camera whose times overlap, or run against the order in which they were recorded. */
  disorder(): readonly string[] {
    const found: string[] = [];
    for (const cameraId of new Set(this.files.map((file) => file.cameraId))) {
      const rows = this.files.filter((f) => f.cameraId === cameraId).map((f) => this.catalog.read.segment(f.id)!);
      rows.forEach((row, i) => {
        const before = rows[i - 1];
        if (before && row.startMs < before.startMs + before.durationMs) found.push(`${before.id} ${row.id}`);
      });
    }
    return found;
  }

  close(): void {
    this.dating?.close();
    this.catalog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #newCatalog(): Catalog {
    return new Catalog({ path: join(this.folder, `catalog-${this.#catalogs++}.db`) });
  }
}

const recordingOf = (id: string, cameraId: string, startMs: number) => ({
  ...{ id, cameraId, startMs, reasons: ['motion'] as const, peakLevel: 0, interrupted: false },
});

const segmentOf = ({ id, cameraId, recordingId, path, stamp, durationMs }: FileOnDisk): SegmentRow => ({
  ...{ id, cameraId, recordingId, path, durationMs, bytes: 1, mimeType: 'video/mp4', width: 1, height: 1 },
  ...stamp,
  ...{ sequence: 0, state: 'kept' },
});

// A catalog of a million segments: half a year of four cameras that record all the time, asked for what the page asks for.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from '../../src/catalog/catalog.ts';
import { Redating } from '../../src/library/redating.ts';
import { CAMERAS, fill, MINUTE_MS, START_MS } from './catalog-fill.ts';

const DAY_MS = 86_400_000;
/** The first ones also compile what they run. */
const WARM = 30;

/** Processor time in ms, which on a busy machine tells more than a clock: nothing waits for a disk, as the file is in memory. */
export interface CatalogTimes {
  readonly fileMB: number;
  readonly fillS: number;
  /** A day of one camera, and of all four, from first row to last. */
  readonly dayMs: readonly number[];
  /** The same days, the least of five asks each: what the question costs where nothing else runs in between. */
  readonly dayLeastMs: readonly number[];
  readonly dayOfAllMs: readonly number[];
  readonly recordingsMs: readonly number[];
  readonly eventsMs: readonly number[];
  /** Dating a boot of 100,000 segments anew, by the clock: each of its steps. */
  readonly redateStepsMs: readonly number[];
}

export function catalogTimes(segments: number, asks = 300): CatalogTimes {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-bench-catalog-'));
  const path = join(folder, 'catalog.db');
  try {
    const began = performance.now();
    fill(path, segments);
    const fillS = (performance.now() - began) / 1000;
    const catalog = new Catalog({ path });
    const days = Math.floor((segments / CAMERAS.length) * MINUTE_MS) / DAY_MS;
    // days that were not just asked for: what is in a cache is not what is measured
    const someDay = (i: number) => START_MS + Math.floor(((i * 0.618_033_988) % 1) * (days - 2)) * DAY_MS;
    const cameraOf = (i: number) => CAMERAS[i % CAMERAS.length]!;
    const times = (ask: (i: number) => { readonly length: number }) =>
      Array.from({ length: WARM + asks }, (_, i) => {
        const { user, system } = process.cpuUsage();
        if (ask(i).length === 0) throw new Error('nothing was found');
        const used = process.cpuUsage({ user, system });
        return (used.user + used.system) / 1000;
      }).slice(WARM);
    const span = (i: number) => ({ fromMs: someDay(i), toMs: someDay(i) + DAY_MS });
    const aDay = (i: number) => catalog.read.timeline({ ...span(i), cameraId: cameraOf(i), limit: 2000 });
    const tries = Array.from({ length: 5 }, () => times(aDay));
    const result = {
      fileMB: statSync(path).size / 1e6,
      fillS,
      dayMs: tries[0]!,
      dayLeastMs: tries[0]!.map((_, i) => Math.min(...tries.map((one) => one[i]!))),
      dayOfAllMs: times((i) => catalog.read.timeline({ ...span(i), limit: 2000 })),
      recordingsMs: times((i) => catalog.read.recordings({ ...span(i), cameraId: cameraOf(i), limit: 50 })),
      eventsMs: times((i) => catalog.read.events({ ...span(i), cameraId: cameraOf(i), limit: 200 })),
    };
    const marks = [{ kind: 'known', fromMs: 0, offsetMs: START_MS + 3_600_000 }] as const;
    const redating = new Redating([{ bootId: 'boot-1', firstMs: 0, marks }]);
    const redateStepsMs: number[] = [];
    for (let isDone = false; !isDone; ) {
      const at = performance.now();
      isDone = redating.step(catalog);
      redateStepsMs.push(performance.now() - at);
    }
    catalog.close();
    return { ...result, redateStepsMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

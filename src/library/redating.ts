// Moves rows to the time that is known by now, in steps of some hundred: a hundred thousand at once would keep everything else
// waiting for seconds. Each step is a transaction, and may be done again; whoever calls says when all are done.

import type { Catalog, Redated } from '../catalog/catalog.ts';
import { spansOf } from './boot-marks.ts';
import type { BootTimes } from './boots-file.ts';

/** 2000 took 160 ms on a busy machine. */
const SEGMENTS_IN_STEP = 500;

export class Redating {
  readonly #left: (ReturnType<typeof spansOf>[number] & { readonly bootId: string })[];
  readonly #recordingIds = new Set<string>();
  readonly #eventIds = new Set<string>();
  readonly #segmentsInStep: number;

  constructor(boots: BootTimes, segmentsInStep = SEGMENTS_IN_STEP) {
    this.#left = boots.flatMap(({ bootId, marks }) => spansOf(marks).map((span) => ({ bootId, ...span })));
    this.#segmentsInStep = segmentsInStep;
  }

  /** True when all is done. Throws what the catalog throws; the step is then tried again by the next call. */
  step(catalog: Catalog): boolean {
    catalog.change('date afterwards', () => this.#step(catalog));
    return this.#left.length === 0;
  }

  /** What has moved so far, in the order of recording. */
  moved(): Redated {
    return { recordingIds: [...this.#recordingIds], eventIds: [...this.#eventIds] };
  }

  #step(catalog: Catalog): void {
    let room = this.#segmentsInStep;
    const left = [...this.#left];
    for (let span = left[0]; span && room > 0; span = left[0]) {
      const { bootId, ...rest } = span;
      const { count, lastMs } = catalog.read.segmentsOfBoot(bootId, rest, room + 1);
      const isTooMuch = lastMs !== null && count > room;
      // of several cameras some may begin in the same millisecond: those go together
      const toMs = isTooMuch ? Math.max(lastMs, rest.fromMs + 1) : rest.toMs;
      const { recordingIds, eventIds } = catalog.redate(bootId, { ...rest, toMs });
      for (const id of recordingIds) this.#recordingIds.add(id);
      for (const id of eventIds) this.#eventIds.add(id);
      if (isTooMuch) left[0] = { ...span, fromMs: toMs };
      else left.shift();
      room -= Math.max(1, count);
    }
    this.#left.splice(0, this.#left.length, ...left);
  }
}

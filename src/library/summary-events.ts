// What a segment's end tells of the recording's events: times and levels readable, as retention and a rebuilt catalog need them;
// where in the picture, for the owner only.

import type { EventRow } from '../catalog/rows.ts';
import type { SegmentEnd } from '../store/segment-store.ts';

export interface SummaryEvent {
  readonly id: string;
  readonly startMs: number;
  readonly peakMs: number;
  readonly endMs?: number;
  readonly level: number;
  readonly confirmed?: boolean;
}

export function summarise(events: readonly EventRow[]): Pick<SegmentEnd, 'events' | 'secret'> {
  const readable = events.map(
    ({ id, startMs, peakMs, endMs, level, proof }): SummaryEvent => ({
      ...{ id, startMs, peakMs, level },
      ...(endMs === null ? {} : { endMs }),
      ...(proof ? { confirmed: proof.confirmed } : {}),
    }),
  );
  const places = events.flatMap(({ id, zones, proof }) => {
    const changed = proof?.changed;
    if (zones === null && !changed) return [];
    return [{ id, ...(zones === null ? {} : { zones }), ...(changed ? { changed } : {}) }];
  });
  return { events: readable, ...(places.length > 0 ? { secret: { events: places } } : {}) };
}

/** Those that are whole: a file may come from anywhere. */
export function readSummaryEvents(events: readonly unknown[]): readonly SummaryEvent[] {
  return events.flatMap((event) => {
    if (typeof event !== 'object' || event === null) return [];
    const { id, startMs, peakMs, endMs, level, confirmed } = event as Partial<Record<keyof SummaryEvent, unknown>>;
    const times = [startMs, peakMs, level, ...(endMs === undefined ? [] : [endMs])];
    if (typeof id !== 'string' || id === '' || !times.every((n) => Number.isFinite(n))) return [];
    const read = { id, startMs, peakMs, level, ...(endMs === undefined ? {} : { endMs }) } as SummaryEvent;
    return [{ ...read, ...(typeof confirmed === 'boolean' ? { confirmed } : {}) }];
  });
}

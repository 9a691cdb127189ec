// What a segment's end tells of the recording's events: times and levels readable, as retention and a rebuilt catalog need them;
// where in the picture, for the owner only.

import type { EventRow } from '../catalog/rows.ts';
import type { SegmentEnd, SegmentHeader } from '../store/segment-store.ts';

export interface SummaryEvent {
  readonly id: string;
  readonly startMs: number;
  readonly peakMs: number;
  readonly endMs?: number;
  readonly level: number;
  readonly confirmed?: boolean;
}

/** Times as the file's header has its own: rows may be dated anew later, and files stay as they are. */
export function summarise(events: readonly EventRow[], header: SegmentHeader): Pick<SegmentEnd, 'events' | 'secret'> {
  const readable = events.map(({ id, startMs, peakMs, endMs, level, proof, moment }): SummaryEvent => {
    const isOfBoot = moment?.bootId === header.bootId;
    const byMs = isOfBoot ? header.startMs - header.startSinceBootMs + moment.sinceBootMs - startMs : 0;
    return {
      ...{ id, startMs: startMs + byMs, peakMs: peakMs + byMs, level },
      ...(endMs === null ? {} : { endMs: endMs + byMs }),
      ...(proof ? { confirmed: proof.confirmed } : {}),
    };
  });
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

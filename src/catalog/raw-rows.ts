// Rows as SQLite gives them, and what they mean (`rows.ts`).

import { type EventRow, type RecordingRow, reasonsOf, type SegmentRow } from './rows.ts';

export type RawRecording = Omit<RecordingRow, 'reasons' | 'interrupted' | 'starred' | 'timeUnknown'> & {
  readonly starred: number;
  readonly timeUnknown: number;
  readonly reasons: number;
  readonly interrupted: number;
};
export type RawSegment = Omit<SegmentRow, 'wallSynchronised'> & { readonly wallSynchronised: number | null };

export type RawEvent = Omit<EventRow, 'proof' | 'difference' | 'zones' | 'moment'> & {
  readonly bootId: string | null;
  readonly startSinceBootMs: number | null;
  readonly zones: string | null;
  readonly confirmed: number | null;
  readonly changedPercent: number | null;
  readonly changedX: number | null;
  readonly changedY: number | null;
  readonly difference: number;
};

export function toEvent({
  confirmed,
  changedPercent: percent,
  changedX: x,
  changedY: y,
  difference,
  bootId,
  startSinceBootMs: sinceBootMs,
  ...rest
}: RawEvent): EventRow {
  const changed = percent === null || x === null || y === null ? undefined : { percent, x, y };
  return {
    ...rest,
    zones: rest.zones === null ? null : (JSON.parse(rest.zones) as string[]),
    proof: confirmed === null ? null : { confirmed: confirmed === 1, ...(changed ? { changed } : {}) },
    difference: difference === 1,
    moment: bootId === null || sinceBootMs === null ? null : { bootId, sinceBootMs },
  };
}

export const toRecording = (raw: RawRecording): RecordingRow => ({
  ...raw,
  reasons: reasonsOf(raw.reasons),
  interrupted: raw.interrupted === 1,
  starred: raw.starred === 1,
  timeUnknown: raw.timeUnknown === 1,
});
export const toSegment = (raw: RawSegment): SegmentRow => ({
  ...raw,
  wallSynchronised: raw.wallSynchronised === null ? null : raw.wallSynchronised === 1,
});

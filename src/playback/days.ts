// Days in the box's time zone, out of sums by quarter of an hour: every zone's offset is a whole number of those, also where
// daylight saving begins in the middle of a day.

import type { Quarter } from '../library/types.ts';

export interface Day {
  readonly day: string; // 2026-11-21
  readonly recordings: number;
  readonly bytes: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Newest first, as the quarters are. A recording counts for the day on which it began. */
export function daysOf(quarters: readonly Quarter[], timeZone: string): readonly Day[] {
  const names = dayNames(timeZone);
  const days: Day[] = [];
  for (const { quarter, fromMs, toMs, recordings, bytes } of quarters) {
    const day = names.of(quarter);
    const last = days.at(-1);
    if (last?.day === day) {
      days[days.length - 1] = {
        day,
        recordings: last.recordings + recordings,
        bytes: last.bytes + bytes,
        fromMs: Math.min(last.fromMs, fromMs),
        toMs: Math.max(last.toMs, toMs),
      };
    } else {
      days.push({ day, recordings, bytes, fromMs, toMs });
    }
  }
  return days;
}

let known: { readonly timeZone: string; readonly of: (quarter: number) => string } | undefined;

/** Names of days by quarter, remembered: naming 70 days of them takes some 60 ms, and the list is asked for often. */
function dayNames(timeZone: string): { readonly of: (quarter: number) => string } {
  if (known?.timeZone === timeZone) return known;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const names = new Map<number, string>();
  known = {
    timeZone,
    of(quarter) {
      const name = names.get(quarter) ?? format.format(quarter * 900_000);
      names.set(quarter, name);
      return name;
    },
  };
  return known;
}

// When something may happen: a list of weekly spans in the owner's time zone. A span may run past midnight.

import { z } from './zod.ts';

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:30');

export const weekSchedule = z
  .array(
    z.strictObject({
      days: z
        .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
        .min(1)
        .max(7),
      from: timeOfDay,
      to: timeOfDay,
    }),
  )
  .max(28)
  .default([]);

export type WeekSchedule = z.infer<typeof weekSchedule>;

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * Whether the schedule is on at a moment. Empty: always on. `from` later than `to` runs past midnight and belongs to
 * the day it starts on; `from` equal to `to` means the whole day. Local times that daylight saving skips or repeats follow the
 * wall clock, as people expect.
 */
export function isScheduled(schedule: WeekSchedule, wallMs: number, timeZone: string): boolean {
  if (schedule.length === 0) return true;
  const { day, minute } = localTime(wallMs, timeZone);
  const yesterday = (day + 6) % 7;
  return schedule.some(({ days, from, to }) => {
    const [a, b] = [minutes(from), minutes(to)];
    const today = days.includes(dayNames[day]!);
    if (a === b) return today;
    if (a < b) return today && minute >= a && minute < b;
    return (today && minute >= a) || (days.includes(dayNames[yesterday]!) && minute < b);
  });
}

const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

const formatters = new Map<string, Intl.DateTimeFormat>();

function localTime(wallMs: number, timeZone: string): { day: number; minute: number } {
  let format = formatters.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(wallMs).map((p) => [p.type, p.value]));
  const day = dayNames.indexOf(parts.weekday!.toLowerCase() as (typeof dayNames)[number]);
  return { day, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

// Which part of a day the strip shows: the hours in which something was recorded to begin with, then what one zooms and
// moves to. Pure.

import type { DayAxis } from './day-axis.ts';

const minute = 60_000;
const hour = 60 * minute;
const closestMs = 10 * minute;

/** Full hours around what was recorded, inside the day. */
export function activePart(day: DayAxis, recorded: DayAxis): DayAxis {
  const fromMs = Math.floor((recorded.fromMs - day.fromMs) / hour) * hour + day.fromMs;
  const toMs = Math.ceil((recorded.toMs - day.fromMs) / hour) * hour + day.fromMs;
  return inside(day, fromMs, Math.max(hour, toMs - fromMs));
}

/** `factor` below 1 shows less of the day; the moment stays where it is on the strip. */
export function zoomed(day: DayAxis, part: DayAxis, factor: number, aroundMs: number): DayAxis {
  const length = Math.min(day.toMs - day.fromMs, Math.max(closestMs, (part.toMs - part.fromMs) * factor));
  const share = (aroundMs - part.fromMs) / (part.toMs - part.fromMs);
  return inside(day, aroundMs - share * length, length);
}

/** Moves by a share of what is shown; stops at midnight. */
export const moved = (day: DayAxis, part: DayAxis, share: number): DayAxis =>
  inside(day, part.fromMs + share * (part.toMs - part.fromMs), part.toMs - part.fromMs);

function inside(day: DayAxis, fromMs: number, lengthMs: number): DayAxis {
  const length = Math.min(lengthMs, day.toMs - day.fromMs);
  const from = Math.min(Math.max(fromMs, day.fromMs), day.toMs - length);
  return { fromMs: from, toMs: from + length };
}

/** Where the scale is labelled: at most nine round times, counted from midnight. */
export function scaleMarks(day: DayAxis, part: DayAxis): readonly number[] {
  const length = part.toMs - part.fromMs;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360].map((m) => m * minute).find((s) => length / s <= 8) ?? 6 * hour;
  const midnight = new Date(day.fromMs).setHours(0, 0, 0, 0);
  const marks: number[] = [];
  for (let at = midnight; at <= part.toMs; at += step) if (at >= part.fromMs) marks.push(at);
  return marks;
}

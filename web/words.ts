// How times, lengths, sizes and reasons are written on the pages. Times are in the viewer's zone.

import type { RecordReason } from '../src/http/api.ts';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const hour = new Intl.DateTimeFormat(undefined, { hour: 'numeric' });
const minute = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const longDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export const clockTime = (ms: number) => time.format(ms);
/** Only the hour, for scales: "6 AM" or "06". */
export const hourOf = (ms: number) => hour.format(ms);
/** Hour and minute: "06:30". */
export const minuteOf = (ms: number) => minute.format(ms);
/** "21 November 2026". */
export const longDate = (ms: number) => longDay.format(ms);
export const dateTime = (ms: number) => dayAndTime.format(ms);

/** `2026-11-21` as "Saturday 21 November", or "Today" and "Yesterday". */
export function dayName(day: string, nowMs = Date.now()): string {
  const [year, month, date] = day.split('-').map(Number);
  const noon = new Date(year ?? 1970, (month ?? 1) - 1, date ?? 1, 12);
  const today = new Date(nowMs);
  const days = Math.round((today.setHours(12, 0, 0, 0) - noon.getTime()) / 86_400_000);
  return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : weekday.format(noon);
}

/** `1:05`, `12:00`, `1:02:03`. */
export function length(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A length in words: "3 days 4 hours", "2 minutes", "5 seconds". */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  const many = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'}`;
  if (s < 60) return many(s, 'second');
  if (s < 3600) return many(Math.round(s / 60), 'minute');
  if (s < 86_400) {
    const m = Math.floor(s / 60) % 60;
    return m === 0 ? many(Math.floor(s / 3600), 'hour') : `${many(Math.floor(s / 3600), 'hour')} ${many(m, 'minute')}`;
  }
  const h = Math.floor(s / 3600) % 24;
  return h === 0 ? many(Math.floor(s / 86_400), 'day') : `${many(Math.floor(s / 86_400), 'day')} ${many(h, 'hour')}`;
}

/** Sizes as shops and cards print them: 1 GB is a thousand million bytes. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/**
 * A motion level in words. The level is 100 times the square root of the share of the picture that moved, so 11 is a
 * person at the far end of the yard (1 %) and 40 a car in front of the door (16 %).
 */
export function movedWords(level: number): string {
  return level < 15 ? 'something small' : level < 35 ? 'something of medium size' : 'something large';
}
/** The share of the picture that a level stands for: "1 % of the picture". */
export function movedShare(level: number): string {
  const percent = (level / 10) ** 2;
  return `${percent < 1 ? percent.toFixed(1) : Math.round(percent)} % of the picture`;
}

export const reasonWords: Readonly<Record<RecordReason, string>> = {
  motion: 'Motion',
  continuous: 'Continuous',
  manual: 'By hand',
};

export const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

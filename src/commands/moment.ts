// Times as people write and read them on a command line: in the machine's zone, or with the zone written behind.

import { NightjarError } from '../base/errors.ts';

const written =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T _](\d\d?)[:.](\d\d)(?:[:.](\d\d)(?:\.(\d{1,3}))?)?)? ?(Z|[+-]\d\d:?\d\d)?$/i;

/** UTC ms. A day alone is its beginning for `from`, and its end for `to`. Throws `invalid` with an example. */
export function readMoment(text: string, option: '--from' | '--to'): number {
  const found = written.exec(text.trim());
  const at = found && momentOf(found, option === '--to');
  if (at === undefined || at === null) {
    throw new NightjarError(
      'invalid',
      `${option} must be a time such as "2026-11-21 18:04", or 2026-11-21T17:04:00Z, not ${JSON.stringify(text)}`,
    );
  }
  return at;
}

function momentOf(found: RegExpExecArray, isEnd: boolean): number | undefined {
  const [, year, month, day, hours, minutes, seconds = '0', fraction = '0', zone] = found;
  const isDay = hours === undefined;
  const date = [Number(year), Number(month) - 1, Number(day) + (isDay && isEnd ? 1 : 0)] as const;
  const time = [Number(hours ?? 0), Number(minutes ?? 0), Number(seconds), Number(fraction.padEnd(3, '0'))] as const;
  const isReal = new Date(Date.UTC(date[0], date[1], Number(day))).getUTCDate() === Number(day);
  if (!isReal || time[0] > 23 || time[1] > 59 || time[2] > 59 || date[1] > 11) return undefined;
  if (zone === undefined) return new Date(...date, ...time).getTime();
  return Date.UTC(...date, ...time) - zoneMs(zone);
}

function zoneMs(zone: string): number {
  if (/z/i.test(zone)) return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

// Swedish dates are ISO 8601 with a space: 2026-11-21 18:04:09
const shown = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

export const showMoment = (ms: number): string => shown.format(Math.floor(ms)).replace(/\s/, ' ');

/** `2026-11-21 18:04:09 – 18:05:10`; the second day is said when it is another. */
export function showSpan(fromMs: number, toMs: number): string {
  const [from, to] = [showMoment(fromMs), showMoment(toMs)];
  return `${from} – ${to.slice(0, 10) === from.slice(0, 10) ? to.slice(11) : to}`;
}

export const zoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

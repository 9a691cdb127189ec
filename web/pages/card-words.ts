// The life of the card under the recordings in a sentence or two, and the assumption behind them, said out loud.

import type { StatusView } from '../../src/http/api.ts';
import { count, size } from '../words.ts';

type CardView = NonNullable<StatusView['disk']['card']>;

const names: Readonly<Record<CardView['kind'], string>> = {
  sd: 'card',
  emmc: 'built-in memory',
  stick: 'USB stick',
  ssd: 'drive',
  nvme: 'drive',
  'hard-disk': 'disk',
  other: 'disk',
};

/** What it takes, and how long that goes well; undefined until that is known. */
export function cardWords({ kind, bytesPerDay, ownBytesPerDay = 0, yearsLeft }: CardView): string | undefined {
  if (bytesPerDay === undefined) return undefined;
  const [all, own] = [size(bytesPerDay), size(ownBytesPerDay)];
  const takes = `The ${names[kind]} takes ${all} a day${own === all ? '' : `, ${own} of it recordings`}.`;
  if (yearsLeft === undefined) return takes;
  if (yearsLeft === 0) return `${takes} It has taken more than it is made for: have a new one ready.`;
  return `${takes} At that rate it lasts ${lasts(yearsLeft)}.`;
}

/** What the words rest on. */
export function cardNotes({ kind, bytesPerDay, enduranceBytes, usedPercent }: CardView): string | undefined {
  const [from, to] = usedPercent ?? [];
  const said =
    from === undefined || to === undefined
      ? undefined
      : from >= 100
        ? 'It says itself that its life is used up.'
        : `It says itself that ${from} to ${to} % of its life is used.`;
  const rests =
    bytesPerDay === undefined
      ? `What the ${names[kind]} takes a day is known after an hour.`
      : enduranceBytes === undefined
        ? undefined
        : `This assumes that one of this size takes about ${size(enduranceBytes)} in its life; makers seldom say.`;
  return [rests, said].filter((part) => part !== undefined).join(' ') || undefined;
}

function lasts(years: number): string {
  if (years > 20) return 'more than 20 years';
  if (years >= 2) return `about ${count(Math.round(years), 'year')}`;
  const months = Math.round(years * 12);
  return months < 1 ? 'less than a month' : `about ${count(months, 'month')}`;
}

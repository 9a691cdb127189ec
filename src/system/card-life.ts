// What the owner may be told of a card's life, as a pure decision: what it takes a day, and for how many years that goes well. Makers
// of cards seldom say how often one can be written over, so this rests on a stated assumption, and is silent where there is none.

import type { Card, CardKind } from './card.ts';
import { type CardLedger, cardRate } from './card-ledger.ts';

export interface CardLife extends Pick<Card, 'kind' | 'name' | 'usedPercent' | 'reserve'> {
  /** Of everybody's, and of that what the store wrote; absent until an hour was seen. */
  readonly bytesPerDay?: number;
  readonly ownBytesPerDay?: number;
  /** Assumed: how much can be written to one of this size before it wears out. */
  readonly enduranceBytes?: number;
  /** By that assumption, at that rate. 0: it took more already. */
  readonly yearsLeft?: number;
}

/**
 * How often the whole of it can be written over. Cautious: memory of three bits per cell stands 500 to 3000 times, and a card of the
 * ordinary kind writes some bytes more than once by itself. Drives: the lower end of what makers of inexpensive ones warrant.
 * Disks that rotate do not wear by writing.
 */
const timesOver: Readonly<Partial<Record<CardKind, number>>> = { sd: 500, emmc: 1000, stick: 200, ssd: 300, nvme: 300 };

const YEAR_DAYS = 365.25;

export function cardLife(card: Card, ledger: Pick<CardLedger, 'days' | 'totalBytes'> | null): CardLife {
  const { kind, name, usedPercent, reserve } = card;
  const times = timesOver[kind];
  const enduranceBytes = times === undefined ? undefined : times * card.bytes;
  const rate = ledger ? cardRate(ledger) : undefined;
  const life: CardLife = {
    kind,
    ...(name === undefined ? {} : { name }),
    ...(usedPercent === undefined ? {} : { usedPercent }),
    ...(reserve === undefined ? {} : { reserve }),
    ...(enduranceBytes === undefined ? {} : { enduranceBytes }),
  };
  if (!ledger || !rate) return life;
  // no more of it can be ours than there is: the rates are of times that differ a little
  const bytesPerDay = rate.cardBytesPerDay;
  const known = { ...life, bytesPerDay, ownBytesPerDay: Math.min(rate.ownBytesPerDay, bytesPerDay) };
  if (enduranceBytes === undefined || bytesPerDay <= 0) return known;
  // what the card says of itself goes before what was counted
  const saidShare = usedPercent ? (usedPercent[0] + usedPercent[1]) / 200 : 0;
  const usedShare = Math.min(1, Math.max(saidShare, ledger.totalBytes / enduranceBytes));
  return { ...known, yearsLeft: ((1 - usedShare) * enduranceBytes) / bytesPerDay / YEAR_DAYS };
}

/** It says itself that it is nearly worn out; assumptions warn nobody. */
export const saysItsEndIsNear = ({ usedPercent, reserve }: Pick<Card, 'usedPercent' | 'reserve'>): boolean =>
  reserve === 'warning' || reserve === 'urgent' || (usedPercent?.[0] ?? 0) >= 90;

// What a card took, and what came from us, as sums over days of running: pure decisions. The machine counts from when it was switched
// on and we from when we were started; both begin at zero again, and nothing here needs to know what time it is.

/** About a day in which the machine ran. Card and own are timed apart, as a crash takes the end of what we counted ourselves. */
export interface CardDay {
  readonly cardBytes: number;
  readonly cardMs: number;
  readonly ownBytes: number;
  readonly ownMs: number;
}

/** Kept over restarts. */
export interface CardLedger {
  /** Which card it is about: on another one all begins anew. */
  readonly card: string;
  readonly bootId: string;
  /** What the machine had counted in that boot, and how long it had run, at the last look. */
  readonly counterBytes: number;
  readonly sinceBootMs: number;
  /** All that was ever seen to be written to it. */
  readonly totalBytes: number;
  /** Oldest first. */
  readonly days: readonly CardDay[];
}

export interface CardLook extends Pick<CardLedger, 'card' | 'bootId' | 'counterBytes' | 'sinceBootMs'> {
  /** Handed to the store since the look before in this run of the program, and how long ago that was. */
  readonly ownBytes: number;
  readonly ownMs: number;
}

export interface CardRate {
  readonly cardBytesPerDay: number;
  readonly ownBytesPerDay: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 30;
/** So many days make the present rate: a changed setting shows within a week. */
const RATE_DAYS = 7;
/** Sooner a rate would say more about the start than about the day. */
const SHORTEST_MS = 3_600_000;

/** The ledger after a look. The first look at a card only says where counting begins: what came before was not ours to see. */
export function afterCardLook(before: CardLedger | null, look: CardLook): CardLedger {
  const { ownBytes, ownMs, ...now } = look;
  if (before?.card !== look.card) return { ...now, totalBytes: 0, days: [] };
  // a counter that runs back: the device was taken out and put in again
  const isSameCount = before.bootId === look.bootId && before.counterBytes <= look.counterBytes;
  const cardBytes = look.counterBytes - (isSameCount ? before.counterBytes : 0);
  const cardMs = Math.max(0, look.sinceBootMs - (before.bootId === look.bootId ? before.sinceBootMs : 0));
  return {
    ...now,
    totalBytes: before.totalBytes + cardBytes,
    days: withMore(before.days, { cardBytes, cardMs, ownBytes, ownMs }),
  };
}

function withMore(days: readonly CardDay[], more: CardDay): readonly CardDay[] {
  const last = days.at(-1);
  if (!last || last.cardMs >= DAY_MS) return [...days, more].slice(-KEPT_DAYS);
  return [...days.slice(0, -1), sumOf([last, more])];
}

/** Undefined until an hour was seen. */
export function cardRate({ days }: Pick<CardLedger, 'days'>): CardRate | undefined {
  const { cardBytes, cardMs, ownBytes, ownMs } = sumOf(days.slice(-RATE_DAYS));
  if (cardMs < SHORTEST_MS) return undefined;
  return {
    cardBytesPerDay: (cardBytes / cardMs) * DAY_MS,
    ownBytesPerDay: ownMs > 0 ? (ownBytes / ownMs) * DAY_MS : 0,
  };
}

const sumOf = (days: readonly CardDay[]): CardDay => ({
  cardBytes: days.reduce((sum, day) => sum + day.cardBytes, 0),
  cardMs: days.reduce((sum, day) => sum + day.cardMs, 0),
  ownBytes: days.reduce((sum, day) => sum + day.ownBytes, 0),
  ownMs: days.reduce((sum, day) => sum + day.ownMs, 0),
});

/** Throws when it is no ledger. */
export function parseCardLedger(value: unknown): CardLedger {
  const { card, bootId, counterBytes, sinceBootMs, totalBytes, days } = (value ?? {}) as Record<string, unknown>;
  if (typeof card !== 'string' || typeof bootId !== 'string' || !Array.isArray(days))
    throw new Error('it is no ledger');
  const parsed = days.map((day: Record<string, unknown> | null) => ({
    cardBytes: amount(day?.cardBytes),
    cardMs: amount(day?.cardMs),
    ownBytes: amount(day?.ownBytes),
    ownMs: amount(day?.ownMs),
  }));
  return {
    card,
    bootId,
    counterBytes: amount(counterBytes),
    sinceBootMs: amount(sinceBootMs),
    totalBytes: amount(totalBytes),
    days: parsed,
  };
}

function amount(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new Error('a sum in it is no number');
  return value;
}

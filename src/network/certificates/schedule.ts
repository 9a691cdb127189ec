// When a certificate is ordered, renewed, tried again and complained about. Pure: what is known in, a moment out.

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Of a certificate. */
export interface Life {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Of the tries since the last certificate, for one name and token. */
export interface Tries {
  readonly failures: number;
  /** When the last one failed. */
  readonly lastMs: number;
  /** The authority wants no order before. */
  readonly notBeforeMs?: number;
}

const RENEW_LEFT_MS = 30 * DAY_MS;
const WARN_LEFT_MS = 14 * DAY_MS;
const LONGEST_PAUSE_HOURS = 24;
/** The longest limit that authorities have is a week; a date beyond is a mistake of theirs, or of our clock. */
const LONGEST_LIMIT_MS = 8 * DAY_MS;
const SPREAD_MS = 5 * MINUTE_MS;

const lifeMs = ({ fromMs, untilMs }: Life): number => Math.max(0, untilMs - fromMs);

/** 30 days before the end, or with a third of its life left where that is less. */
export const renewFromMs = (life: Life): number => life.untilMs - Math.min(RENEW_LEFT_MS, lifeMs(life) / 3);

/** The owner is told from then on that it could not be renewed: 14 days before the end, or a quarter of its life. */
export const warnFromMs = (life: Life): number => life.untilMs - Math.min(WARN_LEFT_MS, lifeMs(life) / 4);

/**
 * When to order next; not after `nowMs`: at once.
 * @param kept the certificate for this name; undefined: there is none.
 * @param tries for this name; undefined: none yet.
 * @param random 0–1: thousands of boxes must not ask in the same minute, nor one of them every day at the same time.
 */
export function nextOrderMs(kept: Life | undefined, tries: Tries | undefined, nowMs: number, random: number): number {
  const due = kept ? renewFromMs(kept) : 0;
  if (!tries) return due;
  // A clock that was ahead then must not hold the next one back until it gets there.
  const lastMs = Math.min(tries.lastMs, nowMs);
  // Where our clock is wrong all the same, a new certificate can look as if it were due again; and one that the disk lost is soon back.
  if (tries.failures === 0) return Math.max(due, lastMs + (kept ? DAY_MS : HOUR_MS));
  const pauseMs = Math.min(LONGEST_PAUSE_HOURS, 2 ** (Math.min(tries.failures, 10) - 1)) * HOUR_MS;
  const retryMs = lastMs + pauseMs + (2 * random - 1) * SPREAD_MS;
  const allowedMs = Math.min(tries.notBeforeMs ?? 0, lastMs + LONGEST_LIMIT_MS) + random * SPREAD_MS;
  return Math.round(Math.max(due, retryMs, allowedMs));
}

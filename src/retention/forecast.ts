// How fast the disk fills, and what follows from it: how much to have free before it is needed, and when to look again. What
// counts is how much less is free than removing should have left, so that other programs' files count, too. Pure.

export interface Forecast {
  /** Of the fastest times, recently: rises at once, falls by half in ten minutes. */
  readonly bytesPerS: number;
  readonly seen?: { readonly atMs: number; readonly freeBytes: number };
}

export interface Look {
  /** Monotonic. */
  readonly atMs: number;
  readonly freeBytes: number;
  /** Removed since the look before. */
  readonly removedBytes: number;
}

export const noForecast: Forecast = { bytesPerS: 0 };

/** Files are flushed in lumps: what is shorter than this says nothing about a rate. */
const SHORTEST_MS = 1000;
const HALF_LIFE_MS = 600_000;
/** A removal of sixteen long files takes up to a few seconds on a slow card, and looks are at most half a minute apart. */
const AHEAD_S = 60;
/** Eight cameras of 8 Mb/s. */
const FASTEST_BYTES_PER_S = 8e6;
const SOONEST_MS = 500;
const LATEST_MS = 30_000;

/** The forecast after a look. Looks that follow each other too soon change nothing, and must be given again with the next. */
export function afterLook(before: Forecast, { atMs, freeBytes, removedBytes }: Look): Forecast {
  const { seen } = before;
  if (!seen) return { ...before, seen: { atMs, freeBytes } };
  const elapsedMs = atMs - seen.atMs;
  if (elapsedMs < SHORTEST_MS) return before;
  const now = Math.max(0, ((seen.freeBytes + removedBytes - freeBytes) * 1000) / elapsedMs);
  const faded = before.bytesPerS * 0.5 ** (elapsedMs / HALF_LIFE_MS);
  return { bytesPerS: Math.max(now, faded), seen: { atMs, freeBytes } };
}

/** More than the floor by what a minute takes, but at most twice the floor: a burst must not cost days of recordings. */
export const wantFreeBytes = (keepFreeBytes: number, { bytesPerS }: Forecast): number =>
  keepFreeBytes + Math.min(keepFreeBytes, bytesPerS * AHEAD_S);

/**
 * Three looks before the floor is met at the present rate, and three before nothing is free at the fastest: after a start or a quiet night
 * the rate says nothing of what eight cameras do that begin at once.
 */
export function nextLookMs(freeBytes: number, keepFreeBytes: number, { bytesPerS }: Forecast): number {
  const untilFloorS = bytesPerS > 0 ? (freeBytes - keepFreeBytes) / bytesPerS : Number.POSITIVE_INFINITY;
  const untilFullS = freeBytes / FASTEST_BYTES_PER_S;
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, (Math.min(untilFloorS, untilFullS) / 3) * 1000));
}

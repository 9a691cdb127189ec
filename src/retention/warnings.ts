// When the owner hears that space runs low, and in which words, as a pure decision: once per level, again only after it was well
// below, and never two mails within six hours (the alerts would swallow the second). Sending is up to others.

export interface WarningSettings {
  /** Levels: how much of the space for recordings is used. */
  readonly warnAtPercent: readonly number[];
  /** 0: never. */
  readonly warnBelowDays: number;
}

export interface SpaceFacts {
  /** Wall clock. */
  readonly nowMs: number;
  readonly recordingsBytes: number;
  /** All that recordings may ever take: what they take, and what is free above the floor. */
  readonly spaceBytes: number;
  /** How many days fit at the present rate; absent while nobody knows. */
  readonly daysHeld?: number;
}

/** What was told; kept over restarts. */
export interface WarningState {
  /** The highest level. 0: none. */
  readonly toldPercent: number;
  readonly toldDays: boolean;
  readonly lastToldMs?: number;
}

export const nothingTold: WarningState = { toldPercent: 0, toldDays: false };

/** A level must be left by this much before it is told again. */
const BACK_PERCENT = 5;
const BACK_DAYS = 1.25;
const PAUSE_MS = 6 * 3_600_000;

export function nextWarning(
  state: WarningState,
  facts: SpaceFacts,
  settings: WarningSettings,
): { readonly state: WarningState; readonly text?: string } {
  const { recordingsBytes, spaceBytes, daysHeld, nowMs } = facts;
  const percent = spaceBytes > 0 ? (100 * recordingsBytes) / spaceBytes : 100;
  const levels = settings.warnAtPercent.filter((level) => level > 0).sort((a, b) => a - b);
  // levels stay told until they are well left; ones that are no more in the settings are forgotten with them
  const toldPercent =
    levels.filter((level) => level <= state.toldPercent && percent > level - BACK_PERCENT).at(-1) ?? 0;
  const { warnBelowDays } = settings;
  const isShort = warnBelowDays > 0 && daysHeld !== undefined && daysHeld < warnBelowDays;
  const isWellAbove = daysHeld !== undefined && daysHeld >= warnBelowDays * BACK_DAYS;
  const toldDays = state.toldDays && warnBelowDays > 0 && !isWellAbove;
  const { lastToldMs } = state;
  const now: WarningState = { toldPercent, toldDays, ...(lastToldMs === undefined ? {} : { lastToldMs }) };

  const reached = levels.filter((level) => percent >= level).at(-1) ?? 0;
  const isDue = reached > toldPercent || (isShort && !toldDays);
  // a clock that was set back must not keep it silent for years
  const sinceMs = nowMs - (lastToldMs ?? Number.NEGATIVE_INFINITY);
  if (!isDue || (sinceMs >= 0 && sinceMs < PAUSE_MS)) return { state: now };
  const told = { toldPercent: Math.max(reached, toldPercent), toldDays: toldDays || isShort, lastToldMs: nowMs };
  const parts = [
    ...(reached > toldPercent ? [fullness(facts, percent)] : []),
    ...(isShort && !toldDays
      ? [
          `That is less than the ${days(warnBelowDays)} you want to be told about. A larger disk, a lower bit rate of the cameras, or recording only when something moves keeps more.`,
        ]
      : []),
  ];
  const held =
    daysHeld === undefined ? [] : [`At the present rate the disk holds about ${days(daysHeld)} of recordings.`];
  const order = reached > toldPercent ? [parts[0]!, ...held, ...parts.slice(1)] : [...held, ...parts];
  return { state: told, text: order.join(' ') };
}

function fullness({ recordingsBytes, spaceBytes }: SpaceFacts, percent: number): string {
  const used = `The space for recordings is ${Math.min(100, Math.floor(percent))} % full: ${gigabytes(recordingsBytes)} of ${gigabytes(spaceBytes)}.`;
  return `${used} When it is full, the oldest make room for new ones; starred recordings stay.`;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0)} GB`;
function days(count: number): string {
  const rounded = count < 10 ? Math.round(count * 10) / 10 : Math.round(count);
  return `${rounded} ${rounded === 1 ? 'day' : 'days'}`;
}

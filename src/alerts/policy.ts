// Who is told what, and when not: cool-down after a motion mail, patience before a camera counts as lost, one mail
// about a camera that comes and goes. Pure: state and input in, state and what to send out. All times are monotonic.

/** Whether a motion event makes a mail. `off`: the owner wants none, or there is nobody to send it to. */
export type MotionDecision = 'mail' | 'cool-down' | 'off';

export function decideMotion(o: {
  readonly atMs: number;
  readonly lastMailedAtMs: number | undefined;
  readonly coolDownMs: number;
  readonly wanted: boolean;
}): MotionDecision {
  if (!o.wanted) return 'off';
  return o.lastMailedAtMs !== undefined && o.atMs - o.lastMailedAtMs < o.coolDownMs ? 'cool-down' : 'mail';
}

/** A camera that is lost for less than this is nobody's business. */
export const LOST_PATIENCE_MS = 10_000;
/** After a power cut the box is up before the router and the cameras are. */
export const FIRST_PATIENCE_MS = 120_000;
/** Back means back for this long. */
export const BACK_PATIENCE_MS = 10_000;
/** At most one mail that a camera is lost in this time; what happens in between is told together. */
export const LOST_SPACING_MS = 15 * 60_000;

export interface CameraWatch {
  readonly state: 'unknown' | 'live' | 'lost';
  readonly sinceMs: number;
  /** Seen live since the box started. */
  readonly wasLive: boolean;
  /** The last mail said that it is lost. */
  readonly told: boolean;
  readonly lastLostMailMs?: number;
  /** Outages that lasted long enough to matter and are in no mail yet. The running one is counted when it has lasted. */
  readonly outages: number;
  readonly counted: boolean;
  /** When the outage began that was told or is to be told as over. */
  readonly awaySinceMs?: number;
}

export const unwatched: CameraWatch = {
  state: 'unknown',
  sinceMs: 0,
  wasLive: false,
  told: false,
  outages: 0,
  counted: false,
};

export type CameraNews =
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly outages: number }
  | { readonly kind: 'back'; readonly sinceMs: number; readonly awayMs: number; readonly outages: number };

export interface WatchStep {
  readonly watch: CameraWatch;
  readonly news?: CameraNews;
  /** Ask again with `tick` at this time; undefined when nothing is pending. */
  readonly wakeAtMs?: number;
}

/** What a camera's health, or the passing of time, means for its owner. `starting` says nothing by itself. */
export function watchCamera(
  watch: CameraWatch,
  input: { readonly kind: 'live' | 'lost' | 'starting' | 'off' | 'tick'; readonly atMs: number },
): WatchStep {
  const { atMs } = input;
  if (input.kind === 'off') return { watch: { ...unwatched, ...keepSpacing(watch) } };
  let next = watch;
  if (input.kind === 'live' && watch.state !== 'live') {
    const awaySinceMs = watch.counted ? watch.sinceMs : watch.awaySinceMs;
    next = { ...watch, state: 'live', sinceMs: atMs, wasLive: true, counted: false, ...defined({ awaySinceMs }) };
  } else if (input.kind === 'lost' && watch.state !== 'lost') {
    next = { ...watch, state: 'lost', sinceMs: atMs, counted: false };
  }
  return settle(next, atMs);
}

function settle(watch: CameraWatch, atMs: number): WatchStep {
  if (watch.state === 'lost') {
    const dueMs = watch.sinceMs + (watch.wasLive ? LOST_PATIENCE_MS : FIRST_PATIENCE_MS);
    if (atMs < dueMs) return { watch, wakeAtMs: dueMs };
    const counted = watch.counted ? watch : { ...watch, counted: true, outages: watch.outages + 1 };
    if (counted.told) return { watch: counted };
    const allowedMs = spacedMs(counted);
    if (atMs < allowedMs) return { watch: counted, wakeAtMs: allowedMs };
    return {
      watch: { ...counted, told: true, outages: 0, lastLostMailMs: atMs },
      news: { kind: 'lost', sinceMs: counted.sinceMs, outages: counted.outages },
    };
  }
  if (watch.state !== 'live') return { watch };
  // Live again: the owner is told when they know it as lost, or when it was away often enough to be worth a line.
  if (!watch.told && watch.outages === 0) return { watch };
  const dueMs = Math.max(watch.sinceMs + BACK_PATIENCE_MS, watch.told && watch.outages === 0 ? 0 : spacedMs(watch));
  if (atMs < dueMs) return { watch, wakeAtMs: dueMs };
  const { awaySinceMs, ...rest } = watch;
  return {
    watch: { ...rest, told: false, outages: 0, ...(watch.outages > 0 ? { lastLostMailMs: atMs } : {}) },
    news: {
      kind: 'back',
      sinceMs: watch.sinceMs,
      awayMs: watch.sinceMs - (awaySinceMs ?? watch.sinceMs),
      outages: watch.outages,
    },
  };
}

const spacedMs = (watch: CameraWatch) =>
  watch.lastLostMailMs === undefined ? 0 : watch.lastLostMailMs + LOST_SPACING_MS;

const keepSpacing = ({ lastLostMailMs }: CameraWatch) => defined({ lastLostMailMs });

const defined = <K extends string, V>(o: Record<K, V | undefined>): { [P in K]?: V } =>
  Object.fromEntries(Object.entries(o).filter(([, value]) => value !== undefined)) as { [P in K]?: V };

/** At most one mail of a kind in this time, for what can come again every minute. */
export const NOTICE_SPACING_MS = 6 * 3_600_000;

export const decideNotice = (atMs: number, lastMailedAtMs: number | undefined): boolean =>
  lastMailedAtMs === undefined || atMs - lastMailedAtMs >= NOTICE_SPACING_MS;

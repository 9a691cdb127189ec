// Makes room before it is needed: looks at the free space the more often the faster the disk fills, and removes what the
// plan says in small steps, so that nobody waits for a long removal. Says when less is free than there should be and nothing
// is left that may go; telling the owner is up to others.

import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { afterLook, nextLookMs, noForecast, wantFreeBytes } from './forecast.ts';
import { type KeptSegment, planRemoval, type RetentionState, type Why } from './plan.ts';
import { createThinner, type ThinningLibrary } from './thinner.ts';

export interface KeepSettings {
  /** 0: no quota. Starred recordings come on top. */
  readonly quotaGB: number;
  /** 0: as for the box. The shorter of both counts. */
  readonly maxAgeDays: number;
  /** Continuous footage is thinned to events after this. 0: never. */
  readonly thinAfterDays: number;
}

export interface RetentionSettings {
  /** The oldest go when less than this is free. */
  readonly keepFreeMB: number;
  /** 0: kept until space is needed. */
  readonly maxAgeDays: number;
  /** Absent for a camera that is no more: then only age and room count. */
  readonly camera: (cameraId: string) => KeepSettings | undefined;
}

/** What the sweeper asks of the library. */
export interface RetentionLibrary extends ThinningLibrary {
  keptByCamera(): readonly { readonly cameraId: string; readonly bytes: number; readonly starredBytes: number }[];
  oldestRemovable(cameraId: string, limit: number): readonly Removable[];
  /** Answers how many went. */
  removeSegments(ids: readonly string[], why?: Why): Promise<number>;
  settle(): void;
  forgetEventsBefore(beforeMs: number): void;
  /** By which moment to judge what is too old; undefined while the clock is doubted: then nothing goes for its age. */
  ageNowMs(): number | undefined;
}
type Removable = Omit<KeptSegment, 'starred' | 'isOpen'>;

export interface SweeperOptions {
  readonly library: RetentionLibrary;
  /** Space that recordings may still take; asked before each step. */
  readonly freeBytes: () => Promise<number>;
  /** How much of what is kept may go to make room; all of it when absent. Asked before each step. */
  readonly removableBytes?: () => number;
  readonly settings: () => RetentionSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why nothing is left that may go: what is starred, or files that are no recordings. */
export type Because = 'starred' | 'others';

export interface Sweeper extends AsyncDisposable {
  /** Looks at once; resolves when there is nothing more to do for now. */
  sweep(): Promise<void>;
  /** Less than wanted is free, and no recording is left that may go. */
  isFull(): boolean;
  /** Calls back when it becomes full, and when there is room again. */
  onFull(listener: (full: boolean, because: Because) => void): () => void;
  /** How fast the disk fills, at its fastest of late. */
  fillsBytesPerS(): number;
  close(): Promise<void>;
}

/** Small enough that a step takes well under a second, large enough that eight cameras cannot outrun it. */
const SEGMENTS_PER_STEP = 16;
/** Of which nothing goes: the rest wait for the next turn. */
const RECORDINGS_PER_SWEEP = 50;
const CLOSE_TO_FULL_MS = 3_000;
const THINNING_GOES_ON_MS = 3_000;
export const DAY_MS = 86_400_000;
const KEEP_EVENTS_MS = 366 * DAY_MS;
const FORGET_EVERY_MS = 3_600_000;

/** Looks at once, and from then on by itself until it is closed. */
export function createSweeper(options: SweeperOptions): Sweeper {
  const { library, freeBytes, removableBytes = () => Number.POSITIVE_INFINITY, settings, clock, log } = options;
  const listeners = new Set<(full: boolean, because: Because) => void>();
  const thinner = createThinner({ library, clock });
  let forecast = noForecast;
  let removedSinceLook = 0;
  let waitMs = 0;
  let full = false;
  let sweeping: Promise<void> | undefined;
  let cancelNext = () => {};
  let closed = false;
  let eventsForgottenAtMs = Number.NEGATIVE_INFINITY;

  function become(nowFull: boolean, because: Because): void {
    if (nowFull === full) return;
    full = nowFull;
    if (!full) log.info('the disk has room again');
    else if (because === 'starred') log.error('the disk is full, and only starred recordings are left');
    else log.error('the disk is full and no recording is left that may go');
    for (const listener of [...listeners]) listener(full, because);
  }

  async function lookAtDisk(keepFreeBytes: number): Promise<number> {
    const free = await freeBytes();
    const next = afterLook(forecast, { atMs: clock.monotonicMs(), freeBytes: free, removedBytes: removedSinceLook });
    if (next !== forecast) removedSinceLook = 0;
    forecast = next;
    waitMs = Math.min(nextLookMs(free, keepFreeBytes, forecast), full ? CLOSE_TO_FULL_MS : Number.POSITIVE_INFINITY);
    return free;
  }

  function stateOf(free: number, now: RetentionSettings): RetentionState {
    const nowMs = library.ageNowMs();
    const kept = library.keptByCamera();
    const cameras = kept.map(({ cameraId, bytes, starredBytes }) => {
      const own = now.camera(cameraId);
      const ages = [now.maxAgeDays, own?.maxAgeDays ?? 0].filter((days) => days > 0);
      const thinAfterMs = (own?.thinAfterDays ?? 0) * DAY_MS;
      const thinBeforeMs = nowMs !== undefined && thinAfterMs > 0 ? nowMs - thinAfterMs : undefined;
      const thinning = thinBeforeMs === undefined ? undefined : thinner.next(cameraId, thinBeforeMs);
      return {
        cameraId,
        keptBytes: bytes - starredBytes,
        quotaBytes: (own?.quotaGB ?? 0) * 1e9,
        maxAgeMs: ages.length === 0 ? 0 : Math.min(...ages) * DAY_MS,
        thinAfterMs,
        isThinning: thinBeforeMs !== undefined && !thinner.isThrough(cameraId, thinBeforeMs),
        oldest: library.oldestRemovable(cameraId, SEGMENTS_PER_STEP).map(asKept),
        ...(thinning
          ? {
              thinning: {
                segments: thinning.segments.map((s) => asKept({ ...s, ageIsKnown: true })),
                events: thinning.events,
              },
            }
          : {}),
      };
    });
    return {
      nowMs,
      freeBytes: free,
      wantFreeBytes: wantFreeBytes(now.keepFreeMB * 1e6, forecast),
      removableBytes: removableBytes(),
      starredBytes: kept.reduce((sum, camera) => sum + camera.starredBytes, 0),
      cameras,
      maxSegments: SEGMENTS_PER_STEP,
    };
  }

  async function sweepOnce(): Promise<void> {
    for (let thinned = 0; !closed; ) {
      const now = settings();
      const keepFreeBytes = now.keepFreeMB * 1e6;
      const free = await lookAtDisk(keepFreeBytes);
      const plan = planRemoval(stateOf(free, now));
      const mayThinMore = thinner.seen({ going: plan.going, isWhole: plan.going.length < SEGMENTS_PER_STEP });
      if (plan.going.length === 0) {
        if (mayThinMore && ++thinned < RECORDINGS_PER_SWEEP) continue;
        // quotas wait for it
        if (mayThinMore) waitMs = Math.min(waitMs, THINNING_GOES_ON_MS);
        become(free < keepFreeBytes, plan.short?.because ?? 'others');
        break;
      }
      let removed = 0;
      for (const [why, going] of Map.groupBy(plan.going, (one) => one.why)) {
        const ids = going.map((one) => one.id);
        const went = await library.removeSegments(ids, why);
        if (went > 0) removedSinceLook += going.reduce((sum, one) => sum + one.bytes, 0);
        removed += went;
        log.debug('removed recordings', { why, segments: went, freeMB: Math.round(free / 1e6) });
      }
      // somebody else removed the same ones: look again at the next turn, not in a circle
      if (removed === 0) break;
    }
    library.settle();
    const ageNowMs = library.ageNowMs();
    if (ageNowMs !== undefined && clock.monotonicMs() - eventsForgottenAtMs > FORGET_EVERY_MS) {
      library.forgetEventsBefore(ageNowMs - KEEP_EVENTS_MS);
      eventsForgottenAtMs = clock.monotonicMs();
    }
  }

  function sweep(): Promise<void> {
    sweeping ??= sweepOnce()
      .catch((error) => {
        waitMs = CLOSE_TO_FULL_MS;
        log.error('making room failed; it is tried again', { error: describeError(error) });
      })
      .finally(() => {
        sweeping = undefined;
      });
    return sweeping;
  }

  function turn(): void {
    void sweep().then(() => {
      if (!closed) cancelNext = clock.after(waitMs, turn);
    });
  }

  const close = async () => {
    closed = true;
    cancelNext();
    await sweeping;
  };
  turn();
  return {
    sweep,
    isFull: () => full,
    onFull(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    fillsBytesPerS: () => forecast.bytesPerS,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The library answers neither starred segments nor such that are being written. */
const asKept = (segment: Removable): KeptSegment => ({ ...segment, starred: false, isOpen: false });

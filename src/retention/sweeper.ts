// Makes room before it is needed: looks at the free space every few seconds when it is close to the limit, every half minute
// else, and removes the oldest in small steps, so that nobody waits for a long removal. Says when the disk is full and
// nothing is left to remove; telling the owner is up to others.

import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Library } from '../library/library.ts';
import { planRemoval } from './plan.ts';

export interface RetentionSettings {
  /** The oldest go when less than this is free. */
  readonly keepFreeMB: number;
  /** 0: kept until space is needed. */
  readonly maxAgeDays: number;
}

export interface SweeperOptions {
  readonly library: Pick<Library, 'oldestSegments' | 'removeSegments' | 'settle' | 'forgetEventsBefore'>;
  /** Space that recordings may still take; asked before each step. */
  readonly freeBytes: () => Promise<number>;
  /** How much of what is kept may go to make room; all of it when absent. Asked before each step. */
  readonly removableBytes?: () => number;
  readonly settings: () => RetentionSettings;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Sweeper extends AsyncDisposable {
  /** Looks at once; resolves when there is nothing more to do for now. */
  sweep(): Promise<void>;
  /** Less than wanted is free, and no recording is left that may go. */
  isFull(): boolean;
  /** Calls back when it becomes full, and when there is room again. */
  onFull(listener: (full: boolean) => void): () => void;
  close(): Promise<void>;
}

/** Small enough that a step takes well under a second, large enough that eight cameras cannot outrun it. */
const SEGMENTS_PER_STEP = 16;
const RELAXED_MS = 30_000;
const CLOSE_MS = 3_000;
/** Close: less than this is free above the limit. Eight cameras at 8 Mb/s fill it in about a minute. */
const CLOSE_BYTES = 512 * 1024 * 1024;
const DAY_MS = 86_400_000;
const KEEP_EVENTS_MS = 366 * DAY_MS;
const FORGET_EVERY_MS = 3_600_000;

/** Looks at once, and from then on by itself until it is closed. */
export function createSweeper(options: SweeperOptions): Sweeper {
  const { library, freeBytes, removableBytes = () => Number.POSITIVE_INFINITY, settings, clock, log } = options;
  const listeners = new Set<(full: boolean) => void>();
  let full = false;
  let isClose = true;
  let sweeping: Promise<void> | undefined;
  let cancelNext = () => {};
  let closed = false;
  let eventsForgottenAtMs = Number.NEGATIVE_INFINITY;

  function become(nowFull: boolean): void {
    if (nowFull === full) return;
    full = nowFull;
    if (full) log.error('the disk is full and no recording is left that may go');
    else log.info('the disk has room again');
    for (const listener of [...listeners]) listener(full);
  }

  async function sweepOnce(): Promise<void> {
    while (!closed) {
      const { keepFreeMB, maxAgeDays } = settings();
      const keepFreeBytes = keepFreeMB * 1e6;
      const free = await freeBytes();
      isClose = free < keepFreeBytes + CLOSE_BYTES;
      const going = planRemoval({
        freeBytes: free,
        keepFreeBytes,
        removableBytes: removableBytes(),
        maxAgeMs: maxAgeDays * DAY_MS,
        nowMs: clock.wallMs(),
        segmentsOldestFirst: library.oldestSegments(SEGMENTS_PER_STEP),
      });
      if (going.length === 0) {
        become(free < keepFreeBytes);
        break;
      }
      const removed = await library.removeSegments(going);
      log.debug('removed the oldest recordings', { segments: removed, freeMB: Math.round(free / 1e6) });
      // somebody else removed the same ones: look again at the next turn, not in a circle
      if (removed === 0) break;
    }
    library.settle();
    if (clock.monotonicMs() - eventsForgottenAtMs > FORGET_EVERY_MS) {
      library.forgetEventsBefore(clock.wallMs() - KEEP_EVENTS_MS);
      eventsForgottenAtMs = clock.monotonicMs();
    }
  }

  function sweep(): Promise<void> {
    sweeping ??= sweepOnce()
      .catch((error) => log.error('making room failed; it is tried again', { error: describeError(error) }))
      .finally(() => {
        sweeping = undefined;
      });
    return sweeping;
  }

  function turn(): void {
    void sweep().then(() => {
      if (!closed) cancelNext = clock.after(isClose ? CLOSE_MS : RELAXED_MS, turn);
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
    close,
    [Symbol.asyncDispose]: close,
  };
}

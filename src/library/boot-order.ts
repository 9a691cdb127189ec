// Boots among each other: pure decisions. They followed one another, so their recordings must, whatever a wall clock said: one that
// began before the one before has ended is put behind it, and one that nobody vouches for makes way for a time that is known.

import { type Marks, spanAt } from './boot-marks.ts';
import type { BootTime, BootTimes } from './boots-file.ts';

/** Since boot, where what was recorded in a boot ends; undefined when nothing of it is kept. */
export type EndSinceBoot = (bootId: string) => number | undefined;

export const isKnown = (marks: Marks): boolean => marks[0]?.kind === 'known';

const wallOf = ({ marks }: Pick<BootTime, 'marks'>, sinceBootMs: number): number =>
  sinceBootMs + (spanAt(marks, sinceBootMs)?.offsetMs ?? 0);

/** Where the recordings of all other boots end; −∞ when there are none. A clock that is doubted says nothing of that. */
export function newestEndMs(boots: BootTimes, exceptBootId: string, endOf: EndSinceBoot): number {
  return boots
    .filter((boot) => boot.bootId !== exceptBootId && boot.doubtedUntilMs === undefined)
    .reduce((newest, boot) => {
      const end = endOf(boot.bootId);
      return end === undefined ? newest : Math.max(newest, wallOf(boot, end));
    }, Number.NEGATIVE_INFINITY);
}

/**
 * Earlier boots whose time nobody vouches for, moved so that they end before the given one begins: all of them when its time is known,
 * else only those that are doubted. How long the machine was off in between nobody knows: no time at all is assumed.
 */
export function madeWay(boots: BootTimes, bootId: string, endOf: EndSinceBoot): BootTimes {
  const at = boots.findIndex((boot) => boot.bootId === bootId);
  const present = boots[at];
  if (!present) return boots;
  const moved = [...boots];
  let limitMs = wallOf(present, present.firstMs);
  for (let i = at - 1; i >= 0; i--) {
    const boot = boots[i]!;
    const end = endOf(boot.bootId);
    if (end === undefined) continue;
    const tooLateMs = wallOf(boot, end) - limitMs;
    if (tooLateMs > 0 && !isKnown(boot.marks) && (isKnown(present.marks) || boot.doubtedUntilMs !== undefined)) {
      const offsetMs = spanAt(boot.marks, end)!.offsetMs - tooLateMs;
      const { doubtedUntilMs: _, ...rest } = boot;
      moved[i] = { ...rest, marks: [{ fromMs: boot.firstMs, offsetMs, kind: 'placed' }] };
    }
    limitMs = Math.min(limitMs, wallOf(moved[i]!, boot.firstMs));
  }
  return moved;
}

// Which run of the machine this is, and how far it is into it: what orders recordings when the wall clock was wrong, as a Pi
// has no clock battery.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { type Synchronised, unsaid } from './synchronised.ts';

export interface Boot {
  readonly id: string;
  /** Milliseconds since the machine was switched on, of a moment on our monotonic clock. Never runs back. */
  sinceBootMs(monotonicMs: number): number;
  /** Whether the wall clock is known to be right; null when nobody can say. */
  wallSynchronised(): boolean | null;
  /** The wall clock has stepped. */
  stepped?(): void;
}

export interface BootParts {
  readonly synchronised?: Pick<Synchronised, 'now' | 'stepped'>;
  /** The clock is the real one, which may stand still while the machine sleeps; the kernel's uptime does not. */
  readonly maySleep?: boolean;
  /** Content of a file of the kernel; undefined when there is none. */
  readonly read?: (path: string) => string | undefined;
}

const SLEPT_MS = 1000;
const MOST_SLEEPS = 16;

const readKernel = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Reads the kernel's boot id and uptime (10 ms steps). */
export function readBoot(clock: Pick<Clock, 'monotonicMs'>, parts: BootParts = {}): Boot {
  const { synchronised = unsaid, maySleep = false, read = readKernel } = parts;
  const uptimeMinusMonotonicMs = () =>
    Math.round(Number(read('/proc/uptime')?.split(' ')[0] ?? 0) * 1000 - clock.monotonicMs());
  // a moment before the machine slept keeps the difference it had
  const differences = [{ fromMs: Number.NEGATIVE_INFINITY, ms: uptimeMinusMonotonicMs() }];
  function noticeSleep(): void {
    const ms = uptimeMinusMonotonicMs();
    if (ms - differences.at(-1)!.ms > SLEPT_MS) differences.push({ fromMs: clock.monotonicMs(), ms });
    if (differences.length > MOST_SLEEPS) differences.splice(1, 1);
  }
  return {
    id: read('/proc/sys/kernel/random/boot_id')?.trim() ?? randomUUID(),
    sinceBootMs(monotonicMs) {
      if (maySleep) noticeSleep();
      return monotonicMs + differences.findLast((difference) => difference.fromMs <= monotonicMs)!.ms;
    },
    wallSynchronised: () => synchronised.now(),
    stepped: () => synchronised.stepped(),
  };
}

// Which run of the machine this is, and how far it is into it: what orders recordings when the wall clock was wrong, as a Pi
// has no clock battery.

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';

export interface Boot {
  readonly id: string;
  /** Milliseconds since the machine was switched on, of a moment on our monotonic clock. */
  sinceBootMs(monotonicMs: number): number;
  /** Whether the wall clock is known to be right; null when nobody can say. */
  wallSynchronised(): boolean | null;
}

/** Reads the kernel's boot id and uptime (10 ms steps). */
export function readBoot(clock: Pick<Clock, 'monotonicMs'>): Boot {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  const uptimeMs = Number(read('/proc/uptime')?.split(' ')[0] ?? 0) * 1000;
  const offsetMs = uptimeMs - clock.monotonicMs();
  return {
    id: read('/proc/sys/kernel/random/boot_id') ?? randomUUID(),
    sinceBootMs: (monotonicMs) => monotonicMs + offsetMs,
    // systemd-timesyncd, the time keeper of Raspberry Pi OS, makes this file; elsewhere nobody says
    wallSynchronised: () =>
      existsSync('/run/systemd/timesync') ? existsSync('/run/systemd/timesync/synchronized') : null,
  };
}

// The rescue's waiting and its end: notes that the box restarts itself and why, then asks systemd for it, again and again when
// that is refused. Owns the time that is left.

import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Power } from '../power.ts';
import type { Situation } from './rescue.ts';
import type { RestartFile } from './restart-file.ts';
import { afterReboot, type Moment } from './restarts.ts';

export interface RescueWait {
  leftMs(): number;
  /** Why the box could not restart itself, as a sentence; undefined while it has not been tried, or was told to. */
  problem(): string | undefined;
  close(): void;
}

/** systemd is asked anew after this; so long it also has for a restart that it has agreed to. */
const AGAIN_MS = 120_000;

export function waitForRestart(parts: {
  readonly situation: Situation;
  readonly restarts: RestartFile;
  readonly power: Pick<Power, 'restart'>;
  readonly moment: () => Moment;
  readonly clock: Clock;
  readonly log: Log;
}): RescueWait {
  const { situation, restarts, power, clock, log } = parts;
  const dueMs = clock.monotonicMs() + situation.delayMs;
  let problem: string | undefined;
  let noted = false;
  let cancel = clock.after(situation.delayMs, due);

  function due(): void {
    if (!noted) restarts.change((record) => afterReboot(record, parts.moment(), situation.because));
    noted = true;
    log.warn('restarting the box');
    cancel = clock.after(AGAIN_MS, due);
    power.restart().then(
      () => {
        problem = undefined;
      },
      (error) => {
        problem = 'the system refused it.';
        log.error(`the box could not be restarted: ${describeError(error)}`);
      },
    );
  }
  return {
    leftMs: () => (noted ? 0 : Math.max(0, dueMs - clock.monotonicMs())),
    problem: () => problem,
    close: () => cancel(),
  };
}

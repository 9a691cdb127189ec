// Keeps the box's own screen true: addresses come and go, and the claim code is gone once somebody owns the box.

import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { lanAddresses } from '../system/machine.ts';
import { showOnScreen } from '../system/screen.ts';

export interface ScreenParts {
  /** `places.screen`. */
  readonly path: string;
  readonly boxName: () => string;
  readonly claimCode: () => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 10_000;

export function keepScreen({ path, boxName, claimCode, clock, log }: ScreenParts): { close(): void } {
  let cancel = () => {};
  let saidThatItFails = false;
  function look(): void {
    try {
      const facts = { boxName: boxName(), hostName: hostname(), addresses: lanAddresses(), claimCode: claimCode() };
      showOnScreen(path, facts);
    } catch (error) {
      if (!saidThatItFails) log.warn('nothing can be shown on the screen', { reason: describeError(error) });
      saidThatItFails = true;
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  }
  look();
  return { close: () => cancel() };
}

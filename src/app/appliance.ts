// The box itself, where Nightjar is the appliance and not a program on somebody's Linux: updates, whether all is well, power,
// reset, and what the boot found. Joins the rooms that know one of these each.

import type { Clock } from '../base/clock.ts';
import type { LogBook } from '../base/log.ts';
import type { Places } from '../base/places.ts';
import type { SettingsStore } from '../config/store.ts';
import type { SystemPort } from '../http/ports-system.ts';
import type { Boot } from '../library/boot.ts';
import { readOutcome } from '../setup/preset/outcome.ts';
import { readBootReport } from '../system/boot/report.ts';
import { diskSpace } from '../system/machine.ts';
import { systemPower } from '../system/power.ts';
import { askForReset } from '../system/reset/request.ts';
import { loadReleaseKeys, thisMachine } from '../system/update/keys.ts';
import { openUpdates, runningSlot, type Updates } from '../system/update/updates.ts';
import { version } from '../version.ts';
import type { LookingAfter } from './looking-after.ts';
import { updateFiles } from './update-files.ts';

/** Nobody sees the console of a box without a screen; whoever can switch it off and on again holds it. */
export const CLAIM_WITHOUT_CODE_MS = 3_600_000;

export interface ApplianceParts {
  readonly places: Places;
  readonly store: SettingsStore;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly logs: LogBook;
  /** Ends the program; the system starts it again. */
  readonly endProgram: (because: string) => void;
}

/** Updates as the appliance takes them. Never throws. */
export const openApplianceUpdates = ({ places, store, boot, clock, logs, endProgram }: ApplianceParts) =>
  openUpdates({
    files: updateFiles,
    folder: places.update,
    keys: loadReleaseKeys(places.releaseKeys),
    machine: thisMachine(),
    version,
    running: runningSlot(process.execPath, places.update),
    fetch: (url, init) => fetch(url, init),
    freeBytes: async () => (await diskSpace(places.data)).freeBytes,
    settings: () => store.current.updates,
    restartService: () => endProgram('an update is installed'),
    nowMs: () => (boot.wallSynchronised() === true ? clock.wallMs() : undefined),
    clock,
    log: logs.log('update'),
  });

/** What the page asks of the box itself. */
export function appliancePort(places: Places, updates: Updates, health: Pick<LookingAfter, 'restarts'>): SystemPort {
  const power = systemPower();
  const slot = runningSlot(process.execPath, places.update);
  return {
    view() {
      const boot = readBootReport(places.bootReport);
      const preset = readOutcome(places.preset);
      return {
        version,
        appliance: true,
        slot,
        ...(boot ? { boot } : {}),
        restarts: health.restarts().map(({ atMs, kind, message }) => ({ kind, message, ...(atMs ? { atMs } : {}) })),
        update: updates.view(),
        ...(preset ? { preset } : {}),
      };
    },
    appliance: { update: updates, askForReset: () => askForReset(places), ...power },
  };
}

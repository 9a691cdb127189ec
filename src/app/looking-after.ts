// Joins the health of the box to its parts: what systemd listens to, where restarts are written down, and which camera, disk and
// page prove that the box still works. On somebody's own Linux systemd is told as well, if it asks; nothing is written down there.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Places } from '../base/places.ts';
import type { Boot } from '../library/boot.ts';
import { createDiskProbe } from '../system/health/disk-probe.ts';
import { type Health, openHealth } from '../system/health/health.ts';
import { wasResetByWatchdog } from '../system/health/last-reset.ts';
import { nobody, systemNotifier } from '../system/health/notifier.ts';
import { openRestartFile, restartsInMemory, unwellPlace } from '../system/health/restart-file.ts';
import { probeWeb } from '../system/health/web-probe.ts';
import { type CamerasSeen, signsOfLife } from './signs-of-life.ts';

export interface LookingAfterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** On the appliance. */
  readonly places?: Pick<Places, 'health' | 'executable'>;
  readonly boot: Boot;
  /** An update that has to prove itself; `proven` writes down that it did. */
  readonly trial?: { proven(): void | Promise<void> };
  readonly clock: Clock;
  readonly log: Log;
}

export interface ProvingParts {
  readonly cameras: CamerasSeen;
  /** Any folder on the file system of the recordings; a small file is kept there. */
  readonly folder: string;
  /** Of the store: see `countedFiles`. */
  readonly writtenBytes: () => number;
  readonly http?: { readonly host: string; readonly port: number };
  readonly https?: { readonly host: string; readonly port: number };
}

export interface LookingAfter extends Pick<Health, 'restarts' | 'unwell' | 'ready'> {
  /** The page listens: from now on capture, disk and web are asked. */
  watch(parts: ProvingParts): void;
  /** The first of all that is stopped; more than once does no harm. */
  close(): void;
}

/** Call it early: a start that takes long then asks systemd for time. */
export function lookAfterBox(options: LookingAfterOptions): LookingAfter {
  const { env, places, boot, trial, clock, log } = options;
  const notifier = systemNotifier(env);
  const health = openHealth({
    notifier,
    restarts: places ? openRestartFile(places.health, log) : restartsInMemory(),
    ...(places ? { unwellPath: unwellPlace(places) } : {}),
    boot,
    wallSynchronised: () => boot.wallSynchronised(),
    isKernelReset: places !== undefined && wasResetByWatchdog(),
    ...(trial ? { trial } : {}),
    clock,
    log,
  });
  let signs: ReturnType<typeof signsOfLife> | undefined;
  return {
    restarts: health.restarts,
    unwell: health.unwell,
    ready: health.ready,
    watch({ cameras, folder, writtenBytes, http, https }) {
      // in somebody's own terminal there is nobody to prove anything to
      if (notifier === nobody && !places) return;
      const seen = signsOfLife(cameras);
      signs = seen;
      const address = http ? `http://${here(http)}` : https ? `https://${here(https)}` : undefined;
      if (address === undefined) throw new Error('without a page there is nothing to ask');
      health.watch({
        capture: () => seen.look(),
        disk: createDiskProbe({ folder, writtenBytes, clock }),
        web: () => probeWeb(address),
      });
    },
    close() {
      health.close();
      signs?.close();
    },
  };
}

/** How this machine itself reaches what listens there. */
function here({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

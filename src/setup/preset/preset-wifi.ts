// The Wi-Fi of nightjar.toml, handed to NetworkManager once, in the background of a start. Until that has worked it waits in
// `network.json`.

import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { keepWifi, type WifiOptions } from '../../network/wifi.ts';
import { readNetworkFile, takenUp } from './network-file.ts';

export interface PresetWifiOptions {
  /** `places.preset`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly run?: WifiOptions['run'];
}

/** Begins, if there is a Wi-Fi that waits. Never throws. */
export function joinPresetWifi({ folder, clock, log, run }: PresetWifiOptions): {
  /** Resolves when it has been handed over, given up or was stopped. */
  readonly done: Promise<void>;
  close(): Promise<void>;
} {
  const stop = new AbortController();
  const done = (async () => {
    try {
      const { wifi, waiting } = readNetworkFile(folder);
      if (!wifi || !waiting.includes('wifi')) return;
      const stands = await keepWifi(wifi, { clock, log, signal: stop.signal, ...(run ? { run } : {}) });
      if (stands) takenUp(folder, 'wifi');
    } catch (error) {
      log.error(`the Wi-Fi of nightjar.toml could not be set up (${describeError(error)})`);
    }
  })();
  return {
    done,
    close: async () => {
      stop.abort();
      await done;
    },
  };
}

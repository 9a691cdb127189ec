// How full the disk may become, and who hears of it when it is full.

import type { Alerts } from '../alerts/alerts.ts';
import type { SettingsStore } from '../config/store.ts';
import type { DiskSpace } from '../system/machine.ts';

/** Bytes to keep free. Never more than half of the disk: on a small one the setting would leave no room for a single recording. */
export const keepFree = (store: SettingsStore, { totalBytes }: DiskSpace): number =>
  Math.min(store.current.storage.keepFreeMB * 1_000_000, totalBytes / 2);

export const tellOfDisk = (alerts: Pick<Alerts, 'notice'>, full: boolean): void =>
  full
    ? alerts.notice(
        'disk-full',
        'The disk is full and there is no recording left to remove. Nothing is recorded until there is room; then it goes on by itself.',
      )
    : alerts.notice('recording-again', 'There is room on the disk again. Recording goes on.');

// How full the disk may become, and who hears of it when it is full.

import type { Alerts } from '../alerts/alerts.ts';
import type { SettingsStore } from '../config/store.ts';
import type { DiskSpace } from '../system/machine.ts';

/** Bytes to keep free. Never more than half of the disk: on a small one the setting would leave no room for a single recording. */
export const keepFree = (store: SettingsStore, { totalBytes }: DiskSpace): number =>
  Math.min(store.current.storage.keepFreeMB * 1_000_000, totalBytes / 2);

/**
 * Bytes of recordings that may go to make room. The last twentieth of the disk stays: where recordings take no more than that,
 * something else fills the disk, and would fill it again, until not one recording was left.
 */
export const mayGo = (recordingsBytes: number, { totalBytes }: DiskSpace): number =>
  Math.max(0, recordingsBytes - totalBytes / 20);

export const tellOfDisk = (alerts: Pick<Alerts, 'notice'>, full: boolean, because: 'starred' | 'others'): void =>
  full
    ? alerts.notice(
        'disk-full',
        because === 'starred'
          ? 'Only starred recordings are left on the disk, and they stay. When nothing fits any more recording stops. Take some stars away, delete recordings, or use a larger disk; recording goes on by itself.'
          : 'Something other than recordings fills the disk. The last recordings stay. When nothing fits any more recording stops, and goes on by itself when there is room.',
      )
    : alerts.notice('recording-again', 'There is room on the disk again. Recording goes on.');

export const tellOfWriting = (alerts: Pick<Alerts, 'notice'>, cameraName: string, fails: boolean): void =>
  fails
    ? alerts.notice(
        'recording-blocked',
        `${cameraName} cannot be recorded: writing to the disk fails, though it is not full. The disk or card may be worn out. It is tried again and again.`,
      )
    : alerts.notice('recording-again', `${cameraName} is recorded again.`);

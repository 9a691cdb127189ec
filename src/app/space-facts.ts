// How much room recordings have and take, for who warns the owner before it runs short.

import type { Clock } from '../base/clock.ts';
import type { SettingsStore } from '../config/store.ts';
import type { Library } from '../library/library.ts';
import { diskSpace } from '../system/machine.ts';
import { keepFree } from './disk.ts';
import { daysTheDiskHolds } from './status.ts';

export interface SpaceParts {
  readonly dataDir: string;
  readonly library: Pick<Library, 'totals' | 'bytesSince'>;
  readonly store: SettingsStore;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;

export async function spaceFacts({ dataDir, library, store, clock }: SpaceParts) {
  const space = await diskSpace(dataDir);
  const { bytes, oldestMs } = library.totals();
  const keepFreeBytes = keepFree(store, space);
  const daysHeld = daysTheDiskHolds({
    ...space,
    ...(oldestMs === null ? {} : { oldestMs }),
    bytes,
    bytesLastDay: library.bytesSince(clock.wallMs() - DAY_MS),
    keepFreeBytes,
    nowMs: clock.wallMs(),
  });
  const spaceBytes = Math.max(0, bytes + space.freeBytes - keepFreeBytes);
  return { recordingsBytes: bytes, spaceBytes, ...(daysHeld === undefined ? {} : { daysHeld }) };
}

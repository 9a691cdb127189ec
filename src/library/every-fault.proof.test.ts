// Each write, fsync, new file, rename, unlink, folder and row of a day in the life, in turn, is refused once: files and catalog agree afterwards, and no
// more is lost than what was refused.

import { expect, test } from 'bun:test';
import { useNativeCurves } from '../vault/fixture-native.ts';
import { MOST_LOST_MS, outliveAll } from './fixture-every-step.ts';

useNativeCurves();

for (const after of ['error', 'full'] as const) {
  test(`whatever step the disk or the catalog refuses, every promise is kept: ${after}`, async () => {
    const { faults, steps, lostMs } = await outliveAll(after);
    expect(faults).toEqual([]);
    expect(lostMs).toBeLessThanOrEqual(MOST_LOST_MS);
    // two cameras, pictures, removals: if the story got shorter, it would prove less
    expect(steps).toBeGreaterThan(150);
  }, 200_000);
}

// At each write, fsync, new file, rename, unlink, folder and row of a day in the life, in turn, the process or the power goes: after the next start
// files and catalog agree, and at most the last seconds are lost.

import { expect, test } from 'bun:test';
import { useNativeCurves } from '../vault/fixture-native.ts';
import { MOST_LOST_MS, outliveAll } from './fixture-every-step.ts';

useNativeCurves();

for (const after of ['killed', 'power cut, lost', 'power cut, zeros', 'power cut, names'] as const) {
  test(`whatever step the process or the power goes at, every promise is kept: ${after}`, async () => {
    const { faults, steps, lostMs } = await outliveAll(after);
    expect(faults).toEqual([]);
    expect(lostMs).toBeLessThanOrEqual(MOST_LOST_MS);
    // two cameras, pictures, removals: if the story got shorter, it would prove less
    expect(steps).toBeGreaterThan(150);
  }, 200_000);
}

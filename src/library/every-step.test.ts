// A sample, in seconds, of what the integration tests do at every step: see `every-fault` and `every-crash`.

import { expect, setDefaultTimeout, test } from 'bun:test';
import { useNativeCurves } from '../vault/fixture-native.ts';
import { everyAfter, outlive, outliveAll } from './fixture-every-step.ts';

useNativeCurves();
setDefaultTimeout(60_000);

test('a day on which nothing goes wrong: two cameras, pictures, an event, removals, and all of it proven', async () => {
  const { faults, proof, lostMs } = await outlive(Number.POSITIVE_INFINITY, 'killed', new Map());
  expect(faults).toEqual([]);
  expect(lostMs).toBe(0);
  expect(new Set(proof.segments.map(({ cameraId }) => cameraId))).toEqual(new Set(['door', 'yard']));
  expect(proof.segments.length).toBeGreaterThanOrEqual(5);
  expect(proof.pictures).toBe(2);
});

for (const [i, after] of everyAfter.entries()) {
  test(`every promise is kept after: ${after}`, async () => {
    const { faults, runs } = await outliveAll(after, 37, 7 + i * 6);
    expect(faults).toEqual([]);
    expect(runs).toBeGreaterThan(4);
  });
}

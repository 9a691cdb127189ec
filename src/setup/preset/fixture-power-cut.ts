// File steps of a box whose power goes, for tests.

import { systemTakeSteps, type TakeSteps } from './take.ts';

/** Without waiting for the disk. */
export const quickSteps: TakeSteps = { ...systemTakeSteps, fsync() {} };

/** Runs out of power in the middle of the nth step: a write is done in part, what comes after it not at all. */
export function cutAt(cut: number, part: number): { readonly steps: TakeSteps; readonly done: () => number } {
  let n = 0;
  const step =
    <A extends unknown[], R>(real: (...args: A) => R, half?: (...args: A) => void) =>
    (...args: A): R => {
      if (++n < cut) return real(...args);
      if (n === cut) half?.(...args);
      throw new Error('power cut');
    };
  const real = quickSteps;
  return {
    done: () => n,
    steps: {
      open: step(real.open),
      write: step(real.write, (fd, bytes) => real.write(fd, bytes.subarray(0, Math.floor(bytes.length * part)))),
      fsync: step(real.fsync),
      // A descriptor is closed by the power cut as well.
      close: (fd) => real.close(fd),
      rename: step(real.rename),
      remove: step(real.remove),
    },
  };
}

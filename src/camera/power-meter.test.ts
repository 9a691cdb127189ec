import { expect, test } from 'bun:test';
import { PowerMeter } from './power-meter.ts';

/** 15 pictures per second at 4 ms each; a key picture every 2 s at 10 ms. */
function run(meter: PowerMeter, plan: readonly (readonly [seconds: number, resting: boolean])[]): void {
  let atMs = 0;
  let cpuMs = 100;
  let fed = 0;
  meter.look(cpuMs, fed, true);
  for (const [seconds, resting] of plan) {
    for (let s = 0; s < seconds; s++) {
      for (let n = 0; n < 15; n++) {
        atMs += 1000 / 15;
        meter.picture(atMs, resting);
      }
      cpuMs += resting ? 5 : 60;
      fed += resting ? 0.5 : 15;
      if (s % 5 === 4) meter.look(cpuMs, fed, !resting);
    }
  }
}

test('what is saved is what every picture would have cost, less what was spent', () => {
  const meter = new PowerMeter();
  run(meter, [
    [10, false],
    [590, true],
  ]);
  const { restingShare, savedPercent } = meter.report();
  expect(restingShare).toBe(0.98);
  // 60 ms per second awake, 5 resting: 5.4 % of a core, for nearly all of the time.
  expect(savedPercent).toBeCloseTo(5.4, 0);
});

test('a camera that never rests saves nothing', () => {
  const meter = new PowerMeter();
  run(meter, [[120, false]]);
  expect(meter.report()).toEqual({ restingShare: 0, savedPercent: 0 });
});

test('nothing is claimed before a picture’s cost has been measured', () => {
  const meter = new PowerMeter();
  expect(meter.report()).toEqual({ restingShare: 0 });
  run(meter, [[60, true]]);
  expect(meter.report()).toEqual({ restingShare: 1 });
});

test('what starting a decoder costs is spent, but is no picture’s cost', () => {
  const [slow, quick] = [2000, 0].map((startMs) => {
    const meter = new PowerMeter();
    for (let n = 0; n < 150; n++) meter.picture(n * 66, n > 60);
    meter.look(0, 0, true);
    meter.look(startMs + 10, 10, true);
    meter.look(startMs + 60 * 4, 60, true);
    return meter.report().savedPercent!;
  });
  expect(slow!).toBeLessThan(quick!);
  expect(quick!).toBeGreaterThan(3);
});

test('figures follow the last hours, not the first day', () => {
  const meter = new PowerMeter();
  run(meter, [
    [600, true],
    [36_000, false],
  ]);
  expect(meter.report().restingShare).toBeLessThan(0.01);
});

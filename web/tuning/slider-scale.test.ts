import { expect, test } from 'bun:test';
import { curvedScale, logScale, plainScale, type Scale } from './slider-scale.ts';

const scales: Readonly<Record<string, readonly [Scale, number, number]>> = {
  sizes: [logScale(0.01, 100), 0.01, 100],
  times: [curvedScale(10_000), 0, 10_000],
  sensitivity: [plainScale(1, 100), 1, 100],
};

for (const [name, [scale, low, high]] of Object.entries(scales)) {
  test(`the ends of ${name} are exact, and further right is never less`, () => {
    expect([scale.valueAt(0), scale.valueAt(scale.steps)]).toEqual([low, high]);
    for (let n = 1; n <= scale.steps; n++) {
      expect(scale.valueAt(n)).toBeGreaterThanOrEqual(scale.valueAt(n - 1));
      expect(scale.positionOf(scale.valueAt(n))).toBeGreaterThanOrEqual(scale.positionOf(scale.valueAt(n - 1)));
    }
    expect([scale.positionOf(low - 1), scale.positionOf(high * 9)]).toEqual([0, scale.steps]);
  });
}

test('values that are usual stand where they can be reached', () => {
  const near = (scale: Scale, value: number) => Math.abs(scale.valueAt(scale.positionOf(value)) - value) / value;
  for (const percent of [0.03, 0.05, 0.5, 2, 30]) expect(near(logScale(0.01, 100), percent)).toBeLessThan(0.05);
  for (const ms of [200, 400, 1000, 5000]) expect(near(curvedScale(10_000), ms)).toBeLessThan(0.05);
});

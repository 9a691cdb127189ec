// Where a value stands on a slider whose ends are far apart: sizes on a logarithmic scale, times on a curved one. Pure.

export interface Scale {
  /** Positions run from 0 to this. */
  readonly steps: number;
  valueAt(position: number): number;
  /** A value outside the scale stands at its end. */
  positionOf(value: number): number;
}

const steps = 200;
const inside = (share: number) => Math.min(1, Math.max(0, share));

/** Two digits are what somebody can mean by a slider. */
const rounded = (value: number): number => (value === 0 ? 0 : Number(value.toPrecision(2)));

function scale(
  valueFor: (share: number) => number,
  shareOf: (value: number) => number,
  ends: readonly [number, number],
) {
  const positionOf = (value: number) => Math.round(steps * inside(shareOf(value)));
  return {
    steps,
    positionOf,
    valueAt: (position: number) =>
      position <= 0 ? ends[0] : position >= steps ? ends[1] : rounded(valueFor(position / steps)),
  } satisfies Scale;
}

/** Equal steps multiply: 0.01, 0.1, 1, 10. */
export const logScale = (low: number, high: number): Scale =>
  scale(
    (share) => low * (high / low) ** share,
    (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low),
    [low, high],
  );

/** From 0, fine at first and coarse at the end. */
export const curvedScale = (high: number, exponent = 2.5): Scale =>
  scale(
    (share) => high * share ** exponent,
    (value) => (Math.max(0, value) / high) ** (1 / exponent),
    [0, high],
  );

export const plainScale = (low: number, high: number): Scale => ({
  steps: high - low,
  valueAt: (position) => low + position,
  positionOf: (value) => Math.round(Math.min(high, Math.max(low, value)) - low),
});

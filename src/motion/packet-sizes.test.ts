import { describe, expect, test } from 'bun:test';
import type { CompressedPicture } from '../media/picture-role.ts';
import { PacketSizes } from './packet-sizes.ts';

/** Repeatable numbers between 0 and 1. */
const dice = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

interface Encoder {
  readonly fps: number;
  readonly group: number;
  /** Times the usual that a picture at this moment needs. */
  readonly busy: (atMs: number) => number;
  readonly scale?: number;
  /** Share by which sizes wander by themselves. */
  readonly noise?: number;
  /** Two-deep pyramids of four, as x264 makes them. */
  readonly pyramid?: boolean;
}

function* stream({
  fps,
  group,
  busy,
  scale = 1,
  noise = 0.15,
  pyramid = false,
}: Encoder): Generator<CompressedPicture> {
  const random = dice(7);
  const stepMs = 1000 / fps;
  const order = [4, 2, 1, 3];
  const share: Record<number, number> = { 4: 1, 2: 0.35, 1: 0.15, 3: 0.15 };
  for (let n = 0; n < fps * 120; n++) {
    const inGroup = n % group;
    const decodeMs = n * stepMs;
    const key = inGroup === 0;
    const place = pyramid && !key ? order[(inGroup - 1) % 4]! : 1;
    const first = n - inGroup + (pyramid && !key ? Math.floor((inGroup - 1) / 4) * 4 : inGroup - 1);
    const usual = (key ? 20_000 : 1000) * (pyramid && !key ? share[place]! : 1);
    const bytes = usual * scale * (key ? 1 : busy(decodeMs)) * (1 + noise * (2 * random() - 1));
    const reference = !pyramid || key || place === 4 || place === 2;
    yield { decodeMs, showMs: key ? decodeMs : (first + place) * stepMs, bytes, key, reference, layer: 0 };
  }
}

/** The highest score between two moments. */
function highest(encoder: Encoder, fromMs: number, toMs: number): number {
  const sizes = new PacketSizes();
  let most = Number.NEGATIVE_INFINITY;
  for (const picture of stream(encoder)) {
    const score = sizes.push(picture);
    if (picture.decodeMs >= fromMs && picture.decodeMs < toMs) most = Math.max(most, score);
  }
  return most;
}

const WAKE = 1.8;
const camera = { fps: 15, group: 30 } as const;
const step = (factor: number) => (atMs: number) => (atMs >= 60_000 ? factor : 1);

describe.each([
  ['a camera with forward pictures only', { ...camera }],
  ['a pyramid of pictures between others', { fps: 12, group: 25, pyramid: true }],
  ['a camera that sends five a second', { fps: 5, group: 10 }],
])('%s', (_, encoder) => {
  test('stays quiet while sizes wander as they do', () => {
    expect(highest({ ...encoder, busy: () => 1 }, 5000, 120_000)).toBeLessThan(WAKE);
  });
  test('is woken within a second when pictures need half as much again', () => {
    expect(highest({ ...encoder, busy: step(1.5) }, 60_000, 61_000)).toBeGreaterThan(WAKE);
  });
  test('gets used to it: a minute later the same is quiet', () => {
    expect(highest({ ...encoder, busy: step(1.5) }, 100_000, 120_000)).toBeLessThan(WAKE);
  });
  test('is judged by ratios: ten times the bit rate gives the same scores', () => {
    const [small, large] = [1, 10].map((scale) => highest({ ...encoder, busy: step(1.5), scale }, 60_000, 61_000));
    expect(Math.abs(small! - large!)).toBeLessThan(0.35 * small!);
  });
});

test('a single large picture wakes nobody', () => {
  const busy = (atMs: number) => (Math.abs(atMs - 60_000) < 30 ? 6 : 1);
  expect(highest({ ...camera, busy }, 59_000, 62_000)).toBeLessThan(WAKE);
});

test('a bit rate that rises slowly, as in the evening, wakes nobody', () => {
  expect(highest({ ...camera, busy: (atMs) => 1 + atMs / 60_000 }, 5000, 120_000)).toBeLessThan(WAKE);
});

test('a restless scene, whose sizes go up and down by a quarter all the time, asks for more than a quiet one', () => {
  const wind = (atMs: number) => 1.5 + 0.375 * Math.sin(atMs / 700);
  const calm = highest({ ...camera, busy: step(1.5) }, 60_000, 61_000);
  const restless = highest({ ...camera, busy: (atMs) => wind(atMs) * step(1.5)(atMs) }, 60_000, 61_000);
  expect(restless).toBeLessThan(calm);
});

test('while something is known to move, sizes are learnt so slowly that it stays unusual', () => {
  const after = (moving: boolean) => {
    const sizes = new PacketSizes();
    let score = 0;
    for (const picture of stream({ ...camera, busy: step(1.6) })) {
      if (picture.decodeMs > 80_000) break;
      score = sizes.push(picture, moving && picture.decodeMs > 60_000);
    }
    return score;
  };
  expect(after(true)).toBeGreaterThan(after(false) + 1);
});

test('times that stand still, go back or are no numbers do no harm', () => {
  const sizes = new PacketSizes();
  const picture = { bytes: 1000, key: false, reference: true, layer: 0 };
  for (const ms of [0, 40, 40, 20, Number.NaN, Number.POSITIVE_INFINITY, 1e15, -5, 80, 120]) {
    sizes.push({ ...picture, decodeMs: ms, showMs: ms, key: ms === 0 });
    sizes.push({ ...picture, decodeMs: ms, showMs: ms, bytes: Number.NaN });
    sizes.push({ ...picture, decodeMs: ms, showMs: ms, bytes: -7 });
  }
  for (let n = 0; n < 200; n++) sizes.push({ ...picture, decodeMs: 200 + n * 40, showMs: 200 + n * 40 });
  expect(Number.isFinite(sizes.score)).toBe(true);
});

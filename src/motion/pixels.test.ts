import { expect, test } from 'bun:test';
import { type Light, sameLight } from './light.ts';
import { type Thresholds, thresholdsFor } from './params.ts';
import { Pixels } from './pixels.ts';

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

/** The rules of the kernel once more, pixel by pixel, the plain and slow way. */
class Plain {
  readonly width: number;
  readonly level: number[];
  readonly noise: number[];
  mask: number[] = [];
  moving = 0;
  sumX = 0;
  sumY = 0;
  #learned = 0;

  constructor(width: number, first: Uint8Array) {
    this.width = width;
    this.level = Array.from(first, (grey) => grey * 256);
    this.noise = Array.from(first, () => 512);
  }

  step(now: Uint8Array, before: Uint8Array, factors: Uint8Array, lights: readonly [Light, Light], t: Thresholds): void {
    const { width, level, noise } = this;
    const learn = ++this.#learned < 64 ? Math.max(2, Math.floor(Math.log2(this.#learned + 1))) : 6;
    const fast = Math.min(learn, 4);
    const usual = [...level];
    const candidates: [pixel: number, here: number, limit: number][] = [];
    const inLight = (grey: number, { gain, offset }: Light) =>
      clamp(grey * Math.round(gain * 256) + Math.round(offset * 256), 65_280);
    this.mask = [];
    this.moving = this.sumX = this.sumY = 0;
    const towards = (from: number, to: number, half: number, shift: number) =>
      to > from
        ? from + (Math.min(65_535, to - from + half) >> shift)
        : from - (Math.min(65_535, from - to + half) >> shift);
    for (let i = 0; i < now.length; i++) {
      const here = inLight(now[i]!, lights[0]);
      const off = Math.abs(here - usual[i]!);
      const change = Math.abs(inLight(now[i]!, lights[1]) - before[i]! * 256);
      const floor = Math.min(t.floorMost, t.floorBase + (usual[i]! >> 8) * t.floorSlope);
      const own = Math.min(65_535, floor + Math.min(65_535, (noise[i]! * Math.max(0, t.noiseTimes16 - 48)) >> 4));
      const limit = Math.min(
        65_535,
        Math.min(65_535, (noise[i]! * 48) >> 4) + Math.min(65_535, Math.floor((own * factors[i]!) / 16)),
      );
      const differs = off > limit;
      this.mask.push(differs && factors[i]! > 0 ? 1 : 0);
      if (this.mask[i] && change > limit - (limit >> 2)) {
        candidates.push([i, here, (floor >> 1) + noise[i]!]);
      }
      level[i] = towards(level[i]!, now[i]! * 256, 0, differs ? fast + 2 : fast);
      noise[i] = towards(noise[i]!, change, 1 << (learn - 1), learn);
    }
    // Eight pixels at a time: those and all before have learnt already. A row's ends touch the next row's, and beyond
    // the first and the last row is what was there before.
    for (const [i, here, limit] of candidates) {
      const near = [-width, 0, width].flatMap((row) =>
        [-1, 0, 1].map((dx) => {
          const j = i + row + dx;
          if (j < 0) return usual[j + width] ?? 0;
          if (j >= now.length) return usual[j - width] ?? 0;
          return (j >> 3 <= i >> 3 && j !== i ? level : usual)[j]!;
        }),
      );
      if (here >= Math.min(...near) - limit && here <= Math.max(...near) + limit) continue;
      this.moving++;
      this.sumX += i % width;
      this.sumY += Math.floor(i / width);
    }
  }
}

let seed = 1;
const random = (below: number) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (seed >> 8) % below;
};

const total = (counts: Int32Array) => counts.reduce((sum, count) => sum + count, 0);

test.each([
  [64, 40, sameLight, sameLight],
  [50, 33, sameLight, { gain: 1.3, offset: -20 }],
  [17, 16, { gain: 0.5, offset: 60 }, sameLight],
  [336, 20, { gain: 4, offset: -200 }, { gain: 0.25, offset: 90 }],
])(
  'the kernel marks, learns and counts %p×%p pictures as the plain rules do, in light %p and %p',
  (width, height, a, b) => {
    const pixels = new Pixels(width, height, 3);
    const n = width * height;
    const factors = Uint8Array.from({ length: n }, () => [0, 1, 16, 16, 16, 60, 255][random(7)]!);
    const scene = Uint8Array.from({ length: n }, () => random(256));
    const pictures = [scene, scene, scene];
    pixels.setFactors(factors);
    pixels.remember(scene, 0);
    pixels.restart(0);
    const plain = new Plain(width, scene);
    let moved = 0;
    for (let frame = 1; frame < 80; frame++) {
      const now = scene.map((grey) => clamp(grey + random(5) - 2 + (random(12) === 0 ? random(200) - 100 : 0), 255));
      const [slot, before] = [frame % 3, (frame + 1) % 3];
      pictures[slot] = now;
      pixels.remember(now, slot);
      expect(pixels.isIn(now, slot)).toBe(true);
      expect(pixels.isIn(scene, slot)).toBe(false);
      const thresholds = thresholdsFor([1, 50, 75, 100][frame % 4]!);
      pixels.step(slot, before, a, b, thresholds);
      plain.step(now, pictures[before]!, factors, [a, b], thresholds);
      const mask = Array.from(
        { length: n },
        (_, i) => pixels.mask[Math.floor(i / width) * pixels.stride + (i % width)],
      );
      expect(mask).toEqual(plain.mask);
      expect(total(pixels.differing)).toBe(plain.mask.reduce((sum, bit) => sum + bit, 0));
      moved += total(pixels.moving);
      if (pixels.stride === width) {
        expect([total(pixels.moving), total(pixels.sumX), total(pixels.sumY)]).toEqual([
          plain.moving,
          plain.sumX,
          plain.sumY,
        ]);
      }
    }
    expect(moved).toBeGreaterThan(0);
  },
);

test('cells hold what moves in them, and their means are those of their pixels', () => {
  const pixels = new Pixels(80, 60, 3);
  pixels.setFactors(new Uint8Array(80 * 60).fill(16));
  const empty = new Uint8Array(80 * 60).fill(100);
  pixels.remember(empty, 0);
  pixels.restart(0);
  const means = new Float32Array(pixels.cellCount);
  pixels.meansOfBackground(means);
  expect(new Set(means)).toEqual(new Set([100]));
  const thing = empty.slice();
  for (let y = 16; y < 24; y++) thing.fill(180, y * 80 + 40, y * 80 + 48);
  pixels.remember(thing, 1);
  pixels.step(1, 0, sameLight, sameLight, thresholdsFor(50));
  const cell = 2 * pixels.columns + 5;
  expect([pixels.differing[cell], pixels.moving[cell]]).toEqual([64, 64]);
  expect([pixels.sumX[cell]! / 64, pixels.sumY[cell]! / 64]).toEqual([43.5, 19.5]);
  expect(total(pixels.moving)).toBe(64);
  pixels.meansOfPicture(1, means);
  expect([means[cell], means[cell + 1]]).toEqual([180, 100]);
});

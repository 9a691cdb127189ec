// What holds for every scene, light, noise, thing and sensitivity, tried on random ones. The same seeds every time.

import { heapStats } from 'bun:jsc';
import { describe, expect, test } from 'bun:test';
import type { LumaFrame } from '../media/types.ts';
import { createDetector, type MotionSignal } from './detector.ts';
import { defaultMotionParams, type MotionParams } from './params.ts';
import { Scene } from './scene.test-data.ts';

const WIDTH = 160;
const HEIGHT = 90;
const STEP_MS = 200;
/** The model has settled by then, and things begin. */
const BEGIN = 25;

class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  between(least: number, most: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return least + (this.#state / 2 ** 32) * (most - least);
  }
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }
}

function watch(
  frames: number,
  seed: number,
  draw: (scene: Scene, frame: number) => void,
  noise = 2,
  params: Partial<MotionParams> = {},
): MotionSignal[] {
  const scene = new Scene(WIDTH, HEIGHT, 1 + (seed % 40));
  const detector = createDetector({ ...defaultMotionParams, ...params });
  return Array.from({ length: frames }, (_, frame) => {
    scene.restore();
    draw(scene, frame);
    return detector.step({ width: WIDTH, height: HEIGHT, data: scene.picture(noise), atMs: frame * STEP_MS });
  });
}

const movingFrames = (signals: readonly MotionSignal[]) => signals.flatMap((signal, i) => (signal.moving ? [i] : []));

/** Posts and beams in random places: edges that a shake would move. */
function furnish(scene: Scene, seed: number): void {
  const random = new Random(seed);
  const shade = () => random.between(30, 70) * (random.between(0, 1) < 0.5 ? -1 : 1);
  for (let k = 0; k < 16; k++) {
    scene.add(random.whole(8, 140), random.whole(8, 60), random.whole(2, 6), random.whole(10, 30), shade());
    scene.add(random.whole(8, 120), random.whole(8, 80), random.whole(10, 30), random.whole(2, 4), shade());
  }
}

/** A camera knocked in picture 40 swings, less and less, for seconds. */
const swing = (frame: number) => Math.cos(frame * 2) * 0.95 ** (frame - 40);

const seeds = (count: number) => Array.from({ length: count }, (_, i) => 101 + i * 7919);

describe('alarms by itself never', () => {
  test('a change of brightness and contrast, at once or within a second', () => {
    for (const seed of seeds(4)) {
      const random = new Random(seed);
      const gain = 2 ** random.between(-1, 0.8);
      const offset = random.between(-40, 40);
      const lasts = random.whole(1, 5);
      const signals = watch(50, seed, (scene, frame) => {
        const share = Math.min(1, Math.max(0, frame - BEGIN) / lasts);
        scene.light(gain ** share, offset * share);
      });
      expect({ seed, moving: movingFrames(signals) }).toEqual({ seed, moving: [] });
    }
  });

  test('noise of any level', () => {
    for (const [i, seed] of seeds(4).entries()) {
      const signals = watch(50, seed, (scene) => furnish(scene, seed), i * 5);
      expect({ seed, moving: movingFrames(signals) }).toEqual({ seed, moving: [] });
    }
  });

  test('a shake of a pixel, now and then or all the time', () => {
    for (const seed of seeds(3)) {
      const random = new Random(seed);
      const always = random.between(0, 1) < 0.5;
      const signals = watch(60, seed, (scene, frame) => {
        furnish(scene, seed);
        const shakes = always || (frame >= BEGIN && random.between(0, 1) < 0.3);
        if (shakes) scene.shift(random.whole(-1, 1), random.whole(-1, 1));
      });
      expect({ seed, moving: movingFrames(signals) }).toEqual({ seed, moving: [] });
    }
  });

  test('a knock of up to five pixels, whether the camera swings for seconds or stays aside', () => {
    for (const seed of seeds(2)) {
      const random = new Random(seed);
      const [dx, dy] = [random.whole(3, 5), random.whole(-3, 3)];
      for (const stays of [false, true]) {
        const signals = watch(75, seed, (scene, frame) => {
          furnish(scene, seed);
          const share = frame < 40 ? 0 : stays ? 1 : swing(frame);
          scene.shift(Math.round(dx * share), Math.round(dy * share));
        });
        expect({ seed, stays, moving: movingFrames(signals) }).toEqual({ seed, stays, moving: [] });
      }
    }
  });

  test('a picture of another size', () => {
    const random = new Random(5);
    const detector = createDetector(defaultMotionParams);
    let atMs = 0;
    for (let change = 0; change < 6; change++) {
      const scene = new Scene(random.whole(16, 320), random.whole(16, 200), 3);
      for (let frame = 0; frame < 12; frame++) {
        atMs += STEP_MS;
        const picture = { width: scene.width, height: scene.height, data: scene.picture(2), atMs };
        expect(detector.step(picture).moving).toBe(false);
      }
    }
  });
});

/**
 * Honest limits: from 5 pixels of side (0.17 % of this picture) to half its height; contrast of 12 levels and six times the noise,
 * which is what a pixel is asked for; from 2 pixels in a picture (slower things take longer to leave their place) to its own side and 5.
 */
test('a moving square of any size, contrast above the noise and speed is found within 0.6 s', () => {
  for (const seed of seeds(16)) {
    const random = new Random(seed);
    const noise = random.between(0.5, 5);
    const side = random.whole(5, 45);
    const contrast = (12 + 6 * noise + random.between(0, 40)) * (random.between(0, 1) < 0.5 ? -1 : 1);
    const speed = random.between(2, Math.min(side + 5, 12));
    const angle = random.between(0, 2 * Math.PI);
    const signals = watch(
      BEGIN + 4,
      seed,
      (scene, frame) => {
        const along = (frame - BEGIN - 1.5) * speed;
        const x = Math.round(80 - side / 2 + along * Math.cos(angle));
        const y = Math.round(45 - side / 2 + along * Math.sin(angle));
        if (frame >= BEGIN) scene.add(x, y, side, side, contrast);
      },
      noise,
    );
    const first = movingFrames(signals)[0] ?? Number.POSITIVE_INFINITY;
    expect({ seed, early: first < BEGIN, inTime: first <= BEGIN + 3 }).toEqual({ seed, early: false, inTime: true });
  }
});

test('somebody who walks 3 s after a lamp went on or off is found within 0.6 s', () => {
  for (const seed of seeds(3)) {
    const random = new Random(seed);
    const gain = 2 ** random.between(-1, 0.8);
    const corner = random.between(0, 60);
    const contrast = random.between(40, 70) / Math.min(1, gain);
    const signals = watch(BEGIN + 20, seed, (scene, frame) => {
      if (frame >= BEGIN + 15) scene.add(20 + (frame - BEGIN - 15) * 5, 25, 12, 34, contrast);
      if (frame < BEGIN) return;
      scene.light(gain, 0);
      scene.lamp(corner);
    });
    const moving = movingFrames(signals);
    const walks = BEGIN + 15;
    expect({ seed, before: moving.filter((f) => f < walks), inTime: (moving[0] ?? 999) <= walks + 3 }).toEqual({
      seed,
      before: [],
      inTime: true,
    });
  }
});

test('somebody who walks in while a knocked camera still swings is found within 0.6 s', () => {
  for (const seed of seeds(3)) {
    const random = new Random(seed);
    const [dx, dy] = [random.whole(3, 5), random.whole(-3, 3)];
    const signals = watch(60, seed, (scene, frame) => {
      furnish(scene, seed);
      if (frame >= 42) scene.add(10 + (frame - 42) * 5, 25, 12, 34, 70);
      const share = frame < 40 ? 0 : swing(frame);
      scene.shift(Math.round(dx * share), Math.round(dy * share));
    });
    const first = movingFrames(signals)[0] ?? 999;
    expect({ seed, early: first < 42, inTime: first <= 45 }).toEqual({ seed, early: false, inTime: true });
  }
});

test('somebody who stands still for 30 s is silent, is seen to leave, and leaves no ghost', () => {
  for (const seed of seeds(2)) {
    const random = new Random(seed);
    const contrast = random.between(30, 70) * (random.between(0, 1) < 0.5 ? -1 : 1);
    const signals = watch(240, seed, (scene, frame) => {
      const x = frame < 40 ? (frame - BEGIN) * 4 : frame < 190 ? 60 : 60 + (frame - 190) * 6;
      if (frame >= BEGIN && frame < 210) scene.add(x, 30, 12, 34, contrast);
    });
    const moving = movingFrames(signals);
    expect(moving.some((f) => f <= 40)).toBe(true);
    expect(moving.some((f) => f >= 190 && f < 205)).toBe(true);
    expect({ seed, odd: moving.filter((f) => (f > 43 && f < 190) || f > 213) }).toEqual({ seed, odd: [] });
  }
});

test('a thing put down is silent within a second, is absorbed, and is a ghost for no longer when it is taken away', () => {
  for (const seed of seeds(2)) {
    const signals = watch(200, seed, (scene, frame) => {
      if (frame >= BEGIN && frame < 150) scene.add(60, 50, 18, 14, 60);
    });
    const late = movingFrames(signals).filter((f) => (f > BEGIN + 5 && f < 150) || f > 155);
    expect({ seed, late }).toEqual({ seed, late: [] });
  }
});

describe('sensitivity', () => {
  const bank = [5, 12, 35, 100].flatMap((contrast) => [6, 20].map((side) => ({ contrast, side })));
  const found = (sensitivity: number) =>
    bank.map(({ contrast, side }, i) => {
      const walk = (scene: Scene, frame: number) => {
        if (frame >= BEGIN) scene.add(15 + (frame - BEGIN) * 4, 30, side, side, contrast);
      };
      return movingFrames(watch(BEGIN + 14, i, walk, 0.5, { sensitivity })).length > 0;
    });
  const scale = [1, 25, 50, 75, 100].map(found);

  test('more of it never finds fewer things', () => {
    scale.slice(1).forEach((more, i) => {
      for (const [thing, wasFound] of scale[i]!.entries()) expect(more[thing] || !wasFound).toBe(true);
    });
    const counts = scale.map((things) => things.filter(Boolean).length);
    expect(new Set(counts).size).toBeGreaterThan(2);
  });

  test('1 is almost blind and 100 notices whatever stands out from the noise', () => {
    expect(bank.filter((_, i) => scale[0]![i]).every(({ contrast }) => contrast >= 100)).toBe(true);
    expect(bank.filter((_, i) => !scale.at(-1)![i])).toEqual([]);
  });
});

describe('whatever it is fed', () => {
  const oddFrame = (random: Random, last: LumaFrame): LumaFrame => {
    const kind = random.whole(0, 8);
    const odd = (value: number) =>
      [value, -value, value + 0.5, Number.NaN, Number.POSITIVE_INFINITY, 0][random.whole(0, 5)]!;
    const atMs = [last.atMs + 200, last.atMs - 200, last.atMs, Number.NaN, 1e18, -1e18][random.whole(0, 5)]!;
    if (kind === 0) return { ...last, width: odd(last.width), atMs };
    if (kind === 1) return { ...last, height: odd(last.height), atMs };
    if (kind === 2) return { ...last, data: last.data.subarray(0, random.whole(0, last.data.length)), atMs };
    if (kind === 3) return { ...last, sparse: true, atMs: last.atMs + 200 };
    if (kind === 4) {
      const [width, height] = [random.whole(16, 70), random.whole(16, 70)];
      return { width, height, data: new Uint8Array(width * height + random.whole(0, 9)), atMs: last.atMs };
    }
    const data = Uint8Array.from(last.data, (_, i) => (kind === 5 ? random.whole(0, 255) : (i * kind) & 255));
    return { ...last, data, atMs: kind === 6 ? atMs : last.atMs + 200 };
  };

  test('it never throws, and says nothing impossible', () => {
    const random = new Random(77);
    const detector = createDetector({ ...defaultMotionParams, sensitivity: Number.NaN });
    let frame: LumaFrame = { width: 64, height: 40, data: new Uint8Array(64 * 40), atMs: 0 };
    for (let round = 0; round < 400; round++) {
      const next = oddFrame(random, frame);
      const { level, blobs, sinceMs } = detector.step(next);
      expect(level >= 0 && level <= 100 && blobs.length <= 100).toBe(true);
      if (sinceMs !== undefined && Number.isFinite(next.atMs)) expect(Number.isFinite(sinceMs)).toBe(true);
      detector.view();
      if (Number.isFinite(next.atMs) && Math.abs(next.atMs) < 1e12 && next.width >= 16)
        frame = { ...frame, atMs: next.atMs };
    }
  });

  test('it does not grow: not with clocks that stand still, nor with a picture that never rests', () => {
    const random = new Random(3);
    const detector = createDetector({ ...defaultMotionParams, sensitivity: 100 });
    const [width, height] = [160, 90];
    const data = new Uint8Array(width * height);
    let round = 0;
    const feed = (rounds: number) => {
      for (const end = round + rounds; round < end; round++) {
        for (let i = 0; i < data.length; i++) data[i] = 90 + ((i * 7 + round * 13) & 1);
        // Walks to and fro for ever, and something flickers beside it.
        const thing = 40 * width + 30 + Math.abs(((round * 2) % 160) - 80);
        const flicker = 10 * width + 20 + 8 * random.whole(0, 1);
        for (let y = 0; y < 8; y++) {
          data.fill(110, thing + y * width, thing + y * width + 8);
          data.fill(120, flicker + y * width, flicker + y * width + 8);
        }
        detector.step({ width, height, data, atMs: 1000 });
      }
    };
    const count = () => {
      Bun.gc(true);
      return heapStats().objectCount;
    };
    feed(300);
    const before = count();
    feed(900);
    // 900 pictures, and not one object for each.
    expect(count() - before).toBeLessThan(600);
  });
});

import { describe, expect, test } from 'bun:test';
import { createDetector, type MotionSignal } from './detector.ts';
import { defaultMotionParams, type MotionParams } from './params.ts';
import { Scene } from './scene.test-data.ts';

const WIDTH = 160;
const HEIGHT = 90;
const STEP_MS = 200;

/** Feeds a scene to a detector; frame numbers count from 0, five to the second. */
function watch(
  frames: number,
  draw: (scene: Scene, frame: number) => void,
  params: Partial<MotionParams> = {},
  noise = 2,
): MotionSignal[] {
  const scene = new Scene(WIDTH, HEIGHT, 7);
  const detector = createDetector({ ...defaultMotionParams, ...params });
  return Array.from({ length: frames }, (_, frame) => {
    scene.restore();
    draw(scene, frame);
    return detector.step({ width: WIDTH, height: HEIGHT, data: scene.picture(noise), atMs: frame * STEP_MS });
  });
}

/** Something with many hard edges. */
function fence(scene: Scene): Scene {
  for (let post = 0; post < 6; post++) scene.add(40 + post * 10, 30, 3, 40, 70);
  return scene;
}

const alarms = (signals: readonly MotionSignal[]) => signals.flatMap((s, i) => (s.moving ? [i] : []));

describe('a square that walks in is found within 0.6 s', () => {
  const cases = [5, 10, 40].flatMap((side) =>
    [2, 4, 8].flatMap((speed) => [-60, 25, 60].map((contrast) => ({ side, speed, contrast }))),
  );
  test.each(cases)('$side pixels wide, $speed pixels a frame, contrast $contrast', ({ side, speed, contrast }) => {
    const signals = watch(40, (scene, frame) => {
      if (frame >= 25) scene.add(20 + (frame - 25) * speed, 30, side, side, contrast);
    });
    const first = alarms(signals)[0] ?? Number.POSITIVE_INFINITY;
    expect(first).toBeGreaterThanOrEqual(25);
    expect(first).toBeLessThanOrEqual(28);
    expect(signals[first]!.sinceMs).toBe(25 * STEP_MS);
  });
});

describe('does not alarm by itself:', () => {
  const quietScenes: [string, (scene: Scene, frame: number) => void, number?][] = [
    ['an empty scene', () => {}],
    ['an empty scene without any noise', () => {}, 0],
    ['noise of 4 levels', () => {}, 4],
    ['noise of 8 levels', () => {}, 8],
    ['noise of 16 levels', () => {}, 16],
    ['the picture becoming 40 levels brighter', (s, f) => void (f >= 25 && s.light(1, 40))],
    ['the picture becoming 40 levels darker', (s, f) => void (f >= 25 && s.light(1, -40))],
    ['contrast and brightness doubling', (s, f) => void (f >= 25 && s.light(2, -60))],
    ['a lamp going off', (s, f) => void (f >= 25 && s.light(0.4, 5))],
    ['auto-exposure swinging for 4 s', (s, f) => s.light(1 + 0.3 * Math.sin(Math.min(20, Math.max(0, f - 25)) / 3), 0)],
    [
      'a cloud over the left half in 3 s',
      (s, f) => s.shade(WIDTH / 2, 1 - 0.25 * Math.min(1, Math.max(0, f - 25) / 15)),
    ],
    ['one pixel of shake from the start', (s, f) => fence(s).shift(f % 2, (f >> 1) % 2)],
    ['one pixel of shake for two seconds', (s, f) => fence(s).shift(f < 25 || f > 34 ? 0 : (f >> 1) % 2 ? 1 : -1, 0)],
    ['a lamp in a corner that warms up', (s, f) => s.lamp(12 * Math.min(8, Math.max(0, f - 24)))],
    ['one knock of one pixel', (s, f) => void (f >= 25 && s.shift(1, 1))],
    ['an infra-red switch: another picture altogether', (s, f) => s.invert(f >= 25 ? 1 : 0)],
    ['an infra-red switch that fades over 0.8 s', (s, f) => s.invert(Math.min(4, Math.max(0, f - 24)) / 4)],
  ];
  test.each(quietScenes)('%s', (_, draw, noise = 2) => {
    expect(alarms(watch(60, draw, {}, noise))).toEqual([]);
  });
});

test('somebody who walks three seconds after the lamp went on is found', () => {
  const lamps: [gain: number, offset: number][] = [
    [2, -40],
    [0.5, 0],
    [1, 60],
  ];
  for (const light of lamps) {
    const signals = watch(60, (scene, frame) => {
      if (frame >= 40) scene.add(20 + (frame - 40) * 4, 20, 12, 30, 50);
      if (frame >= 25) scene.light(...light);
    });
    const found = alarms(signals)[0] ?? Number.POSITIVE_INFINITY;
    expect(found).toBeGreaterThanOrEqual(40);
    expect(found).toBeLessThanOrEqual(43);
  }
});

test('another picture altogether is said to be a global change, once, and then watched again', () => {
  const signals = watch(40, (scene, frame) => scene.invert(frame >= 25 ? 1 : 0));
  expect(signals[25]?.global).toBe(true);
  expect(signals.slice(31).map((s) => s.global)).not.toContain(true);
});

test('somebody who fills the picture for longer than 3 s is no lamp', () => {
  const signals = watch(130, (scene, frame) => {
    for (let stripe = 0; frame >= 70 && stripe < 8; stripe++) {
      scene.add(((frame * 9 + stripe * 20) % 160) - 10, 0, 11, 90, stripe % 2 ? 70 : -60);
    }
  });
  expect(alarms(signals).length).toBeGreaterThan(0);
});

test('a frozen picture stops moving within two seconds', () => {
  const scene = new Scene(WIDTH, HEIGHT, 7);
  const detector = createDetector(defaultMotionParams);
  let data = scene.picture(2);
  const moving = Array.from({ length: 60 }, (_, frame) => {
    scene.restore();
    if (frame >= 25) scene.add((frame - 25) * 4, 30, 12, 30, 60);
    if (frame < 35) data = scene.picture(2);
    return detector.step({ width: WIDTH, height: HEIGHT, data, atMs: frame * STEP_MS }).moving;
  });
  expect(moving[34]).toBe(true);
  expect(moving.slice(45)).not.toContain(true);
});

test('where the light is no news to be ignored, a changed picture counts as motion', () => {
  const dim = (scene: Scene, frame: number) => void (frame >= 25 && scene.light(1, -10 * Math.min(8, frame - 24)));
  expect(alarms(watch(40, dim, { ignoreGlobalChange: false })).length).toBeGreaterThan(0);
  expect(alarms(watch(40, dim))).toEqual([]);
});

test('who stands still and then leaves leaves no ghost behind', () => {
  // Walks in until frame 40, stands for 20 s, walks out of the picture by frame 160.
  const signals = watch(200, (scene, frame) => {
    if (frame >= 25 && frame < 160)
      scene.add(frame < 40 ? (frame - 25) * 4 : frame < 140 ? 60 : 60 + (frame - 140) * 6, 30, 12, 30, 60);
  });
  const moving = alarms(signals);
  expect(moving.some((f) => f >= 26 && f <= 40)).toBe(true);
  expect(moving.some((f) => f >= 140 && f <= 160)).toBe(true);
  expect(moving.filter((f) => f > 44 && f < 139)).toEqual([]);
  expect(moving.filter((f) => f > 163)).toEqual([]);
});

test('a restless place is learnt, and somebody in front of it is still found', () => {
  let seed = 3;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (seed >> 8) / 0x7fffff;
  };
  // Leaves that turn here and there: each pixel is mostly quiet, the place never is.
  const signals = watch(260, (scene, frame) => {
    for (let leaf = 0; leaf < 60; leaf++) {
      scene.add(90 + Math.floor(random() * 60), 10 + Math.floor(random() * 60), 2, 1, 60);
    }
    if (frame >= 220) scene.add(90 + (frame - 220) * 4, 20, 12, 36, -80);
  });
  const moving = alarms(signals);
  expect(moving.filter((f) => f >= 100 && f < 220)).toEqual([]);
  expect(moving.find((f) => f >= 220)).toBeLessThanOrEqual(224);
});

describe('zones and masks', () => {
  const half = (from: number, to: number) => [
    {
      name: 'half',
      points: [
        { x: from, y: 0 },
        { x: to, y: 0 },
        { x: to, y: 1 },
        { x: from, y: 1 },
      ],
    },
  ];
  const left = (scene: Scene, frame: number) => {
    if (frame >= 25) scene.add(10 + (frame - 25) * 3, 30, 10, 20, 60);
  };
  test.each<[string, Partial<MotionParams>, boolean]>([
    ['inside the zone', { zones: half(0, 0.5) }, true],
    ['outside the zone', { zones: half(0.5, 1) }, false],
    ['inside the mask', { masks: half(0, 0.5) }, false],
    ['outside the mask', { masks: half(0.5, 1) }, true],
    ['inside both zone and mask', { zones: half(0, 1), masks: half(0, 0.5) }, false],
  ])('motion %s', (_, params, expected) => {
    expect(alarms(watch(38, left, params)).length > 0).toBe(expected);
  });

  test('a mask drawn while watching holds from the next picture on', () => {
    const scene = new Scene(WIDTH, HEIGHT, 7);
    const detector = createDetector(defaultMotionParams);
    const moving = Array.from({ length: 50 }, (_, frame) => {
      if (frame === 35) detector.apply({ ...defaultMotionParams, masks: half(0, 1) });
      scene.restore();
      if (frame >= 25) scene.add(10 + (frame - 25) * 3, 30, 10, 20, 60);
      return detector.step({ width: WIDTH, height: HEIGHT, data: scene.picture(2), atMs: frame * STEP_MS }).moving;
    });
    expect(moving.slice(28, 35)).toContain(true);
    expect(moving.slice(35)).not.toContain(true);
  });
});

test('more sensitive never means fewer moving pictures of the same walk', () => {
  const counts = [1, 10, 25, 40, 50, 60, 75, 90, 100].map((sensitivity) => {
    const walk = (scene: Scene, frame: number) => {
      if (frame >= 25) scene.add(10 + (frame - 25) * 4, 30, 10, 20, frame - 20);
    };
    return alarms(watch(60, walk, { sensitivity }, 1)).length;
  });
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts[0]).toBeLessThan(counts.at(-1)!);
});

test('things smaller than the smallest area do not count', () => {
  const walk = (scene: Scene, frame: number) => {
    if (frame >= 25) scene.add(10 + (frame - 25) * 4, 30, 8, 8, 60);
  };
  expect(alarms(watch(40, walk, { smallestAreaPercent: 0.2 })).length).toBeGreaterThan(0);
  expect(alarms(watch(40, walk, { smallestAreaPercent: 3 }))).toEqual([]);
});

test('a picture of another size, or pictures after a pause, are learnt anew without alarm', () => {
  const detector = createDetector(defaultMotionParams);
  const scenes = [new Scene(160, 90, 1), new Scene(320, 180, 2), new Scene(160, 90, 3)] as const;
  let atMs = 0;
  const feed = (scene: Scene, frames: number, draw?: (frame: number) => void) =>
    Array.from({ length: frames }, (_, frame) => {
      scene.restore();
      draw?.(frame);
      atMs += STEP_MS;
      return detector.step({ width: scene.width, height: scene.height, data: scene.picture(2), atMs }).moving;
    });
  expect(scenes.flatMap((scene) => feed(scene, 20))).not.toContain(true);
  atMs += 30_000;
  expect(feed(new Scene(160, 90, 4), 15)).not.toContain(true);
  // 2 s after the pause it sees again.
  const scene = new Scene(160, 90, 4);
  expect(feed(scene, 8, (frame) => scene.add(20 + frame * 4, 20, 12, 30, 60))).toContain(true);
});

test('no picture makes it throw, alarm for ever or grow', () => {
  const detector = createDetector({
    ...defaultMotionParams,
    sensitivity: Number.NaN,
    zones: [{ name: 'odd', points: [] }],
  });
  const odd: [number, number, number][] = [
    [0, 0, 0],
    [160, 90, 10],
    [-5, 90, 100],
    [Number.NaN, 90, 100],
    [1e9, 1e9, 5],
    [1.5, 20, 40],
    [16, 16, 256],
    [17, 31, 600],
    [16.5, 20.5, 999],
  ];
  let seed = 1;
  for (let round = 0; round < 300; round++) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    const [width, height, length] = odd[(seed >> 8) % odd.length]!;
    const data = Uint8Array.from({ length }, (_, i) => (i * seed) >> 5);
    const atMs = [round * 200, -1, Number.NaN, 1e18][(seed >> 4) % 4]!;
    const { level, blobs } = detector.step({ width, height, data, atMs });
    expect(level >= 0 && level <= 100).toBe(true);
    expect(blobs.length).toBeLessThanOrEqual(32);
  }
});

test('the view shows where it moves, as a copy', () => {
  const scene = new Scene(WIDTH, HEIGHT, 7);
  const detector = createDetector(defaultMotionParams);
  expect(detector.view()).toBeUndefined();
  for (let frame = 0; frame < 32; frame++) {
    scene.restore();
    if (frame >= 25) scene.add(40 + (frame - 25) * 4, 40, 16, 16, 60);
    detector.step({ width: WIDTH, height: HEIGHT, data: scene.picture(2), atMs: frame * STEP_MS });
  }
  const view = detector.view()!;
  expect([view.columns * view.cell >= WIDTH, view.rows * view.cell >= HEIGHT]).toEqual([true, true]);
  // The square now covers 64–80 × 40–56.
  const inside = Math.floor(48 / view.cell) * view.columns + Math.floor(76 / view.cell);
  expect(view.differing[inside]).toBe(255);
  expect(view.moving[inside]).toBeGreaterThan(100);
  expect(view.moving[0]).toBe(0);
  view.differing.fill(7);
  expect(detector.view()!.differing[inside]).toBe(255);
});

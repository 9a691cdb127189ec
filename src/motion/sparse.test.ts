import { expect, test } from 'bun:test';
import { createDetector } from './detector.ts';
import { defaultMotionParams } from './params.ts';
import { Scene } from './scene.test-data.ts';

const [WIDTH, HEIGHT] = [160, 90];

/** Five seconds at full rate, then single pictures 4 s apart, `draw` telling what stands in each; then full rate again. */
function rested(single: readonly ((scene: Scene) => void)[]) {
  const scene = new Scene(WIDTH, HEIGHT, 7);
  const detector = createDetector(defaultMotionParams);
  let atMs = 0;
  const look = (stepMs: number, sparse: boolean, draw: (scene: Scene) => void) => {
    scene.restore();
    draw(scene);
    atMs += stepMs;
    const data = scene.picture(2);
    return detector.step({ width: WIDTH, height: HEIGHT, data, atMs, ...(sparse ? { sparse } : {}) });
  };
  for (let n = 0; n < 25; n++) look(200, false, () => {});
  return { look, signals: single.map((draw) => look(4000, true, draw)) };
}
const nothing = () => {};
const walker = (x: number) => (scene: Scene) => scene.add(x, 30, 8, 20, -50);

test('single pictures of an empty scene are quiet, and nothing is learnt anew for the pauses between them', () => {
  const { signals, look } = rested(Array(20).fill(nothing));
  expect(signals.filter((s) => s.moving || s.global || s.suspect)).toEqual([]);
  const moving = Array.from({ length: 5 }, (_, n) => look(200, false, walker(30 + n * 4)).moving);
  expect(moving.indexOf(true)).toBe(2);
});

test('somebody in a single picture is suspected and never believed', () => {
  const { signals } = rested([nothing, nothing, walker(40)]);
  expect(signals[2]!.suspect).toBeGreaterThan(5);
  expect(signals[2]!.moving).toBe(false);
});

test('light that changes between single pictures is nothing', () => {
  const { signals } = rested([1.1, 1.2, 1.1, 0.9, 0.8].map((gain) => (scene: Scene) => scene.light(gain, 0)));
  expect(signals.filter((s) => s.moving || s.suspect)).toEqual([]);
});

test('a pause of a minute before a single picture means another connection: it is learnt anew', () => {
  const { look } = rested([nothing]);
  expect(look(60_000, true, walker(40)).global).toBe(true);
});

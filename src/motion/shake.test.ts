import { expect, test } from 'bun:test';
import { sameLight } from './light.ts';
import { Scene } from './scene.test-data.ts';
import { MOST_PIXELS, noShift, Shake } from './shake.ts';
import { Steady } from './steady.ts';

const WIDTH = 200;
const HEIGHT = 120;

/** A street: posts and beams, so that both directions can be told. */
function street(scene: Scene): Scene {
  for (let k = 0; k < 12; k++) {
    scene.add(10 + k * 16, 12 + ((k * 29) % 50), 5, 30, k % 2 ? 60 : -50);
    scene.add(5 + ((k * 47) % 160), 8 + k * 9, 24, 3, 45);
  }
  return scene;
}

const usualOf = (picture: Uint8Array) => ({ level: Uint16Array.from(picture, (v) => v << 8), stride: WIDTH });

function moved(dx: number, dy: number, change: (scene: Scene) => void = () => {}): Uint8Array {
  const scene = street(new Scene(WIDTH, HEIGHT, 5));
  change(scene);
  // Scene.shift takes from (x + dx, y + dy); what was at a place is then dx to the left.
  scene.shift(-dx, -dy);
  return scene.picture(2);
}

const usual = usualOf(street(new Scene(WIDTH, HEIGHT, 5)).picture(0));
const find = (picture: Uint8Array, light = sameLight) => new Shake(WIDTH, HEIGHT).find(picture, usual, light);

test('every shift of whole pixels up to the farthest is found', () => {
  for (let dy = -MOST_PIXELS; dy <= MOST_PIXELS; dy += 2) {
    for (let dx = -MOST_PIXELS; dx <= MOST_PIXELS; dx += 3) expect(find(moved(dx, dy))).toEqual({ dx, dy });
  }
});

test('a shift is found although somebody covers a quarter of the picture, and in another light', () => {
  expect(find(moved(3, -2, (scene) => scene.add(20, 0, 50, HEIGHT, -40)))).toEqual({ dx: 3, dy: -2 });
  const darker = moved(-4, 1, (scene) => scene.light(0.5, 10));
  expect(find(darker, { gain: 2, offset: -20 })).toEqual({ dx: -4, dy: 1 });
});

test('somebody large who passes is no shift, nor is noise', () => {
  for (const side of [20, 60, 100])
    expect(find(moved(0, 0, (scene) => scene.add(40, 10, side, side, 70)))).toBe(noShift);
  expect(find(street(new Scene(WIDTH, HEIGHT, 5)).picture(12))).toBe(noShift);
});

test('without edges nothing is said', () => {
  const flat = { level: new Uint16Array(WIDTH * HEIGHT).fill(25_600), stride: WIDTH };
  expect(new Shake(WIDTH, HEIGHT).find(moved(3, 3), flat, sameLight)).toBe(noShift);
});

test('a picture laid back fits its background, and what left the view is as usual', () => {
  const shake = new Shake(WIDTH, HEIGHT);
  for (const [dx, dy] of [
    [3, -2],
    [-6, 6],
    [0, 5],
  ] as const) {
    const back = shake.layBack(moved(dx, dy), { dx, dy }, usual, sameLight);
    const far = back.reduce((sum, v, i) => sum + (Math.abs(v - usual.level[i]! / 256) > 12 ? 1 : 0), 0);
    expect(far).toBe(0);
  }
});

test('a camera that was knocked aside is laid back for 5 s and then taken to stay there', () => {
  const steady = new Steady(WIDTH, HEIGHT);
  const calm = new Float32Array(400);
  const off = calm.map((_, i) => (i % 5 === 0 ? 8 : 0));
  const step = (dx: number) => {
    const picture = moved(dx, 0);
    return steady.layBack(picture, dx === 0 ? calm : off, calm, sameLight, usual) !== undefined;
  };
  for (let frame = 0; frame < 12; frame++) expect(step(0)).toBe(false);
  for (let frame = 0; frame < 25; frame++) {
    expect(step(4)).toBe(true);
    expect(steady.movedForGood).toBe(false);
  }
  step(4);
  expect(steady.movedForGood).toBe(true);
  steady.restart();
  expect(steady.raw).toBeUndefined();
});

import { expect, test } from 'bun:test';
import { createRestWatch, type RestOptions, type RestWatch } from './low-power.ts';

/** A camera of 15 pictures per second, looked at as a decoder would: awake, five judgements per second. */
class Camera {
  readonly watch: RestWatch;
  /** Times of waking and resting, in seconds: `+60.4`, `-63.5`. */
  readonly turns: string[] = [];
  groupMs = 2000;
  bytes = 1000;
  moving = false;
  /** The decoder is behind by this much. */
  lateMs = 100;
  atMs = 0;
  #keyMs = Number.NEGATIVE_INFINITY;
  #judgedMs = 0;
  #seed = 1;

  constructor(options: RestOptions = {}) {
    this.watch = createRestWatch(options);
  }

  until(ms: number): this {
    for (; this.atMs < ms; this.atMs += 1000 / 15) {
      const key = this.atMs - this.#keyMs >= this.groupMs - 1;
      if (key) this.#keyMs = this.atMs;
      this.#seed = (this.#seed * 1_664_525 + 1_013_904_223) >>> 0;
      const bytes = (key ? 20_000 : this.bytes) * (0.9 + (0.2 * this.#seed) / 2 ** 32);
      const was = this.watch.awake;
      const picture = { decodeMs: this.atMs, showMs: this.atMs, bytes, key, reference: true, layer: 0 };
      const awake = this.watch.picture(picture);
      if (awake !== was) this.turns.push(`${awake ? '+' : '-'}${(this.atMs / 1000).toFixed(0)}`);
      if (!awake) this.#judgedMs = this.atMs;
      for (; awake && this.#judgedMs < this.atMs - this.lateMs; this.#judgedMs += 200) {
        this.watch.judged({ moving: this.moving }, { atMs: this.#judgedMs });
      }
    }
    return this;
  }
}

test('it begins awake, rests after three quiet seconds, wakes with the sizes and rests again when all is still', () => {
  const camera = new Camera().until(60_000);
  expect(camera.turns).toEqual(['-3']);
  Object.assign(camera, { bytes: 1600, moving: true });
  camera.until(70_000);
  Object.assign(camera, { bytes: 1000, moving: false });
  camera.until(90_000);
  expect(camera.turns).toEqual(['-3', '+60', '-73']);
});

test('it stays awake as long as it is asked to after something moved', () => {
  const camera = new Camera({ stayMs: () => 8000 }).until(60_000);
  Object.assign(camera, { bytes: 1600, moving: true });
  camera.until(62_000);
  Object.assign(camera, { bytes: 1000, moving: false });
  camera.until(90_000);
  expect(camera.turns.at(-1)).toBe('-70');
});

test('a decoder that is behind is waited for before it rests', () => {
  const camera = new Camera();
  camera.lateMs = 4000;
  camera.until(30_000);
  expect(camera.turns).toEqual(['-7']);
});

test('something in a single key picture wakes it, too; for nothing again and again only if there is more to see', () => {
  const camera = new Camera().until(20_000);
  const suspect = (level: number) =>
    camera.watch.judged({ moving: false, suspect: level }, { atMs: camera.atMs, sparse: true });
  suspect(5);
  expect(camera.watch.awake).toBe(true);
  camera.until(30_000);
  expect(camera.watch.awake).toBe(false);
  suspect(6);
  expect(camera.watch.awake).toBe(false);
  suspect(9);
  expect(camera.watch.awake).toBe(true);
});

test('waking for nothing raises the bar for a while', () => {
  const wakes = (bytes: number) => (camera: Camera) => {
    camera.bytes = bytes;
    camera.until(camera.atMs + 700);
    const { awake } = camera.watch;
    camera.bytes = 1000;
    camera.until(camera.atMs + 10_000);
    return awake;
  };
  const fresh = new Camera().until(60_000);
  expect(wakes(1300)(fresh)).toBe(true);
  const tired = new Camera().until(60_000);
  for (let n = 0; n < 4; n++) wakes(2000)(tired);
  expect(wakes(1300)(tired)).toBe(false);
  tired.until(400_000);
  expect(wakes(1300)(tired)).toBe(true);
});

test('leaves in the wind wake it ever more rarely', () => {
  const camera = new Camera();
  const restingOf = (untilMs: number) => {
    let resting = 0;
    let all = 0;
    for (; camera.atMs < untilMs; all++) {
      camera.bytes = 1500 + 375 * Math.sin(camera.atMs / 700);
      camera.until(camera.atMs + 1);
      if (!camera.watch.awake) resting++;
    }
    return resting / all;
  };
  restingOf(30_000);
  expect(restingOf(300_000)).toBeGreaterThan(0.7);
});

test('key pictures too far apart, or nothing but key pictures: it never rests, and says why', () => {
  const rare = new Camera();
  rare.groupMs = 30_000;
  rare.until(60_000);
  expect([rare.watch.awake, rare.watch.unfit]).toEqual([true, 'few-keys']);
  rare.groupMs = 2000;
  rare.until(80_000);
  expect([rare.watch.awake, rare.watch.unfit]).toEqual([false, undefined]);
  const many = new Camera();
  many.groupMs = 0;
  many.until(20_000);
  expect([many.watch.awake, many.watch.unfit]).toEqual([true, 'all-keys']);
});

test('while nobody watches it rests whatever happens, and begins anew, awake, when somebody does', () => {
  let on = false;
  const camera = new Camera({ isOn: () => on }).until(30_000);
  expect(camera.turns).toEqual(['-0']);
  camera.bytes = 5000;
  camera.until(40_000);
  expect(camera.turns).toEqual(['-0']);
  on = true;
  camera.until(50_000);
  expect(camera.turns).toEqual(['-0', '+40', '-44']);
});

test('another connection begins awake', () => {
  const camera = new Camera().until(30_000);
  camera.watch.restart();
  expect(camera.watch.awake).toBe(true);
  camera.until(40_000);
  expect(camera.turns.at(-1)).toBe('-33');
});

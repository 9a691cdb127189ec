import { expect, test } from 'bun:test';
import { PNG } from 'pngjs';
import { type Box, type Claim, type ColourPicture, compare, compareInSlices } from './confirm.ts';
import { pngOf } from './difference-picture.ts';

const WIDTH = 320;
const HEIGHT = 180;

/** Numbers that look random and are the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Scene {
  /** Brightness of the yard, and how far its texture goes up and down. */
  readonly base?: number;
  readonly texture?: number;
  /** Deviation of the sensor's noise, other in each picture. */
  readonly noise?: number;
  readonly seed?: number;
  readonly light?: (value: number, channel: number) => number;
  readonly thing?: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly levels: number;
    readonly channels?: readonly number[];
  };
}

function picture({ base = 110, texture = 30, noise = 1, seed = 1, light = (v) => v, thing }: Scene): ColourPicture {
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  const random = numbers(seed);
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, at += 4) {
      const wave = texture * Math.sin(x / 9) * Math.cos(y / 7);
      const grain = noise * 2 * (random() + random() + random() - 1.5);
      const inside = thing && x >= thing.x && x < thing.x + thing.width && y >= thing.y && y < thing.y + thing.height;
      for (let channel = 0; channel < 3; channel++) {
        const put = inside && (thing.channels ?? [0, 1, 2]).includes(channel) ? thing.levels : 0;
        data[at + channel] = Math.min(255, Math.max(0, Math.round(light(base + wave + put, channel) + grain)));
      }
      data[at + 3] = 255;
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

const boxOf = (x: number, y: number, width: number, height: number): Box => ({
  x: x / WIDTH,
  y: y / HEIGHT,
  width: width / WIDTH,
  height: height / HEIGHT,
});
const claim = (boxes: readonly Box[], more: Partial<Claim> = {}): Claim => ({
  boxes,
  sensitivity: 50,
  smallestAreaPercent: 0.05,
  zones: [],
  masks: [],
  ...more,
});
const visitor = { x: 200, y: 80, width: 10, height: 24, levels: 40 };
const hisBox = boxOf(198, 78, 14, 28);

test('a visitor is confirmed, with his share of the picture and where he stands', () => {
  const found = compare(picture({ seed: 1 }), picture({ seed: 2, thing: visitor }), claim([hisBox]));
  expect(found.confirmed).toBe(true);
  expect(found.differingPixels).toBeGreaterThan(200);
  expect(found.sharePercent).toBeCloseTo((100 * 240) / (WIDTH * HEIGHT), 1);
  expect(found.centre!.x * WIDTH).toBeCloseTo(205, -1);
  expect(found.centre!.y * HEIGHT).toBeCloseTo(92, -1);
});

test('where the pictures show the same, nothing is confirmed, whatever the sensitivity and the grain', () => {
  for (const noise of [0, 1, 2]) {
    for (const sensitivity of [1, 50, 75, 100]) {
      const found = compare(picture({ seed: 1, noise }), picture({ seed: 2, noise }), claim([hisBox], { sensitivity }));
      expect({ noise, sensitivity, confirmed: found.confirmed }).toEqual({ noise, sensitivity, confirmed: false });
    }
  }
});

test('a faint thing at night, eight levels from the bushes and ten pixels wide, stays confirmed', () => {
  for (const levels of [8, -8]) {
    for (const noise of [0, 1, 1.5]) {
      const night = { base: 40, texture: 15, noise };
      const thing = { ...visitor, levels };
      const found = compare(picture({ ...night, seed: 1 }), picture({ ...night, seed: 2, thing }), claim([hisBox]));
      expect({ levels, noise, confirmed: found.confirmed }).toEqual({ levels, noise, confirmed: true });
    }
  }
});

test('a thing far away, four pixels wide, stays confirmed', () => {
  const thing = { x: 61, y: 62, width: 4, height: 9, levels: 14 };
  const found = compare(picture({ seed: 1 }), picture({ seed: 2, thing }), claim([boxOf(56, 56, 16, 16)]));
  expect(found.confirmed).toBe(true);
});

test('a coat of another colour and the same brightness is a difference', () => {
  const coat = (channel: number, levels: number) => ({ ...visitor, levels, channels: [channel] });
  const now = picture({ seed: 2, thing: coat(0, 45) });
  expect(compare(picture({ seed: 1 }), now, claim([hisBox])).confirmed).toBe(true);
});

test('a lamp, of its own colour, is taken out: only the visitor in its light differs', () => {
  const lamp = (v: number, channel: number) => v * [1.5, 1.35, 1.1][channel]! + 8;
  const dark = picture({ base: 70, seed: 1 });
  const lit = picture({ base: 70, seed: 2, light: lamp });
  expect(compare(dark, lit, claim([hisBox])).confirmed).toBe(false);
  const withHim = compare(dark, picture({ base: 70, seed: 3, light: lamp, thing: visitor }), claim([hisBox]));
  expect(withHim.confirmed).toBe(true);
  expect(withHim.sharePercent).toBeLessThan(0.6);
});

test('a pulse of the encoder, a few levels everywhere, confirms nothing at the highest sensitivity', () => {
  const pulse = (v: number) => v + (Math.round(v) % 2 === 0 ? 3 : -3);
  const found = compare(
    picture({ seed: 1, noise: 0.5 }),
    picture({ seed: 1, noise: 0.5, light: pulse }),
    claim([hisBox], { sensitivity: 100 }),
  );
  expect(found.confirmed).toBe(false);
});

test('only what was believed counts: a visitor elsewhere, or where motion does not count, confirms nothing', () => {
  const [before, now] = [picture({ seed: 1 }), picture({ seed: 2, thing: visitor })];
  expect(compare(before, now, claim([boxOf(20, 20, 16, 16)])).confirmed).toBe(false);
  expect(compare(before, now, claim([])).confirmed).toBe(false);
  const all = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ];
  const masked = compare(before, now, claim([hisBox], { masks: [{ name: 'Street', points: all }] }));
  expect(masked).toMatchObject({ confirmed: false, differingPixels: 0 });
});

test('a runner who has gone on since he was seen is still found beside his box', () => {
  const thing = { ...visitor, x: visitor.x + 30 };
  expect(compare(picture({ seed: 1 }), picture({ seed: 2, thing }), claim([hisBox])).confirmed).toBe(true);
});

test('slices of any height give the same picture, also where edges are softened and anti-aliasing is told apart', () => {
  // A softened diagonal on flat ground, moved by half a pixel: what pixelmatch takes for anti-aliasing lies on every row.
  const diagonal = (by: number): ColourPicture => {
    const data = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
    for (let i = 0; i < WIDTH * HEIGHT; i++) {
      const cover = Math.min(1, Math.max(0, (i % WIDTH) - 0.7 * Math.floor(i / WIDTH) - 60 + by));
      data.fill(Math.round(60 + 120 * cover), i * 4, i * 4 + 3);
    }
    return { width: WIDTH, height: HEIGHT, data };
  };
  const run = (sliceRows: number) => {
    const slices = compareInSlices(diagonal(0), diagonal(0.5), claim([boxOf(0, 0, WIDTH, HEIGHT)]), sliceRows);
    for (let steps = 0; ; steps++) {
      const step = slices.next();
      if (step.done) return { steps, found: step.value };
    }
  };
  const whole = run(HEIGHT).found;
  const softened = (picture: ColourPicture) =>
    picture.data.reduce((n, v, i) => n + (i % 4 === 0 && v === 214 && picture.data[i + 1] === 190 ? 1 : 0), 0);
  expect(softened(whole.drawn)).toBeGreaterThan(50);
  for (const rows of [16, 7, 1]) {
    const { steps, found } = run(rows);
    expect(steps).toBeGreaterThanOrEqual(HEIGHT / rows);
    expect(found).toEqual(whole);
  }
});

test('pictures of different sizes are refused in words', () => {
  const small = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 4) };
  expect(() => compare(small, picture({}), claim([hisBox]))).toThrow('16×16');
});

test('neither picture is changed by the comparison', () => {
  const [before, now] = [picture({ seed: 1 }), picture({ seed: 2, thing: visitor })];
  const copies = [before.data.slice(), now.data.slice()];
  compare(before, now, claim([hisBox]));
  expect([before.data, now.data]).toEqual(copies);
});

test('the drawn picture is the moment in light grey, the difference in one colour and a frame around the box, as a PNG', async () => {
  const { drawn } = compare(picture({ seed: 1 }), picture({ seed: 2, thing: visitor }), claim([hisBox]));
  const bytes = await pngOf(drawn);
  expect(bytes.length).toBeLessThan(120_000);
  const png = PNG.sync.read(Buffer.from(bytes));
  expect([png.width, png.height]).toEqual([WIDTH, HEIGHT]);
  const at = (x: number, y: number) => [...png.data.subarray((y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3)];
  expect(at(205, 90)).toEqual([226, 20, 60]);
  expect(at(205, 76)).toEqual([22, 84, 150]);
  const [red, green, blue] = at(30, 30) as [number, number, number];
  expect(red).toBe(green);
  expect(green).toBe(blue);
  expect(red).toBeGreaterThan(140);
});

import { expect, test } from 'bun:test';
import { fitLight } from './light.ts';

const from = Float32Array.from({ length: 400 }, (_, i) => 30 + ((i * 37) % 150));
const under = (gain: number, offset: number) => from.map((v) => v * gain + offset);

test.each([
  [1, 0],
  [1, 30],
  [1.4, -10],
  [0.5, 0],
  [0.8, 25],
])('gain %p and offset %p are found, also when something covers a quarter of the picture', (gain, offset) => {
  const to = under(gain, offset);
  for (const covered of [0, 100]) {
    for (let i = 0; i < covered; i++) to[i] = 20;
    const light = fitLight(from, to, new Float32Array(from.length));
    for (const grey of [40, 100, 170]) {
      expect(Math.abs(light.gain * grey + light.offset - (gain * grey + offset))).toBeLessThan(2);
    }
  }
});

test('a picture without contrast gives an offset and no wild gain', () => {
  const flat = new Float32Array(100).fill(80);
  const light = fitLight(
    flat,
    flat.map((v) => v + 20),
    new Float32Array(100),
  );
  expect(light).toEqual({ gain: 1, offset: 20 });
});

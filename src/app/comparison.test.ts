import { expect, test } from 'bun:test';
import type { Claim } from '../motion/confirm.ts';
import { createComparison } from './comparison.ts';

const grey = (fill: number) => {
  const data = new Uint8Array(320 * 180 * 4).fill(fill);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width: 320, height: 180, data };
};
const withThing = () => {
  const picture = grey(90);
  for (let y = 60; y < 90; y++) picture.data.fill(255, (y * 320 + 100) * 4, (y * 320 + 120) * 4);
  return picture;
};
const box = { x: 100 / 320, y: 60 / 180, width: 20 / 320, height: 30 / 180 };
const claim: Claim = { boxes: [box], sensitivity: 50, smallestAreaPercent: 0.05, zones: [], masks: [] };

test('it says what differs, where, and draws it as a PNG', async () => {
  const looked = await createComparison()({ before: grey(90), now: withThing() }, claim);
  expect(looked?.proof.confirmed).toBe(true);
  expect(looked?.proof.changed?.percent).toBeCloseTo((100 * 600) / (320 * 180), 1);
  expect(looked?.proof.changed?.x).toBeCloseTo(110 / 320, 2);
  const png = await looked!.png;
  expect([...png!.subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47]);
});

test('nothing that differs is no place, and not confirmed', async () => {
  const looked = await createComparison()({ before: grey(90), now: grey(90) }, claim);
  expect(looked?.proof).toEqual({ confirmed: false });
  expect(await looked?.png).toBeInstanceOf(Uint8Array);
});

test('one pair at a time, in slices with room in between; what would wait behind eight others is not compared', async () => {
  let [running, most, breaths] = [0, 0, 0];
  const compare = createComparison(async () => {
    breaths++;
    running++;
    most = Math.max(most, running);
    await Promise.resolve();
    running--;
  });
  const pair = { before: grey(90), now: grey(90) };
  const all = await Promise.all(Array.from({ length: 11 }, () => compare(pair, claim)));
  expect(all.filter((looked) => looked === undefined)).toHaveLength(3);
  expect(most).toBe(1);
  expect(breaths).toBeGreaterThanOrEqual(8 * 5);
  expect(await compare(pair, claim)).toBeDefined();
});

test('a pair that cannot be compared is told as an error, and the next one is compared', async () => {
  const compare = createComparison();
  const bad = { before: { width: 8, height: 8, data: new Uint8Array(256) }, now: grey(90) };
  await expect(compare(bad, claim)).rejects.toThrow('8×8');
  expect(await compare({ before: grey(90), now: grey(90) }, claim)).toBeDefined();
});

import { expect, test } from 'bun:test';
import type { Blob } from './blobs.ts';
import { type TrackRules, Tracks } from './tracks.ts';

const rules: TrackRules = { hits: 3, misses: 1, reach: 10, small: 288, picture: 320 * 180 };

const blobAt = (x: number, y: number, moving = 60): Blob => ({
  x: x - 8,
  y: y - 8,
  width: 16,
  height: 16,
  area: moving,
  moving,
  centreX: x,
  centreY: y,
});

/** Frames in which something is believed. Before them come 10 s of nothing but `specks`. */
function watch(frames: number, specks: number, draw: (frame: number) => readonly Blob[]): number[] {
  const tracks = new Tracks();
  for (let frame = -50; frame < 0; frame++) tracks.step([], specks, frame * 200, rules);
  return Array.from({ length: frames }, (_, frame) =>
    tracks.step(draw(frame), specks, frame * 200, rules).length > 0 ? [frame] : [],
  ).flat();
}

const walks = (frame: number) => [blobAt(20 + frame * 5, 90)];
const comes = (frame: number) => [blobAt(90, 20 + frame * 6)];

test('something that stays near where it was is believed at its third sighting, one miss allowed', () => {
  expect(watch(6, 0, walks)).toEqual([2, 3, 4, 5]);
  expect(watch(6, 0, (frame) => (frame === 1 ? [] : walks(frame)))).toEqual([3, 4, 5]);
  expect(watch(6, 0, (frame) => [blobAt(20 + frame * 50, 90)])).toEqual([]);
});

test('in a picture full of specks a small thing is believed later, a large one at once', () => {
  expect(watch(12, 25, walks)[0]).toBe(5);
  expect(watch(12, 25, (frame) => [blobAt(20 + frame * 5, 90, 600)])[0]).toBe(2);
});

test('what falls among many is a flake; alone it is somebody who comes nearer', () => {
  expect(watch(20, 25, comes)).toEqual([]);
  expect(watch(20, 0, comes)[0]).toBe(2);
  // Slower than half its height in a second it does not fall.
  expect(watch(20, 25, (frame) => [blobAt(90, 60 + frame)])[0]).toBe(5);
});

test('who was believed before it began to snow stays believed', () => {
  const tracks = new Tracks();
  const believed = Array.from({ length: 60 }, (_, frame) =>
    tracks.step([blobAt(10 + frame * 4, 40 + frame * 2)], frame < 5 ? 0 : 30, frame * 200, rules),
  );
  expect(believed.slice(2).every((things) => things.length === 1)).toBe(true);
  expect(new Set(believed.slice(2).flatMap((things) => things.map(({ id }) => id))).size).toBe(1);
});

import { expect, test } from 'bun:test';
import type { LumaFrame } from '../media/types.ts';
import { defaultMotionParams, type MotionParams } from './params.ts';
import { Scene } from './scene.test-data.ts';
import { createWatcher, type MotionEvent } from './watcher.ts';

const STEP_MS = 200;

/** A day in seconds: who walks through the scene when. Times are the monotonic clock's, starting at 100 s. */
interface Story {
  readonly seconds: number;
  readonly walks: readonly (readonly [fromS: number, toS: number, size?: number])[];
  readonly params?: Partial<MotionParams>;
  readonly isOn?: (atS: number) => boolean;
  /** Seconds without pictures. */
  readonly gap?: readonly [fromS: number, toS: number];
}

function play({ seconds, walks, params, isOn = () => true, gap }: Story): string[] {
  const scene = new Scene(160, 90, 5);
  let ids = 0;
  const watcher = createWatcher({
    params: { ...defaultMotionParams, mergeGapS: 2, ...params },
    isOn: (atMs) => isOn(atMs / 1000 - 100),
    newId: () => `visit${++ids}`,
  });
  const said: string[] = [];
  const say = (events: readonly MotionEvent[], now: number) => {
    for (const e of events) {
      const s = (ms: number) => ((ms - 100_000) / 1000).toFixed(1);
      if (e.kind === 'start') said.push(`${s(now)} start ${e.id} seen ${s(e.atMs)}`);
      if (e.kind === 'end') said.push(`${s(now)} end ${e.id} ${s(e.startMs)}–${s(e.endMs)}`);
    }
  };
  for (let frame = 0; frame < seconds * 5; frame++) {
    const atS = frame / 5;
    if (gap && atS >= gap[0] && atS < gap[1]) continue;
    scene.restore();
    for (const [from, to, size = 20] of walks) {
      if (atS >= from && atS < to) scene.add(5 + (((frame - from * 5) * 4) % 120), 30, size / 2, size, 60);
    }
    const atMs = 100_000 + frame * STEP_MS;
    say(watcher.step({ width: 160, height: 90, data: scene.picture(2), atMs }).events, atMs);
  }
  say(watcher.flush(), 100_000 + seconds * 1000);
  return said;
}

test('a visit starts when it was first seen and is over a merge gap after it last moved', () => {
  expect(play({ seconds: 20, walks: [[6, 9]] })).toEqual(['6.4 start visit1 seen 6.0', '10.8 end visit1 6.0–8.8']);
});

test('pauses shorter than the merge gap belong to one visit, longer ones make two', () => {
  expect(
    play({
      seconds: 20,
      walks: [
        [6, 8],
        [9.4, 11],
      ],
    }).length,
  ).toBe(2);
  expect(
    play({
      seconds: 20,
      walks: [
        [6, 8],
        [13, 15],
      ],
    }).length,
  ).toBe(4);
});

test('motion shorter than the smallest duration is not announced; longer motion is, from its first moment', () => {
  const params = { smallestDurationMs: 2000 };
  expect(play({ seconds: 14, walks: [[6, 7]], params })).toEqual([]);
  expect(play({ seconds: 14, walks: [[6, 9]], params })[0]).toBe('8.0 start visit1 seen 6.0');
});

test('without a merge gap a visit still lasts as long as something moves', () => {
  expect(play({ seconds: 14, walks: [[6, 9]], params: { mergeGapS: 0 } })).toEqual([
    '6.4 start visit1 seen 6.0',
    '9.0 end visit1 6.0–8.8',
  ]);
});

test('outside the schedule nothing is announced, and a visit ends when the schedule does', () => {
  expect(play({ seconds: 16, walks: [[6, 9]], isOn: () => false })).toEqual([]);
  expect(play({ seconds: 16, walks: [[6, 9]], params: { enabled: false } })).toEqual([]);
  expect(play({ seconds: 16, walks: [[6, 9]], isOn: (s) => s < 8 })).toEqual([
    '6.4 start visit1 seen 6.0',
    '8.0 end visit1 6.0–7.8',
  ]);
  // On again at 10 s: the empty scene is learnt first, then the walker at 12 s is seen.
  expect(play({ seconds: 20, walks: [[12, 15]], isOn: (s) => s >= 10 })[0]).toBe('12.4 start visit1 seen 12.0');
});

test('a camera that was away ends the visit and is learnt anew without alarm', () => {
  expect(play({ seconds: 40, walks: [[6, 9]], gap: [8, 30] })).toEqual([
    '6.4 start visit1 seen 6.0',
    '30.0 end visit1 6.0–7.8',
  ]);
});

test('a clock that goes back ends the visit at what was known', () => {
  const scene = new Scene(160, 90, 5);
  const watcher = createWatcher({ params: defaultMotionParams, isOn: () => true, newId: () => 'v' });
  const events: MotionEvent[] = [];
  for (let frame = 0; frame < 60; frame++) {
    scene.restore();
    if (frame >= 25 && frame < 40) scene.add((frame - 25) * 4, 30, 10, 20, 60);
    const atMs = frame < 40 ? 50_000 + frame * STEP_MS : frame * STEP_MS;
    events.push(...watcher.step({ width: 160, height: 90, data: scene.picture(2), atMs }).events);
  }
  expect(events.filter((e) => e.kind !== 'peak').map((e) => e.kind)).toEqual(['start', 'end']);
});

test('the best moment of somebody who walks through is well inside the picture, not at its edge', () => {
  const scene = new Scene(160, 90, 5);
  const watcher = createWatcher({ params: defaultMotionParams, isOn: () => true, newId: () => 'v' });
  const events: MotionEvent[] = [];
  for (let frame = 0; frame < 100; frame++) {
    scene.restore();
    if (frame >= 25 && frame < 65) scene.add((frame - 25) * 4 - 6, 40, 10, 24, 60);
    const data = scene.picture(2);
    events.push(...watcher.step({ width: 160, height: 90, data, atMs: frame * STEP_MS }).events);
  }
  const end = events.at(-1)!;
  if (end.kind !== 'end') throw new Error('the visit did not end');
  const x = (end.peakMs / STEP_MS - 25) * 4;
  expect(x).toBeGreaterThan(30);
  expect(x).toBeLessThan(130);
});

test('peaks only ever rise, are few, and the end knows the best moment', () => {
  const scene = new Scene(160, 90, 5);
  const watcher = createWatcher({ params: defaultMotionParams, isOn: () => true, newId: () => 'v' });
  const events: MotionEvent[] = [];
  for (let frame = 0; frame < 100; frame++) {
    scene.restore();
    const size = 8 + Math.max(0, 12 - Math.abs(frame - 40)) * 2;
    if (frame >= 25 && frame < 60) scene.add((frame - 25) * 3, 20, size, size, 60);
    const picture: LumaFrame = { width: 160, height: 90, data: scene.picture(2), atMs: frame * STEP_MS };
    events.push(...watcher.step(picture).events);
  }
  const levels = events.flatMap((e) => (e.kind === 'start' || e.kind === 'peak' ? [e.level] : []));
  expect(levels.length).toBeGreaterThanOrEqual(2);
  expect(levels.length).toBeLessThanOrEqual(8);
  expect(levels).toEqual(levels.toSorted((a, b) => a - b));
  const end = events.at(-1)!;
  if (end.kind !== 'end') throw new Error('the visit did not end');
  expect(end.level).toBeGreaterThanOrEqual(levels.at(-1)!);
  expect(Math.abs(end.peakMs - 40 * STEP_MS)).toBeLessThanOrEqual(1000);
});

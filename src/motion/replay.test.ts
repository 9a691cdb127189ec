import { expect, test } from 'bun:test';
import type { LumaFrame } from '../media/types.ts';
import { defaultMotionParams, type MotionParams } from './params.ts';
import { type ReplayEvent, type ReplayStep, replay } from './replay.ts';
import { Scene } from './scene.test-data.ts';
import { createWatcher, type MotionEvent, type MotionSignal } from './watcher.ts';

const params: MotionParams = { ...defaultMotionParams, mergeGapS: 2 };

/** A scene through which somebody walks in these seconds. */
function filmed(seconds: number, walks: readonly (readonly [fromS: number, toS: number])[]): readonly LumaFrame[] {
  const scene = new Scene(160, 90, 5);
  return Array.from({ length: seconds * 5 }, (_, frame) => {
    scene.restore();
    for (const [from, to] of walks) {
      if (frame >= from * 5 && frame < to * 5) scene.add(5 + (((frame - from * 5) * 4) % 120), 30, 10, 20, 60);
    }
    return { width: 160, height: 90, data: scene.picture(2).slice(), atMs: 100_000 + frame * 200 };
  });
}

function whole(frames: Iterable<LumaFrame>, with_: MotionParams) {
  const run = replay(frames, with_);
  const steps: ReplayStep[] = [];
  for (;;) {
    const { value, done } = run.next();
    if (done) return { steps, visits: value as readonly ReplayEvent[] };
    steps.push(value as ReplayStep);
  }
}

test('a replay says what was said live with the same settings', () => {
  const frames = filmed(24, [
    [4, 7],
    [14, 17],
  ]);
  const live = createWatcher({ params, isOn: () => true, newId: () => 'v' });
  const signals: MotionSignal[] = [];
  const ends: MotionEvent[] = [];
  for (const frame of frames) {
    const { signal, events } = live.step(frame);
    signals.push(signal);
    ends.push(...events.filter((e) => e.kind === 'end'));
  }
  const { steps, visits } = whole(frames, params);
  expect(steps.map((s) => s.signal)).toEqual(signals);
  expect(visits).toHaveLength(2);
  expect(visits).toEqual(
    ends.map((e) => e.kind === 'end' && { startMs: e.startMs, endMs: e.endMs, level: e.level, goesOn: false }) as never,
  );
});

test('less sensitivity shows fewer visits on the same pictures, and a smaller gap shows more', () => {
  const frames = filmed(24, [
    [4, 7],
    [10, 13],
  ]);
  const visitsWith = (change: Partial<MotionParams>) => whole(frames, { ...params, ...change }).visits.length;
  expect(visitsWith({})).toBe(2);
  expect(visitsWith({ mergeGapS: 10 })).toBe(1);
  expect(visitsWith({ sensitivity: 1, smallestAreaPercent: 50 })).toBe(0);
  expect(visitsWith({ enabled: false })).toBe(0);
});

test('a visit that goes on when the pictures end is shown, and marked', () => {
  const { visits } = whole(filmed(8, [[4, 8]]), params);
  expect(visits).toMatchObject([{ goesOn: true }]);
  expect(visits[0]!.endMs).toBe(100_000 + 39 * 200);
});

test('a replay that is given up looks at no further picture', () => {
  const frames = filmed(10, []);
  let asked = 0;
  const counted = (function* () {
    for (const frame of frames) {
      asked++;
      yield frame;
    }
  })();
  const run = replay(counted, params);
  for (let n = 0; n < 3; n++) run.next();
  run.return([]);
  expect(asked).toBe(3);
  expect(run.next().done).toBe(true);
});

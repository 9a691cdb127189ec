import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { cameraSettings } from '../config/camera.ts';
import type { TuningFrame } from '../http/api.ts';
import type { LumaFrame, StreamInfo } from '../media/types.ts';
import { Scene } from '../motion/scene.test-data.ts';
import { createWatcher } from '../motion/watcher.ts';
import { paramsOf } from './motion-params.ts';
import { LINGER_MS, type TunedUnit, Tuning } from './tuning.ts';
import type { SeenFrame } from './unit-parts.ts';

const WALL_MS = Date.UTC(2026, 0, 1);
const [WIDTH, HEIGHT] = [160, 90];

/** A camera that shows a scene of its own, 5 pictures per second. */
function camera(clock: ManualClock, id: string) {
  const settings = cameraSettings.parse({
    id,
    name: id.toUpperCase(),
    source: { kind: 'demo' },
    motion: { mergeGapS: 2 },
  });
  const scene = new Scene(WIDTH, HEIGHT, 5);
  const watcher = createWatcher({ params: paramsOf(settings), isOn: () => true, newId: () => 'v' });
  const taps = new Set<(seen: SeenFrame) => void>();
  const recent = { stream: { id: 's' } as StreamInfo, packets: [] };
  const unit: TunedUnit = {
    settings,
    tap(listener) {
      taps.add(listener);
      return () => taps.delete(listener);
    },
    recorder: { recent: () => recent },
  };
  let count = 0;
  /** Somebody walks in pictures `from` to `to` of these. */
  const film = async (pictures: number, from = pictures, to = pictures) => {
    for (let n = 0; n < pictures; n++) {
      await clock.advance(200);
      scene.restore();
      if (n >= from && n < to) scene.add(5 + (((n - from) * 4) % 120), 30, 10, 20, 60);
      const data = scene.picture(2);
      const frame = { width: WIDTH, height: HEIGHT, data, atMs: clock.monotonicMs() };
      const { signal } = watcher.step(frame);
      for (const tap of [...taps]) tap({ frame, signal, view: watcher.view() });
      data.fill(count++);
    }
  };
  return { unit, taps, film, settings };
}

function box(options: { readonly before?: readonly LumaFrame[] } = {}) {
  const clock = new ManualClock(WALL_MS);
  const [yard, gate] = [camera(clock, 'yard'), camera(clock, 'gate')];
  const units = new Map<string, TunedUnit>([
    ['yard', yard.unit],
    ['gate', gate.unit],
  ]);
  let [breaths, looks] = [0, 0];
  const tuning = new Tuning({
    unit: (id) => units.get(id),
    smallPicturesOf: async () => options.before ?? [],
    // Each look at the clock takes 3 ms, so that a slice is a few pictures.
    clock: { wallMs: clock.wallMs, after: clock.after, monotonicMs: () => clock.monotonicMs() + 3 * looks++ },
    log: silentLog,
    breathe: async () => {
      breaths++;
      await Promise.resolve();
    },
  });
  const seen: TuningFrame[] = [];
  const story: string[] = [];
  const listener = { frame: (frame: TuningFrame) => void seen.push(frame), ended: () => void story.push('ended') };
  return { clock, yard, gate, units, tuning, seen, story, listener, breaths: () => breaths };
}
const noSignal = new AbortController().signal;

test('pictures are kept while somebody tunes, and let go a minute after the last has left', async () => {
  const { clock, yard, tuning, listener } = box();
  await yard.film(5);
  expect([tuning.bytes, yard.taps.size]).toEqual([0, 0]);
  const [first, second] = [tuning.open('yard', listener), tuning.open('yard', listener)];
  await yard.film(10);
  expect([tuning.bytes, yard.taps.size]).toEqual([10 * WIDTH * HEIGHT, 1]);
  first.leave();
  await clock.advance(LINGER_MS + 1000);
  expect(tuning.bytes).toBeGreaterThan(0);
  second.leave();
  await clock.advance(LINGER_MS - 1000);
  // A page that is loaded again finds what was kept, and the minute begins anew.
  const third = tuning.open('yard', listener);
  expect(tuning.bytes).toBeGreaterThan(0);
  await clock.advance(LINGER_MS * 2);
  expect(tuning.bytes).toBeGreaterThan(0);
  third.leave();
  third.leave();
  await clock.advance(LINGER_MS);
  expect([tuning.bytes, yard.taps.size]).toEqual([0, 0]);
});

test('one camera is tuned at a time; one that nobody looks at any more makes room at once', async () => {
  const { yard, gate, tuning, listener } = box();
  const seat = tuning.open('yard', listener);
  await yard.film(3);
  expect(() => tuning.open('gate', listener)).toThrow('YARD is being tuned at the moment');
  expect(() => tuning.frames('gate', 0, 9e15)).toThrow('no pictures of this camera are kept');
  seat.leave();
  tuning.open('gate', listener);
  expect([yard.taps.size, gate.taps.size, tuning.bytes]).toEqual([0, 1, 0]);
  expect(() => tuning.open('attic', listener)).toThrow('there is no such camera');
});

test('a page is told what the detector saw, with the grid', async () => {
  const { yard, tuning, seen, listener } = box();
  tuning.open('yard', listener);
  await yard.film(30, 15);
  const last = seen.at(-1)!;
  expect(seen).toHaveLength(30);
  expect(last).toMatchObject({ moving: true, global: false, width: WIDTH, height: HEIGHT, atMs: WALL_MS + 6000 });
  expect(last.sinceMs).toBe(WALL_MS + 200);
  const { columns, rows, side, marks, restless } = last.cells!;
  expect([marks.length, restless.length]).toEqual([columns * rows, columns * rows]);
  expect([columns * side >= WIDTH, rows * side >= HEIGHT]).toEqual([true, true]);
  expect([...marks].filter((mark) => mark !== 'A').length).toBeGreaterThan(0);
  expect(last.blobs[0]).toHaveLength(4);
});

test('a replay compares the settings that were sent with the saved ones, in short slices', async () => {
  const { yard, tuning, listener, breaths } = box();
  const { viewer } = tuning.open('yard', listener);
  await yard.film(60, 20, 35);
  const { motion } = yard.settings;
  const blind = { ...motion, sensitivity: 1, smallestAreaPercent: 50 };
  const answer = await tuning.replay('yard', viewer, blind, noSignal);
  expect([answer.draft.length, answer.saved.length]).toEqual([0, 1]);
  expect(answer.steps).toHaveLength(60);
  expect([answer.fromMs, answer.toMs]).toEqual([WALL_MS + 200, WALL_MS + 12_000]);
  expect(answer.saved[0]!.startMs).toBeGreaterThanOrEqual(WALL_MS + 20 * 200);
  // 3 ms per look, 8 ms per slice: three pictures each.
  expect(breaths()).toBeGreaterThan(30);
  const same = await tuning.replay('yard', viewer, motion, noSignal);
  expect(same.draft).toEqual(same.saved);
  expect(same.steps.some((step) => step.moving && step.blobs.length > 0)).toBe(true);
});

test('who asks again gets the newer answer, and the older question is given up', async () => {
  const { yard, tuning, listener, breaths } = box();
  const { viewer } = tuning.open('yard', listener);
  await yard.film(60);
  const { motion } = yard.settings;
  const older = tuning.replay('yard', viewer, motion, noSignal);
  const gone = older.catch((error: Error) => error.message);
  const newer = tuning.replay('yard', viewer, { ...motion, sensitivity: 60 }, noSignal);
  expect(await gone).toBe('another replay took the place of this one');
  expect((await newer).steps).toHaveLength(60);
  const stop = new AbortController();
  const hungUp = tuning.replay('yard', viewer, motion, stop.signal).catch((error: Error) => error.message);
  stop.abort();
  const before = breaths();
  expect(await hungUp).toBe('another replay took the place of this one');
  expect(breaths() - before).toBeLessThan(3);
  const stranger = tuning.replay('yard', 'nobody', motion, noSignal);
  expect(await stranger.catch((error: Error) => error.message)).toContain('no longer tunes');
});

test('what the recorder holds of the seconds before comes first; what overlaps is left out', async () => {
  const before = [-600, -400, -200, 0, 150, 400].map((atMs) => ({
    ...{ width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT), atMs },
  }));
  const { yard, tuning, listener } = box({ before });
  const { viewer } = tuning.open('yard', listener);
  await yard.film(2);
  const { steps } = await tuning.replay('yard', viewer, yard.settings.motion, noSignal);
  expect(steps.map((s) => s.atMs - WALL_MS)).toEqual([-600, -400, -200, 0, 200, 400]);
});

test('kept pictures come as they were made, twenty-five at most, and say where to go on', async () => {
  const { yard, tuning, listener } = box();
  tuning.open('yard', listener);
  await yard.film(40);
  const { bytes, untilMs } = tuning.frames('yard', WALL_MS + 1000, WALL_MS + 60_000);
  expect(bytes.length).toBe(25 * (12 + WIDTH * HEIGHT));
  expect(untilMs).toBe(WALL_MS + 6000);
  const head = new DataView(bytes.buffer);
  expect([head.getFloat64(0, true), head.getUint16(8, true), head.getUint16(10, true)]).toEqual([
    WALL_MS + 1000,
    WIDTH,
    HEIGHT,
  ]);
  expect(new Set(bytes.subarray(12, 12 + WIDTH * HEIGHT)).size).toBeGreaterThan(10);
  expect(tuning.frames('yard', WALL_MS, WALL_MS + 200).bytes.length).toBe(0);
});

test('a camera that is removed ends the tuning of it', async () => {
  const { yard, tuning, units, story, listener } = box();
  tuning.open('yard', listener);
  await yard.film(3);
  tuning.unitChanged('yard');
  expect(story).toEqual([]);
  units.delete('yard');
  tuning.unitChanged('yard');
  expect([story, tuning.bytes, yard.taps.size]).toEqual([['ended'], 0, 0] as never);
});

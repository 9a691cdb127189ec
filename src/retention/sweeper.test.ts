import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Span, Why } from './plan.ts';
import { createSweeper, type KeepSettings, type RetentionLibrary, type RetentionSettings } from './sweeper.ts';

const DAY_MS = 86_400_000;
const nothingSet: KeepSettings = { quotaGB: 0, maxAgeDays: 0, thinAfterDays: 0 };

interface Kept {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly ageIsKnown: boolean;
  readonly recordingId: string;
}
/** A library of segments of 1 MB each, on a disk with so much room. */
function shelfOf(
  cameras: Readonly<Record<string, number>>,
  freeMB: number,
  ageNowMs: () => number | undefined = () => 0,
) {
  const segment = (cameraId: string, i: number): Kept => ({
    id: `${cameraId}${i}`,
    cameraId,
    startMs: i * 1000,
    durationMs: 1000,
    bytes: 1e6,
    ageIsKnown: true,
    recordingId: `${cameraId}-r${Math.floor(i / 10)}`,
  });
  let kept: Kept[] = Object.entries(cameras).flatMap(([cameraId, count]) =>
    Array.from({ length: count }, (_, i) => segment(cameraId, i)),
  );
  const steps: string[] = [];
  const events: Span[] = [];
  const starred = new Set<string>();
  const of = (cameraId: string) => kept.filter((s) => s.cameraId === cameraId && !starred.has(s.id));
  const library: RetentionLibrary = {
    keptByCamera: () =>
      [...new Set(kept.map((s) => s.cameraId))].map((cameraId) => {
        const all = kept.filter((s) => s.cameraId === cameraId);
        const bytes = all.length * 1e6;
        return { cameraId, bytes, starredBytes: bytes - of(cameraId).length * 1e6 };
      }),
    oldestRemovable: (cameraId, limit) => of(cameraId).slice(0, limit),
    removeSegments: async (ids: readonly string[], why?: Why) => {
      steps.push(`${ids.length} ${why}`);
      const before = kept.length;
      kept = kept.filter((s) => !ids.includes(s.id));
      freeMB += before - kept.length;
      return before - kept.length;
    },
    nextContinuous(cameraId, after) {
      const ids = [...new Set(of(cameraId).map((s) => s.recordingId))];
      const all = ids.map((id) => {
        const segments = kept.filter((s) => s.recordingId === id);
        const endMs = segments.at(-1)!.startMs + 1000;
        return { id, startMs: segments[0]!.startMs, endMs, knowsItsEvents: true, ageIsKnown: true };
      });
      return all.find((r) => r.startMs > after.startMs || (r.startMs === after.startMs && r.id > after.id));
    },
    keptSegmentsOf: (recordingId) => kept.filter((s) => s.recordingId === recordingId),
    movedBetween: () => events,
    ageNowMs,
    settle() {},
    forgetEventsBefore() {},
  };
  return {
    steps,
    events,
    library,
    kept: () => kept.map((s) => s.id),
    star: (id: string) => void starred.add(id),
    unstar: () => starred.clear(),
    record: (mb: number) => {
      freeMB -= mb;
    },
    freeMB: () => freeMB,
    freeBytes: async () => freeMB * 1e6,
  };
}
const rules = (more: Partial<RetentionSettings> = {}, camera = nothingSet) => {
  const settings: RetentionSettings = { keepFreeMB: 100, maxAgeDays: 0, camera: () => camera, ...more };
  return () => settings;
};
const start = (shelf: ReturnType<typeof shelfOf>, settings = rules(), clock = new ManualClock()) =>
  createSweeper({ library: shelf.library, freeBytes: shelf.freeBytes, settings, clock, log: silentLog });
const settled = async () => {
  for (let i = 0; i < 200; i++) await Promise.resolve();
};

test('the oldest go in small steps until enough is free, and no more', async () => {
  const shelf = shelfOf({ s: 100 }, 60);
  await using sweeper = start(shelf);
  await sweeper.sweep();
  expect(shelf.steps).toEqual(['16 space', '16 space', '8 space']);
  expect(shelf.kept()[0]).toBe('s40');
  expect(sweeper.isFull()).toBe(false);
});

test('of several cameras the oldest go, so that all reach back equally far', async () => {
  const shelf = shelfOf({ a: 40, b: 40 }, 60);
  await using sweeper = start(shelf);
  await sweeper.sweep();
  expect(shelf.kept().filter((id) => /^[ab](\d|1\d)$/.test(id))).toEqual([]);
  expect(shelf.kept()).toHaveLength(40);
});

test('each rule tells the library why: too old, thinned, over its quota', async () => {
  const clock = new ManualClock();
  await clock.advance(50_000);
  const seconds = 1 / 86_400;
  const shelf = shelfOf({ a: 40 }, 900, () => clock.wallMs());
  const camera = {
    quotaGB: 0.009,
    maxAgeDays: clock.wallMs() / DAY_MS - 5 * seconds,
    thinAfterDays: clock.wallMs() / DAY_MS - 20.5 * seconds,
  };
  await using sweeper = start(shelf, rules({}, camera), clock);
  await sweeper.sweep();
  expect(shelf.steps).toEqual(['5 age', '5 thinned', '10 thinned', '11 space']);
  expect(shelf.kept()).toHaveLength(9);
});

test('the shorter of a camera’s and the box’s age counts; a camera that is no more is kept as the box says', async () => {
  const clock = new ManualClock();
  await clock.advance(50_000);
  const seconds = 1 / 86_400;
  const ageOf = (count: number) => clock.wallMs() / DAY_MS - count * seconds;
  const shelf = shelfOf({ a: 10, b: 10, gone: 10 }, 900, () => clock.wallMs());
  const settings = rules({
    maxAgeDays: ageOf(3),
    camera: (id) => (id === 'gone' ? undefined : { ...nothingSet, maxAgeDays: id === 'a' ? ageOf(7) : ageOf(1) }),
  });
  await using sweeper = start(shelf, settings, clock);
  await sweeper.sweep();
  const left = Object.fromEntries(
    ['a', 'b', 'gone'].map((id) => [id, shelf.kept().filter((s) => s.startsWith(id)).length]),
  );
  expect(left).toEqual({ a: 3, b: 7, gone: 7 });
});

test('nothing goes for its age while the box does not know the time', async () => {
  const clock = new ManualClock();
  await clock.advance(50_000);
  let knows = false;
  const shelf = shelfOf({ a: 10 }, 900, () => (knows ? clock.wallMs() : undefined));
  const settings = rules({ maxAgeDays: 1 / 86_400 }, { ...nothingSet, thinAfterDays: 1 / 86_400 });
  await using sweeper = start(shelf, settings, clock);
  await sweeper.sweep();
  expect(shelf.kept()).toHaveLength(10);
  knows = true;
  await sweeper.sweep();
  expect(shelf.kept()).toEqual([]);
});

test('recordings in which something moved are passed by, and the ones behind them are thinned all the same', async () => {
  const clock = new ManualClock();
  await clock.advance(100_000);
  const shelf = shelfOf({ a: 60 }, 900, () => clock.wallMs());
  shelf.events.push({ startMs: -40_000, endMs: -1000 }); // reaches to 29 s
  await using sweeper = start(shelf, rules({}, { ...nothingSet, thinAfterDays: 1 / DAY_MS }), clock);
  await sweeper.sweep();
  expect(shelf.kept()).toHaveLength(30);
  expect(shelf.steps.every((step) => step.endsWith('thinned'))).toBe(true);
  // what was passed by is not looked at at every turn, and is again when hours have passed
  shelf.events.length = 0;
  await sweeper.sweep();
  expect(shelf.kept()).toHaveLength(30);
  await clock.advance(7 * 3_600_000);
  await sweeper.sweep();
  expect(shelf.kept()).toEqual([]);
});

test('what moved goes for a quota only when no stillness is left that thinning may take', async () => {
  const clock = new ManualClock();
  await clock.advance(200_000);
  const shelf = shelfOf({ a: 180 }, 900, () => clock.wallMs());
  shelf.events.push({ startMs: 20_000, endMs: 25_000 }); // with its margins 65 s
  const keep = { ...nothingSet, quotaGB: 0.08, thinAfterDays: 1 / DAY_MS };
  await using sweeper = start(shelf, rules({}, keep), clock);
  await sweeper.sweep();
  expect([shelf.kept()[0], shelf.kept().length]).toEqual(['a0', 56]);
  expect(shelf.steps.every((step) => step.endsWith('thinned'))).toBe(true);
});

test('a quota does not wait for ever: as soon as thinning is through, the oldest go', async () => {
  const clock = new ManualClock();
  await clock.advance(2_000_000);
  const shelf = shelfOf({ a: 600 }, 900, () => clock.wallMs());
  shelf.events.push({ startMs: 0, endMs: 2_000_000 }); // it moved all the time: 60 recordings are passed by
  const keep = { ...nothingSet, quotaGB: 0.5, thinAfterDays: 1 / DAY_MS };
  await using sweeper = start(shelf, rules({}, keep), clock);
  await sweeper.sweep();
  expect(shelf.kept()).toHaveLength(600);
  await clock.advance(4000);
  await settled();
  expect([shelf.kept().length, shelf.kept()[0]]).toEqual([500, 'a100']);
});

test('the faster the disk fills, the more is free before it is needed, so that eight fast cameras never meet a full disk', async () => {
  const shelf = shelfOf({ s: 3000 }, 300);
  const clock = new ManualClock();
  await using sweeper = start(shelf, rules(), clock);
  await settled();
  let leastFree = Number.POSITIVE_INFINITY;
  for (let s = 0; s < 300; s++) {
    shelf.record(8);
    leastFree = Math.min(leastFree, shelf.freeMB());
    await clock.advance(1000);
    await settled();
  }
  expect(leastFree).toBeGreaterThan(50);
  expect(shelf.freeMB()).toBeLessThan(250);
  expect(Math.round(sweeper.fillsBytesPerS() / 1e6)).toBeGreaterThanOrEqual(8);
});

test('with nothing left to remove it says so once, and once more when there is room', async () => {
  const shelf = shelfOf({ s: 3 }, 10);
  await using sweeper = start(shelf);
  const told: unknown[] = [];
  sweeper.onFull((full, because) => told.push([full, because]));
  await sweeper.sweep();
  await sweeper.sweep();
  expect([shelf.kept().length, sweeper.isFull()]).toEqual([0, true]);
  shelf.record(-500);
  await sweeper.sweep();
  expect(told).toEqual([
    [true, 'others'],
    [false, 'others'],
  ]);
});

test('starred recordings stay on a disk that is full of them, it says that they are why, and goes on when a star is taken away', async () => {
  const shelf = shelfOf({ s: 200 }, 10);
  for (let i = 0; i < 195; i++) shelf.star(`s${i}`);
  await using sweeper = start(shelf);
  const told: unknown[] = [];
  sweeper.onFull((full, because) => told.push([full, because]));
  await sweeper.sweep();
  expect([shelf.kept().length, told]).toEqual([195, [[true, 'starred']]]);
  shelf.unstar();
  await sweeper.sweep();
  expect([shelf.freeMB(), sweeper.isFull()]).toEqual([100, false]);
});

test('a failing removal is tried again at the next turn', async () => {
  const shelf = shelfOf({ s: 3 }, 10);
  let failures = 1;
  const library = {
    ...shelf.library,
    removeSegments: async (ids: readonly string[], why?: Why) => {
      if (failures-- > 0) throw new Error('input/output error');
      return await shelf.library.removeSegments(ids, why);
    },
  };
  await using sweeper = start({ ...shelf, library }, rules({ keepFreeMB: 12 }));
  await sweeper.sweep();
  expect(shelf.kept().length).toBe(3);
  await sweeper.sweep();
  expect(shelf.kept().length).toBe(1);
});

test('what may not go stays, though too little is free: the disk is full, and not with recordings', async () => {
  const shelf = shelfOf({ s: 20 }, 10);
  const removableBytes = () => Math.max(0, shelf.kept().length - 4) * 1e6;
  const { library, freeBytes } = shelf;
  const options = { library, freeBytes, removableBytes, settings: rules(), clock: new ManualClock(), log: silentLog };
  await using sweeper = createSweeper(options);
  await sweeper.sweep();
  expect([shelf.kept(), sweeper.isFull()]).toEqual([['s16', 's17', 's18', 's19'], true]);
});

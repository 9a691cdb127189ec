import { expect, test } from 'bun:test';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { planRemoval } from './plan.ts';
import { createSweeper } from './sweeper.ts';

const DAY_MS = 86_400_000;
const segments = [1, 2, 3, 4].map((day) => ({ id: `day${day}`, startMs: day * DAY_MS, bytes: 100 }));

test.each([
  ['enough room: nothing', 500, 500, 0, 5, []],
  ['a little short: the oldest only', 450, 500, 0, 5, ['day1']],
  ['short by two', 301, 500, 0, 5, ['day1', 'day2']],
  ['short by all, and more', 0, 5000, 0, 5, ['day1', 'day2', 'day3', 'day4']],
  ['too old goes though there is room', 500, 500, 2, 4.5, ['day1', 'day2']],
  ['exactly as old as allowed stays', 500, 500, 2, 4, ['day1']],
  ['age and space together', 350, 500, 3, 4.5, ['day1', 'day2']],
] as const)('%s', (_, freeBytes, keepFreeBytes, maxAgeDays, nowDay, going) => {
  const state = { freeBytes, keepFreeBytes, maxAgeMs: maxAgeDays * DAY_MS, nowMs: nowDay * DAY_MS };
  expect(planRemoval({ ...state, removableBytes: 1e9, segmentsOldestFirst: segments })).toEqual([...going]);
});

test.each([
  ['nothing may go', 0, 0, []],
  ['as much goes as may, then no more', 150, 0, ['day1', 'day2']],
  ['what is too old goes all the same', 0, 2, ['day1', 'day2']],
] as const)('short of room: %s', (_, removableBytes, maxAgeDays, going) => {
  const state = { freeBytes: 0, keepFreeBytes: 5000, maxAgeMs: maxAgeDays * DAY_MS, nowMs: 4.5 * DAY_MS };
  expect(planRemoval({ ...state, removableBytes, segmentsOldestFirst: segments })).toEqual([...going]);
});

/** A library of segments of 1 MB each, on a disk with so much room. */
function shelfOf(count: number, freeMB: number) {
  let kept = Array.from({ length: count }, (_, i) => ({ id: `s${i}`, startMs: i * 1000, bytes: 1e6 }));
  const steps: number[] = [];
  return {
    steps,
    kept: () => kept,
    record: (n: number) => {
      freeMB -= n;
    },
    give: (mb: number) => {
      freeMB += mb;
    },
    freeBytes: async () => freeMB * 1e6,
    library: {
      oldestSegments: (limit: number) => kept.slice(0, limit),
      removeSegments: async (ids: readonly string[]) => {
        steps.push(ids.length);
        kept = kept.filter((s) => !ids.includes(s.id));
        freeMB += ids.length;
        return ids.length;
      },
      settle() {},
      forgetEventsBefore() {},
    },
  };
}

test('the oldest go in small steps until enough is free, and no more', async () => {
  const shelf = shelfOf(100, 60);
  const settings = () => ({ keepFreeMB: 100, maxAgeDays: 0 });
  await using sweeper = createSweeper({ ...shelf, settings, clock: new ManualClock(), log: silentLog });
  await sweeper.sweep();
  expect(shelf.steps).toEqual([16, 16, 8]);
  expect(shelf.kept()[0]?.id).toBe('s40');
  expect(sweeper.isFull()).toBe(false);
});

test('room is made by itself every few seconds while it is short', async () => {
  const shelf = shelfOf(10, 100);
  const clock = new ManualClock();
  const settings = () => ({ keepFreeMB: 100, maxAgeDays: 0 });
  await using sweeper = createSweeper({ ...shelf, settings, clock, log: silentLog });
  await sweeper.sweep();
  for (let i = 0; i < 20; i++) await Promise.resolve();
  shelf.record(2);
  await clock.advance(3000);
  expect(shelf.kept().length).toBe(8);
});

test('with nothing left to remove it says so once, and once more when there is room', async () => {
  const shelf = shelfOf(3, 10);
  const settings = () => ({ keepFreeMB: 100, maxAgeDays: 0 });
  await using sweeper = createSweeper({ ...shelf, settings, clock: new ManualClock(), log: silentLog });
  const told: boolean[] = [];
  sweeper.onFull((full) => told.push(full));
  await sweeper.sweep();
  await sweeper.sweep();
  expect([shelf.kept().length, sweeper.isFull()]).toEqual([0, true]);
  shelf.give(500);
  await sweeper.sweep();
  expect(told).toEqual([true, false]);
});

test('a failing removal is tried again at the next turn', async () => {
  const shelf = shelfOf(3, 10);
  let failures = 1;
  const library = {
    ...shelf.library,
    removeSegments: async (ids: readonly string[]) => {
      if (failures-- > 0) throw new Error('input/output error');
      return await shelf.library.removeSegments(ids);
    },
  };
  const settings = () => ({ keepFreeMB: 12, maxAgeDays: 0 });
  const { freeBytes } = shelf;
  await using sweeper = createSweeper({ library, freeBytes, settings, clock: new ManualClock(), log: silentLog });
  await sweeper.sweep();
  expect(shelf.kept().length).toBe(3);
  await sweeper.sweep();
  expect(shelf.kept().length).toBe(1);
});

test('what may not go stays, though too little is free: the disk is full, and not with recordings', async () => {
  const shelf = shelfOf(20, 10);
  const settings = () => ({ keepFreeMB: 100, maxAgeDays: 0 });
  const removableBytes = () => Math.max(0, shelf.kept().length - 4) * 1e6;
  await using sweeper = createSweeper({
    ...shelf,
    removableBytes,
    settings,
    clock: new ManualClock(),
    log: silentLog,
  });
  await sweeper.sweep();
  expect([shelf.kept().map((s) => s.id), sweeper.isFull()]).toEqual([['s16', 's17', 's18', 's19'], true]);
});

// Eight cameras of 8 Mb/s on a card that is slow to remove: what the sweeper makes of it on a disk that is full already, by arithmetic.

import { expect, test } from 'bun:test';
import { ManualClock, sleep } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { createSweeper, type RetentionLibrary } from './sweeper.ts';

const CAMERAS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
/** 8 Mb/s. */
const MB_PER_S = 1;
const SEGMENT_S = 60;

interface Kept {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly ageIsKnown: boolean;
}

interface Card {
  readonly totalMB: number;
  readonly keepFreeMB: number;
  /** Until the floor is met. */
  readonly minutesLeft: number;
  readonly remove: () => Promise<void>;
  readonly clock: ManualClock;
}
/** All files end at the same second; what is being written takes room and may not go. */
function cardOf({ totalMB, keepFreeMB, minutesLeft, remove, clock }: Card) {
  const minuteOf = (startMs: number) =>
    CAMERAS.map((cameraId): Kept => {
      const bytes = SEGMENT_S * MB_PER_S * 1e6;
      return { id: `${cameraId}${startMs}`, cameraId, startMs, durationMs: SEGMENT_S * 1000, bytes, ageIsKnown: true };
    });
  const before = Math.floor((totalMB - keepFreeMB) / (CAMERAS.length * MB_PER_S * SEGMENT_S)) - minutesLeft;
  let kept = Array.from({ length: before }, (_, i) => minuteOf((i - before) * SEGMENT_S * 1000)).flat();
  let openMB = 0;
  let openedMs = 0;
  const of = (cameraId: string) => kept.filter((s) => s.cameraId === cameraId);
  const bytes = (segments: readonly Kept[]) => segments.reduce((sum, s) => sum + s.bytes, 0);
  const library: RetentionLibrary = {
    keptByCamera: () =>
      CAMERAS.map((cameraId) => ({ cameraId, bytes: bytes(of(cameraId)), starredBytes: 0 })).filter((c) => c.bytes > 0),
    oldestRemovable: (cameraId, limit) => of(cameraId).slice(0, limit),
    async removeSegments(ids) {
      await remove();
      kept = kept.filter((s) => !ids.includes(s.id));
      return ids.length;
    },
    nextContinuous: () => undefined,
    keptSegmentsOf: () => [],
    movedBetween: () => [],
    ageNowMs: () => clock.wallMs(),
    settle() {},
    forgetEventsBefore() {},
  };
  return {
    library,
    freeMB: () => totalMB - openMB - bytes(kept) / 1e6,
    reachMs: () => CAMERAS.map((cameraId) => of(cameraId)[0]!.startMs),
    record(): void {
      openMB += CAMERAS.length * MB_PER_S;
      if (openMB < CAMERAS.length * MB_PER_S * SEGMENT_S) return;
      kept.push(...minuteOf(openedMs));
      openMB = 0;
      openedMs = clock.monotonicMs() + 1000;
    },
  };
}

test.each([
  ['2 GB kept free of 16, a quick card', 16_000, 2000, 100],
  ['2 GB kept free of 16, five seconds for each removal', 16_000, 2000, 5000],
  ['half of a disk of 2 GB', 2000, 1000, 5000],
  ['500 MB kept free of 4 GB, five seconds for each removal', 4000, 500, 5000],
])(
  'eight cameras of 8 Mb/s never touch what is kept free, and reach back equally far: %s',
  async (_, totalMB, keepFreeMB, removalMs) => {
    const clock = new ManualClock();
    const ended = new AbortController();
    const remove = () => sleep(clock, removalMs, ended.signal);
    const card = cardOf({ totalMB, keepFreeMB, minutesLeft: 1, remove, clock });
    const freeBytes = async () => card.freeMB() * 1e6;
    const settings = () => ({ keepFreeMB, maxAgeDays: 0, camera: () => undefined });
    await using sweeper = createSweeper({ library: card.library, freeBytes, settings, clock, log: silentLog });
    // before the sweeper is closed: it waits for its removal, and no time passes any more
    using _atLast = { [Symbol.dispose]: () => ended.abort() };
    let leastFreeMB = Number.POSITIVE_INFINITY;
    for (let s = 0; s < 900; s++) {
      card.record();
      leastFreeMB = Math.min(leastFreeMB, card.freeMB());
      await clock.advance(1000);
      for (let i = 0; i < 50; i++) await Promise.resolve();
    }
    expect(sweeper.isFull()).toBe(false);
    expect(leastFreeMB).toBeGreaterThanOrEqual(keepFreeMB);
    // and no more goes than that needs: a minute of what comes, and the step in which it went
    expect(card.freeMB()).toBeLessThan(keepFreeMB + 8 * 60 + 16 * 60);
    const reach = card.reachMs();
    expect(Math.max(...reach) - Math.min(...reach)).toBeLessThanOrEqual(SEGMENT_S * 1000);
  },
);

test.each([50, 100, 500])(
  'cameras that begin all at once on a disk with no more than %d MB free do not fill it before it is looked at',
  async (keepFreeMB) => {
    const clock = new ManualClock();
    const ended = new AbortController();
    const remove = () => sleep(clock, 1000, ended.signal);
    const card = cardOf({ totalMB: keepFreeMB + 8 * 480, keepFreeMB, minutesLeft: 0, remove, clock });
    const freeBytes = async () => card.freeMB() * 1e6;
    const settings = () => ({ keepFreeMB, maxAgeDays: 0, camera: () => undefined });
    await using _sweeper = createSweeper({ library: card.library, freeBytes, settings, clock, log: silentLog });
    using _atLast = { [Symbol.dispose]: () => ended.abort() };
    await clock.advance(3_600_000); // a quiet hour
    let leastFreeMB = Number.POSITIVE_INFINITY;
    for (let s = 0; s < 120; s++) {
      card.record();
      leastFreeMB = Math.min(leastFreeMB, card.freeMB());
      await clock.advance(1000);
      for (let i = 0; i < 50; i++) await Promise.resolve();
    }
    expect(leastFreeMB).toBeGreaterThan(keepFreeMB / 4);
  },
);

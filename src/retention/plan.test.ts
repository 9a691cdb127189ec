import { expect, test } from 'bun:test';
import { type CameraState, type KeptSegment, planRemoval, type RetentionState, THINNING_MARGIN_MS } from './plan.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const segment = (cameraId: string, startMs: number, more: Partial<KeptSegment> = {}): KeptSegment => ({
  id: `${cameraId}${startMs / MINUTE_MS}`,
  cameraId,
  startMs,
  durationMs: MINUTE_MS,
  bytes: 100,
  starred: false,
  isOpen: false,
  ageIsKnown: true,
  ...more,
});
const camera = (cameraId: string, oldest: readonly KeptSegment[], rules: Partial<CameraState> = {}): CameraState => ({
  cameraId,
  keptBytes: oldest.reduce((sum, s) => sum + (s.starred ? 0 : s.bytes), 0),
  quotaBytes: 0,
  maxAgeMs: 0,
  thinAfterMs: 0,
  oldest,
  ...rules,
});
const state = (cameras: readonly CameraState[], more: Partial<RetentionState> = {}): RetentionState => ({
  nowMs: 100 * DAY_MS,
  freeBytes: 1000,
  wantFreeBytes: 0,
  removableBytes: Number.POSITIVE_INFINITY,
  starredBytes: 0,
  cameras,
  maxSegments: 1000,
  ...more,
});
const minutes = (cameraId: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => segment(cameraId, (from + i) * MINUTE_MS));
const gone = (given: RetentionState) => planRemoval(given).going.map(({ id, why }) => `${id} ${why}`);

const a5 = camera('a', minutes('a', 5));
test.each<[string, RetentionState, readonly string[]]>([
  ['enough room: nothing', state([a5], { wantFreeBytes: 1000 }), []],
  ['a little short: the oldest only', state([a5], { wantFreeBytes: 1001 }), ['a0 space']],
  ['short by two', state([a5], { wantFreeBytes: 1101 }), ['a0 space', 'a1 space']],
  [
    'short by two, of two cameras: the oldest of both, so that both reach back equally far',
    state([camera('b', minutes('b', 5, 1)), a5], { wantFreeBytes: 1300 }),
    ['a0 space', 'b1 space', 'a1 space'],
  ],
  [
    'equally old: of the camera that holds most',
    state([a5, camera('b', minutes('b', 5), { keptBytes: 9000 })], { wantFreeBytes: 1100 }),
    ['b0 space'],
  ],
  ['no more than may go', state([a5], { wantFreeBytes: 9000, removableBytes: 150 }), ['a0 space', 'a1 space']],
  ['no more than a step', state([a5], { wantFreeBytes: 9000, maxSegments: 1 }), ['a0 space']],
  ['over its quota', state([{ ...a5, quotaBytes: 300 }]), ['a0 space', 'a1 space']],
  [
    'over its quota while it is being thinned: thinning goes first',
    state([{ ...a5, quotaBytes: 300, isThinning: true }]),
    [],
  ],
  [
    'the floor waits for no thinning, nor do other cameras’ quotas',
    state([{ ...a5, quotaBytes: 300, isThinning: true }, camera('b', minutes('b', 3), { quotaBytes: 200 })], {
      wantFreeBytes: 1300,
    }),
    ['b0 space', 'a0 space', 'a1 space'],
  ],
  ['as much as its quota', state([{ ...a5, quotaBytes: 500 }]), []],
  [
    'what went over a quota counts for room, too',
    state([{ ...a5, quotaBytes: 300 }, camera('b', minutes('b', 3))], { wantFreeBytes: 1200 }),
    ['a0 space', 'a1 space'],
  ],
  [
    'too old, though there is room; exactly as old as allowed stays',
    state([{ ...a5, maxAgeMs: MINUTE_MS }], { nowMs: 3 * MINUTE_MS }),
    ['a0 age', 'a1 age'],
  ],
  [
    'nothing goes for its age while the time is not known',
    state([{ ...a5, maxAgeMs: 1, thinAfterMs: 1, thinning: { segments: a5.oldest, events: [] } }], {
      nowMs: undefined,
    }),
    [],
  ],
  [
    'what was recorded at an unknown time does not go for its age, and does for room',
    state([camera('a', [segment('a', 0, { ageIsKnown: false }), segment('a', MINUTE_MS)], { maxAgeMs: 1 })], {
      wantFreeBytes: 1200,
    }),
    ['a1 age', 'a0 space'],
  ],
  [
    'a star keeps, in every rule',
    state(
      [
        camera('a', [segment('a', 0, { starred: true }), segment('a', MINUTE_MS, { isOpen: true })], {
          keptBytes: 200,
          quotaBytes: 1,
          maxAgeMs: 1,
          thinAfterMs: 1,
          thinning: { segments: [segment('a', 0, { starred: true })], events: [] },
        }),
      ],
      { wantFreeBytes: 5000 },
    ),
    [],
  ],
])('%s', (_, given, expected) => {
  expect(gone(given)).toEqual([...expected]);
});

test.each([
  ['starred recordings stand in the way', 5000, 4000, { bytes: 3500, because: 'starred' }],
  ['something else does', 5000, 3000, { bytes: 3500, because: 'others' }],
  ['there is room', 1400, 4000, undefined],
] as const)('says what is missing and why when nothing is left: %s', (_, wantFreeBytes, starredBytes, short) => {
  expect(planRemoval(state([a5], { wantFreeBytes, starredBytes })).short).toEqual(short as never);
});

test('a step that was full says nothing about what is missing: the next one goes on', () => {
  expect(planRemoval(state([a5], { wantFreeBytes: 5000, maxSegments: 2 })).short).toBeUndefined();
});

test('thinning leaves what moved, and half a minute before and after it', () => {
  const footage = minutes('a', 10);
  const event = { startMs: 5 * MINUTE_MS + THINNING_MARGIN_MS, endMs: 5.2 * MINUTE_MS };
  const given = (events: readonly { startMs: number; endMs: number | null }[], thinAfterMs = DAY_MS) =>
    state([camera('a', footage, { thinAfterMs, thinning: { segments: footage, events } })]);
  const left = (given: RetentionState) => {
    const ids = new Set(planRemoval(given).going.map((one) => one.id));
    return footage.filter((s) => !ids.has(s.id)).map((s) => s.id);
  };
  expect(left(given([]))).toEqual([]);
  expect(left(given([event]))).toEqual(['a4', 'a5']);
  expect(left(given([{ ...event, endMs: null }]))).toEqual(['a4', 'a5', 'a6', 'a7', 'a8', 'a9']);
  expect(left(given([], 100 * DAY_MS - 3 * MINUTE_MS))).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9']);
  expect(new Set(gone(given([])).map((one) => one.split(' ')[1]))).toEqual(new Set(['thinned']));
});

/** The same numbers for the same seed, so that a failure can be repeated. */
function randomOf(seed: number) {
  let at = seed;
  return (below: number) => {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    return Math.floor((at / 2 ** 32) * below);
  };
}
function anyState(seed: number): RetentionState {
  const random = randomOf(seed);
  const cameras = Array.from({ length: 1 + random(4) }, (_, n) => {
    const name = 'abcd'[n]!;
    const oldest = Array.from({ length: random(12) }, (_, i) =>
      segment(name, random(12) * MINUTE_MS, {
        id: `${name}-${i}`,
        bytes: 1 + random(300),
        starred: random(5) === 0,
        isOpen: random(9) === 0,
        ageIsKnown: random(9) > 0,
      }),
    );
    const events = Array.from({ length: random(3) }, () => {
      const startMs = random(12) * MINUTE_MS;
      return { startMs, endMs: random(4) === 0 ? null : startMs + random(90_000) };
    });
    return camera(name, oldest, {
      quotaBytes: random(2) * random(1200),
      isThinning: random(4) === 0,
      maxAgeMs: random(2) * random(12) * MINUTE_MS,
      thinAfterMs: random(2) * random(12) * MINUTE_MS,
      thinning: { segments: oldest.filter(() => random(2) === 0), events },
    });
  });
  return state(cameras, {
    nowMs: random(6) === 0 ? undefined : 12 * MINUTE_MS,
    freeBytes: random(500),
    wantFreeBytes: random(3000),
    ...(random(3) === 0 ? { removableBytes: random(2000) } : {}),
  });
}
const seeds = Array.from({ length: 400 }, (_, i) => i + 1);
const allOf = (given: RetentionState) => given.cameras.flatMap((c) => c.oldest);
const bytesOf = (segments: readonly { readonly bytes: number }[]) => segments.reduce((sum, s) => sum + s.bytes, 0);

test('whatever the state: what is starred or being written stays, and nothing goes twice', () => {
  for (const seed of seeds) {
    const given = anyState(seed);
    const stays = new Set(
      allOf(given)
        .filter((s) => s.starred || s.isOpen)
        .map((s) => s.id),
    );
    const { going } = planRemoval(given);
    expect({ seed, wrong: going.filter((one) => stays.has(one.id)) }).toEqual({ seed, wrong: [] });
    expect(new Set(going.map((one) => one.id)).size).toBe(going.length);
  }
});

test('whatever the state: quotas and ages hold, except where only what must stay is left', () => {
  for (const seed of seeds) {
    const given = anyState(seed);
    const ids = new Set(planRemoval(given).going.map((one) => one.id));
    for (const { keptBytes, quotaBytes, maxAgeMs, oldest, isThinning } of given.cameras) {
      const left = oldest.filter((s) => !ids.has(s.id) && !s.starred && !s.isOpen);
      const kept = keptBytes - bytesOf(oldest.filter((s) => ids.has(s.id)));
      const isDue = quotaBytes > 0 && !isThinning;
      if (isDue && left.length > 0) expect({ seed, over: kept > quotaBytes }).toEqual({ seed, over: false });
      if (maxAgeMs === 0 || given.nowMs === undefined) continue;
      const old = left.filter((s) => s.ageIsKnown && s.startMs < given.nowMs! - maxAgeMs);
      expect({ seed, old }).toEqual({ seed, old: [] });
    }
  }
});

test('whatever the state: never more than needed, and enough unless it says so', () => {
  for (const seed of seeds) {
    const given = anyState(seed);
    const plan = planRemoval(given);
    const free = given.freeBytes + bytesOf(plan.going);
    const { wantFreeBytes } = given;
    expect({ seed, missing: plan.short?.bytes ?? 0 }).toEqual({ seed, missing: Math.max(0, wantFreeBytes - free) });
    const last = plan.going.at(-1);
    if (last?.why !== 'space') continue;
    // without the last one a quota or the floor would not hold
    const own = given.cameras.find((c) => c.cameraId === last.cameraId)!;
    const kept = own.keptBytes - bytesOf(plan.going.filter((one) => one.cameraId === last.cameraId));
    const wasForQuota = own.quotaBytes > 0 && kept + last.bytes > own.quotaBytes;
    expect({ seed, needed: wasForQuota || free - last.bytes < wantFreeBytes }).toEqual({ seed, needed: true });
  }
});

test('whatever the state: nothing younger goes for room while something older may', () => {
  for (const seed of seeds) {
    const rules = { quotaBytes: 0, maxAgeMs: 0, thinAfterMs: 0 };
    const given = anyState(seed);
    const plain = { ...given, cameras: given.cameras.map((c) => ({ ...c, ...rules })) };
    const ids = new Set(planRemoval(plain).going.map((one) => one.id));
    const may = allOf(plain).filter((s) => !s.starred && !s.isOpen);
    const youngest = Math.max(...may.filter((s) => ids.has(s.id)).map((s) => s.startMs));
    const left = may.filter((s) => !ids.has(s.id));
    expect({ seed, older: left.filter((s) => s.startMs < youngest) }).toEqual({ seed, older: [] });
  }
});

test('whatever the state: the order in which cameras and segments are named changes nothing', () => {
  for (const seed of seeds) {
    const given = anyState(seed);
    const reversed = {
      ...given,
      cameras: given.cameras
        .map((c) => ({
          ...c,
          oldest: c.oldest.toReversed(),
          thinning: { segments: c.thinning!.segments.toReversed(), events: c.thinning!.events.toReversed() },
        }))
        .toReversed(),
    };
    expect({ seed, going: gone(reversed).sort() }).toEqual({ seed, going: gone(given).sort() });
  }
});

test('whatever the state: thinning takes only still footage that has had its time', () => {
  let seen = 0;
  for (const seed of seeds) {
    const given = anyState(seed);
    for (const one of planRemoval(given).going.filter((g) => g.why === 'thinned')) {
      seen++;
      const { thinning, thinAfterMs, oldest } = given.cameras.find((c) => c.cameraId === one.cameraId)!;
      const { startMs, durationMs } = oldest.find((s) => s.id === one.id)!;
      expect(startMs + durationMs).toBeLessThan(given.nowMs! - thinAfterMs);
      const near = thinning!.events.filter(
        (e) => e.startMs - 30_000 <= startMs + durationMs && (e.endMs ?? Infinity) + 30_000 >= startMs,
      );
      expect({ seed, near }).toEqual({ seed, near: [] });
    }
  }
  expect(seen).toBeGreaterThan(100);
});

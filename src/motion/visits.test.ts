// The rules of visits, to the millisecond: a detector that says what the story says, instead of one that looks at pictures.

import { expect, test } from 'bun:test';
import type { Detector, MotionSignal } from './detector.ts';
import { defaultMotionParams, type MotionParams } from './params.ts';
import { createWatcher, type MotionEvent } from './watcher.ts';

const moving: MotionSignal = { moving: true, level: 10, blobs: [], global: false };
const still: MotionSignal = { moving: false, level: 0, blobs: [], global: false };
const blind: MotionSignal = { moving: false, level: 0, blobs: [], global: true };

interface Story {
  readonly params?: Partial<MotionParams>;
  readonly isOn?: (atMs: number) => boolean;
  /** What the detector says of the picture at each time. */
  readonly frames: readonly (readonly [atMs: number, signal: MotionSignal])[];
  /** Before the picture of this time. */
  readonly meanwhile?: Readonly<Record<number, Partial<MotionParams>>>;
}

function tell({ params, isOn = () => true, frames, meanwhile = {} }: Story) {
  let signal = still;
  let ids = 0;
  const applied: MotionParams[] = [];
  const detector: Detector = {
    step: () => signal,
    view: () => undefined,
    apply: (next) => void applied.push(next),
  };
  const first = { ...defaultMotionParams, smallestDurationMs: 0, ...params };
  const watcher = createWatcher({ params: first, isOn, newId: () => `${++ids}`, detector });
  const events: (MotionEvent & { readonly toldMs: number })[] = [];
  const keep = (told: readonly MotionEvent[], toldMs: number) =>
    void events.push(...told.map((event) => ({ ...event, toldMs })));
  let now = 0;
  for (const [atMs, next] of frames) {
    now = atMs;
    if (meanwhile[atMs]) watcher.apply({ ...first, ...meanwhile[atMs] });
    signal = next;
    keep(watcher.step({ width: 16, height: 16, data: new Uint8Array(256), atMs }).events, atMs);
  }
  keep(watcher.flush(), now);
  return { events, applied };
}

/** Pictures every 100 ms from `fromMs` (inclusive) to `toMs` (exclusive), in which it moves in these spans. */
function film(toMs: number, ...spans: readonly (readonly [fromMs: number, toMs: number])[]) {
  return Array.from({ length: toMs / 100 }, (_, i) => {
    const atMs = i * 100;
    return [atMs, spans.some(([from, to]) => atMs >= from && atMs < to) ? moving : still] as const;
  });
}

/** Visits as `start–end (told start, told end)`. */
function visits(story: Story): string[] {
  const { events } = tell(story);
  return events.flatMap((end) => {
    if (end.kind !== 'end') return [];
    const start = events.find((e) => e.kind === 'start' && e.id === end.id)!;
    return [`${end.startMs}–${end.endMs} (${start.toldMs}, ${end.toldMs})`];
  });
}

test('a visit is told when it has lasted the smallest duration, to the millisecond, and dated back to its first moment', () => {
  const params = { smallestDurationMs: 400, mergeGapS: 1 };
  expect(visits({ params, frames: film(5000, [1000, 1400]) })).toEqual([]);
  expect(visits({ params, frames: film(5000, [1000, 1500]) })).toEqual(['1000–1400 (1400, 2400)']);
});

test('the smallest duration counts from when the thing was first seen, before it was believed', () => {
  const frames = film(4000, [1000, 1300]).map(([atMs, s]) => [atMs, s.moving ? { ...s, sinceMs: 600 } : s] as const);
  const params = { smallestDurationMs: 400, mergeGapS: 1 };
  expect(visits({ params, frames })).toEqual(['600–1200 (1000, 2200)']);
});

test('short stirrings that come too far apart never add up to a visit', () => {
  const stirrings = [0, 1, 2, 3, 4].map((n) => [1000 + n * 1000, 1200 + n * 1000] as const);
  expect(visits({ params: { smallestDurationMs: 400, mergeGapS: 5 }, frames: film(9000, ...stirrings) })).toEqual([]);
});

test('a pause shorter than the merge gap belongs to the visit, one as long makes two', () => {
  const params = { mergeGapS: 2 };
  // Last moved at 1900; the pause ends at 3800, then at 3900.
  expect(visits({ params, frames: film(9000, [1000, 2000], [3800, 5000]) })).toEqual(['1000–4900 (1000, 6900)']);
  expect(visits({ params, frames: film(9000, [1000, 2000], [3900, 5000]) })).toEqual([
    '1000–1900 (1000, 3900)',
    '3900–4900 (3900, 6900)',
  ]);
});

test('somebody who stands still up to the merge gap, again and again, is one visit', () => {
  const steps = [0, 1, 2, 3, 4, 5].map((n) => [1000 + n * 4900, 1100 + n * 4900] as const);
  expect(visits({ params: { mergeGapS: 5 }, frames: film(36_000, ...steps) }).length).toBe(1);
});

test('from one slow picture to the next there is no pause', () => {
  const frames = [1, 2, 3, 4, 5].map((s) => [s * 1000, moving] as const);
  const params = { mergeGapS: 0, smallestDurationMs: 1500 };
  expect(visits({ params, frames: [...frames, [6000, still]] })).toEqual(['1000–5000 (3000, 6000)']);
});

test('in the cool-down nothing begins and nothing is prolonged', () => {
  const params = { mergeGapS: 1, coolDownS: 5 };
  // Over at 2900, cool until 7900.
  expect(visits({ params, frames: film(12_000, [1000, 2000], [4000, 6000]) })).toEqual(['1000–1900 (1000, 2900)']);
});

test('what still moves when the cool-down has passed is a new visit, from then on', () => {
  const params = { mergeGapS: 1, coolDownS: 5, smallestDurationMs: 400 };
  expect(visits({ params, frames: film(12_000, [1000, 2000], [4000, 9000]) })).toEqual([
    '1000–1900 (1400, 2900)',
    '7900–8900 (7900, 9900)',
  ]);
});

test('what begins just after the cool-down must last like any other, and what was best in it is not this visit’s', () => {
  const params = { mergeGapS: 1, coolDownS: 5, smallestDurationMs: 400 };
  expect(visits({ params, frames: film(12_000, [1000, 2000], [7800, 8100]) }).length).toBe(1);
  expect(visits({ params, frames: film(12_000, [1000, 2000], [8000, 8500]) })[1]).toBe('8000–8400 (8400, 9400)');
  const loud = film(12_000, [1000, 2000], [4000, 9000]).map(
    ([atMs, s]) => [atMs, atMs >= 4000 && atMs < 5000 ? { ...s, level: 90 } : s] as const,
  );
  const last = tell({ params, frames: loud }).events.at(-1)!;
  expect(last).toMatchObject({ kind: 'end', level: 10, startMs: 7900 });
  expect(last.kind === 'end' && last.peakMs).toBeGreaterThanOrEqual(7900);
});

test('a cool-down that is set shorter, or left out, holds at once', () => {
  const story: Story = { params: { mergeGapS: 1, coolDownS: 60 }, frames: film(9000, [1000, 2000], [4000, 9000]) };
  expect(visits(story).length).toBe(1);
  const shorter = { 5000: { smallestDurationMs: 0, mergeGapS: 1, coolDownS: 0 } };
  expect(visits({ ...story, meanwhile: shorter })[1]).toStartWith('4000–8900');
});

test('a visit that runs into the end of the schedule ends there, and the next begins with the schedule', () => {
  const isOn = (atMs: number) => atMs < 3000 || atMs >= 6000;
  expect(visits({ params: { mergeGapS: 5 }, isOn, frames: film(9000, [1000, 9000]) })).toEqual([
    '1000–2900 (1000, 3000)',
    '6000–8900 (6000, 8900)',
  ]);
});

test('outside the schedule, and while watching is off, the detector is not even asked', () => {
  let asked = 0;
  const detector: Detector = {
    step: () => {
      asked++;
      return moving;
    },
    view: () => undefined,
    apply: () => {},
  };
  const watcher = createWatcher({ params: defaultMotionParams, isOn: () => false, newId: () => 'v', detector });
  expect(watcher.step({ width: 16, height: 16, data: new Uint8Array(256), atMs: 0 })).toMatchObject({
    signal: { moving: false },
    events: [],
  });
  expect(asked).toBe(0);
});

test('a camera that is away for some seconds in a visit, and must be learnt anew, does not make two of it', () => {
  // Away from 2000 to 8000, learnt until 9600: nobody could see whether it moved.
  const frames = [
    ...film(2000, [1000, 2000]),
    ...Array.from({ length: 16 }, (_, n) => [8000 + n * 100, blind] as const),
    ...Array.from({ length: 10 }, (_, n) => [9600 + n * 100, moving] as const),
  ];
  expect(visits({ params: { mergeGapS: 2 }, frames })).toEqual(['1000–10500 (1000, 10500)']);
});

test('a camera that comes back to an empty yard: the visit is over a merge gap after one could see again', () => {
  const frames = [
    ...film(2000, [1000, 2000]),
    [8000, blind] as const,
    ...Array.from({ length: 40 }, (_, n) => [8100 + n * 100, still] as const),
  ];
  expect(visits({ params: { mergeGapS: 2 }, frames })).toEqual(['1000–1900 (1000, 10000)']);
});

test('a camera that was away for long ends the visit at what was last seen', () => {
  const frames = [...film(2000, [1000, 2000]), [60_000, blind] as const, [60_100, moving] as const];
  expect(visits({ params: { mergeGapS: 5 }, frames })).toEqual([
    '1000–1900 (1000, 60000)',
    '60100–60100 (60100, 60100)',
  ]);
});

test('a lamp in the middle of a visit does not end it', () => {
  const frames = film(6000, [1000, 2000], [3000, 4000]).map(
    ([atMs, s]) => [atMs, atMs >= 2000 && atMs < 3000 ? blind : s] as const,
  );
  expect(visits({ params: { mergeGapS: 0.5 }, frames })).toEqual(['1000–3900 (1000, 4400)']);
});

test('other settings in the middle of a visit reach the detector and leave the visit whole', () => {
  const meanwhile = { 2000: { smallestDurationMs: 0, mergeGapS: 2, sensitivity: 80 } };
  const story: Story = { params: { mergeGapS: 2 }, frames: film(6000, [1000, 3000]), meanwhile };
  expect(visits(story)).toEqual(['1000–2900 (1000, 4900)']);
  expect(tell(story).applied).toMatchObject([{ sensitivity: 80 }]);
});

test('watching that is switched off in a visit ends it there', () => {
  const meanwhile = { 2000: { enabled: false } };
  expect(visits({ params: { mergeGapS: 2 }, frames: film(6000, [1000, 3000]), meanwhile })).toEqual([
    '1000–1900 (1000, 2000)',
  ]);
});

test('a thing that was followed since before the last visit ended begins a new one after it', () => {
  const old = { ...moving, sinceMs: 500 };
  const frames = [
    [1000, old],
    [1100, still],
    [1200, old],
    [1300, still],
  ] as const;
  expect(visits({ params: { mergeGapS: 0 }, frames })).toEqual(['500–1000 (1000, 1100)', '1001–1200 (1200, 1300)']);
});

test('a visit names the zones in which it moved, in the order in which it came to them', () => {
  const at = (atMs: number, ...zones: string[]) => [atMs, { ...moving, zones }] as const;
  const { events } = tell({ frames: [at(0, 'Gate'), at(100, 'Gate', 'Path'), at(200, 'Path')] });
  expect(events.find((e) => e.kind === 'start')).toMatchObject({ zones: ['Gate'] });
  expect(events.at(-1)).toMatchObject({ kind: 'end', zones: ['Gate', 'Path'] });
  expect('zones' in tell({ frames: [[0, moving]] }).events.at(-1)!).toBe(false);
});

/** Numbers from 0 to 1; the same seed gives the same ones. */
function random(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

test('whatever moves when: visits never overlap, keep their gaps, and hold every motion that lasts, once', () => {
  let held = 0;
  let cooled = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const draw = random(seed);
    const pick = <T>(...of: readonly T[]): T => of[Math.floor(draw() * of.length)]!;
    const params = {
      smallestDurationMs: pick(0, 400, 1500),
      mergeGapS: pick(0, 0.5, 2, 5),
      coolDownS: pick(0, 0, 3, 10),
    };
    const offFrom = pick(Number.POSITIVE_INFINITY, 20_000 + Math.floor(draw() * 20_000));
    const isOn = (atMs: number) => atMs < offFrom || atMs >= offFrom + 10_000;
    const frames: [number, MotionSignal][] = [];
    for (let atMs = 0; atMs < 60_000; ) {
      const on = draw() < 0.5;
      const lengthMs = Math.floor(draw() ** 2 * 8000);
      for (const toMs = atMs + lengthMs; atMs < toMs; atMs += pick(100, 200, 300))
        frames.push([atMs, on ? { ...moving, level: 1 + Math.floor(draw() * 99) } : still]);
    }
    const { events } = tell({ params, isOn, frames });
    const ends = events.flatMap((e) => (e.kind === 'end' ? [e] : []));
    const story = { seed, params, offFrom };

    // Every start has its end, in order, and the best moment lies between them.
    expect({ ...story, order: events.filter((e) => e.kind !== 'peak').map((e) => `${e.kind} ${e.id}`) }).toEqual({
      ...story,
      order: ends.flatMap((e) => [`start ${e.id}`, `end ${e.id}`]),
    });
    for (const [n, { startMs, peakMs, endMs }] of ends.entries()) {
      expect(startMs).toBeLessThanOrEqual(peakMs);
      expect(peakMs).toBeLessThanOrEqual(endMs);
      expect(isOn(startMs) && isOn(endMs)).toBe(true);
      const next = ends[n + 1];
      if (!next) continue;
      expect(next.startMs).toBeGreaterThan(endMs);
      // Across the end of the schedule the next may begin with the schedule.
      if (isOn(endMs) && !(endMs < offFrom && next.startMs >= offFrom)) {
        expect({ ...story, apartMs: next.startMs - endMs >= (params.mergeGapS + params.coolDownS) * 1000 }).toEqual({
          ...story,
          apartMs: true,
        });
      }
    }
    // Inside a visit no pause is as long as the gap.
    const movingAt = frames.filter(([atMs, s]) => s.moving && isOn(atMs)).map(([atMs]) => atMs);
    const stillAt = frames.filter(([, s]) => !s.moving).map(([atMs]) => atMs);
    for (const { startMs, endMs } of ends) {
      const inside = movingAt.filter((atMs) => atMs >= startMs && atMs <= endMs);
      for (const [n, atMs] of inside.entries()) {
        const nextMs = inside[n + 1];
        if (nextMs === undefined || !stillAt.some((s) => s > atMs && s < nextMs)) continue;
        // Before it is announced it may falter for 0.7 s, whatever the gap.
        expect(nextMs - atMs).toBeLessThan(Math.max(701, params.mergeGapS * 1000));
      }
    }
    // Motion without a pause that lasts long enough lies in one visit, but for what falls into a cool-down.
    const isCool = (atMs: number) =>
      ends.some((e) => {
        const isCut = e.endMs < offFrom && e.toldMs >= offFrom;
        const overMs = isCut ? e.toldMs : e.endMs + params.mergeGapS * 1000;
        return params.coolDownS > 0 && atMs > e.endMs && atMs < overMs + params.coolDownS * 1000;
      });
    for (let n = 0; n < frames.length; n++) {
      const run: number[] = [];
      for (; n < frames.length && frames[n]![1].moving && isOn(frames[n]![0]); n++) run.push(frames[n]![0]);
      if (run.length === 0 || run.at(-1)! - run[0]! < params.smallestDurationMs) continue;
      // A visit can only be told of once it may begin: what is left of the run behind a cool-down is judged from there.
      for (const atMs of run) {
        const around = ends.filter((e) => atMs >= e.startMs && atMs <= e.endMs).length;
        if (isCool(atMs)) {
          cooled++;
          expect(around).toBeLessThanOrEqual(1);
        } else {
          held++;
          expect({ ...story, atMs, around }).toEqual({ ...story, atMs, around: 1 });
        }
      }
    }
  }
  expect(held).toBeGreaterThan(10_000);
  expect(cooled).toBeGreaterThan(500);
});

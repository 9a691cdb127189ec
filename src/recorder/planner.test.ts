import { describe, expect, test } from 'bun:test';
import { type PlanInput, type PlanState, plan, type RecordMode } from './planner.ts';

interface World {
  readonly mode?: RecordMode;
  /** Whether the schedule is on at a second. */
  readonly on?: (s: number) => boolean;
  /** Wall minus monotonic time at a second. Second 0 is on a full hour unless told. */
  readonly wallMs?: (s: number) => number;
}

type Happening = readonly [second: number, input: PlanInput];

const key = (s: number): Happening => [s, { kind: 'picture', atMs: s * 1000, key: true }];
const pic = (s: number): Happening => [s, { kind: 'picture', atMs: s * 1000, key: false }];
const tick = (s: number): Happening => [s, { kind: 'tick' }];
const moves = (s: number): Happening => [s, { kind: 'motion-start', atMs: s * 1000 }];
const rests = (s: number, endS = s): Happening => [s, { kind: 'motion-end', endMs: endS * 1000 }];
const press = (s: number, limitS: number): Happening => [s, { kind: 'manual-start', untilMs: (s + limitS) * 1000 }];
const stop = (s: number): Happening => [s, { kind: 'manual-stop' }];
const gap = (s: number, final = false): Happening => [s, { kind: 'gap', final }];
const full = (s: number, forS: number): Happening => [s, { kind: 'blocked', untilMs: (s + forS) * 1000 }];
/** A key frame every two seconds, a picture between. */
const film = (fromS: number, toS: number): Happening[] => {
  const pictures: Happening[] = [];
  for (let s = fromS; s <= toS; s++) pictures.push(s % 2 === 0 ? key(s) : pic(s));
  return pictures;
};

const hourMs = Date.UTC(2026, 0, 1, 12);

/** What was decided, as `second: action`. Pre-roll and post-roll are 5 s. */
function replay(happenings: readonly Happening[], { mode = 'motion', on = () => true, wallMs }: World = {}): string[] {
  let state: PlanState = {};
  const log: string[] = [];
  let pictures = false;
  for (const [s, input] of [...happenings].sort((a, b) => a[0] - b[0])) {
    if (input.kind === 'picture') pictures ||= input.key;
    if (input.kind === 'gap') pictures = false;
    const planned = plan(state, input, {
      settings: { mode, preRollMs: 5000, postRollMs: 5000 },
      nowMs: s * 1000,
      wallMs: (wallMs?.(s) ?? hourMs) + s * 1000,
      scheduleOn: on(s),
      canOpen: pictures,
    });
    state = planned.state;
    for (const action of planned.actions) {
      if (action.kind === 'open') log.push(`${s}: open from ${action.fromMs / 1000} for ${action.reasons.join('+')}`);
      else if (action.kind === 'add-reason') log.push(`${s}: also ${action.reason}`);
      else if (action.kind === 'close') log.push(`${s}: close${action.interrupted ? ' interrupted' : ''}`);
      else log.push(`${s}: pause`);
    }
  }
  return log;
}

describe('motion', () => {
  const cases: [string, Happening[], World, string[]][] = [
    [
      'is recorded from before it until after it, to a key frame',
      [...film(0, 40), moves(10), rests(20)],
      {},
      ['10: open from 5 for motion', '26: close'],
    ],
    [
      'counts its end from the last movement, not from when that was noticed',
      [...film(0, 40), moves(10), rests(20, 15)],
      {},
      ['10: open from 5 for motion', '22: close'],
    ],
    [
      'again within the post-roll goes on in the same recording',
      [...film(0, 60), moves(10), rests(20), moves(24), rests(30)],
      {},
      ['10: open from 5 for motion', '36: close'],
    ],
    [
      'again after the post-roll is a new recording',
      [...film(0, 60), moves(10), rests(20), moves(28), rests(30)],
      {},
      ['10: open from 5 for motion', '26: close', '28: open from 23 for motion', '36: close'],
    ],
    ['outside the schedule is not recorded', [...film(0, 40), moves(10), rests(20)], { on: () => false }, []],
    [
      'that lasts into the schedule is recorded from then on',
      [...film(0, 40), moves(10), rests(20)],
      { on: (s) => s >= 15 },
      ['15: open from 5 for motion', '26: close'],
    ],
    [
      'that lasts beyond the schedule is recorded to its end',
      [...film(0, 40), moves(10), rests(20)],
      { on: (s) => s < 15 },
      ['10: open from 5 for motion', '26: close'],
    ],
    ['is not recorded in mode manual', [...film(0, 40), moves(10), rests(20)], { mode: 'manual' }, []],
    ['is not recorded in mode off', [...film(0, 40), moves(10), rests(20)], { mode: 'off' }, []],
    [
      'before the first picture is recorded when pictures come',
      [moves(1), ...film(4, 20), rests(8)],
      {},
      ['4: open from -4 for motion', '14: close'],
    ],
    [
      'is not held open for a key frame that never comes',
      [key(0), ...film(1, 60).map(([s]) => pic(s)), moves(10), rests(12)],
      {},
      ['10: open from 5 for motion', '27: close'],
    ],
  ];
  test.each(cases)('%s', (_, happenings, world, decided) => expect(replay(happenings, world)).toEqual(decided));
});

describe('the button', () => {
  const cases: [string, Happening[], World, string[]][] = [
    [
      'records until its limit',
      [...film(0, 40), press(10, 9)],
      { mode: 'manual' },
      ['10: open from 10 for manual', '20: close'],
    ],
    [
      'records until it is pressed again',
      [...film(0, 40), press(10, 300), stop(15)],
      { mode: 'manual' },
      ['10: open from 10 for manual', '16: close'],
    ],
    [
      'works outside the schedule',
      [...film(0, 40), press(10, 9)],
      { on: () => false },
      ['10: open from 10 for manual', '20: close'],
    ],
    ['does nothing in mode off', [...film(0, 40), press(10, 9)], { mode: 'off' }, []],
    [
      'joins a recording that runs, and outlasts it',
      [...film(0, 60), moves(10), rests(12), press(14, 20)],
      {},
      ['10: open from 5 for motion', '14: also manual', '34: close'],
    ],
    [
      'is joined by motion, also where motion alone is not recorded',
      [...film(0, 60), press(10, 10), moves(12), rests(30)],
      { mode: 'manual' },
      ['10: open from 10 for manual', '12: also motion', '20: close'],
    ],
  ];
  test.each(cases)('%s', (_, happenings, world, decided) => expect(replay(happenings, world)).toEqual(decided));
});

describe('continuous recording', () => {
  const minute = 60;
  const cases: [string, Happening[], World, string[]][] = [
    [
      'runs while the schedule is on',
      film(0, 40),
      { mode: 'continuous', on: (s) => s >= 9 && s < 31 },
      ['9: open from 9 for continuous', '32: close'],
    ],
    [
      'is marked where something moves, and stays one recording',
      [...film(0, 60), moves(20), rests(25), moves(40), rests(45)],
      { mode: 'both' },
      ['0: open from 0 for continuous', '20: also motion'],
    ],
    [
      'goes on with motion when the schedule ends',
      [...film(0, 60), moves(20), rests(35)],
      { mode: 'both', on: (s) => s < 30 },
      ['0: open from 0 for continuous', '20: also motion', '40: close'],
    ],
    [
      'begins a new recording at each full hour, at a key frame',
      [key(0), key(59 * minute), pic(60 * minute), key(60 * minute + 1), key(90 * minute), key(120 * minute)],
      { mode: 'continuous' },
      [
        '0: open from 0 for continuous',
        '3601: close',
        '3601: open from 3601 for continuous',
        '7200: close',
        '7200: open from 7200 for continuous',
      ],
    ],
    [
      'does not begin anew right after it has begun',
      [key(0), key(2 * minute), key(3 * minute), key(62 * minute)],
      { mode: 'continuous', wallMs: () => hourMs - 2 * minute * 1000 },
      ['0: open from 0 for continuous', '3720: close', '3720: open from 3720 for continuous'],
    ],
    [
      'keeps an event whole over the full hour',
      [key(0), moves(59 * minute), key(60 * minute), rests(61 * minute), key(62 * minute)],
      { mode: 'both' },
      ['0: open from 0 for continuous', '3540: also motion', '3720: close', '3720: open from 3720 for continuous'],
    ],
    [
      'begins anew in the middle of an event that does not end',
      [key(0), moves(59 * minute), key(89 * minute), key(90 * minute)],
      { mode: 'both' },
      [
        '0: open from 0 for continuous',
        '3540: also motion',
        '5400: close',
        '5400: open from 5400 for continuous+motion',
      ],
    ],
    [
      'begins anew when somebody sets the clock',
      film(0, 20),
      { mode: 'continuous', wallMs: (s) => hourMs + (s < 9 ? 0 : 86_400_000) },
      ['0: open from 0 for continuous', '10: close', '10: open from 10 for continuous'],
    ],
  ];
  test.each(cases)('%s', (_, happenings, world, decided) => expect(replay(happenings, world)).toEqual(decided));
});

describe('a camera that goes away', () => {
  const cases: [string, Happening[], World, string[]][] = [
    [
      'and is back in time goes on in the same recording',
      [...film(0, 14), gap(15), ...film(22, 40), moves(10), rests(24)],
      {},
      ['10: open from 5 for motion', '15: pause', '30: close'],
    ],
    [
      'and is back after the post-roll has an interrupted recording',
      [...film(0, 14), moves(10), rests(13), gap(15), tick(17), tick(18), ...film(20, 30)],
      {},
      ['10: open from 5 for motion', '15: pause', '18: close interrupted'],
    ],
    [
      'for long ends the recording, and begins another when it is back',
      [...film(0, 14), gap(15), gap(20), tick(45), tick(46), ...film(100, 104)],
      { mode: 'continuous' },
      ['0: open from 0 for continuous', '15: pause', '46: close interrupted', '100: open from 100 for continuous'],
    ],
    [
      'for long is not taken to be moving still',
      [...film(0, 14), moves(10), gap(15), tick(46), ...film(50, 60)],
      {},
      ['10: open from 5 for motion', '15: pause', '46: close interrupted'],
    ],
    [
      'and comes back with another codec begins another recording',
      [...film(0, 14), gap(15, true), ...film(16, 18)],
      { mode: 'continuous' },
      ['0: open from 0 for continuous', '15: close interrupted', '16: open from 16 for continuous'],
    ],
    [
      'without a word does not hold a recording open that is over',
      [...film(0, 14), moves(10), rests(12), tick(20), tick(24), tick(25)],
      {},
      ['10: open from 5 for motion', '25: close'],
    ],
  ];
  test.each(cases)('%s', (_, happenings, world, decided) => expect(replay(happenings, world)).toEqual(decided));
});

test('a full disk ends the recording, and it begins again when it is time to try', () => {
  expect(replay([...film(0, 20), full(9, 5)], { mode: 'continuous' })).toEqual([
    '0: open from 0 for continuous',
    '9: close interrupted',
    '14: open from 14 for continuous',
  ]);
});

test('a recording that is turned off in the settings ends at the next key frame', () => {
  let on = true;
  const settings = () => ({ mode: on ? ('continuous' as const) : ('off' as const), preRollMs: 0, postRollMs: 0 });
  const context = (nowMs: number) => ({ settings: settings(), nowMs, wallMs: nowMs, scheduleOn: true, canOpen: true });
  const opened = plan({}, { kind: 'picture', atMs: 0, key: true }, context(0));
  on = false;
  const waiting = plan(opened.state, { kind: 'tick' }, context(1000));
  const closed = plan(waiting.state, { kind: 'picture', atMs: 2000, key: true }, context(2000));
  expect([waiting.actions, closed.actions]).toEqual([[], [{ kind: 'close', interrupted: false }]]);
});

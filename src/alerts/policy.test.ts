import { describe, expect, test } from 'bun:test';
import { type CameraWatch, decideMotion, decideNotice, unwatched, watchCamera } from './policy.ts';

describe('motion', () => {
  const base = { lastMailedAtMs: undefined, coolDownMs: 60_000, wanted: true };
  test.each([
    ['the first event makes a mail', { ...base, atMs: 0 }, 'mail'],
    ['the next one within the cool-down does not', { ...base, atMs: 59_999, lastMailedAtMs: 0 }, 'cool-down'],
    ['after the cool-down it does', { ...base, atMs: 60_000, lastMailedAtMs: 0 }, 'mail'],
    ['without cool-down every event does', { ...base, atMs: 1, lastMailedAtMs: 0, coolDownMs: 0 }, 'mail'],
    ['nobody wants it', { ...base, atMs: 0, wanted: false }, 'off'],
  ] as const)('%s', (_, input, decision) => {
    expect(decideMotion(input)).toBe(decision);
  });
});

test('a notice of a kind is repeated after six hours at the earliest', () => {
  expect([decideNotice(5, undefined), decideNotice(6 * 3_600_000, 5), decideNotice(6 * 3_600_000 + 5, 5)]).toEqual([
    true,
    false,
    true,
  ]);
});

type Health = 'live' | 'lost' | 'starting' | 'off';

/** Plays `[second, state]` and returns the mails with their second; ticks come when they were asked for. */
function play(story: readonly (readonly [number, Health])[], untilS = 7200): string[] {
  const mails: string[] = [];
  let watch: CameraWatch = unwatched;
  let wakeAtMs: number | undefined;
  const step = (kind: Health | 'tick', atMs: number) => {
    const next = watchCamera(watch, { kind, atMs });
    watch = next.watch;
    wakeAtMs = next.wakeAtMs;
    if (!next.news) return;
    const { kind: what, outages } = next.news;
    mails.push(
      `${atMs / 1000}:${what}(${outages})${next.news.kind === 'back' ? ` after ${next.news.awayMs / 1000}` : ''}`,
    );
  };
  for (const [second, state] of [...story, [untilS, undefined] as const]) {
    for (; wakeAtMs !== undefined && wakeAtMs < second * 1000; ) step('tick', wakeAtMs);
    if (state) step(state, second * 1000);
  }
  return mails;
}

describe('a camera', () => {
  test.each<[string, readonly (readonly [number, Health])[], readonly string[]]>([
    [
      'that works makes no mail',
      [
        [0, 'starting'],
        [2, 'live'],
      ],
      [],
    ],
    [
      'that is away for nine seconds makes no mail',
      [
        [0, 'live'],
        [100, 'lost'],
        [109, 'live'],
      ],
      [],
    ],
    [
      'that is lost is mailed after ten seconds, once',
      [
        [0, 'live'],
        [100, 'lost'],
        [400, 'lost'],
      ],
      ['110:lost(1)'],
    ],
    [
      'whose restarts are tried in between is still the same loss',
      [
        [0, 'live'],
        [100, 'lost'],
        [101, 'starting'],
        [104, 'lost'],
        [105, 'starting'],
      ],
      ['110:lost(1)'],
    ],
    [
      'that is back is mailed after ten seconds of working',
      [
        [0, 'live'],
        [100, 'lost'],
        [160, 'live'],
      ],
      ['110:lost(1)', '170:back(0) after 60'],
    ],
    [
      'that comes for a moment only is not called back',
      [
        [0, 'live'],
        [100, 'lost'],
        [160, 'live'],
        [163, 'lost'],
        [200, 'live'],
      ],
      ['110:lost(1)', '1010:back(1) after 37'],
    ],
    [
      'that comes and goes makes one mail in a quarter of an hour, which counts',
      [
        [0, 'live'],
        [100, 'lost'],
        [130, 'live'],
        [200, 'lost'],
        [230, 'live'],
        [300, 'lost'],
        [330, 'live'],
        [400, 'lost'],
      ],
      ['110:lost(1)', '140:back(0) after 30', '1010:lost(3)'],
    ],
    [
      'that came and went, and works again, is told as back with the count',
      [
        [0, 'live'],
        [100, 'lost'],
        [130, 'live'],
        [200, 'lost'],
        [230, 'live'],
        [300, 'lost'],
        [330, 'live'],
      ],
      ['110:lost(1)', '140:back(0) after 30', '1010:back(2) after 30'],
    ],
    [
      'that was never seen since the start gets two minutes',
      [
        [0, 'lost'],
        [119, 'live'],
      ],
      [],
    ],
    [
      'that was never seen is mailed after two minutes',
      [
        [0, 'lost'],
        [1, 'starting'],
      ],
      ['120:lost(1)'],
    ],
    [
      'that is switched off while lost makes no mail',
      [
        [0, 'live'],
        [100, 'lost'],
        [105, 'off'],
      ],
      [],
    ],
    [
      'that is switched off after the mail makes no further one',
      [
        [0, 'live'],
        [100, 'lost'],
        [200, 'off'],
        [300, 'live'],
      ],
      ['110:lost(1)'],
    ],
  ])('%s', (_, story, mails) => {
    expect(play(story)).toEqual([...mails]);
  });
});

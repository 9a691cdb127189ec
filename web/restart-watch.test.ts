import { expect, test } from 'bun:test';
import { type Heard, hear, isOver, type RestartWatch, told } from './restart-watch.ts';

const nothing: Heard = { kind: 'nothing' };
const other: Heard = { kind: 'other' };
const up = (uptimeS: number): Heard => ({ kind: 'health', uptimeS });

/** Seconds after the word to go, and what was heard then. */
const phases = (story: readonly (readonly [atS: number, heard: Heard])[]) => {
  let watch: RestartWatch = told('restart', 1_000_000);
  const seen: string[] = [];
  for (const [atS, heard] of story) {
    watch = hear(watch, heard, 1_000_000 + atS * 1000);
    seen.push(watch.phase);
  }
  return seen.join(' ');
};

for (const [story, expected, name] of [
  [
    [
      [2, up(9000)],
      [4, nothing],
      [20, nothing],
      [40, up(3)],
    ],
    'going away away back',
    'a restart is seen from its beginning to its end',
  ],
  [
    [
      [2, up(9000)],
      [4, up(1)],
    ],
    'going back',
    'a service that is back between two questions is back',
  ],
  [
    [
      [1, up(3)],
      [3, up(5)],
      [4, nothing],
    ],
    'going going away',
    'a run that was young when it was told to go is not taken for the next',
  ],
  [
    [
      [2, nothing],
      [4, up(9002)],
      [6, nothing],
      [40, up(3)],
    ],
    'away going away back',
    'a lost question is no restart',
  ],
  [
    [
      [2, nothing],
      [900, up(850)],
    ],
    'away back',
    'a phone that slept through it sees that the box is back',
  ],
  [
    [
      [4, nothing],
      [30, other],
      [32, other],
      [34, other],
    ],
    'away away away other',
    'a page that is not Nightjar’s is shown when it stays',
  ],
  [
    [
      [30, other],
      [32, nothing],
      [34, other],
      [36, other],
    ],
    'going away away away',
    'a router that answers for a box that is away is not believed',
  ],
  [
    [
      [2, up(9000)],
      [59, up(9057)],
      [61, up(9059)],
    ],
    'going going stayed',
    'a box that does not go within a minute has stayed',
  ],
] as const) {
  test(name, () => expect(phases(story)).toBe(expected));
}

test('only back, stayed, and the page that says what is wrong end the waiting', () => {
  const ends = (['going', 'away', 'back', 'other', 'stayed'] as const).filter((phase) =>
    isOver({ ...told('update', 0), phase }),
  );
  expect(ends).toEqual(['back', 'other', 'stayed']);
});

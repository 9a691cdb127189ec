// What to fetch next while something plays: decided from where the play head is, what is there, what is known to be missing, and
// what is being fetched. Seconds of the playback axis. Pure; `recording-feed.ts` acts.

export type Span = readonly [fromS: number, toS: number];

/** What cannot be shown: damaged, missing, or without a key frame to begin at. */
export interface Lost {
  readonly fromS: number;
  readonly toS: number;
  /** For the owner; absent where only a few pictures are skipped on the way to the next key frame. */
  readonly message?: string;
}

export interface LoadState {
  readonly atS: number;
  readonly totalS: number;
  /** What the browser holds. */
  readonly ranges: readonly Span[];
  readonly lost: readonly Lost[];
  /** Where what is being fetched has come to; undefined when nothing is. */
  readonly reachedS: number | undefined;
}

export type LoadStep =
  /** What is being fetched is what is wanted, or enough is there. */
  | { readonly kind: 'go-on' }
  | { readonly kind: 'begin'; readonly fromS: number }
  /** Everything to the end is there. */
  | { readonly kind: 'complete' };

export const AHEAD_S = 30;
/** Fetching that will come by so soon is not begun anew elsewhere. */
const SOON_S = 4;
/** Pictures of neighbouring pieces do not touch to the millisecond. */
const TOUCH_S = 0.3;

/** The first place from `atS` on at which something is neither there nor known to be lost. */
export function firstWanted({ atS, ranges, lost }: Pick<LoadState, 'atS' | 'ranges' | 'lost'>): number {
  let placeS = atS;
  for (;;) {
    const next = Math.max(
      ...ranges.filter(([fromS, toS]) => fromS <= placeS + TOUCH_S && toS > placeS).map(([, toS]) => toS),
      ...lost.filter(({ fromS, toS }) => fromS <= placeS + TOUCH_S && toS > placeS).map(({ toS }) => toS),
    );
    if (!(next > placeS + 0.001)) return placeS;
    placeS = next;
  }
}

export function nextStep(state: LoadState): LoadStep {
  const { atS, totalS, reachedS } = state;
  const wantedS = firstWanted(state);
  if (wantedS >= totalS - TOUCH_S) return { kind: 'complete' };
  if (reachedS !== undefined && reachedS <= wantedS + TOUCH_S && wantedS - reachedS <= SOON_S) return { kind: 'go-on' };
  return wantedS - atS > AHEAD_S ? { kind: 'go-on' } : { kind: 'begin', fromS: wantedS };
}

/** Where to go on when the play head stands where nothing will come; undefined when it need not move. */
export function overLost({ atS, ranges, lost }: Pick<LoadState, 'atS' | 'ranges' | 'lost'>): number | undefined {
  if (ranges.some(([fromS, toS]) => atS >= fromS && atS < toS - 0.05)) return undefined;
  let placeS = atS;
  for (;;) {
    const hole = lost.find(({ fromS, toS }) => fromS <= placeS + TOUCH_S && toS > placeS + 0.001);
    if (!hole) break;
    placeS = hole.toS;
  }
  if (placeS === atS) return undefined;
  const next = ranges.find(([fromS, toS]) => toS > placeS && fromS <= placeS + 2 * TOUCH_S);
  return Math.max(placeS, next?.[0] ?? placeS) + 0.001;
}

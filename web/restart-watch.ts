// What to make of a box that was told to go: still the same run, away, back as a new one. Pure; asking is `restarting.ts`.

/** Why it goes: what is said meanwhile, and what is shown when it is back. */
export type Going = 'restart' | 'update' | 'reset' | 'power-off';

export interface RestartWatch {
  readonly why: Going;
  /** When it was told to go, on the clock of this device: it goes on while a phone sleeps. */
  readonly toldAtMs: number;
  /**
   * going: the old run still answers. away: nobody does. back: a new run answers. other: something else does, such as
   * the page that says what is wrong. stayed: it was told long ago, and has not gone.
   */
  readonly phase: 'going' | 'away' | 'back' | 'other' | 'stayed';
  /** Of answers that are not Nightjar's, one behind the other. */
  readonly strange: number;
}

export type Heard =
  | { readonly kind: 'nothing' }
  /** GET /health. */
  | { readonly kind: 'health'; readonly uptimeS: number }
  | { readonly kind: 'other' };

/** Ending a recording takes up to 15 s, and a slow card as long again. */
const LONGEST_FAREWELL_MS = 60_000;
/** One may be a router or a proxy that speaks for a box that is away. */
const STRANGE_ANSWERS = 3;

export const told = (why: Going, toldAtMs: number): RestartWatch => ({ why, toldAtMs, phase: 'going', strange: 0 });

export function hear(watch: RestartWatch, heard: Heard, atMs: number): RestartWatch {
  const sinceMs = atMs - watch.toldAtMs;
  switch (heard.kind) {
    case 'nothing':
      return { ...watch, phase: 'away', strange: 0 };
    case 'other': {
      const strange = watch.strange + 1;
      return { ...watch, strange, phase: strange >= STRANGE_ANSWERS ? 'other' : watch.phase };
    }
    case 'health':
      // A run that is younger than the word to go is the next one.
      if (heard.uptimeS * 1000 < sinceMs) return { ...watch, phase: 'back', strange: 0 };
      return { ...watch, strange: 0, phase: sinceMs > LONGEST_FAREWELL_MS ? 'stayed' : 'going' };
  }
}

export const isOver = ({ phase }: RestartWatch): boolean => phase === 'back' || phase === 'other' || phase === 'stayed';

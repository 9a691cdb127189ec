// Compares the colour pictures of a moment for the whole box: one pair at a time, a few rows at a time, so that video and pages
// come in between; what would wait behind too many others is not compared at all.

import type { ColourPair } from '../camera/moment.ts';
import type { Proof } from '../catalog/rows.ts';
import type { Claim } from '../motion/confirm.ts';
import { OneAtATime } from './one-at-a-time.ts';

export interface Looked {
  readonly proof: Proof;
  /** What differs, drawn; undefined if that fails. Not waited for: an alert may go without. */
  readonly png: Promise<Uint8Array | undefined>;
}

export type Compare = (colours: ColourPair, claim: Claim) => Promise<Looked | undefined>;

/** Eight cameras that trigger together, each compared in 20 ms. */
const MOST_WAITING = 8;

/** Undefined: too many wait already. */
export function createComparison(breathe: () => Promise<void> = nextTurn): Compare {
  const queue = new OneAtATime();
  let waiting = 0;
  return async (colours, claim) => {
    if (waiting >= MOST_WAITING) return undefined;
    waiting++;
    try {
      return await queue.run(() => look(colours, claim, breathe));
    } finally {
      waiting--;
    }
  };
}

async function look({ before, now }: ColourPair, claim: Claim, breathe: () => Promise<void>): Promise<Looked> {
  // Loaded with the first motion: a start does not need them.
  const [{ compareInSlices }, { pngOf }] = await Promise.all([
    import('../motion/confirm.ts'),
    import('../motion/difference-picture.ts'),
  ]);
  const slices = compareInSlices(before, now, claim);
  let step = slices.next();
  while (!step.done) {
    await breathe();
    step = slices.next();
  }
  const { confirmed, sharePercent, centre, drawn } = step.value;
  const changed = centre && { percent: sharePercent, ...centre };
  return { proof: { confirmed, ...(changed ? { changed } : {}) }, png: pngOf(drawn).catch(() => undefined) };
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

// What is known of when a machine was switched on: pure decisions. Everything recorded in one boot lies on one axis, the time
// since boot, which never steps; a mark says what to add to it. So the order within a boot holds whatever the wall clock does.

export interface Mark {
  /** Counts from here, in time since boot; the first one counts for everything before it, too. */
  readonly fromMs: number;
  /** Wall time minus time since boot, whole ms. */
  readonly offsetMs: number;
  /**
   * known: the clock was synchronised. clock: it said so, and nobody vouches for it. placed: it said what cannot be, a time
   * before what was recorded in earlier boots, so this boot is put behind them until somebody knows better.
   */
  readonly kind: 'known' | 'clock' | 'placed';
}

/** Of one boot: all of one kind, in order. */
export type Marks = readonly Mark[];

/** What the clock says at one moment. */
export interface ClockLook {
  readonly sinceBootMs: number;
  readonly offsetMs: number;
  /** null: nobody can say. */
  readonly synchronised: boolean | null;
  /** Since boot, when this boot was first looked at: nothing was recorded in it before. */
  readonly firstMs: number;
  /** Where the recordings of earlier boots end. */
  readonly notBeforeMs: number;
}

/** A span of a boot that is dated alike; `toMs` exclusive. */
export interface DatedSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
  readonly known: boolean;
}

/** Less is no step: clocks are read one after the other, and the kernel slews both alike. */
export const STEP_MS = 1000;
/** Nothing was recorded by Nightjar before: a clock that says so has not been set. */
export const EARLIEST_MS = Date.UTC(2026, 0, 1);
/** A clock that steps more often than this in one boot is dated roughly in its oldest part. */
const MOST_MARKS = 32;

const isNear = (mark: Mark | undefined, offsetMs: number): boolean =>
  mark !== undefined && Math.abs(mark.offsetMs - offsetMs) < STEP_MS;

/** Marks as they are after a look. The same array when nothing has changed. */
export function noted(marks: Marks, look: ClockLook): Marks {
  const { sinceBootMs: fromMs, offsetMs, synchronised, firstMs, notBeforeMs } = look;
  const kind = marks[0]?.kind;
  if (synchronised === true) return followed(kind === 'known' ? marks : [], { fromMs, offsetMs, kind: 'known' });
  // known once is known until the power goes: the time since boot counts on, whatever is done to the wall clock
  if (kind === 'known') return marks;
  if (offsetMs + firstMs >= Math.max(EARLIEST_MS, notBeforeMs)) {
    const mark: Mark = { fromMs, offsetMs, kind: 'clock' };
    const earlier = kind === 'clock' ? marks : [];
    if (synchronised === null) return followed(earlier, mark);
    // a clock that is known to be unset and then steps has been wrong since boot
    return earlier.length === 1 && isNear(earlier[0], offsetMs) ? earlier : [mark];
  }
  return kind ? marks : [{ fromMs, offsetMs: Math.max(offsetMs, notBeforeMs - firstMs), kind: 'placed' }];
}

/** A clock that comes back to where it was had been wrong in between. */
function followed(marks: Marks, mark: Mark): Marks {
  const same = marks.findLastIndex((earlier) => isNear(earlier, mark.offsetMs));
  if (same >= 0) return same === marks.length - 1 ? marks : marks.slice(0, same + 1);
  return [...marks, mark].slice(-MOST_MARKS);
}

/**
 * Spans from the first moment of a boot to its last. A step forward leaves what came before where it was (a machine that slept);
 * after a step back all that would lie later than it should is moved back along, so that dates never run against the order.
 */
export function spansOf(marks: Marks): readonly DatedSpan[] {
  let offsetMs = Number.POSITIVE_INFINITY;
  return marks
    .toReversed()
    .map((mark, i) => {
      offsetMs = Math.min(offsetMs, mark.offsetMs);
      const fromMs = i === marks.length - 1 ? Number.MIN_SAFE_INTEGER : mark.fromMs;
      const toMs = marks[marks.length - i]?.fromMs ?? Number.MAX_SAFE_INTEGER;
      return { fromMs, toMs, offsetMs, known: mark.kind === 'known' };
    })
    .toReversed();
}

/** The span a moment falls into; undefined when nothing is known of the boot. */
export const spanAt = (marks: Marks, sinceBootMs: number): DatedSpan | undefined =>
  spansOf(marks).find((span) => sinceBootMs < span.toMs);

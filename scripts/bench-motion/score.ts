// How good a detector's alarms are, by labelled clips: the numbers of docs/reference/motion.md, whose definitions are here.
// Pure: where clips, labels and alarms come from is the business of the files beside it. All times are seconds from the
// start of a clip.
//
//   event          one labelled interval in which somebody moves.
//   found          an alarm touches the event or the half second before it: labels are drawn by hand.
//   recall         share of the events that are found.
//   fresh recall   the same without those that an alarm was already on for, half a second before they began: an alarm that
//                  never ends finds everything and tells nothing.
//   latency        from the start of an event to the first alarm in it, where the start can be seen and the alarm is fresh.
//   false alarm    alarms less than 5 s apart are one; it is false when it touches no event (half a second before to one
//                  after) and is not wholly within time to be ignored.
//   false burst    a piece of alarm outside events and time to be ignored, pieces less than 5 s apart being one; an endless
//                  alarm that happens to touch an event counts here.
//   false share    share of the empty time (outside all that) spent in alarm.
//   warm-up        what is cut from the start of every clip: a detector must see a place before it can judge it.

export type Interval = readonly [fromS: number, toS: number];

export interface ClipLabels {
  readonly durationS: number;
  readonly events: readonly Interval[];
  /** Time in which alarms are neither right nor wrong. */
  readonly ignore: readonly Interval[];
  /** Which events, by index, are under way when the clip starts: their latency cannot be told. */
  readonly underWay: readonly number[];
}

export interface ClipScore {
  readonly events: number;
  readonly found: number;
  readonly alreadyInAlarm: number;
  readonly latenciesS: readonly number[];
  readonly missed: readonly Interval[];
  readonly falseAlarms: readonly Interval[];
  readonly falseBursts: number;
  readonly emptyS: number;
  readonly falseS: number;
}

export interface Score {
  readonly recall: number | undefined;
  readonly freshRecall: number | undefined;
  readonly falseAlarms: number;
  readonly falseBursts: number;
  readonly falseShare: number | undefined;
  readonly latencyS: number | undefined;
}

const BEFORE_S = 0.5;
const AFTER_S = 1;
const SAME_ALARM_S = 5;
/** An alarm of a single picture still has a length. */
const SHORTEST_ALARM_S = 0.05;
/** What is left of an event after the warm-up must be this long to be asked for. */
const SHORTEST_REST_S = 0.5;

export function scoreClip(labels: ClipLabels, alarms: readonly Interval[], warmUpS: number): ClipScore {
  const whole: Interval = [warmUpS, labels.durationS];
  const on = union(
    cut(
      alarms.map(([from, to]): Interval => [from, Math.max(to, from + SHORTEST_ALARM_S)]),
      whole,
    ),
  );
  const events = labels.events.flatMap(([from, to], index) => {
    const start = Math.max(from, warmUpS);
    if (from < warmUpS && to - start < SHORTEST_REST_S) return [];
    return [{ from: start, to, startSeen: from >= warmUpS && !labels.underWay.includes(index) }];
  });
  const latenciesS: number[] = [];
  const missed: Interval[] = [];
  let alreadyInAlarm = 0;
  for (const { from, to, startSeen } of events) {
    const first = on.find(([since, until]) => until >= from - BEFORE_S && since <= to)?.[0];
    if (first === undefined) missed.push([from, to]);
    else if (first < from - BEFORE_S) alreadyInAlarm++;
    else if (startSeen) latenciesS.push(Math.max(0, first - from));
  }
  const ignore = cut(labels.ignore, whole);
  const busy = events.map(({ from, to }): Interval => [from - BEFORE_S, to + AFTER_S]);
  const empty = without(without([whole], busy), ignore);
  const touches = ([from, to]: Interval) => busy.some(([since, until]) => to >= since && from <= until);
  return {
    events: events.length,
    found: events.length - missed.length,
    alreadyInAlarm,
    latenciesS,
    missed,
    falseAlarms: joined(on).filter((alarm) => !touches(alarm) && lengthOf(without([alarm], ignore)) > 1e-9),
    falseBursts: joined(without(without(on, busy), ignore)).filter(([from, to]) => to > from).length,
    emptyS: lengthOf(empty),
    falseS: lengthOf(empty) - lengthOf(without(empty, on)),
  };
}

export function total(clips: readonly ClipScore[]): Score {
  const sum = (of: (clip: ClipScore) => number) => clips.reduce((all, clip) => all + of(clip), 0);
  const share = (part: number, all: number) => (all > 0 ? part / all : undefined);
  const [events, found, emptyS] = [sum((c) => c.events), sum((c) => c.found), sum((c) => c.emptyS)];
  return {
    recall: share(found, events),
    freshRecall: share(found - sum((c) => c.alreadyInAlarm), events),
    falseAlarms: sum((c) => c.falseAlarms.length),
    falseBursts: sum((c) => c.falseBursts),
    falseShare: share(
      sum((c) => c.falseS),
      emptyS,
    ),
    latencyS: median(clips.flatMap((c) => c.latenciesS)),
  };
}

/** The mean of the middle two where there are two. Undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

const lengthOf = (intervals: readonly Interval[]) => union(intervals).reduce((sum, [from, to]) => sum + to - from, 0);

/** In order, those that overlap or touch made one. */
const union = (intervals: readonly Interval[]) => merge(intervals, (gapS) => gapS <= 0);
const joined = (intervals: readonly Interval[]) => merge(intervals, (gapS) => gapS < SAME_ALARM_S);

function merge(intervals: readonly Interval[], isOne: (gapS: number) => boolean): Interval[] {
  const out: [number, number][] = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (to < from) continue;
    const last = out.at(-1);
    if (last && isOne(from - last[1])) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

function cut(intervals: readonly Interval[], [start, end]: Interval): Interval[] {
  return intervals
    .map(([from, to]): Interval => [Math.max(from, start), Math.min(to, end)])
    .filter(([from, to]) => to > from);
}

function without(intervals: readonly Interval[], holes: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  const sorted = union(holes);
  for (const [from, to] of union(intervals)) {
    let at = from;
    for (const [start, end] of sorted) {
      if (end <= at || start >= to) continue;
      if (start > at) out.push([at, start]);
      at = Math.max(at, end);
    }
    if (at < to) out.push([at, to]);
  }
  return out;
}

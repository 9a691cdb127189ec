// A day as a strip: from midnight to midnight in the viewer's zone, which is 23 or 25 hours twice a year. Pure.

export interface DayAxis {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `2026-11-21` in the viewer's zone; widened where the box, in another zone, means other hours by that day. */
export function dayAxis(day: string, recordedMs?: { readonly fromMs: number; readonly toMs: number }): DayAxis {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  const fromMs = new Date(year, month - 1, date).getTime();
  const toMs = new Date(year, month - 1, date + 1).getTime();
  return {
    fromMs: Math.min(fromMs, recordedMs?.fromMs ?? fromMs),
    toMs: Math.max(toMs, recordedMs?.toMs ?? toMs),
  };
}

export interface DaySpan {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Bar {
  readonly id: string;
  readonly left: number;
  readonly width: number;
}

/** Shares of the strip, 0–1. A short recording is still wide enough to be hit. */
export function bars(axis: DayAxis, spans: readonly DaySpan[], least = 0.0025): readonly Bar[] {
  const whole = axis.toMs - axis.fromMs;
  return spans.flatMap(({ id, startMs, endMs }) => {
    const from = Math.max(axis.fromMs, startMs);
    const to = Math.min(axis.toMs, endMs);
    if (to <= from) return [];
    const left = (from - axis.fromMs) / whole;
    return [{ id, left, width: Math.min(1 - left, Math.max(least, (to - from) / whole)) }];
  });
}

/** Spans that follow one another at once as one: a day has 1440 segments, and the strip a few hundred pixels. Sorted by start. */
export function joinedSpans(spans: readonly DaySpan[], apartMs = 2000): readonly DaySpan[] {
  const joined: { id: string; startMs: number; endMs: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last && span.startMs - last.endMs <= apartMs) last.endMs = Math.max(last.endMs, span.endMs);
    else joined.push({ ...span });
  }
  return joined;
}

/** What a tap on the strip means: that moment where it was recorded, else the nearest one within ten minutes. */
export function momentAt(recorded: readonly DaySpan[], atMs: number): number | undefined {
  const places = recorded.map(({ startMs, endMs }) => {
    return { atMs: Math.min(Math.max(atMs, startMs), endMs), awayMs: Math.max(0, startMs - atMs, atMs - endMs) };
  });
  const [nearest] = places.sort((a, b) => a.awayMs - b.awayMs);
  if (!nearest || nearest.awayMs > 10 * 60_000) return undefined;
  // from the end of something there would be nothing to see
  const span = recorded.find(({ startMs, endMs }) => nearest.atMs >= startMs && nearest.atMs <= endMs)!;
  return nearest.awayMs > 0 && nearest.atMs === span.endMs ? span.startMs : nearest.atMs;
}

/** `2026-11-21`, in the viewer's zone. */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// A day as a strip: from midnight to midnight in the viewer's zone, which is 23 or 25 hours twice a year. Pure.

import type { RecordingView } from '../../src/http/api.ts';

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

export interface Bar {
  readonly id: string;
  readonly left: number;
  readonly width: number;
}

/** Shares of the strip, 0–1. A short recording is still wide enough to be hit. */
export function bars(
  axis: DayAxis,
  spans: readonly { id: string; startMs: number; endMs: number }[],
  least = 0.0025,
): readonly Bar[] {
  const whole = axis.toMs - axis.fromMs;
  return spans.flatMap(({ id, startMs, endMs }) => {
    const from = Math.max(axis.fromMs, startMs);
    const to = Math.min(axis.toMs, endMs);
    if (to <= from) return [];
    const left = (from - axis.fromMs) / whole;
    return [{ id, left, width: Math.min(1 - left, Math.max(least, (to - from) / whole)) }];
  });
}

/** The recording at a moment of a camera, or the one that starts next within ten minutes: what a tap on the strip means. */
export function recordingAt(
  recordings: readonly RecordingView[],
  cameraId: string,
  atMs: number,
): RecordingView | undefined {
  const own = recordings.filter((r) => r.cameraId === cameraId).sort((a, b) => a.startMs - b.startMs);
  const around = own.find((r) => atMs >= r.startMs && atMs <= (r.endMs ?? r.startMs + r.durationMs));
  if (around) return around;
  const nearest = [...own].sort((a, b) => distance(a, atMs) - distance(b, atMs))[0];
  return nearest && distance(nearest, atMs) <= 10 * 60_000 ? nearest : undefined;
}

const distance = (r: RecordingView, atMs: number) =>
  Math.max(0, r.startMs - atMs, atMs - (r.endMs ?? r.startMs + r.durationMs));

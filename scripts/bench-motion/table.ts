// How the bench's results look: one row per detector, in the words of docs/reference/motion.md, ready to be pasted there.

import type { Detection } from './detection.ts';
import type { Clip } from './footage.ts';
import { type ClipScore, median, type Score, scoreClip, total } from './score.ts';

export interface Figures extends Partial<Score> {
  readonly cpuPerMinute: number;
}

export const COLUMNS = ['recall', 'recall_fresh', 'FA', 'FAx', 'fa_time', 'latency s', 'CPU s/min'] as const;

export function clipScores(clips: readonly Clip[], { alarms }: Detection, warmUpS: number): Map<Clip, ClipScore> {
  return new Map(
    clips.map((clip) => {
      const intervals = alarms?.[clip.name];
      if (!intervals) throw new Error(`no answer for the clip ${clip.name}`);
      return [clip, scoreClip(clip.labels, intervals, warmUpS)];
    }),
  );
}

export function figures(clips: readonly Clip[], detection: Detection, warmUpS: number): Figures {
  const minutes = clips.reduce((sum, clip) => sum + clip.labels.durationS, 0) / 60;
  const cpuPerMinute = detection.cpuS / minutes;
  if (!detection.alarms) return { cpuPerMinute };
  return { ...total([...clipScores(clips, detection, warmUpS).values()]), cpuPerMinute };
}

/** Of several runs of the same detector: the median of every figure. */
export function medianFigures(runs: readonly Figures[]): Figures {
  const of = (figure: keyof Figures) => median(runs.flatMap((run) => run[figure] ?? []));
  const keys = Object.keys(runs[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as unknown as Figures;
}

export function cells(figures: Figures): string[] {
  const { recall, freshRecall, falseAlarms, falseBursts, falseShare, latencyS, cpuPerMinute } = figures;
  return [
    fixed(recall, 2),
    fixed(freshRecall, 2),
    count(falseAlarms),
    count(falseBursts),
    fixed(falseShare, 3),
    fixed(latencyS, 2),
    fixed(cpuPerMinute, 2),
  ];
}

/** A Markdown table with its columns under each other. The first column is text, the others are figures. */
export function markdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const line = (row: readonly string[]) => `| ${row.map(pad).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** One clip in one line: what was found, what was missed and what was false. */
export function clipLine(clip: Clip, score: ClipScore, cpuS: number | undefined): string {
  const times = (intervals: readonly (readonly [number, number])[]) =>
    intervals.map(([from, to]) => `${from.toFixed(1)}–${to.toFixed(1)}`).join(' ');
  return [
    `  ${clip.name.padEnd(28)} found ${score.found}/${score.events}`,
    `false ${score.falseS.toFixed(1)}/${score.emptyS.toFixed(1)} s in ${score.falseBursts}`,
    ...(score.latenciesS.length > 0 ? [`after ${score.latenciesS.map((s) => s.toFixed(2)).join(' ')} s`] : []),
    ...(score.alreadyInAlarm > 0 ? [`already in alarm ${score.alreadyInAlarm}`] : []),
    ...(score.missed.length > 0 ? [`missed ${times(score.missed)}`] : []),
    ...(score.falseAlarms.length > 0 ? [`false alarms ${times(score.falseAlarms)}`] : []),
    ...(cpuS === undefined ? [] : [`CPU ${cpuS.toFixed(2)} s`]),
  ].join(', ');
}

const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '–';
const count = (value: number | undefined) => (value === undefined ? '–' : `${Math.round(value * 10) / 10}`);

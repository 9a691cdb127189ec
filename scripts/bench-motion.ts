// `make bench-motion CLIPS=folder`: Nightjar, Debian's Motion and plain pixelmatch on the same labelled clips, side by side.
// Prints the tables of docs/reference/motion.md. ARGS='--per-clip --repeat 3', ARGS=--sensitivity.
//
//   --only LIST       of nightjar, motion, pixelmatch, decode (what decoding alone costs)
//   --per-clip        every clip in a line under each detector
//   --repeat N        everything N times, the median of each figure
//   --sensitivity     instead: Nightjar from 1 to 100; fails where a higher one finds less or is less often in alarm
//   --warmup S        seconds cut from the start of each clip (5)
//   --at-once N       how many clips Motion watches at a time (5): it runs at the clips' own speed
//   --nightjar FILE   another build than dist/nightjar
//   --alarms FOLDER   keep what each detector said, as JSON
//
// Exit code 0: measured. 1: something could not be measured, or sensitivity does not rise. 2: no such clips, wrong usage.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Detection } from './bench-motion/detection.ts';
import { type Clip, NoFootage, readFootage } from './bench-motion/footage.ts';
import { detectWithMotion, motionSettings, motionVersion } from './bench-motion/motion.ts';
import { detectWithNightjar, nightjarRows } from './bench-motion/nightjar.ts';
import { decodeOnly, detectWithPixelmatch } from './bench-motion/pictures-differ.ts';
import {
  COLUMNS,
  cells,
  clipLine,
  clipScores,
  type Figures,
  figures,
  markdown,
  medianFigures,
} from './bench-motion/table.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
const options = readOptions();
const executable = options.nightjar ?? resolve(import.meta.dir, '../dist/nightjar');
const clips = readClips();
const minutes = clips.reduce((sum, clip) => sum + clip.labels.durationS, 0) / 60;
const events = clips.reduce((sum, clip) => sum + clip.labels.events.length, 0);
console.log(
  `${clips.length} clips, ${minutes.toFixed(1)} minutes, ${events} events, ${options.warmUpS} s of warm-up\n`,
);
process.exitCode = options.sensitivity ? await sweep() : await compare();

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly detect: () => Promise<Detection>;
}

async function compare(): Promise<number> {
  const motion = options.only.includes('motion') ? await motionVersion() : undefined;
  const rows = [...(await rowsOfNightjar()), ...rowsOfOthers(motion)].filter(({ kind }) => options.only.includes(kind));
  const runs = new Map<Row, { figures: Figures; detection: Detection }[]>();
  const failed: string[] = [];
  // Round by round, so that an hour in which the machine is busy is not one detector's alone.
  for (let round = 1; round <= options.repeat; round++) {
    for (const row of rows) {
      process.stderr.write(`${row.name}${options.repeat > 1 ? `, ${round} of ${options.repeat}` : ''} …\n`);
      try {
        const detection = await row.detect();
        for (const doubt of detection.doubts ?? []) console.error(`  doubtful, the machine was too busy: ${doubt}`);
        const ran = { figures: figures(clips, detection, options.warmUpS), detection };
        runs.set(row, [...(runs.get(row) ?? []), ran]);
        keep(row.name, detection);
      } catch (error) {
        interrupted.signal.throwIfAborted();
        failed.push(`${row.name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  const measured = [...runs].map(([row, ran]) => ({ row, figures: medianFigures(ran.map((r) => r.figures)), ran }));
  // The cheapest of Motion's rows: no detector is to look good beside settings that are dear.
  const costs = measured.filter(({ row }) => row.kind === 'motion').map(({ figures }) => figures.cpuPerMinute);
  const reference = costs.length > 0 ? Math.min(...costs) : undefined;
  const table = measured.map(({ row, figures }) => [
    row.name,
    ...cells(figures),
    reference ? (figures.cpuPerMinute / reference).toFixed(2) : '–',
  ]);
  console.log(markdown([['detector', ...COLUMNS, "× Motion's CPU"], ...table]));
  if (options.only.includes('motion') && !motion) {
    console.log(
      '\nMotion is not installed, so its rows are missing: sudo apt-get install --no-install-recommends motion',
    );
  }
  if (options.perClip) for (const { row, ran } of measured) printClips(row.name, ran.at(-1)?.detection);
  for (const failure of failed) console.error(`bench-motion: could not be measured: ${failure}`);
  return failed.length === 0 ? 0 : 1;
}

async function rowsOfNightjar(): Promise<Row[]> {
  if (!options.only.includes('nightjar')) return [];
  return (await nightjarRows(executable)).map(({ name, options }) => ({
    name,
    kind: 'nightjar',
    detect: () => detectWithNightjar(executable, clips, options),
  }));
}

function rowsOfOthers(motion: string | undefined): Row[] {
  const settings = motion ? motionSettings : [];
  return [
    ...settings.map((setting) => ({
      name: `Motion ${motion}, ${setting.name}`,
      kind: 'motion',
      detect: () => detectWithMotion(clips, setting, options.atOnce, interrupted.signal),
    })),
    { name: 'pixelmatch between pictures', kind: 'pixelmatch', detect: () => detectWithPixelmatch(clips) },
    { name: 'ffmpeg, decoding only', kind: 'decode', detect: () => decodeOnly(clips) },
  ];
}

/** Higher must find no less and be in alarm no shorter: else the scale means nothing. Fresh recall falls where alarms never end. */
async function sweep(): Promise<number> {
  const table: string[][] = [];
  const broken: string[] = [];
  let before: { recall: number; alarmS: number } | undefined;
  for (const sensitivity of [1, 10, 25, 50, 75, 90, 100]) {
    process.stderr.write(`sensitivity ${sensitivity} …\n`);
    const detection = await detectWithNightjar(executable, clips, ['--sensitivity', `${sensitivity}`]);
    keep(`sensitivity ${sensitivity}`, detection);
    const result = figures(clips, detection, options.warmUpS);
    const alarmS = Object.values(detection.alarms ?? {})
      .flat()
      .reduce((sum, [from, to]) => sum + to - from, 0);
    const recall = result.recall ?? 0;
    if (before && recall < before.recall) broken.push(`${sensitivity} finds less than the step before`);
    if (before && alarmS < before.alarmS) broken.push(`${sensitivity} is in alarm for less time than the step before`);
    before = { recall, alarmS };
    table.push([`${sensitivity}`, ...cells(result).slice(0, -1), alarmS.toFixed(1)]);
  }
  console.log(markdown([['sensitivity', ...COLUMNS.slice(0, -1), 'in alarm s'], ...table]));
  console.log(
    `\n${broken.length === 0 ? 'What is found and the time in alarm rise with it.' : `Not rising: ${broken.join('; ')}.`}`,
  );
  return broken.length === 0 ? 0 : 1;
}

function printClips(name: string, detection: Detection | undefined): void {
  if (!detection?.alarms) return;
  console.log(`\n${name}`);
  for (const [clip, score] of clipScores(clips, detection, options.warmUpS)) {
    console.log(clipLine(clip, score, detection.clipCpuS?.[clip.name]));
  }
}

/** As `nightjar detect --json` prints it. */
function keep(name: string, detection: Detection): void {
  if (!options.alarms || !detection.alarms) return;
  mkdirSync(options.alarms, { recursive: true });
  const file = join(options.alarms, `${name.toLowerCase().replace(/[^a-z0-9.]+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify({ ...detection.alarms, _cpu: detection.clipCpuS }));
}

function readClips(): Clip[] {
  try {
    return readFootage(options.clips);
  } catch (error) {
    if (!(error instanceof NoFootage)) throw error;
    console.error(`bench-motion: ${error.message}`);
    process.exit(2);
  }
}

function readOptions() {
  const known = ['nightjar', 'motion', 'pixelmatch', 'decode'];
  try {
    const { values } = parseArgs({
      options: {
        clips: { type: 'string', default: 'footage' },
        only: { type: 'string', default: known.join(',') },
        'per-clip': { type: 'boolean', default: false },
        repeat: { type: 'string', default: '1' },
        sensitivity: { type: 'boolean', default: false },
        warmup: { type: 'string', default: '5' },
        'at-once': { type: 'string', default: '5' },
        nightjar: { type: 'string' },
        alarms: { type: 'string' },
      },
    });
    const only = values.only.split(',');
    const strange = only.find((name) => !known.includes(name));
    if (strange !== undefined) throw new Error(`--only knows ${known.join(', ')}, not ${strange}`);
    return {
      clips: values.clips,
      only,
      perClip: values['per-clip'],
      repeat: atLeast(1, values.repeat, '--repeat'),
      sensitivity: values.sensitivity,
      warmUpS: atLeast(0, values.warmup, '--warmup'),
      atOnce: atLeast(1, values['at-once'], '--at-once'),
      nightjar: values.nightjar,
      alarms: values.alarms,
    };
  } catch (error) {
    console.error(`bench-motion: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
}

function atLeast(least: number, text: string, option: string): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!(value >= least)) throw new Error(`${option} must be a number from ${least}, not ${JSON.stringify(text)}`);
  return value;
}

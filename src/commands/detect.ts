// `nightjar detect`: runs clips through the decode path and the detector of a live camera, and prints when something moved.
// The intervals are the detector's own, before smallest duration, cool-down and schedule make visits of them.

import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { spawnChild } from '../base/child.ts';
import { describeError, NightjarError } from '../base/errors.ts';
import { LUMA_FPS, LumaReader, lumaDecoderOptions, lumaOutput } from '../camera/luma.ts';
import { createDetector } from '../motion/detector.ts';
import { defaultMotionParams, type MotionParams } from '../motion/params.ts';
import { isPresetName, motionPresets } from '../motion/presets.ts';
import { type Command, readOptions, type Terminal } from './command.ts';
import { motionInClipResting } from './detect-low-power.ts';

const usage = `usage: nightjar detect CLIP… [--json] [--low-power] [--preset NAME] [--sensitivity N] [--area PERCENT]

Finds motion in video clips exactly as the box would: the same decoding, the same detector. CLIP may be a folder.
  --json           print {"clip": [[from, to], …], "_cpu": {"clip": seconds}}, in seconds from the start of the clip
  --low-power      rest on key frames and wake from the sizes of the others, as a camera in low power does
  --preset NAME    settings of a kind of place: ${Object.keys(motionPresets).join(', ')} (default: none of them)
  --sensitivity N  1 almost blind … 100 notices everything (default: ${defaultMotionParams.sensitivity})
  --area PERCENT   smallest moving thing that counts, as a share of the picture (default: ${defaultMotionParams.smallestAreaPercent})

Exit code 0: every clip was read. 1: at least one could not be. 2: wrong usage.`;

const VIDEO = new Set([
  '.mp4',
  '.mkv',
  '.mov',
  '.avi',
  '.webm',
  '.ts',
  '.m4v',
  '.h264',
  '.h265',
  '.mpg',
  '.mjpeg',
  '.flv',
]);

export type Interval = readonly [fromS: number, toS: number];

export interface ClipMotion {
  readonly intervals: readonly Interval[];
  readonly seconds: number;
  /** Processor time of ffmpeg and of this process, user and system. */
  readonly cpuS: number;
  /** In low power: the share of the time, 0–1, in which only key frames were decoded. */
  readonly restingShare?: number;
}

export const detect: Command = async (argv, io) => {
  const { values, positionals } = readOptions(argv, {
    json: { type: 'boolean' },
    'low-power': { type: 'boolean' },
    preset: { type: 'string' },
    sensitivity: { type: 'string' },
    area: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  if (positionals.length === 0)
    throw new NightjarError('invalid', 'name at least one clip or folder (see nightjar detect --help)');
  const preset = readPreset(values.preset);
  const params: MotionParams = {
    ...preset,
    sensitivity: readNumber(values.sensitivity, '--sensitivity', 1, 100) ?? preset.sensitivity,
    smallestAreaPercent: readNumber(values.area, '--area', 0.01, 100) ?? preset.smallestAreaPercent,
  };
  const found: Record<string, readonly Interval[]> = {};
  const cpu: Record<string, number> = {};
  let failed = 0;
  for (const path of positionals.flatMap(clipsAt)) {
    const name = basename(path, extname(path));
    try {
      if (Object.hasOwn(found, name)) throw new NightjarError('conflict', `another clip is called ${name}, too`);
      const motion = await (values['low-power'] ? motionInClipResting : motionInClip)(path, params);
      found[name] = motion.intervals;
      cpu[name] = Math.round(motion.cpuS * 1000) / 1000;
      if (!values.json) printClip(io, name, motion);
    } catch (error) {
      failed++;
      io.err(`nightjar detect: ${path}: ${describeError(error)}`);
    }
  }
  if (values.json) io.out(JSON.stringify({ ...found, _cpu: cpu }));
  return failed === 0 ? 0 : 1;
};

/** Runs one clip. Throws `missing` when there is no such file, `invalid` when it is no video that ffmpeg can read. */
export async function motionInClip(path: string, params: MotionParams): Promise<ClipMotion> {
  const before = process.cpuUsage();
  const detector = createDetector(params);
  const frameMs = 1000 / LUMA_FPS;
  const intervals: [number, number][] = [];
  let movingSince: number | undefined;
  let frames = 0;
  const reader = new LumaReader((picture, index) => {
    const { moving } = detector.step({ ...picture, atMs: index * frameMs });
    const atS = (index * frameMs) / 1000;
    frames = index + 1;
    if (moving) movingSince ??= atS;
    else if (movingSince !== undefined) {
      intervals.push([movingSince, atS]);
      movingSince = undefined;
    }
  });
  const argv = ['-v', 'error', '-nostdin', ...lumaDecoderOptions(), '-i', `file:${path}`, ...lumaOutput(1, 'reader')];
  await using child = spawnChild(['ffmpeg', ...argv]);
  const complaint = new Response(child.stderr).text();
  for await (const chunk of child.stdout) reader.push(chunk);
  const exit = await child.exited;
  // A clip that breaks off in the middle is judged as far as it goes, as a live camera would be.
  if (frames === 0) throw notVideo(exit.code === 0 ? 'it has no pictures' : await complaint);
  const seconds = (frames * frameMs) / 1000;
  if (movingSince !== undefined) intervals.push([movingSince, seconds]);
  const own = process.cpuUsage(before);
  return { intervals, seconds, cpuS: (child.cpuMs() ?? 0) / 1000 + (own.user + own.system) / 1e6 };
}

const notVideo = (why: string) =>
  new NightjarError('invalid', `not a video that can be read (${why.trim().split('\n').at(-1)?.slice(0, 200)})`);

/** The clip itself, or the videos directly inside a folder, by name. Throws `missing`. */
function clipsAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const inside = readdirSync(path).filter((name) => VIDEO.has(extname(name).toLowerCase()));
    if (inside.length === 0) throw new NightjarError('missing', `${path}: no video clips in this folder`);
    return inside.sort().map((name) => join(path, name));
  } catch (cause) {
    if (cause instanceof NightjarError) throw cause;
    throw new NightjarError('missing', `${path}: no such file or folder`, { cause });
  }
}

function readPreset(name: string | boolean | undefined): MotionParams {
  if (name === undefined) return defaultMotionParams;
  if (typeof name === 'string' && isPresetName(name)) return { ...defaultMotionParams, ...motionPresets[name].params };
  throw new NightjarError('invalid', `--preset must be one of ${Object.keys(motionPresets).join(', ')}`);
}

function readNumber(
  value: string | boolean | undefined,
  option: string,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = value === '' ? Number.NaN : Number(value);
  if (!(number >= least && number <= most)) {
    throw new NightjarError(
      'invalid',
      `${option} must be a number from ${least} to ${most}, not ${JSON.stringify(value)}`,
    );
  }
  return number;
}

function printClip(io: Terminal, name: string, { intervals, seconds, cpuS, restingShare }: ClipMotion): void {
  const rested = restingShare === undefined ? '' : `, resting ${Math.round(restingShare * 100)} %`;
  const moved = intervals.reduce((sum, [from, to]) => sum + to - from, 0);
  io.out(`${name}  ${seconds.toFixed(1)} s, motion ${moved.toFixed(1)} s, processor ${cpuS.toFixed(2)} s${rested}`);
  for (const [from, to] of intervals) io.out(`  ${clock(from)} – ${clock(to)}`);
}

const clock = (s: number) => `${Math.floor(s / 60)}:${(s % 60).toFixed(1).padStart(4, '0')}`;

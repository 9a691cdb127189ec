// Debian's `motion` in the bench. It reads a clip as it would a camera (`netcam_url file://…`) and lives by the clock of the
// wall: how often it looks, how long it settles and when an event ends are seconds of real time, so that a clip cannot run
// faster without judging it differently. Therefore clips run at their own speed, many at once: Motion sleeps most of the time.
//
// Its alarms are the lines of its own log. `event_gap 0` ends an event with the first picture without motion and changes
// nothing about what it detects; nothing is recorded, drawn or served, so that only detection is paid for. The clock starts
// where it says that the camera is connected and ends where the file does; in between pictures are evenly spaced.

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSecondsOf, type Detection, run } from './detection.ts';
import type { Clip } from './footage.ts';
import type { Interval } from './score.ts';

export interface MotionSettings {
  readonly name: string;
  /** Of one clip: the lines of the settings file that differ from case to case. */
  readonly lines: (clip: Clip) => readonly string[];
}

/** What is asked of the packaged settings, of settings made for footage like this, and of those that miss little. */
export const motionSettings: readonly MotionSettings[] = [
  {
    name: "Debian's settings",
    lines: () => ['width 640', 'height 480', 'framerate 15', 'threshold 1500', 'pre_capture 3'],
  },
  {
    name: 'tuned',
    lines: (clip) => [...ownSize(clip, 0.4), 'minimum_motion_frames 3', 'lightswitch_percent 30'],
  },
  {
    name: 'sensitive',
    lines: (clip) => [...ownSize(clip, 0.1), 'minimum_motion_frames 2'],
  },
];

/** The clip's own size and pace, and the threshold as a share of that size. */
function ownSize(clip: Clip, thresholdPercent: number): string[] {
  const [width, height] = [clip.width, clip.height].map((side) => Math.max(8, Math.round(side / 8) * 8)) as [
    number,
    number,
  ];
  const threshold = Math.round((width * height * thresholdPercent) / 100);
  return [`width ${width}`, `height ${height}`, `framerate ${paceOf(clip)}`, `threshold ${threshold}`];
}

/** Up to here recall and false time came out as in earlier measurements of the same settings; at 1.2 × to 2.7 × they did not. */
const MOST_OFF_PACE = 0.15;

const paceOf = (clip: Clip) => Math.max(2, Math.round(clip.fps));

/** As it says itself, or undefined where it is not installed. */
export async function motionVersion(): Promise<string | undefined> {
  if (!Bun.which('motion')) return undefined;
  const child = Bun.spawn(['motion', '-h'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  return /motion version ([\d.]+)/i.exec(out + err)?.[1] ?? 'of unknown version';
}

/** Ends its children and removes its temporary folder on every way out, also when the signal aborts. */
export async function detectWithMotion(
  clips: readonly Clip[],
  settings: MotionSettings,
  atOnce: number,
  signal: AbortSignal,
): Promise<Detection> {
  const alarms: Record<string, readonly Interval[]> = {};
  const clipCpuS: Record<string, number> = {};
  const behind: string[] = [];
  const waiting = [...clips].sort((a, b) => a.labels.durationS - b.labels.durationS);
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-bench-motion-'));
  // One starts when the one before is under way: their first moments are busy, and a late look at the log is a wrong clock.
  let start = Promise.resolve();
  const worker = async () => {
    for (let clip = waiting.pop(); clip; clip = waiting.pop()) {
      const turn = start;
      const { promise, resolve: connected } = Promise.withResolvers<void>();
      start = promise;
      await turn;
      const seenS = clip.labels.durationS - (await heldBackS(clip));
      const { log, cpuS } = await watch(clip, settings, folder, signal, connected).finally(connected);
      const heard = alarmsInLog(log, seenS);
      if (!heard) throw new Error(`motion did not reach the end of ${clip.name}: ${log.at(-1)?.text ?? 'no word'}`);
      alarms[clip.name] = heard.alarms;
      clipCpuS[clip.name] = cpuS;
      const pace = (heard.tookS * paceOf(clip)) / clip.fps / seenS;
      if (Math.abs(pace - 1) > MOST_OFF_PACE) behind.push(`${clip.name} took ${pace.toFixed(2)} × its time`);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    waiting.length = 0;
    rmSync(folder, { recursive: true, force: true });
  }
  return { alarms, clipCpuS, cpuS: Object.values(clipCpuS).reduce((sum, s) => sum + s, 0), doubts: behind };
}

async function watch(
  clip: Clip,
  settings: MotionSettings,
  folder: string,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<{ log: LogLine[]; cpuS: number }> {
  // By a name of ours: Motion reads no path with a blank in it.
  const own = mkdtempSync(join(folder, 'clip-'));
  const link = join(own, 'clip');
  symlinkSync(clip.path, link);
  const file = join(own, 'motion.conf');
  writeFileSync(file, [...common(clip, link, own), ...settings.lines(clip), ''].join('\n'));
  const child = Bun.spawn(['motion', '-n', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: own,
    signal,
    timeout: Math.ceil(clip.labels.durationS * 1.5 + 60) * 1000,
    killSignal: 'SIGKILL',
  });
  const log: LogLine[] = [];
  try {
    for await (const text of linesOf(child.stderr)) {
      log.push({ atMs: performance.now(), text });
      if (CONNECTED.test(text)) onConnected();
      if (ENDED.test(text)) break;
    }
  } finally {
    // It would begin the clip anew.
    child.kill('SIGKILL');
    await child.exited;
  }
  return { log, cpuS: cpuSecondsOf(child) };
}

const common = (clip: Clip, link: string, folder: string) => [
  'daemon off',
  'log_level 6',
  `target_dir ${folder}`,
  `netcam_url file://${link}`,
  `netcam_params capture_rate=${paceOf(clip)}`,
  'despeckle_filter EedDl',
  'event_gap 0',
  'picture_output off',
  'movie_output off',
  'webcontrol_port 0',
  'stream_port 0',
];

/** The decoder keeps back as many pictures as it may have to reorder; Motion never asks for them at the end of a file. */
async function heldBackS(clip: Clip): Promise<number> {
  const wanted = ['-select_streams', 'v:0', '-show_entries', 'stream=has_b_frames', '-of', 'csv=p=0'];
  const { stdout } = await run(['ffprobe', '-v', 'error', ...wanted, `file:${clip.path}`]);
  return (Number.parseInt(stdout, 10) || 0) / clip.fps;
}

export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

const CONNECTED = /netcam_rtsp_connect: .*connected$/;
const BEGAN = /Motion detected - starting event/;
const STOPPED = /End of event/;
const ENDED = /Reconnecting with camera/;

/**
 * Alarms in seconds of the clip, of which Motion saw `seenS` seconds, and how long that took by our clock. Undefined when the
 * log does not reach the clip's end.
 */
export function alarmsInLog(
  log: readonly LogLine[],
  seenS: number,
): { readonly alarms: Interval[]; readonly tookS: number } | undefined {
  const start = log.find(({ text }) => CONNECTED.test(text))?.atMs;
  const end = log.find(({ text }) => ENDED.test(text))?.atMs;
  if (start === undefined || end === undefined || end <= start) return undefined;
  const secondsAt = (atMs: number) => Math.min(1, Math.max(0, (atMs - start) / (end - start))) * seenS;
  const alarms: [number, number][] = [];
  let since: number | undefined;
  for (const { atMs, text } of log) {
    if (atMs > end) break;
    if (BEGAN.test(text)) since ??= secondsAt(atMs);
    else if (STOPPED.test(text) && since !== undefined) {
      alarms.push([since, secondsAt(atMs)]);
      since = undefined;
    }
  }
  if (since !== undefined) alarms.push([since, seenS]);
  return { alarms, tookS: (end - start) / 1000 };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest) yield rest;
}

// The simplest detector there is: one picture against the one before, with pixelmatch, and an alarm where more than a share
// of the pixels differ. Also what decoding alone costs, which no detector of compressed video gets around.

import pixelmatch from 'pixelmatch';
import { cpuSecondsOf, type Detection, run } from './detection.ts';
import type { Clip } from './footage.ts';
import type { Interval } from './score.ts';

const [WIDTH, HEIGHT, FPS] = [320, 240, 5];
const COLOUR_DISTANCE = 0.1;
const ALARM_SHARE = 0.01;

export async function detectWithPixelmatch(clips: readonly Clip[]): Promise<Detection> {
  const alarms: Record<string, readonly Interval[]> = {};
  const clipCpuS: Record<string, number> = {};
  for (const clip of clips) {
    const before = process.cpuUsage();
    const { intervals, decodingS } = await alarmsOf(clip);
    const own = process.cpuUsage(before);
    alarms[clip.name] = intervals;
    clipCpuS[clip.name] = decodingS + (own.user + own.system) / 1e6;
  }
  return { alarms, clipCpuS, cpuS: Object.values(clipCpuS).reduce((sum, s) => sum + s, 0) };
}

async function alarmsOf(clip: Clip): Promise<{ intervals: Interval[]; decodingS: number }> {
  const argv = ['ffmpeg', '-v', 'error', '-nostdin', '-threads', '1', '-i', `file:${clip.path}`, '-map', '0:v:0'];
  const raw = ['-vf', `fps=${FPS},scale=${WIDTH}:${HEIGHT}`, '-pix_fmt', 'rgba', '-f', 'rawvideo', 'pipe:1'];
  const child = Bun.spawn([...argv, ...raw], { stdio: ['ignore', 'pipe', 'inherit'] });
  const intervals: [number, number][] = [];
  let previous: Uint8Array<ArrayBuffer> | undefined;
  let picture = new Uint8Array(WIDTH * HEIGHT * 4);
  let filled = 0;
  let index = 0;
  let since: number | undefined;
  for await (const chunk of child.stdout) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + picture.length - filled);
      picture.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < picture.length) continue;
      const differs = previous !== undefined && differ(previous, picture);
      if (differs) since ??= index / FPS;
      else if (since !== undefined) {
        intervals.push([since, index / FPS]);
        since = undefined;
      }
      [previous, picture] = [picture, previous ?? new Uint8Array(picture.length)];
      filled = 0;
      index++;
    }
  }
  if ((await child.exited) !== 0) throw new Error(`ffmpeg cannot read ${clip.name}`);
  if (since !== undefined) intervals.push([since, index / FPS]);
  return { intervals, decodingS: cpuSecondsOf(child) };
}

const differ = (a: Uint8Array, b: Uint8Array) =>
  pixelmatch(a, b, undefined, WIDTH, HEIGHT, { threshold: COLOUR_DISTANCE }) > ALARM_SHARE * WIDTH * HEIGHT;

/** Every picture decoded by ffmpeg on one thread, and thrown away. */
export async function decodeOnly(clips: readonly Clip[]): Promise<Detection> {
  const clipCpuS: Record<string, number> = {};
  for (const clip of clips) {
    const input = ['-v', 'error', '-nostdin', '-threads', '1', '-i', `file:${clip.path}`];
    clipCpuS[clip.name] = (
      await run(['ffmpeg', ...input, '-map', '0:v:0', '-f', 'null', '-'], 60 + 2 * clip.labels.durationS)
    ).cpuS;
  }
  return { clipCpuS, cpuS: Object.values(clipCpuS).reduce((sum, s) => sum + s, 0) };
}

// Clips that stand for a camera: made once, kept in the cache folder.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dir, '../../.cache/clips');

/**
 * A quiet scene with sensor noise, H.264, a key frame every 2 s: what a surveillance camera sends most of the day. Twenty
 * seconds are encoded and repeated up to the length, because the RTSP server hangs up at the end of a file. `pattern` is
 * ffmpeg's test pattern instead: what the first measurements of this project were made with, and far cheaper to decode.
 */
export async function quietClip(
  size: '1920x1080' | '1280x720' | '640x360',
  kbps: number,
  minutes = 4,
  scene: 'noisy' | 'pattern' = 'noisy',
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${scene}-${size}-${kbps}-${minutes}.mp4`;
  if (existsSync(path)) return path;
  const short = `${path}.short`;
  await ffmpeg([
    ...[
      '-f',
      'lavfi',
      '-i',
      scene === 'noisy' ? `smptehdbars=s=${size}:r=25:d=20,noise=alls=5:allf=t` : `testsrc2=s=${size}:r=25:d=20`,
    ],
    ...['-c:v', 'libx264', '-preset', 'fast', '-profile:v', 'main', '-bf', '0', '-g', '50', '-keyint_min', '50'],
    ...['-sc_threshold', '0', '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
    ...['-pix_fmt', 'yuv420p', '-f', 'mp4', short],
  ]);
  await ffmpeg(['-stream_loop', String(minutes * 3 - 1), '-i', short, '-c', 'copy', '-f', 'mp4', `${path}.part`]);
  renameSync(`${path}.part`, path);
  rmSync(short);
  return path;
}

async function ffmpeg(args: readonly string[]): Promise<void> {
  const made = Bun.spawn(['ffmpeg', '-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  if ((await made.exited) !== 0) throw new Error('ffmpeg could not make the clip');
}

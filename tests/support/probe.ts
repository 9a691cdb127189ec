// What ffprobe, which was not written here, finds in a file; and what ffmpeg complains about when it decodes it whole.

import { expect } from 'bun:test';
import { readFileSync } from 'node:fs';

export interface Probed {
  readonly format: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly durationS: number;
  /** The index comes before the pictures: players can start before the download ends. */
  readonly moovFirst: boolean;
  /** Empty for a file without fault. */
  readonly errors: string;
}

const run = (argv: string[]) => {
  const { stdout, stderr, exitCode } = Bun.spawnSync(argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  return { out: stdout.toString(), err: stderr.toString().trim(), code: exitCode };
};

export async function probe(file: string): Promise<Probed> {
  const { out, err, code } = run([
    'ffprobe',
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v:0',
    '-show_format',
    '-show_streams',
    '-of',
    'json',
    file,
  ]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { format, streams } = JSON.parse(out);
  const video = streams[0];
  const [n, d] = String(video.avg_frame_rate).split('/').map(Number) as [number, number];
  const head = readFileSync(file).subarray(0, 64).toString('latin1');
  return {
    format: format.format_name,
    codec: video.codec_name,
    width: video.width,
    height: video.height,
    fps: n / (d || 1),
    frames: Number(video.nb_read_frames),
    durationS: Number(format.duration),
    moovFirst: head.includes('moov'),
    // In the file's own time base: pictures that a loaded camera sends in a bunch would else round to the same moment.
    errors: run(['ffmpeg', '-v', 'error', '-i', file, '-enc_time_base', '-1', '-f', 'null', '-']).err,
  };
}

// `nightjar bench`: what this machine can carry, in numbers an owner can compare: detection, disk, encoding. The bench that
// compares with ffmpeg alone and looks at the page in a browser is `make bench`.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { defaultMotionParams } from '../motion/params.ts';
import { createWatcher } from '../motion/watcher.ts';
import { type Command, readOptions } from './command.ts';
import { syncTimesMs } from './measure-disk.ts';

const usage = `usage: nightjar bench [--data DIR]

Measures what this machine can carry: detection, writing to the disk, decoding.
  --data DIR   the disk to measure (default: the current folder)`;

export const bench: Command = async (argv, io) => {
  const { values } = readOptions(argv, { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  const folder = mkdtempSync(join(String(values.data ?? '.'), 'nightjar-bench-'));
  try {
    for (const [width, height] of [
      [320, 180],
      [640, 360],
    ] as const) {
      io.out(
        row(`detection at ${width}×${height}, per picture`, `${median(detectionTimesMs(width, height)).toFixed(2)} ms`),
      );
    }
    const sync = syncTimesMs(folder, 21);
    io.out(
      row(
        '256 KiB written through to the disk, median / worst',
        `${median(sync).toFixed(1)} / ${sync.at(-1)!.toFixed(1)} ms`,
      ),
    );
    const share = await decodingShare(folder);
    io.out(
      row(
        'decoding 1080p25 H.264 to small grey pictures',
        share === undefined ? 'ffmpeg failed' : `${(share * 100).toFixed(1)} % of one core`,
      ),
    );
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const row = (what: string, figure: string) => `${what.padEnd(52)} ${figure}`;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function detectionTimesMs(width: number, height: number): number[] {
  const watcher = createWatcher({
    params: defaultMotionParams,
    isOn: () => true,
    newId: () => 'bench',
  });
  const frames = Array.from({ length: 8 }, () => {
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i++) data[i] = 80 + ((i * 13) % 60) + Math.floor(Math.random() * 6);
    return data;
  });
  return Array.from({ length: 300 }, (_, n) => {
    const startMs = performance.now();
    watcher.step({ width, height, data: frames[n % frames.length]!, atMs: n * 200 });
    return performance.now() - startMs;
  }).slice(100);
}

/** Processor seconds per second of video, for a clip that is made here. */
async function decodingShare(folder: string): Promise<number | undefined> {
  const clip = join(folder, 'clip.mp4');
  const made = await runChild(
    [
      'ffmpeg',
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=1920x1080:r=25:d=10,noise=alls=6:allf=t',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-b:v',
      '4M',
      '-pix_fmt',
      'yuv420p',
      clip,
    ],
    { timeoutMs: 120_000 },
  );
  if (made.code !== 0) return undefined;
  const ran = await runChild(
    [
      'ffmpeg',
      '-benchmark',
      '-v',
      'info',
      '-i',
      clip,
      '-an',
      '-vf',
      'fps=5,scale=320:180,format=gray',
      '-f',
      'null',
      '-',
    ],
    { timeoutMs: 120_000 },
  );
  const times = /utime=([\d.]+)s stime=([\d.]+)s/.exec(ran.stderr);
  return times ? (Number(times[1]) + Number(times[2])) / 10 : undefined;
}

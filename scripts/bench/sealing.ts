// What sealing costs: the processor time of writing the same footage sealed and plain, side by side, as a share of what a whole camera
// costs the box. Pairs at the same moment, as the speed of a shared machine changes from minute to minute.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startBox } from '../../tests/support/box.ts';
import { startRtsp } from '../../tests/support/rtsp.ts';
import { quietClip } from './clips.ts';
import { cpuSecondsOf } from './processes.ts';

const CAMERAS = 8;

/** Processor milliseconds per second of one camera at 4 Mb/s. */
export interface SealingPair {
  readonly sealedMs: number;
  readonly plainMs: number;
}

/** Eight cameras in a process each way, at the speed of cameras; `seconds` is 60 where each is to begin and end one file a minute. */
export async function sealingPair(seconds: number): Promise<SealingPair> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-sealing-'));
  const run = async (how: 'sealed' | 'plain') => {
    const script = join(import.meta.dir, 'sealing-writer.ts');
    // as the executable is run
    const argv = [process.execPath, '--smol', script, how, join(folder, how), String(CAMERAS), String(seconds)];
    const child = Bun.spawn(argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error(`writing ${how} failed`);
    return Number(text);
  };
  try {
    const [sealedMs, plainMs] = await Promise.all([run('sealed'), run('plain')]);
    return { sealedMs, plainMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All processes of a box with one 1080p camera of 4 Mb/s that records all the time: processor milliseconds per second. */
export async function wholeCameraMs(seconds: number, withSmallStream: boolean): Promise<number> {
  await using rtsp = await startRtsp('--file', await quietClip('1920x1080', 4000));
  await using small = await startRtsp('--file', await quietClip('640x360', 500));
  await using box = await startBox();
  const owner = await box.claim();
  const source = { kind: 'rtsp', url: rtsp.url, detectUrl: withSmallStream ? small.url : '' };
  await owner.json('/api/v1/cameras', {
    method: 'POST',
    json: { name: 'Bench', source, record: { mode: 'both' } },
  });
  await eventually('the camera to be live', async () => {
    const [camera] = await owner.json<[{ health: { state: string } }]>('/api/v1/cameras');
    return camera.health.state === 'live' ? true : undefined;
  });
  await Bun.sleep(5000);
  const before = cpuSecondsOf(box.pid);
  await Bun.sleep(seconds * 1000);
  return ((cpuSecondsOf(box.pid) - before) * 1000) / seconds;
}

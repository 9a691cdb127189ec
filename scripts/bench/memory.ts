// Memory of the Nightjar process (its children apart) with four 1080p cameras that record all the time, over time.

import { eventually, startBox } from '../../tests/support/box.ts';
import { startRtsp } from '../../tests/support/rtsp.ts';
import { quietClip } from './clips.ts';
import { memoryMB } from './processes.ts';

export interface MemoryRun {
  /** Resident MB, one per `everyS`. */
  readonly resident: readonly number[];
  readonly own: readonly number[];
  readonly recordedMB: number;
}

export async function memoryOfFourCameras(minutes: number, everyS = 10): Promise<MemoryRun> {
  const clip = await quietClip('1920x1080', 4000, minutes + 2);
  // One server each: a shared stream of this server disturbs those who watch it when somebody joins.
  await using servers = new AsyncDisposableStack();
  const cameras = await Promise.all([1, 2, 3, 4].map(async () => servers.use(await startRtsp('--file', clip))));
  await using box = await startBox();
  const owner = await box.claim();
  for (const [n, { url }] of cameras.entries()) {
    const camera = { name: `Camera ${n + 1}`, source: { kind: 'rtsp', url }, record: { mode: 'both' } };
    await owner.json('/api/v1/cameras', { method: 'POST', json: camera });
  }
  await eventually('four live cameras', async () => {
    const all = await owner.json<{ health: { state: string } }[]>('/api/v1/cameras');
    return all.filter((c) => c.health.state === 'live').length === 4 ? true : undefined;
  });
  const resident: number[] = [];
  const own: number[] = [];
  for (let at = 0; at < minutes * 60; at += everyS) {
    await Bun.sleep(everyS * 1000);
    const now = memoryMB(box.pid);
    resident.push(now.resident);
    own.push(now.own);
  }
  const { disk } = await owner.json<{ disk: { recordingsBytes: number } }>('/api/v1/status');
  return { resident, own, recordedMB: disk.recordingsBytes / 1e6 };
}

// What low power saves: two boxes at the same moment, each with one camera of its own that shows the same quiet, noisy scene,
// one of them in low power. Measured in pairs, because the speed of a shared machine changes from minute to minute.

import type { CameraView } from '../../src/http/api.ts';
import { eventually, startBox } from '../../tests/support/box.ts';
import { startRtsp } from '../../tests/support/rtsp.ts';
import { quietClip } from './clips.ts';
import { cpuSecondsOf, ownCpuSecondsOf } from './processes.ts';

/** Shares of one core. `decoding`: everything but the box's own process. */
export interface LowPowerPair {
  readonly full: { readonly all: number; readonly decoding: number };
  readonly low: { readonly all: number; readonly decoding: number };
  /** What the box itself claims to save, in percent of a core. */
  readonly claimedPercent: number | undefined;
  readonly restingShare: number;
}

/** `pairs` measurements of `seconds` each, of the same two running boxes. */
export async function lowPowerPairs(
  size: '1920x1080' | '1280x720',
  kbps: number,
  seconds: number,
  pairs: number,
): Promise<readonly LowPowerPair[]> {
  const clip = await quietClip(size, kbps);
  await using fullCamera = await startRtsp('--file', clip);
  await using lowCamera = await startRtsp('--file', clip);
  await using fullBox = await startBox();
  await using lowBox = await startBox();
  const boxes = [
    { box: fullBox, url: fullCamera.url, lowPower: false },
    { box: lowBox, url: lowCamera.url, lowPower: true },
  ];
  const owners = await Promise.all(
    boxes.map(async ({ box, url, lowPower }) => {
      const owner = await box.claim();
      const camera = { name: 'Bench', source: { kind: 'rtsp', url }, motion: { lowPower } };
      await owner.json('/api/v1/cameras', { method: 'POST', json: camera });
      return owner;
    }),
  );
  const health = async (n: 0 | 1) => (await owners[n]!.json<readonly CameraView[]>('/api/v1/cameras'))[0]!.health;
  await eventually('a live camera', async () => ((await health(0)).state === 'live' ? true : undefined), 60_000);
  const resting = async () => ((await health(1)).lowPower?.state === 'resting' ? true : undefined);
  await eventually('rest', resting, 60_000);
  const measured: LowPowerPair[] = [];
  const look = ({ pid }: { readonly pid: number }) => ({ all: cpuSecondsOf(pid), own: ownCpuSecondsOf(pid) });
  for (let n = 0; n < pairs; n++) {
    const before = [look(fullBox), look(lowBox)] as const;
    await Bun.sleep(seconds * 1000);
    const after = [look(fullBox), look(lowBox)] as const;
    const share = (i: 0 | 1) => {
      const all = after[i].all - before[i].all;
      return { all: all / seconds, decoding: (all - (after[i].own - before[i].own)) / seconds };
    };
    const { lowPower } = await health(1);
    measured.push({
      full: share(0),
      low: share(1),
      claimedPercent: lowPower?.savedPercent,
      restingShare: lowPower?.restingShare ?? 0,
    });
  }
  return measured;
}

// Processor time of copying and detecting, all processes, against ffmpeg alone doing the same decode, scale and copy at the
// same moment from a server of the same kind: the ratio holds on a noisy machine, the absolute share does not.

import { lumaDecoderOptions, lumaOutput } from '../../src/camera/luma.ts';
import { eventually, startBox } from '../../tests/support/box.ts';
import { startRtsp } from '../../tests/support/rtsp.ts';
import { quietClip } from './clips.ts';
import { cpuSecondsOf } from './processes.ts';

const camera = (url: string, detectUrl = '') => ({ name: 'Bench', source: { kind: 'rtsp', url, detectUrl } });
const isLive = (view: { health: { state: string } }) => (view.health.state === 'live' ? true : undefined);

/** `ratio`: Nightjar's processor time over ffmpeg's. */
export async function cpuAgainstFfmpeg(
  seconds: number,
): Promise<{ nightjarS: number; ffmpegS: number; ratio: number; share: number }> {
  const clip = await quietClip('1920x1080', 4000);
  await using rtsp = await startRtsp('--file', clip);
  await using same = await startRtsp('--file', clip);
  await using box = await startBox();
  const owner = await box.claim();
  await owner.json('/api/v1/cameras', { method: 'POST', json: camera(rtsp.url) });
  await eventually('the camera to be live', async () =>
    isLive((await owner.json<[{ health: { state: string } }]>('/api/v1/cameras'))[0]),
  );
  const alone = Bun.spawn(
    ['ffmpeg', '-nostdin', '-v', 'error', '-rtsp_transport', 'tcp', ...lumaDecoderOptions(), '-i', same.url]
      .concat([
        '-map',
        '0:v',
        '-c',
        'copy',
        '-f',
        'mp4',
        '-movflags',
        '+frag_every_frame+empty_moov+default_base_moof',
        '-y',
        '/dev/null',
      ])
      .concat(
        lumaOutput(1, 'reader').map((a) => (a === 'pipe:1' ? '/dev/null' : a)),
        ['-y'],
      ),
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    await Bun.sleep(5000);
    const before = [cpuSecondsOf(box.pid), cpuSecondsOf(alone.pid)] as const;
    await Bun.sleep(seconds * 1000);
    const nightjarS = cpuSecondsOf(box.pid) - before[0];
    const ffmpegS = cpuSecondsOf(alone.pid) - before[1];
    return { nightjarS, ffmpegS, ratio: nightjarS / ffmpegS, share: nightjarS / seconds };
  } finally {
    alone.kill('SIGKILL');
    await alone.exited;
  }
}

/** Share of one core with a 640×360 stream for detection beside the 1080p one. */
export async function cpuWithSmallStream(seconds: number, scene: 'noisy' | 'pattern'): Promise<number> {
  await using rtsp = await startRtsp('--file', await quietClip('1920x1080', 4000, 4, scene));
  await using small = await startRtsp('--file', await quietClip('640x360', 500, 4, scene));
  await using box = await startBox();
  const owner = await box.claim();
  await owner.json('/api/v1/cameras', { method: 'POST', json: camera(rtsp.url, small.url) });
  await eventually('the camera to be live', async () =>
    isLive((await owner.json<[{ health: { state: string } }]>('/api/v1/cameras'))[0]),
  );
  await Bun.sleep(5000);
  const before = cpuSecondsOf(box.pid);
  await Bun.sleep(seconds * 1000);
  return (cpuSecondsOf(box.pid) - before) / seconds;
}

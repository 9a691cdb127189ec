// Frame made → shown in Chromium: the RTSP camera stamps the wall time into each picture, the page's own video element is
// read back as it shows them. Both clocks are this machine's.

import { eventually, startBox } from '../../tests/support/box.ts';
import { openBrowser } from '../../tests/support/browser.ts';
import { startRtsp } from '../../tests/support/rtsp.ts';

export interface LiveRun {
  readonly delaysMs: readonly number[];
  /** Opening the page → first picture, for a page that is opened while the camera runs. */
  readonly firstPictureMs: readonly number[];
}

export async function liveDelay(seconds: number): Promise<LiveRun> {
  await using rtsp = await startRtsp('--timecode', '--noise', '--size', '1280x720', '--fps', '25', '--gop', '50');
  await using box = await startBox();
  const owner = await box.claim();
  await owner.json('/api/v1/cameras', {
    method: 'POST',
    json: { name: 'Clock', source: { kind: 'rtsp', url: rtsp.url }, record: { mode: 'off' } },
  });
  await eventually('the camera to be live', async () =>
    (await owner.json<[{ health: { state: string } }]>('/api/v1/cameras'))[0].health.state === 'live'
      ? true
      : undefined,
  );
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const [name, value] = owner.cookie.split('=') as [string, string];
    await context.addCookies([{ name, value, url: box.http }]);
    const firstPictureMs: number[] = [];
    const page = await context.newPage();
    for (let n = 0; n < 6; n++) {
      const openedMs = Date.now();
      await page.goto(`${box.http}/`);
      await page.waitForFunction(
        () => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0,
      );
      if (n > 0) firstPictureMs.push(Date.now() - openedMs);
    }
    await page.waitForTimeout(3000);
    const delaysMs = await page.evaluate(readTimeCodes, seconds);
    return { delaysMs, firstPictureMs };
  } finally {
    await browser.close();
  }
}

/** Runs in the page: the delay of every picture that is shown, from the blocks in its corner (see tests/fixtures/rtsp-server.py). */
async function readTimeCodes(seconds: number): Promise<number[]> {
  const video = document.querySelector('video') as HTMLVideoElement;
  const [block, perRow] = [16, 24];
  const context = new OffscreenCanvas(block * perRow, block * 2).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  const delays: number[] = [];
  const untilMs = performance.now() + seconds * 1000;
  await new Promise<void>((resolve) => {
    const onFrame = () => {
      const shownMs = Date.now();
      context.drawImage(video, 0, 0, block * perRow, block * 2, 0, 0, block * perRow, block * 2);
      const { data } = context.getImageData(0, 0, block * perRow, block * 2);
      const bytes = Array.from({ length: 6 }, (_, byte) => {
        let value = 0;
        for (let bit = 0; bit < 8; bit++) {
          const n = byte * 8 + bit;
          const x = (n % perRow) * block + block / 2;
          const y = Math.floor(n / perRow) * block + block / 2;
          value = value * 2 + ((data[(y * block * perRow + x) * 4] ?? 0) > 127 ? 1 : 0);
        }
        return value;
      });
      const check = bytes.slice(0, 5).reduce((a, b) => a + b, 0) & 0xff;
      if (check === bytes[5]) {
        const madeMs = bytes.slice(0, 5).reduce((a, b) => a * 256 + b, 0);
        delays.push((shownMs % 2 ** 40) - madeMs);
      }
      if (performance.now() > untilMs) resolve();
      else video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  });
  return delays;
}

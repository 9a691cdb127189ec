// Click on the timeline → picture, in Chromium, on a box with a day of sealed footage: from the click to the first picture of that
// place being shown, in the player of a day and from the list of recordings.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openDeviceKey } from '../../src/access/device-key.ts';
import { runChild } from '../../src/base/child.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { openLibrary } from '../../src/library/library.ts';
import { sealingKey } from '../../src/vault/keyring.ts';
import { fragmentsOf } from '../../tests/fixtures/web-api-sealed.ts';
import { type Owner, owner as person, startBox } from '../../tests/support/box.ts';
import { openBrowser } from '../../tests/support/browser.ts';

export interface ClickRun {
  /** In the player of a day. */
  readonly seekMs: readonly number[];
  /** On a lane of the list: the day's page is opened by it. */
  readonly openMs: readonly number[];
}

const CLIP_S = 60;
const CLIPS = 24;
const EVERY_MS = 30 * 60_000;
const CHUNK_MS = 500;
const MIME = 'video/mp4; codecs="avc1.64001f"';

export async function timelineClick(clicks: number, openings: number): Promise<ClickRun> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-click-'));
  const browser = await openBrowser();
  try {
    let box = await startBox({ dataDir });
    const owner = await box.claim();
    await owner.json('/api/v1/cameras', {
      method: 'POST',
      json: { name: 'Yard', source: { kind: 'rtsp', url: 'rtsp://127.0.0.1:1/none' }, record: { mode: 'off' } },
    });
    await box.stop();
    await recordDay(dataDir, owner);
    box = await startBox({ dataDir });
    try {
      const { cookie } = await box.signIn();
      const context = await browser.newContext({ viewport: { width: 1280, height: 1200 } });
      const [name, value] = cookie.split('=') as [string, string];
      await context.addCookies([{ name, value, url: box.http }]);
      const page = await context.newPage();
      await page.goto(`${box.http}/recordings`);
      await page.getByLabel('Passphrase', { exact: true }).fill(person.passphrase);
      await page.getByRole('button', { name: 'Open', exact: true }).click();
      await page.locator('.lane-track').waitFor();
      await page.getByRole('heading', { name: 'Locked' }).waitFor({ state: 'detached' });
      const openMs: number[] = [];
      for (let n = 0; n < openings; n++) {
        openMs.push(await clickOn(page, 0.05 + (0.9 * ((n * 7) % openings)) / openings));
        await page.goBack();
        await page.locator('.cards').waitFor();
      }
      await clickOn(page, 0.02);
      const seekMs: number[] = [];
      // far apart, so that nothing of one is there for the other
      for (let n = 0; n < clicks; n++) seekMs.push(await clickOn(page, 0.03 + (0.94 * ((n * 13) % clicks)) / clicks));
      await context.close();
      return { seekMs, openMs };
    } finally {
      await box.stop();
    }
  } finally {
    await browser.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Clips of a minute, all through the last half day, at 2 Mb/s. */
async function recordDay(dataDir: string, { keyring }: Owner): Promise<void> {
  const path = join(dataDir, 'film.mp4');
  const ffmpeg = [
    'ffmpeg',
    ...['-v', 'error', '-nostdin', '-f', 'lavfi'],
    ...['-i', `testsrc2=size=1280x720:rate=25:duration=${CLIP_S},noise=alls=12:allf=t`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'high', '-level', '3.1', '-pix_fmt', 'yuv420p'],
    ...['-g', '50', '-bf', '0', '-b:v', '2M', '-maxrate', '2M', '-bufsize', '2M'],
    ...['-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
    ...['-frag_duration', String(CHUNK_MS * 1000), path],
  ] as const;
  const made = await runChild([...ffmpeg], { timeoutMs: 120_000 });
  if (made.code !== 0) throw new Error(`ffmpeg made no film: ${made.stderr}`);
  const [init, ...fragments] = fragmentsOf(await Bun.file(path).bytes());
  const video = { trackId: 1, codec: 'h264', codecString: 'avc1.64001f', width: 1280, height: 720, timescale: 12_800 };
  const library = await openLibrary({
    ...{ dataFolder: dataDir, clock: systemClock, log: silentLog, cameraName: (id: string) => id },
    sealing: { publicKey: () => sealingKey(keyring), device: openDeviceKey(dataDir, () => true) },
  });
  const firstMs = Date.now() - (CLIPS + 1) * EVERY_MS;
  for (let clip = 0; clip < CLIPS; clip++) {
    const startMs = firstMs + clip * EVERY_MS;
    const recordingId = library.sink.openRecording({ cameraId: 'yard', startMs, reasons: ['motion'] });
    const stream = { id: 'film', init: init!, mimeType: MIME, video: { ...video, codec: 'h264' as const } };
    const startMonotonicMs = systemClock.monotonicMs() - (Date.now() - startMs);
    const start = { recordingId, cameraId: 'yard', stream, startMs, startMonotonicMs };
    const writer = await library.sink.openSegment(start);
    for (const [i, fragment] of fragments.entries()) {
      await writer.append(fragment, (i + 1) * CHUNK_MS, { key: (i * CHUNK_MS) % 2000 === 0 });
    }
    await writer.finish();
    await library.sink.closeRecording(recordingId, { endMs: startMs + CLIP_S * 1000, interrupted: false });
  }
  await library.close();
}

/** Clicks into the lane, in a clip, and waits for a picture of that place. */
async function clickOn(page: Page, share: number): Promise<number> {
  const bars = page.locator('.lane-recorded');
  await bars.first().waitFor();
  const count = await bars.count();
  const bar = bars.nth(Math.min(count - 1, Math.floor(share * count)));
  await bar.scrollIntoViewIfNeeded();
  const area = await bar.boundingBox();
  if (!area) throw new Error('there is no bar to click on');
  await page.evaluate(watchForPicture);
  await page.mouse.click(area.x + area.width / 2, area.y + area.height / 2);
  return await page.evaluate(() => (globalThis as unknown as { picture: Promise<number> }).picture);
}

/** Runs in the page: from the next click to the first picture that is more than five seconds of film away, or of another player. */
function watchForPicture(): void {
  const before = document.querySelector('video');
  const beforeS = before?.currentTime ?? -1;
  const picture = new Promise<number>((resolve) => {
    document.addEventListener(
      'click',
      (event) => {
        const fromMs = event.timeStamp;
        const find = () => {
          const video = document.querySelector('video');
          const isThere = video && video.readyState >= 2 && !video.seeking;
          const isNew = video !== before || Math.abs((video?.currentTime ?? 0) - beforeS) > 5;
          if (isThere && isNew) requestAnimationFrame(() => resolve(performance.now() - fromMs));
          else requestAnimationFrame(find);
        };
        find();
      },
      { once: true, capture: true },
    );
  });
  Object.assign(globalThis, { picture });
}

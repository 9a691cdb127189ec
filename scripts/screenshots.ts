// `make screenshots`: every page of a real box with recordings in it, at two widths, light and dark, into dist/screenshots.

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { CameraView, RecordingPage } from '../src/http/api.ts';
import { type Client, eventually, owner as person, startBox } from '../tests/support/box.ts';
import { openBrowser } from '../tests/support/browser.ts';
import { startRtsp } from '../tests/support/rtsp.ts';
import { dayOf } from '../web/playback/day-axis.ts';

const folder = resolve(import.meta.dir, '../dist/screenshots');
mkdirSync(folder, { recursive: true });

await using rtsp = await startRtsp('--visitor', '15', '--noise', '--size', '1280x720');
await using box = await startBox({ args: ['--demo'] });
const browser = await openBrowser();

/** `locked`: what is seen before the passphrase was typed in again. */
async function shoot(
  name: string,
  path: string,
  cookie: string | undefined,
  settleMs = 2500,
  locked = false,
): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1280, 800],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      if (cookie) {
        const [key, value] = cookie.split('=') as [string, string];
        await context.addCookies([{ name: key, value, url: box.http }]);
      }
      const page = await context.newPage();
      await page.goto(`${box.http}${path}`);
      if (cookie && path.startsWith('/recordings') && !locked) await unlock(page);
      await page.waitForTimeout(settleMs);
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: name !== 'live' });
      await context.close();
    }
  }
}

async function unlock(page: Page): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(person.passphrase);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

/** The picture of the README: the live page while somebody walks through the demo yard. */
async function shootVisitor(owner: Client, path: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
  const [name, value] = owner.cookie.split('=') as [string, string];
  await context.addCookies([{ name, value, url: box.http }]);
  const page = await context.newPage();
  await page.goto(box.http);
  const isSomebodyThere = async () => (await owner.json<CameraView[]>('/api/v1/cameras')).find((c) => c.motion.moving);
  await eventually('the visitor', isSomebodyThere, 60_000);
  await page.waitForTimeout(2200);
  await page.screenshot({ path });
  await context.close();
}

try {
  await shoot('claim', '/', undefined, 800);
  const owner = await box.claim();
  await shoot('login', '/', undefined, 800);
  await shoot('recover', '/recover', undefined, 800);
  await shootVisitor(owner, `${folder}/visitor.png`);
  await owner.json('/api/v1/cameras', {
    method: 'POST',
    json: { name: 'Front door', source: { kind: 'rtsp', url: rtsp.url } },
  });
  await owner.json('/api/v1/cameras', {
    method: 'POST',
    json: { name: 'Garage', source: { kind: 'rtsp', url: 'rtsp://127.0.0.1:1/stream1' } },
  });
  const { id, startMs } = await eventually(
    'a finished recording of the demo yard',
    async () => {
      const { recordings } = await owner.json<RecordingPage>('/api/v1/recordings?camera=demo&reason=motion');
      return recordings.find((r) => r.endMs !== undefined);
    },
    90_000,
  );
  await shoot('live', '/', owner.cookie, 4000);
  await shoot('recordings', '/recordings', owner.cookie);
  await shoot('recording', `/recordings/${id}`, owner.cookie, 4000);
  await shoot('locked', '/recordings', owner.cookie, 1500, true);
  await shoot('day', `/recordings/demo/${dayOf(startMs)}?at=${startMs + 2000}`, owner.cookie, 4000);
  await shoot('settings', '/settings', owner.cookie);
  await shoot('people', '/settings/people', owner.cookie);
  await shoot('system', '/settings/system', owner.cookie);
  await shoot('account', '/account', owner.cookie);
  await shoot('add-camera', '/settings/cameras/new', owner.cookie);
  await shoot('camera', '/settings/cameras/demo', owner.cookie);
  await shoot('tune', '/settings/cameras/demo/tune', owner.cookie, 6000);
  await shoot('status', '/status', owner.cookie);
  console.log(`screenshots are in ${folder}`);
} finally {
  await browser.close();
}

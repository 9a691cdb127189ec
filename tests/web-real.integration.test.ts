// The pages on the real box, in a real browser: what needs a real camera, real recordings and the box's own refusals. What
// a page does with canned answers is tested in `web/live.integration.test.ts`.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { CameraView, RecordingPage, RecordingView } from '../src/http/api.ts';
import { type Client, eventually, owner as person, startBox, type TestBox } from './support/box.ts';
import { openBrowser } from './support/browser.ts';
import { type RtspCamera, startRtsp } from './support/rtsp.ts';

let box: TestBox;
let owner: Client;
let browser: Browser;
let context: BrowserContext;
let cameras: readonly RtspCamera[];
const complaints: string[] = [];

const record = (id: string, limitS: number) =>
  owner.json(`/api/v1/cameras/${id}/recording`, { method: 'POST', json: { limitS } });
const recordingsOf = async (id: string) =>
  (await owner.json<RecordingPage>(`/api/v1/recordings?camera=${id}&limit=20`)).recordings;
const finished = (id: string): Promise<RecordingView> =>
  eventually(
    `a finished recording of ${id}`,
    async () => (await recordingsOf(id)).find((r) => r.endMs !== undefined),
    40_000,
  );

beforeAll(async () => {
  [cameras, box, browser] = await Promise.all([
    Promise.all([
      startRtsp('--size', '640x360', '--fps', '25', '--gop', '50'),
      startRtsp('--codec', 'h265', '--size', '320x240', '--fps', '10', '--gop', '10'),
    ]),
    startBox(),
    openBrowser(),
  ]);
  owner = await box.claim();
  for (const [n, name] of ['Door', 'Attic'].entries()) {
    await owner.json('/api/v1/cameras', {
      method: 'POST',
      json: { name, source: { kind: 'rtsp', url: cameras[n]?.url }, record: { mode: 'manual', segmentS: 5 } },
    });
  }
  await eventually('both cameras to be live', async () => {
    const all = await owner.json<readonly CameraView[]>('/api/v1/cameras');
    return all.length === 2 && all.every((c) => c.health.state === 'live') ? true : undefined;
  });
  // They run while the first tests look at other things.
  await Promise.all([record('door', 17), record('attic', 7)]);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const [name, value] = owner.cookie.split('=') as [string, string];
  await context.addCookies([{ name, value, url: box.http }]);
}, 40_000);

afterAll(async () => {
  await browser?.close();
  await box?.stop();
  await Promise.all(cameras?.map((c) => c.stop()) ?? []);
}, 20_000);

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${path}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
  await page.goto(box.http + path);
  await page.locator('h1').first().waitFor({ state: 'attached' });
  return page;
}

/** The cookie opens no recording; the keys come from the passphrase, in each page anew. */
async function unlock(page: Page): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(person.passphrase);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

test('a camera that this browser cannot decode is shown in single pictures that move, and the page says so', async () => {
  const page = await open('/?camera=attic');
  const tile = page.getByRole('article', { name: 'Attic' });
  await tile.getByText('This browser cannot play H.265 video').waitFor({ timeout: 15_000 });
  const pixels = () =>
    page.evaluate(() => {
      const image = document.querySelector<HTMLImageElement>('img.tile-video');
      const canvas = new OffscreenCanvas(32, 24).getContext('2d');
      if (!image || !canvas || image.naturalWidth === 0) return undefined;
      canvas.drawImage(image, 0, 0, 32, 24);
      return [...canvas.getImageData(0, 0, 32, 24).data].join();
    });
  const first = await eventually('a picture', pixels, 15_000);
  await eventually('another picture', async () => ((await pixels()) !== first ? true : undefined), 15_000);
  await page.close();
}, 40_000);

test('what the box refuses stands beside its field, and days without end are said in words', async () => {
  const page = await open('/settings');
  const storage = page.locator('#storage');
  expect(await storage.getByLabel('Keep recordings').inputValue()).toBe('zero');
  await storage.getByLabel('Space to keep free').fill('3');
  await storage.getByRole('button', { name: 'Save' }).click();
  const field = storage.locator('.field', { hasText: 'Space to keep free' });
  await field.locator('.field-error').waitFor();
  expect(await storage.getByLabel('Space to keep free').getAttribute('aria-invalid')).toBe('true');
  expect(await storage.locator('.field-error').count()).toBe(1);
  await page.locator('#mail').getByLabel('Mail provider').selectOption('gmail');
  expect(await page.locator('#mail').getByLabel('Mail server').count()).toBe(0);
  await page.close();
}, 20_000);

test('the link for another player is shown once, opens the camera, and no longer when it is taken back', async () => {
  const page = await open('/settings');
  await page.getByLabel('What it is for').fill('Kitchen');
  await page.getByRole('button', { name: 'Make a link' }).click();
  // This page was opened with the cookie alone.
  const isItYou = page.getByRole('dialog', { name: 'Is it you?' });
  await isItYou.getByLabel('Passphrase', { exact: true }).fill(person.passphrase);
  await isItYou.getByRole('button', { name: 'Open' }).click();
  const dialog = page.getByRole('dialog', { name: 'Copy it now' });
  const link = (await dialog.locator('code').first().textContent()) ?? '';
  const picture = new URL(link);
  picture.pathname = '/snapshot.jpg';
  const answer = await fetch(picture);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  // The dialog keeps the focus, and Escape closes it.
  for (let n = 0; n < 8; n++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName);
    expect(at === 'DIALOG' || (await page.evaluate(() => document.activeElement === document.body))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('Kitchen').waitFor();
  expect(await page.content()).not.toContain(picture.searchParams.get('token') ?? '?');
  await page.getByRole('button', { name: 'Take back Kitchen' }).click();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('The link is taken back').waitFor();
  expect((await fetch(picture)).status).toBe(401);
  await page.close();
}, 30_000);

test('a recording of several files is one film: dragging shows pictures, and borders are played over', async () => {
  const { id } = await finished('door');
  const page = await open(`/recordings/${id}`);
  await unlock(page);
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
  const borders = await owner.json<{ segments: readonly { durationMs: number }[] }>(`/api/v1/recordings/${id}`);
  expect(borders.segments.length).toBeGreaterThanOrEqual(3);
  const bar = page.getByRole('slider', { name: 'Place in the recording' });
  const area = await bar.boundingBox();
  if (!area) throw new Error('there is no seek bar');
  const y = area.y + area.height / 2;
  await page.evaluate(() => {
    const shown: number[] = [];
    Object.assign(globalThis, { shown });
    const video = document.querySelector('video') as HTMLVideoElement;
    const onFrame = (_: number, frame: VideoFrameCallbackMetadata) => {
      shown.push(frame.mediaTime);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  });
  const shown = () => page.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
  await page.mouse.move(area.x + 4, y);
  await page.mouse.down();
  const before = (await shown()).length;
  for (let n = 1; n <= 40; n++) {
    await page.mouse.move(area.x + (area.width * 0.8 * n) / 40, y);
    await page.waitForTimeout(40);
  }
  const during = (await shown()).slice(before);
  await page.mouse.up();
  // Pictures of at least six different places were on the screen while the mouse was still down.
  expect(new Set(during.map((s) => s.toFixed(1))).size).toBeGreaterThanOrEqual(6);

  // From one second before the first border to one second behind it, without a stop.
  const borderS = (borders.segments[0]?.durationMs ?? 0) / 1000;
  await page.waitForFunction(() => {
    const video = document.querySelector('video');
    return video && !video.seeking && video.readyState >= 3;
  });
  const stalls = await page.evaluate(async (atS) => {
    const video = document.querySelector('video') as HTMLVideoElement;
    video.pause();
    await new Promise((resolve) => {
      video.addEventListener('seeked', resolve, { once: true });
      video.currentTime = atS - 1;
    });
    const waited: number[] = [];
    await video.play();
    video.addEventListener('waiting', () => waited.push(video.currentTime));
    while (video.currentTime < atS + 1) await new Promise((resolve) => setTimeout(resolve, 50));
    return waited;
  }, borderS);
  expect(stalls).toEqual([]);

  await bar.focus();
  await page.keyboard.press('Home');
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 9) < 2);
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 4.5);
  await page.close();
}, 60_000);

test('a recording that this browser cannot play says so in plain words, and can be downloaded', async () => {
  const { id } = await finished('attic');
  const page = await open(`/recordings/${id}`);
  await unlock(page);
  await page.getByText('This browser cannot play this recording: the camera films in H.265.').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^attic_.*_manual\.mp4$/);
  const { size } = statSync(await download.path());
  expect(size).toBeGreaterThan(10_000);
  await page.close();
}, 20_000);

const pages = ['/', '/recordings', '/settings', '/settings/cameras/new', '/settings/cameras/door', '/status'] as const;

test('on every page each field and button has a name, and what has the focus can be seen', async () => {
  for (const path of [...pages, `/recordings/${(await finished('door')).id}`]) {
    const page = await open(path);
    await page.waitForLoadState('load');
    await page.waitForTimeout(400);
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('input, select, button, a[href], [role="slider"]')]
        // what assistants are told to pass over, too
        .filter((element) => !element.closest('[aria-hidden="true"]'))
        .filter((element) => {
          const label = (element as HTMLInputElement).labels?.[0]?.textContent;
          return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim() === '';
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect({ path, unnamed }).toEqual({ path, unnamed: [] });
    for (let n = 0; n < 6; n++) {
      await page.keyboard.press('Tab');
      const ring = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement ?? document.body);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      });
      expect({ path, n, ring }).toEqual({ path, n, ring: true });
    }
    await page.close();
  }
}, 40_000);

test('several recordings are chosen and deleted together', async () => {
  expect((await recordingsOf('door')).length + (await recordingsOf('attic')).length).toBe(2);
  const page = await open('/recordings');
  await page.getByRole('button', { name: 'Select' }).click();
  for (const name of ['Door', 'Attic']) await page.getByRole('checkbox', { name: new RegExp(name) }).check();
  await page.getByText('2 chosen').waitFor();
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('2 recordings deleted').waitFor();
  await eventually('both to be gone', async () =>
    (await recordingsOf('door')).length + (await recordingsOf('attic')).length === 0 ? true : undefined,
  );
  await page.close();
}, 20_000);

test('no page broke the content security policy or complained on the console', () => {
  // A refusal that a test asked for is reported by the browser itself.
  expect(complaints.filter((c) => !/status of 4\d\d/.test(c))).toEqual([]);
});

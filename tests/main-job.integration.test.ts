// The main job as an owner does it, in a real browser against the real executable: claim, add the camera, see it live, see a
// recording appear, play it, download it, get the mail. Once with an RTSP camera, once with the demo camera.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { RecordingPage } from '../src/http/api.ts';
import { type Client, eventually, type Owner, owner, startBox, type TestBox } from './support/box.ts';
import { openBrowser } from './support/browser.ts';
import { startMailServer } from './support/mail.ts';
import { openedStill } from './support/opened.ts';
import { probe } from './support/probe.ts';
import { startRtsp } from './support/rtsp.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function claimInBrowser(box: TestBox): Promise<{ page: Page; client: Owner; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(box.http);
  await page.getByLabel('Claim code').fill(box.claimCode?.toLowerCase().replace('-', ' ') ?? '');
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('Passphrase', { exact: true }).fill(owner.passphrase);
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await keepSheet(page);
  await page.getByRole('link', { name: 'Settings' }).first().waitFor();
  return { page, client: await box.signIn(), complaints };
}

/** The recovery sheet, and the check that it was kept. */
async function keepSheet(page: Page): Promise<void> {
  const list = page.getByRole('list', { name: 'Recovery words' });
  await list.waitFor({ timeout: 60_000 });
  const words = (await list.getByRole('listitem').allTextContents()).map((line) => line.trim().split(/\s+/).at(-1)!);
  expect(words).toHaveLength(15);
  await page.getByRole('button', { name: 'I have it, go on' }).click();
  for (const field of await page.getByLabel(/^Word \d+$/).all()) {
    const label = await field.evaluate((input: HTMLInputElement) => input.labels?.[0]?.textContent ?? '');
    await field.fill(words[Number(/\d+/.exec(label)?.[0]) - 1]!);
  }
  await page.getByRole('button', { name: 'That is it' }).click();
}

/** The picture of the page's video, as a few numbers; they change when decoded pixels do. */
const pixels = (page: Page) =>
  page.evaluate(() => {
    const video = document.querySelector('video');
    const context = new OffscreenCanvas(32, 18).getContext('2d');
    if (!video || !context || video.videoWidth === 0) return undefined;
    context.drawImage(video, 0, 0, 32, 18);
    return [...context.getImageData(0, 0, 32, 18).data].join();
  });

async function expectMovingPixels(page: Page): Promise<void> {
  const first = await eventually('a live picture', () => pixels(page));
  await eventually('the picture to change', async () => ((await pixels(page)) !== first ? true : undefined));
}

const finishedMotion = (client: Client, sinceMs = 0) =>
  eventually(
    'a motion recording',
    async () => {
      const { recordings } = await client.json<RecordingPage>('/api/v1/recordings?reason=motion&limit=10');
      return recordings.find((r) => r.endMs !== undefined && (r.events[0]?.startMs ?? 0) > sinceMs);
    },
    90_000,
  );

/** Plays the recording that the list shows first, seeks in it, and downloads it. */
async function playAndDownload(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Recordings' }).first().click();
  await page.locator('a[href^="/recordings/"]').first().click();
  await page.waitForURL(/\/recordings\/.+/);
  // The page was loaded anew since: the session goes on, the keys are gone.
  await page.getByLabel('Passphrase', { exact: true }).fill(owner.passphrase);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  const time = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
  await eventually('the recording to have a picture', () => pixels(page));
  await page.evaluate(() => void document.querySelector('video')?.play());
  const startedAt = await time();
  await eventually('the recording to play', async () => ((await time()) > startedAt + 0.5 ? true : undefined));

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).first().click();
  const file = join(mkdtempSync(join(tmpdir(), 'nightjar-download-')), (await download).suggestedFilename());
  await (await download).saveAs(file);
  const found = await probe(file);
  expect(file).toMatch(/_motion\.mp4$/);
  expect(found.format).toContain('mp4');
  expect(found.codec).toBe('h264');
  expect(found.errors).toBe('');
  expect(found.moovFirst).toBe(true);
  // 5 s before, the visit, 5 s after
  expect(found.durationS).toBeGreaterThan(8);
  expect(Math.abs(found.durationS - found.frames / found.fps)).toBeLessThan(0.5);
}

test('an RTSP camera: claimed, added in the page, live, noticed, recorded, played, downloaded, mailed', async () => {
  await using rtsp = await startRtsp(
    '--visitor',
    '20',
    '--noise',
    '--size',
    '1280x720',
    '--auth',
    'digest',
    '--password',
    'pa ss/1',
  );
  await using server = await startMailServer();
  await using box = await startBox();
  const { page, client, complaints } = await claimInBrowser(box);

  const { mail } = await client.json<{ mail: object }>('/api/v1/settings');
  const here = {
    enabled: true,
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    from: 'box@example.org',
    to: ['me@example.org'],
  };
  await client.json('/api/v1/settings/mail', { method: 'PUT', json: { ...mail, ...here, proof: client.proof } });

  await page.goto(`${box.http}/settings/cameras/new`);
  await page.getByLabel('Name', { exact: true }).fill('Front door');
  await page.getByLabel('Address of the stream').fill(rtsp.url);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('pa ss/1');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.locator('img[src^="data:image/jpeg"], img[src^="blob:"]').first().waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Add this camera' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('/new'));

  await page.goto(box.http);
  await expectMovingPixels(page);

  // A visit that began when the camera had been there for longer than the seconds before a recording.
  const recording = await finishedMotion(client, Date.now() + 6000);
  expect(recording.cameraName).toBe('Front door');
  const event = recording.events[0];
  // The promise: the picture before the motion is in it, and the first moving frame was not missed.
  expect(event && event.startMs - recording.startMs).toBeGreaterThanOrEqual(4500);
  const lateMs = (event?.startMs ?? 0) % 20_000;
  expect(lateMs).toBeLessThan(1000);

  const letter = await eventually('the mail', () => server.received[0]);
  expect(letter.raw).toMatch(/Subject: .*Front door/);
  expect(letter.raw).toMatch(/Content-Type: image\/jpeg/);
  expect(letter.raw).toMatch(/Content-I[dD]: <picture@nightjar>/);
  expect(letter.raw).toContain('cid:picture@nightjar');

  await playAndDownload(page);
  expect(complaints).toEqual([]);
  expect(box.log()).not.toContain('pa ss');
  expect(box.log()).not.toContain('pa%20ss');
}, 180_000);

test('the demo camera: added in the page, live, noticed, recorded, played, downloaded, deleted', async () => {
  await using box = await startBox();
  const { page, client, complaints } = await claimInBrowser(box);
  await page.goto(`${box.http}/settings/cameras/new`);
  await page.getByText('Demo', { exact: true }).click();
  await page.getByRole('button', { name: 'Add this camera' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('/new'));
  await page.goto(box.http);
  await expectMovingPixels(page);

  const { id } = await finishedMotion(client);
  writeFileSync(join(box.dataDir, 'still.jpg'), await openedStill(client, id));
  expect((await probe(join(box.dataDir, 'still.jpg'))).codec).toBe('mjpeg');

  await playAndDownload(page);
  expect((await client.fetch(`/api/v1/recordings/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
  expect((await client.fetch(`/api/v1/recordings/${id}`)).status).toBe(404);
  expect(complaints).toEqual([]);
}, 180_000);

// The front end in a real browser, against the fixture: real live video, real playback, and what every page owes to
// keyboards, screen readers and the content security policy.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { buildWeb } from '../scripts/build-web.ts';
import { startWebFixture, type WebFixture } from '../tests/fixtures/web-api.ts';
import { passphrase } from '../tests/fixtures/web-api-sealed.ts';

let fixture: WebFixture;
let browser: Browser;
let context: BrowserContext;
const complaints: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'nightjar-page-'));

beforeAll(async () => {
  await buildWeb(folder);
  fixture = await startWebFixture({ pageFolder: folder });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await fixture?.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${path}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
  await page.goto(fixture.url + path);
  await page.locator('h1').first().waitFor({ state: 'attached' });
  return page;
}

/** Keys are gone with every page, so each asks. */
async function unlock(page: Page): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

/** A small grey copy of what a video shows now. */
const pixels = (page: Page, selector: string) =>
  page.evaluate((css) => {
    const video = document.querySelector<HTMLVideoElement>(css);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 36];
    const context2d = canvas.getContext('2d');
    if (!video || !context2d) return [];
    context2d.drawImage(video, 0, 0, 64, 36);
    return [...context2d.getImageData(0, 0, 64, 36).data];
  }, selector);
const differing = (a: readonly number[], b: readonly number[]) =>
  a.filter((v, i) => Math.abs(v - (b[i] ?? 0)) > 24).length;

test('live pictures move, are called live only then, and stay close to the edge', async () => {
  const page = await open('/');
  const tile = page.getByRole('article', { name: 'Yard' });
  await tile.getByText('Live', { exact: true }).waitFor({ timeout: 15_000 });
  const before = await pixels(page, 'article[aria-label="Yard"] video');
  await page.waitForTimeout(1000);
  const after = await pixels(page, 'article[aria-label="Yard"] video');
  expect(before.length).toBeGreaterThan(0);
  expect(differing(before, after)).toBeGreaterThan(20);
  // A busy machine falls behind for a moment; the page catches up.
  await page.waitForFunction(
    () => {
      const video = document.querySelector<HTMLVideoElement>('article[aria-label="Yard"] video')!;
      return video.buffered.end(video.buffered.length - 1) - video.currentTime < 0.7;
    },
    undefined,
    { timeout: 10_000 },
  );
  const lost = page.getByRole('article', { name: 'Garage' });
  expect(await lost.getByText('Live', { exact: true }).count()).toBe(0);
  expect(await lost.getByText('The camera does not answer at 192.168.1.22.').count()).toBeGreaterThan(0);
  await page.close();
}, 40_000);

test('with the stream running, the first picture is there at once when the page is opened', async () => {
  const warm = await open('/?camera=yard');
  await warm.locator('.mark-live').waitFor({ timeout: 15_000 });
  await warm.getByRole('link', { name: 'All cameras' }).click();
  const tile = warm.getByRole('article', { name: 'Front door' });
  await tile.getByText('Live', { exact: true }).waitFor({ timeout: 15_000 });
  const tookMs: number[] = [];
  for (let opening = 0; opening < 4; opening++) {
    await warm.getByRole('link', { name: 'Status' }).click();
    await warm.getByRole('heading', { name: 'Status' }).waitFor();
    tookMs.push(
      await warm.evaluate(async () => {
        const from = performance.now();
        document.querySelector<HTMLAnchorElement>('nav a[href="/"]')!.click();
        for (;;) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
          if (document.querySelector('article[aria-label="Yard"] .mark-live')) return performance.now() - from;
          if (performance.now() - from > 10_000) return 10_000;
        }
      }),
    );
  }
  console.log(`first live picture after ${tookMs.map(Math.round).join(', ')} ms`);
  // Half a second is the goal. The same two cores also encode three streams here and decode them without hardware, so
  // the best of four openings must be there in a second.
  expect(Math.min(...tookMs)).toBeLessThan(1000);
  await warm.close();
}, 40_000);

test('a browser that cannot decode the stream shows single pictures, and says so', async () => {
  const page = await context.newPage();
  await page.addInitScript(() => {
    MediaSource.isTypeSupported = () => false;
  });
  await page.goto(`${fixture.url}/?camera=yard`);
  await page.getByText('This browser cannot play').waitFor({ timeout: 15_000 });
  const source = await page.locator('article[aria-label="Yard"] img.tile-video').getAttribute('src');
  expect(source).toBe('/stream.mjpg?camera=yard');
  await page.close();
}, 30_000);

test('a recording by hand starts and stops from the tile, and says so', async () => {
  const page = await open('/?camera=front-door');
  await page.getByRole('button', { name: 'Record Front door' }).click();
  await page.getByRole('button', { name: 'Stop recording Front door' }).waitFor();
  expect(await page.locator('.mark-rec').count()).toBe(1);
  await page.getByRole('button', { name: 'Stop recording Front door' }).click();
  await page.getByText('Front door: the recording is kept').waitFor();
  expect(fixture.asked.filter((line) => line.includes('/front-door/recording'))).toHaveLength(2);
  await page.close();
}, 30_000);

test('a recording plays across its segments, seeks into any of them, and obeys the keyboard', async () => {
  const page = await open('/recordings/r1');
  await unlock(page);
  const at = () => page.evaluate(() => document.querySelector('video')!.currentTime);
  const shows = (fromS: number, toS: number) =>
    page.waitForFunction(
      ([a, b]) => {
        const video = document.querySelector('video');
        return video && video.readyState >= 2 && !video.seeking && video.currentTime > a! && video.currentTime < b!;
      },
      [fromS, toS],
      { timeout: 15_000 },
    );
  await shows(0.2, 6);
  expect(await page.evaluate(() => document.querySelector('video')!.duration)).toBeCloseTo(18, 0);
  const slider = page.getByRole('slider', { name: 'Place in the recording' });
  await slider.focus();
  await page.keyboard.press('End');
  await shows(15, 19);
  const last = await pixels(page, 'video');
  await page.keyboard.press('Home');
  await shows(-0.1, 3);
  expect(differing(last, await pixels(page, 'video'))).toBeGreaterThan(20);
  // Near the end it may have come to its end, and stands still then.
  if (await page.evaluate(() => document.querySelector('video')!.paused)) await page.keyboard.press('k');
  // Over the border between the first and the second segment, without a stop.
  for (let i = 0; i < 5 && (await at()) < 5; i++) await page.keyboard.press('ArrowRight');
  await shows(6.2, 12);
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('k');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.keyboard.press('5');
  await shows(8.9, 9.1);
  await page.close();
}, 60_000);

const pages = [
  '/',
  '/recordings',
  '/recordings/r2',
  '/recordings/yard/2026-11-21',
  '/settings',
  '/settings/cameras/new',
  '/settings/cameras/front-door',
  '/status',
  '/nothing',
] as const;

test('on every page each field and button has a name, and nothing scrolls sideways on a phone', async () => {
  for (const path of pages) {
    const page = await open(path);
    await page.waitForTimeout(300);
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('input, select, textarea, button, a[href], [role="slider"]')]
        // what assistants are told to pass over, too
        .filter((element) => !element.closest('[aria-hidden="true"]'))
        .filter((element) => {
          const labels = (element as HTMLInputElement).labels;
          const name =
            element.getAttribute('aria-label') ??
            (labels && labels.length > 0 ? labels[0]!.textContent : element.textContent);
          return (name ?? '').trim() === '';
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect({ path, unnamed }).toEqual({ path, unnamed: [] });
    await page.setViewportSize({ width: 390, height: 844 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect({ path, wide }).toEqual({ path, wide: 0 });
    await page.close();
  }
}, 60_000);

test('a refused setting says so beside its field, and the right one is kept', async () => {
  const page = await open('/settings/cameras/front-door');
  const field = page.getByLabel('Must last');
  await page.locator('details', { has: field }).locator('summary').click();
  await field.fill('999999');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.field-error').first().waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await field.fill('500');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Front door is saved').waitFor();
  expect(fixture.state.cameras.find((c) => c.id === 'front-door')?.settings.motion.smallestDurationMs).toBe(500);
  await page.close();
}, 30_000);

test('a session that ends brings the sign-in form, and signing in brings the same page back', async () => {
  const page = await open('/settings');
  fixture.state.session = 'signed-out';
  await page.getByRole('button', { name: 'Send a test mail' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Your name').fill('Mara');
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/settings');
  // The 401 itself is the browser's to report.
  const index = complaints.findIndex((c) => c.includes('401'));
  if (index >= 0) complaints.splice(index, 1);
  await page.close();
}, 30_000);

test('no page broke the content security policy or complained on the console', () => {
  const refusedOnPurpose = (text: string) => text.includes('status of 400') || text.includes('status of 401');
  expect(complaints.filter((c) => !refusedOnPurpose(c))).toEqual([]);
});

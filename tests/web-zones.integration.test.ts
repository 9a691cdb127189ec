// Zones and masks drawn on the real page of a real box, by mouse, by finger and by keys: what was drawn is what the box keeps.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { CameraView, MotionSettings } from '../src/http/api.ts';
import { type Client, eventually, startBox, type TestBox } from './support/box.ts';
import { openBrowser } from './support/browser.ts';

let box: TestBox;
let owner: Client;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox({ args: ['--demo'] }), openBrowser()]);
  owner = await box.claim();
  await eventually(
    'a picture to draw on',
    async () => (await owner.fetch('/snapshot.jpg?camera=demo')).ok || undefined,
  );
}, 40_000);

afterAll(async () => {
  await browser?.close();
  await box?.stop();
}, 20_000);

const motion = async (): Promise<MotionSettings> =>
  (await owner.json<CameraView>('/api/v1/cameras/demo')).settings.motion;
const reset = () =>
  owner.json('/api/v1/cameras/demo', { method: 'PUT', json: { motion: { zones: [], masks: [], sensitivity: 50 } } });

async function open(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  const [name, value] = owner.cookie.split('=') as [string, string];
  await context.addCookies([{ name, value, url: box.http }]);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${box.http}/settings/cameras/demo`);
  await page.getByAltText('What the camera sees').waitFor();
  return page;
}
const drawing = (page: Page) => page.getByRole('group', { name: 'Zones and masks' });
/** Pixels of the page of a share of the picture. */
async function spot(page: Page, x: number, y: number): Promise<readonly [number, number]> {
  await drawing(page).scrollIntoViewIfNeeded();
  const area = await drawing(page).boundingBox();
  if (!area) throw new Error('there is nothing to draw on');
  return [area.x + area.width * x, area.y + area.height * y];
}
async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/ is saved/).waitFor();
}
const shares = (points: readonly { readonly x: number; readonly y: number }[]) =>
  points.map(({ x, y }) => [Math.round(x * 50) / 50, Math.round(y * 50) / 50]);
const corners = [
  [0.1, 0.2],
  [0.5, 0.3],
  [0.4, 0.8],
] as const;

test('a zone drawn with the mouse, its sensitivity and its limits are kept, and shown again', async () => {
  await reset();
  const page = await open({ viewport: { width: 1280, height: 800 } });
  await page.getByRole('button', { name: 'Add a zone' }).click();
  for (const [x, y] of corners) await page.mouse.click(...(await spot(page, x, y)));
  await page.mouse.click(...(await spot(page, ...corners[0])));
  // Closed: the middle of an edge is dragged out to a fourth corner, and the way back brings it in again, and out again.
  const out = async () => {
    await page.mouse.move(...(await spot(page, 0.25, 0.5)));
    await page.mouse.down();
    await page.mouse.move(...(await spot(page, 0.1, 0.7)), { steps: 5 });
    await page.mouse.up();
  };
  await out();
  expect(await page.getByRole('button', { name: /^Point \d/ }).count()).toBe(4);
  await page.getByRole('button', { name: 'Step back' }).click();
  expect(await page.getByRole('button', { name: /^Point \d/ }).count()).toBe(3);
  await out();
  await page.getByLabel('Name of zone 1').fill('Gate');
  await page.getByRole('switch', { name: 'Own sensitivity' }).check();
  await page.getByLabel('Sensitivity in Gate').fill('80');
  await page.getByText('Own limits').click();
  await page.locator('.area-details').getByLabel('Largest area').fill('12,5');
  await save(page);
  const [zone] = (await motion()).zones;
  expect(shares(zone!.points)).toEqual([...corners.map(([x, y]) => [x, y]), [0.1, 0.7]]);
  expect(zone).toMatchObject({ name: 'Gate', sensitivity: 80, limits: { largestAreaPercent: 12.5 } });
  expect(Object.keys(zone!.limits ?? {})).toEqual(['largestAreaPercent']);

  await page.reload();
  await page.locator('.area-name', { hasText: 'Gate' }).waitFor();
  await page.mouse.click(...(await spot(page, 0.25, 0.45)));
  expect(await page.getByLabel('Sensitivity in Gate').inputValue()).toBe('80');
  expect(await page.getByRole('button', { name: /^Point \d/ }).count()).toBe(4);
  await page.getByRole('button', { name: 'Delete Gate' }).click();
  await save(page);
  expect((await motion()).zones).toEqual([]);
  await page.context().close();
}, 60_000);

test('a zone drawn with a finger is kept, and a finger beside a point still moves it', async () => {
  await reset();
  const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.getByRole('button', { name: 'Add a zone' }).tap();
  for (const [x, y] of corners) await page.touchscreen.tap(...(await spot(page, x, y)));
  await page.getByRole('button', { name: 'Done' }).tap();
  const touch = await page.context().newCDPSession(page);
  const finger = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: readonly [number, number]) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [{ x: at[0], y: at[1] }] : [] });
  const [x, y] = await spot(page, ...corners[2]);
  const [toX, toY] = await spot(page, 0.6, 0.9);
  const scrolledTo = await page.evaluate(() => scrollY);
  // 14 pixels off in both directions: within a target of 40, outside the dot that is seen.
  await finger('touchStart', [x + 14, y + 14]);
  for (let n = 1; n <= 5; n++) {
    await finger('touchMove', [x + ((toX - x) * n) / 5, y + ((toY - y) * n) / 5]);
    // As slowly as a hand: a flung finger makes the browser take the next tap for its end.
    await page.waitForTimeout(40);
  }
  await finger('touchEnd');
  expect(await page.evaluate(() => scrollY)).toBe(scrolledTo);
  await page.getByRole('switch', { name: 'Own sensitivity' }).tap();
  await page.getByLabel('Sensitivity in Zone 1').fill('30');
  await page.getByRole('button', { name: 'Save' }).tap();
  await page.getByText(/ is saved/).waitFor();
  const [zone] = (await motion()).zones;
  expect(shares(zone!.points)).toEqual([
    [0.1, 0.2],
    [0.5, 0.3],
    [0.6, 0.9],
  ]);
  expect(zone!.sensitivity).toBe(30);

  await page.reload();
  await page.getByRole('button', { name: 'Show what Zone 1 wants' }).tap();
  expect(await page.getByLabel('Sensitivity in Zone 1').inputValue()).toBe('30');
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('.zones [role="button"], .zones button')]
      .map((element) => ({
        name: element.getAttribute('aria-label') ?? element.textContent,
        box: element.getBoundingClientRect(),
      }))
      .filter(({ box }) => box.width < 32 || box.height < 32)
      .map(({ name }) => name),
  );
  expect(small).toEqual([]);
  await page.context().close();
}, 60_000);

test('a mask is drawn, moved and thinned out with keys alone', async () => {
  await reset();
  const page = await open({ viewport: { width: 1280, height: 800 } });
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.getByRole('button', { name: 'Add a mask' }).focus();
  await press('Enter');
  await page.getByRole('button', { name: /^Cursor/ }).focus();
  // From the middle: there, 10 % to the right, 10 % down, 10 % to the left, and back to the first.
  await press('Enter', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Enter', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Enter');
  await press('Shift+ArrowLeft', 'Shift+ArrowLeft', 'Enter', 'Shift+ArrowUp', 'Shift+ArrowUp', 'Enter');
  const points = page.getByRole('button', { name: /^Point \d/ });
  expect(await points.count()).toBe(4);
  await points.nth(0).focus();
  await press('Shift+ArrowLeft', '+');
  expect(await points.count()).toBe(5);
  await press('Control+z');
  expect(await points.count()).toBe(4);
  await points.nth(2).focus();
  await press('Delete');
  await page.getByRole('switch', { name: 'Let strong motion count' }).press('Space');
  await save(page);
  const [mask] = (await motion()).masks;
  expect(shares(mask!.points)).toEqual([
    [0.46, 0.5],
    [0.6, 0.5],
    [0.5, 0.6],
  ]);
  expect(mask!.sensitivity).toBe(20);
  await page.context().close();
}, 60_000);

test('a preset fills in the form, and holds only when it is saved', async () => {
  await reset();
  const page = await open({ viewport: { width: 1280, height: 800 } });
  const night = page.getByRole('button', { name: /^Night/ });
  await night.click();
  expect(await night.getAttribute('aria-pressed')).toBe('true');
  expect(await page.getByLabel('Sensitivity', { exact: true }).inputValue()).toBe('60');
  expect((await motion()).sensitivity).toBe(50);
  await save(page);
  expect(await motion()).toMatchObject({ sensitivity: 60, smallestDurationMs: 800, mergeGapS: 8 });
  await page.context().close();
}, 40_000);

test('no page complained on the console', () => {
  expect(complaints).toEqual([]);
});

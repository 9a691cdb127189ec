// Sealed footage in a real browser: who opens it, who does not, what is shown of a file that is damaged or not ours, and the copy
// that is made in the page. On an address where browsers have no `crypto.subtle`, as on a plain-http LAN.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { buildWeb } from '../scripts/build-web.ts';
import { runChild } from '../src/base/child.ts';
import { startWebFixture, type WebFixture } from './fixtures/web-api.ts';
import { indexOf, makeVault, passphrase } from './fixtures/web-api-sealed.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-sealed-'));
const profile = join(folder, 'profile');
const MB = 1024 * 1024;
const sampleFilm = new Uint8Array(
  ['ftyp', 'moov', 'moof', 'mdat'].flatMap((type) => [0, 0, 0, 8, ...new TextEncoder().encode(type)]),
);
let fixture: WebFixture;
let context: BrowserContext;
/** Not an address that browsers trust: no WebCrypto there. */
let plain: string;

beforeAll(async () => {
  await buildWeb(join(folder, 'web'));
  fixture = await startWebFixture({ pageFolder: join(folder, 'web') });
  plain = fixture.url.replace('127.0.0.1', 'nightjar.home.arpa');
  context = await openProfile();
}, 90_000);

afterAll(async () => {
  await context?.close();
  await fixture?.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const openProfile = () =>
  chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    viewport: { width: 1280, height: 800 },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-quic'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--autoplay-policy=no-user-gesture-required',
      '--host-resolver-rules=MAP nightjar.home.arpa 127.0.0.1',
    ],
  });

async function unlock(page: Page, words = passphrase): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(words);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}
async function open(path: string, base = plain): Promise<Page> {
  const page = await context.newPage();
  await page.goto(base + path);
  await page.locator('h1').first().waitFor();
  return page;
}
const shows = (page: Page, fromS: number, toS = 1e9) =>
  page.waitForFunction(
    ([a, b]) => {
      const video = document.querySelector('video');
      return video && video.readyState >= 2 && !video.seeking && video.currentTime > a! && video.currentTime < b!;
    },
    [fromS, toS] as const,
    { timeout: 25_000 },
  );

test('a wrong passphrase opens nothing and says so; the right one plays, without WebCrypto as well', async () => {
  const page = await open('/recordings/r1');
  expect(await page.evaluate(() => globalThis.crypto.subtle === undefined)).toBe(true);
  expect(await page.locator('video').count()).toBe(0);
  await unlock(page, 'four words are not enough');
  await page.getByText('That passphrase is not right.').waitFor();
  expect(await page.locator('video').count()).toBe(0);
  await unlock(page);
  await shows(page, 0.2);
  await page.close();
}, 60_000);

test('a seek fetches the head, and from the key frame at or before it; nothing else', async () => {
  const page = await context.newPage();
  const ranges: string[] = [];
  page.on('request', (request) => {
    const id = /segments\/([^/]+)\/sealed/.exec(request.url())?.[1];
    if (id) ranges.push(`${id} ${request.headers().range}`);
  });
  const recording = (await (await fetch(`${fixture.url}/api/v1/recordings/r1`)).json()) as { startMs: number };
  await page.goto(`${plain}/recordings/r1?at=${recording.startMs + 15_300}`);
  await unlock(page);
  await shows(page, 15.2);
  // 15.3 s is 3.3 s into the third file; its key frames are at 0, 2 and 4 s.
  const index = await indexOf(await fixture.sealed('r1-s2'));
  const key = index.entries.find(([, , fromMs, , flags]) => fromMs === 2000 && flags === 2)!;
  expect(ranges.slice(0, 2).map((range) => range.replace(/-\d+$/, '-'))).toEqual([
    'r1-s2 bytes=0-',
    `r1-s2 bytes=${key[1]}-`,
  ]);
  expect(ranges.filter((range) => !range.startsWith('r1-s2'))).toEqual([]);
  await page.close();
}, 60_000);

test('a damaged place is shown where it is and jumped; what follows plays', async () => {
  const sealed = (await fixture.sealed('r1-s1')).slice();
  // 2 to 3 s of the second file, which begins with a key frame: nothing is seen until the next one, at 4 s
  for (const [, at, fromMs] of (await indexOf(sealed)).entries.slice(1)) {
    if (fromMs >= 2000 && fromMs < 3000) sealed[at + 60] = sealed[at + 60]! ^ 1;
  }
  fixture.replace('r1-s1', sealed);
  const page = await open('/recordings/r1');
  await unlock(page);
  await shows(page, 0);
  const slider = page.getByRole('slider', { name: 'Place in the recording' });
  await slider.focus();
  for (let n = 0; n < 1; n++) await page.keyboard.press('ArrowRight');
  await page
    .getByText('A part of this file is damaged. What follows can still be opened.')
    .waitFor({ timeout: 25_000 });
  const hole = page.locator('.seek-lost').first();
  const [left, width] = await hole.evaluate((e: HTMLElement) => [e.style.left, e.style.width].map(Number.parseFloat));
  expect(left).toBeCloseTo((8 / 18) * 100, 0);
  expect(width).toBeCloseTo((1 / 18) * 100, 0);
  await shows(page, 10.5);
  await page.close();
}, 90_000);

test('files that cannot be opened are told apart in words, and do not stop what follows', async () => {
  const [newer, head] = [await fixture.sealed('r2-s0'), await fixture.sealed('r2-s1')].map((bytes) => bytes.slice());
  newer![9] = 2;
  head![40] = head![40]! ^ 1;
  fixture.replace('r2-s0', newer!);
  fixture.replace('r2-s1', head!);
  const page = await open('/recordings/r2');
  await unlock(page);
  await page.getByText('This file was made by a newer version of Nightjar.').waitFor({ timeout: 25_000 });
  await page.getByText('The beginning of this file is damaged').waitFor();
  await shows(page, 12.1);
  await page.close();

  const stranger = await makeVault();
  const about = { id: 'r5-s0', recordingId: 'r5', cameraId: 'garage', startMs: 0, durationMs: 6000 };
  const video = {
    mimeType: 'video/mp4; codecs="avc1.42c01e"',
    width: 640,
    height: 360,
    chunkMs: 500,
    keyEveryMs: 2000,
  };
  fixture.replace('r5-s0', await stranger.segment({ ...about, ...video }, sampleFilm));
  fixture.replace('r5-s1', await fixture.sealed('r6-s1'));
  const other = await open('/recordings/r5');
  await unlock(other);
  await other.getByText('This file was sealed for a key that you do not have.').waitFor({ timeout: 25_000 });
  await other.getByText('The box answered with something else than was asked for.').waitFor({ timeout: 25_000 });
  await other.close();
}, 90_000);

test('a copy is put together in the page: one MP4 that plays from its first byte, and it can be cancelled', async () => {
  const page = await open('/recordings/r6');
  await unlock(page);
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 40_000 }),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^front-door_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_manual\.mp4$/);
  const path = join(folder, 'copy.mp4');
  await download.saveAs(path);
  const bytes = readFileSync(path);
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  const probe = await runChild([
    'ffprobe',
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=nb_read_frames',
    '-of',
    'csv=p=0',
    path,
  ]);
  expect([probe.stderr, new TextDecoder().decode(probe.stdout).trim()]).toEqual(['', '450']);

  let held = 0;
  await page.route('**/sealed', () => void held++);
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Download' }).waitFor();
  await page.close();
}, 90_000);

test('a tap on a camera’s lane plays its day from there, and a tap elsewhere goes there', async () => {
  const page = await open('/recordings');
  await unlock(page);
  await page.locator('.clip-still img').first().waitFor({ timeout: 25_000 });
  const lane = page.getByRole('button', { name: /^Front door: \d recordings/ });
  const bar = await lane.locator('.lane-recorded').first().boundingBox();
  await page.mouse.click(bar!.x + 1, bar!.y + bar!.height / 2);
  await page.waitForURL(/\/recordings\/front-door\/\d{4}-\d\d-\d\d\?at=\d+/);
  await shows(page, -1);
  // both recordings of that camera are on the axis: 2 × 18 s
  const slider = page.getByRole('slider', { name: 'Place in the recording' });
  expect(Number(await slider.getAttribute('aria-valuemax'))).toBe(36);
  await slider.focus();
  await page.keyboard.press('End');
  await shows(page, 33);
  await page.close();
}, 60_000);

test('a cookie alone opens nothing: after a reload the passphrase is asked for, and stills stay locked', async () => {
  const page = await open('/recordings/r4');
  await unlock(page);
  await shows(page, 0);
  await page.reload();
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  expect([await page.locator('video').count(), await page.getByRole('button', { name: 'Download' }).count()]).toEqual([
    0, 0,
  ]);
  await page.goto(`${plain}/recordings`);
  await page.locator('.clip-still .sealed-picture svg').first().waitFor();
  expect(await page.locator('.clip-still img').count()).toBe(0);
  await page.close();
}, 60_000);

test('a copied profile opens nothing: no secret is in what the browser keeps, nor in any of its files', async () => {
  const page = await open('/recordings/r3');
  await unlock(page);
  await shows(page, 0);
  const kept = await page.evaluate(async () => {
    const texts = [localStorage, sessionStorage].map((store) => JSON.stringify(store));
    const databases = (await indexedDB.databases?.()) ?? [];
    const cached = 'caches' in globalThis ? await caches.keys() : [];
    return { texts: texts.join(), databases: databases.length, caches: cached.length };
  });
  expect([kept.databases, kept.caches]).toEqual([0, 0]);
  const secrets = [passphrase, ...fixture.vault.secrets, fixture.vault.signIn];
  for (const secret of secrets) expect(kept.texts).not.toContain(secret);
  await page.close();
  await context.close();
  const needles = secrets.flatMap((secret, i) => {
    const raw = i === 0 ? [] : [Buffer.from(secret, 'hex'), Buffer.from(Buffer.from(secret, 'hex').toString('base64'))];
    return [Buffer.from(secret), Buffer.from(secret, 'utf16le'), ...raw];
  });
  const files = readdirSync(profile, { recursive: true, encoding: 'utf8' })
    .map((name) => join(profile, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() && statSync(path).size < 64 * MB);
  expect(files.length).toBeGreaterThan(20);
  const found = files.filter((path) => {
    const bytes = readFileSync(path);
    return needles.some((needle) => bytes.includes(needle));
  });
  expect(found).toEqual([]);
  // what is searched for is found where it is: the address of the page is in the history
  expect(files.some((path) => readFileSync(path).includes('nightjar.home.arpa'))).toBe(true);
  context = await openProfile();
}, 90_000);

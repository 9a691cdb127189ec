// The rescue page as a browser shows it: light, dark, on a phone, without script, while nothing of the box's own disk is there.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../../tests/support/browser.ts';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type Places, placesUnder } from '../base/places.ts';
import type { BootReport } from '../system/boot/report.ts';
import { openRestartFile } from '../system/health/restart-file.ts';
import { afterEnd } from '../system/health/restarts.ts';
import { startRescue } from './rescue.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser?.close());

const noDisk: BootReport['disk'] = {
  kind: 'missing',
  reason: 'unreadable',
  message: 'The part of the card that holds the recordings cannot be read.',
  detail: 'e2fsck: Superblock invalid, trying backup blocks...\ne2fsck: <Bad magic number> in super-block',
};

async function rescued(disk: BootReport['disk'] | undefined, prepare: (places: Places) => void = () => {}) {
  const places = placesUnder(mkdtempSync(join(tmpdir(), 'nightjar-rescue-')));
  for (const path of [places.bootReport, places.screen]) mkdirSync(dirname(path), { recursive: true });
  const report: Partial<BootReport> = { hostName: 'nightjar-1a2b', ...(disk ? { disk } : {}) };
  writeFileSync(places.bootReport, JSON.stringify(report));
  prepare(places);
  const clock = new ManualClock();
  let restarts = 0;
  const running = startRescue({
    places,
    address: { host: '127.0.0.1', port: 0 },
    power: {
      async restart() {
        restarts++;
      },
    },
    clock,
    log: silentLog,
  });
  const { http } = await running.listening;
  return {
    places,
    clock,
    restarts: () => restarts,
    url: `http://127.0.0.1:${http!.port}`,
    [Symbol.asyncDispose]: () => running.close(),
  };
}

const crashed = (places: Places) => {
  mkdirSync(places.health, { recursive: true });
  openRestartFile(places.health, silentLog).change((record) =>
    afterEnd(record, { bootId: 'a', sinceBootMs: 1 }, { result: 'exit-code', status: '1' }),
  );
};

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1280]) {
    test(`a missing disk, ${colorScheme}, ${width} wide: the page keeps its own policy, fits, and needs no script`, async () => {
      await using it = await rescued(noDisk);
      const context = await browser.newContext({
        colorScheme,
        javaScriptEnabled: false,
        viewport: { width, height: 800 },
      });
      try {
        const page = await context.newPage();
        const complaints: string[] = [];
        // A 503 is what it is; everything else that a browser says is a fault of the page.
        page.on('console', (m) => m.type() === 'error' && !m.text().includes('503') && complaints.push(m.text()));
        const answer = await page.goto(`${it.url}/recordings/whatever?x=1`);
        expect(answer!.status()).toBe(503);
        expect(await page.locator('h1').textContent()).toBe('Nothing is recorded now');
        const text = (await page.locator('main').textContent())!.replace(/\s+/g, ' ');
        expect(text).toContain('The part of the card that holds the recordings cannot be read.');
        expect(text).toContain('The box restarts itself in 10 minutes.');
        await page.locator('summary').click();
        expect(await page.locator('pre').textContent()).toContain('<Bad magic number>');
        expect(complaints).toEqual([]);
        const place = await page.locator('main').boundingBox();
        expect(place!.x >= 0 && place!.x + place!.width <= width).toBe(true);
        if (process.env.NIGHTJAR_SCREENSHOTS)
          await page.screenshot({
            path: `${process.env.NIGHTJAR_SCREENSHOTS}/rescue-disk-${width}-${colorScheme}.png`,
          });
      } finally {
        await context.close();
      }
    }, 60_000);
  }
}

test('a crash loop is said with its cause, noted, and ended by a restart of the box', async () => {
  await using it = await rescued({ kind: 'ready', partition: '/dev/mmcblk0p3', bytes: 1e10, did: [] }, crashed);
  const page = await (await fetch(it.url)).text();
  expect(page).toContain('Nightjar does not keep running');
  expect(page).toContain('Nightjar stopped because of an error.');
  expect(page).toContain('The box restarts itself in 10 seconds.');
  expect(readFileSync(it.places.screen, 'utf8')).toContain('The box restarts itself in 10 seconds.');
  await it.clock.advance(10_000);
  expect(it.restarts()).toBe(1);
  expect(openRestartFile(it.places.health, silentLog).record).toMatchObject({
    rebootsInARow: 1,
    restarts: [{ kind: 'crash' }, { kind: 'reboot' }],
  });
  expect(await (await fetch(it.url)).text()).toContain('The box restarts itself now.');
  if (process.env.NIGHTJAR_SCREENSHOTS) {
    await using again = await rescued({ kind: 'ready', partition: '/dev/mmcblk0p3', bytes: 1e10, did: [] }, crashed);
    const shot = await browser.newPage({ viewport: { width: 390, height: 800 } });
    await shot.goto(again.url);
    await shot.screenshot({ path: `${process.env.NIGHTJAR_SCREENSHOTS}/rescue-crash-390-light.png` });
    await shot.close();
  }
}, 60_000);

test('nothing of the disk is needed: without any of it the page is there, and restarts are ten minutes apart', async () => {
  await using it = await rescued(noDisk);
  const health = await fetch(`${it.url}/health`);
  expect([health.status, await health.json()]).toEqual([503, { status: 'rescue', kind: 'no-disk', restartsInS: 600 }]);
  expect(health.headers.get('retry-after')).toBe('660');
  await it.clock.advance(599_000);
  expect(it.restarts()).toBe(0);
  await it.clock.advance(1_000);
  expect(it.restarts()).toBe(1);
});

test('every method and every path gets the page, and none of them changes anything', async () => {
  await using it = await rescued(noDisk);
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD']) {
    const answer = await fetch(`${it.url}/api/v1/session`, { method });
    expect([method, answer.status, answer.headers.get('cache-control')]).toEqual([method, 503, 'no-store']);
  }
  expect(it.restarts()).toBe(0);
});

// The claim page of an appliance in a real browser: without a code in the first hour, with one afterwards, and with the mistakes of
// nightjar.toml. The box is played; claiming a real one is in `main-job.integration.test.ts`.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildWeb } from '../scripts/build-web.ts';
import type { SessionView } from '../src/http/api.ts';
import { startWebFixture, type WebFixture } from './fixtures/web-api.ts';
import { openBrowser } from './support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-claim-'));
const shots = process.env.NIGHTJAR_SCREENSHOTS;
let box: WebFixture;
let browser: Browser;

beforeAll(async () => {
  await buildWeb(folder);
  [box, browser] = await Promise.all([startWebFixture({ pageFolder: folder }), openBrowser()]);
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await box?.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const unclaimed = (setup?: SessionView['setup']): SessionView => ({
  state: 'unclaimed',
  boxName: 'Garden shed',
  version: '1.2.3',
  deviceKey: 'ab'.repeat(32),
  ...(setup ? { setup } : {}),
});

interface Visit {
  readonly page: Page;
  /** What the box says from now on. */
  view: SessionView;
  readonly claims: Record<string, unknown>[];
}

async function visit(view: SessionView, answer: { status: number; kind: string; message: string }): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const seen: Visit = { page, view, claims: [] };
  await page.route('**/api/v1/session', (route) => route.fulfill({ json: seen.view }));
  await page.route('**/api/v1/claim', async (route) => {
    seen.claims.push(route.request().postDataJSON());
    const { status, ...error } = answer;
    await route.fulfill({ status, json: { error } });
  });
  await page.goto(box.url);
  await page.getByRole('heading', { name: 'Make this box yours' }).waitFor();
  return seen;
}

async function claim(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Passphrase', { exact: true }).fill('seven green kites over the harbour');
  await page.getByRole('button', { name: 'Claim this box' }).click();
}
const denied = { status: 401, kind: 'denied', message: 'That is not the claim code.' };
const mistakes = {
  problems: [
    { line: 12, column: 8, path: 'mail.port', message: 'Must be at most 65535.' },
    { line: 30, column: 1, path: '', message: 'This is written twice. Leave one of them out.' },
  ],
};

test('in the first hour no code is asked for or sent; when the hour is over meanwhile, the field appears', async () => {
  const visitor = await visit(unclaimed({ codeNeeded: false }), denied);
  const { page, claims } = visitor;
  expect(await page.getByLabel('Claim code').count()).toBe(0);
  visitor.view = unclaimed({ codeNeeded: true });
  await claim(page);
  await page.getByText('The hour is over.').waitFor({ timeout: 45_000 });
  expect(claims).toEqual([expect.not.objectContaining({ code: expect.anything() })]);
  await page.getByLabel('Claim code').fill('K7QF-3MHD');
  expect(await page.getByLabel('Your name').inputValue()).toBe('Ada');
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await page.getByText('That is not the claim code.').waitFor({ timeout: 45_000 });
  expect(claims[1]).toMatchObject({ code: 'K7QF-3MHD', name: 'Ada' });
  await page.context().close();
}, 90_000);

test('says where the code is: on the appliance and how to do without, elsewhere on the console', async () => {
  const appliance = await visit(unclaimed({ codeNeeded: true }), denied);
  await appliance.page.getByText('Unplug it, plug it in again').waitFor();
  await appliance.page.context().close();
  const elsewhere = await visit(unclaimed(), denied);
  await elsewhere.page.getByText('it printed a claim code on its console').waitFor();
  await elsewhere.page.context().close();
}, 60_000);

test('mistakes of nightjar.toml stand above the form with line and column, and do not stop anybody', async () => {
  const { page } = await visit(unclaimed({ codeNeeded: false, preset: mistakes }), denied);
  await page.getByText('There are mistakes in nightjar.toml on the card').waitFor();
  await page.getByText(/Line 12, column 8.*mail\.port/).waitFor();
  await page.getByText('Must be at most 65535.').waitFor();
  expect(await page.getByRole('button', { name: 'Claim this box' }).isEnabled()).toBe(true);
  if (shots) {
    for (const [width, height] of [
      [390, 844],
      [1280, 800],
    ] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${shots}/claim-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
  await page.context().close();
}, 60_000);

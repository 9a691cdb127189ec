// The page System in a real browser, with a played box behind it: updates by file and by address, restart, switching off, reset, and
// the waiting for a box that is away. What a real box does of it is proven in the virtual machine.

import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildWeb } from '../scripts/build-web.ts';
import type { UpdateView } from '../src/http/api.ts';
import { startWebFixture, type WebFixture } from './fixtures/web-api.ts';
import { passphrase } from './fixtures/web-api-sealed.ts';
import { firstSystem, troubledSystem } from './fixtures/web-api-system.ts';
import { openBrowser } from './support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-system-'));
const patienceMs = 45_000;
let box: WebFixture;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  await buildWeb(folder);
  [box, browser] = await Promise.all([startWebFixture({ pageFolder: folder }), openBrowser()]);
}, 90_000);

beforeEach(async () => {
  await page?.context().close();
  box.state.session = 'signed-in';
  box.system.view = firstSystem(Date.now());
  (box.asked as string[]).length = 0;
  page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await box?.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const open = async (path = '/settings/system') => {
  await page.goto(`${box.url}${path}`);
  if (path === '/settings/system') await page.getByRole('heading', { name: 'System', exact: true }).waitFor();
};
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const said = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: patienceMs });
const asked = (what: string) => box.asked.filter((line) => line.startsWith(what));
async function showThatItIsMe(): Promise<void> {
  await page.getByRole('dialog', { name: 'Is it you?' }).getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await press('Open');
}
const choose = (name: string, text: string) =>
  page.getByLabel('File of the update').setInputFiles({
    ...{ name, mimeType: 'application/octet-stream' },
    buffer: Buffer.from(text.padEnd(300_000, '.')),
  });
const withUpdate = (update: Partial<UpdateView>) => {
  box.system.view = { ...box.system.view, update: { ...box.system.view.update, offered: undefined!, ...update } };
};

test('the settings lead to it, and it says what runs, what the start found and how the box ended before', async () => {
  await open('/settings');
  await page.getByRole('link', { name: 'System Updates, restart, factory reset' }).click();
  await page.getByRole('heading', { name: 'Version 1.0.0' }).waitFor();
  await said('nightjar-4f2a.local');
  await said('58 GB on /dev/mmcblk0p3');
  const ends = await page.locator('.restarts li').allTextContents();
  expect(ends.map((text) => text.split(' · ')[0])).toEqual(['Program failed', 'Program stood still', 'Box went off']);
  expect(ends[0]).toContain('the time was not known');
}, 60_000);

test('what is wrong with nightjar.toml, the card and the last update is said, with line and column', async () => {
  box.system.view = troubledSystem(Date.now());
  await open();
  await said('The card had errors, which were mended.');
  await said('The name of the box could not be set.');
  await said('Line 12, column 12, wifi.password');
  await said('Must have at least 8 characters.');
  await said(/The update to 1\.1\.0 did not work, so the version before is back/);
  await said('It did not answer within 90 seconds.');
  await said('The file is damaged. Download it again.');
}, 60_000);

test('on somebody’s own Linux there is nothing to press', async () => {
  box.system.view = { ...firstSystem(Date.now()), appliance: false };
  await open();
  await said('This Nightjar is a program on a machine of your own.');
  expect(await page.locator('#main').getByRole('button').count()).toBe(0);
}, 60_000);

test('a restart asks who it is and once more, waits while the box is away, and the page is back by itself', async () => {
  await open();
  await press('Restart the box');
  await showThatItIsMe();
  await page.getByRole('dialog', { name: 'Restart the box?' }).waitFor({ timeout: patienceMs });
  expect(asked('POST /api/v1/system/restart')).toEqual([]);
  await press('Restart');
  await page.getByRole('heading', { name: 'The box restarts' }).waitFor();
  expect(asked('POST /api/v1/system/restart')).toEqual([`POST /api/v1/system/restart {"proof":"${box.vault.signIn}"}`]);
  await said('It finishes what it is recording.');
  await box.goAway();
  await said('Waiting for it.');
  box.comeBack();
  await page.getByRole('heading', { name: 'Version 1.0.0' }).waitFor({ timeout: patienceMs });
}, 120_000);

test('switching off says when the plug may be pulled', async () => {
  await open();
  await press('Switch it off');
  await showThatItIsMe();
  await page.getByRole('dialog', { name: 'Switch the box off?' }).waitFor({ timeout: patienceMs });
  await press('Switch off');
  await page.getByRole('heading', { name: 'The box switches itself off' }).waitFor();
  await box.goAway();
  await page.getByRole('heading', { name: 'The box is off, or nearly' }).waitFor({ timeout: patienceMs });
  await said('Wait half a minute before you unplug it.');
  box.comeBack();
  await page.getByRole('heading', { name: 'Version 1.0.0' }).waitFor({ timeout: patienceMs });
}, 120_000);

test('a file that is not signed is refused in the box’s own words; an older one needs the owner’s', async () => {
  await open();
  await choose('forged.update', 'forged');
  await press('Install this file');
  await showThatItIsMe();
  await said('This file is not signed by a key that this box knows.');
  await choose('nightjar-0.9.0-arm64.update', 'old');
  await press('Install this file');
  await said('Version 0.9.0 is older than 1.0.0.');
  await page.getByLabel('Also if it is older than what runs now').check();
  await press('Install this file');
  await page.getByRole('heading', { name: 'The update starts' }).waitFor({ timeout: patienceMs });
  expect(asked('PUT /api/v1/system/update/')).toHaveLength(3);
  await box.goAway();
  const updated = { version: '0.9.0', slot: 'a' } as const;
  box.system.view = { ...firstSystem(Date.now()), ...updated };
  withUpdate({ state: { kind: 'trial', version: '0.9.0' } });
  box.comeBack();
  await page.getByRole('heading', { name: 'Version 0.9.0' }).waitFor({ timeout: patienceMs });
  await said('Version 0.9.0 is on trial.');
  withUpdate({ state: { kind: 'idle' }, last: { version: '0.9.0', outcome: 'holds', message: 'all is well' } });
  await said('The update to 0.9.0 holds.');
}, 120_000);

test('what the release address offers is shown with its notes as plain text, and installed when asked', async () => {
  const offered = { ...box.system.view.update.offered!, notes: 'Better <img src=x onerror="document.title=1"> nights' };
  withUpdate({ offered });
  await open();
  await page.getByRole('heading', { name: 'Version 1.1.0 is there' }).waitFor();
  await said('Better <img src=x onerror="document.title=1"> nights');
  await press('Look for a newer version');
  await press('Install 1.1.0');
  await showThatItIsMe();
  await page.getByRole('progressbar', { name: 'An update is coming in' }).waitFor({ timeout: patienceMs });
  await said('12 MB of 38 MB');
  expect(asked('POST /api/v1/system/update/check')).toEqual(['POST /api/v1/system/update/check {}']);
  // From here the box goes by itself, and the page with it.
  withUpdate({ state: { kind: 'restarting', version: '1.1.0' } });
  await page.getByRole('heading', { name: 'The update starts' }).waitFor({ timeout: patienceMs });
  withUpdate({ state: { kind: 'idle' } });
  await box.goAway();
  box.comeBack();
  await page.getByRole('heading', { name: 'Version 1.0.0' }).waitFor({ timeout: patienceMs });
}, 120_000);

test('where updates come from is changed with the passphrase; without an address there is only the file', async () => {
  await open();
  await page.getByRole('button', { name: 'Look for a newer version' }).waitFor();
  await page.getByLabel('Address of newer versions').fill('');
  await press('Save');
  await showThatItIsMe();
  await page
    .getByRole('button', { name: 'Look for a newer version' })
    .waitFor({ state: 'detached', timeout: patienceMs });
  const [saved] = asked('PUT /api/v1/settings/updates');
  expect(saved).toBe(`PUT /api/v1/settings/updates {"address":"","check":true,"proof":"${box.vault.signIn}"}`);
  await page.getByLabel('File of the update').waitFor();
}, 60_000);

test('a page that is open while the box takes an update is the new one afterwards', async () => {
  await open('/account');
  await page.evaluate(() => document.body.setAttribute('data-before', ''));
  const isBefore = () => page.locator('body[data-before]').count();
  await page.getByRole('heading', { name: 'Colours' }).waitFor();
  await box.goAway();
  await said('The box does not answer. Trying again.');
  box.comeBack();
  await page.getByText('The box does not answer. Trying again.').waitFor({ state: 'detached', timeout: patienceMs });
  expect(await isBefore()).toBe(1);
  await box.goAway();
  await said('The box does not answer. Trying again.');
  box.system.view = { ...box.system.view, version: '1.1.0' };
  box.comeBack();
  await page.locator('body:not([data-before])').waitFor({ timeout: patienceMs });
}, 120_000);

test('a card without release keys offers no update, and says why', async () => {
  withUpdate({ hasKeys: false });
  await open();
  await said('This box takes no updates: its card holds no key to judge them by.');
  expect(await page.getByLabel('File of the update').count()).toBe(0);
}, 60_000);

test('a reset waits for the name of the box, and ends at the claim page', async () => {
  await open();
  await press('Reset the box');
  await showThatItIsMe();
  const dialog = page.getByRole('dialog', { name: 'Destroy everything on this box?' });
  const destroy = dialog.getByRole('button', { name: 'Destroy everything' });
  await dialog.waitFor({ timeout: patienceMs });
  for (const typed of ['', 'nightjar', 'Nightja']) {
    await dialog.getByRole('textbox').fill(typed);
    expect(await destroy.isDisabled()).toBe(true);
  }
  expect(asked('POST /api/v1/system/reset')).toEqual([]);
  await dialog.getByRole('textbox').fill('Nightjar ');
  await destroy.click();
  await page.getByRole('heading', { name: 'Everything is being destroyed' }).waitFor();
  await box.goAway();
  box.state.session = 'unclaimed';
  box.comeBack();
  await page.getByRole('button', { name: 'Claim this box' }).waitFor({ timeout: patienceMs });
  expect(new URL(page.url()).pathname).toBe('/');
}, 120_000);

test('at no width does anything stick out, and no page complains', async () => {
  box.system.view = troubledSystem(Date.now());
  for (const width of [320, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await open();
    await said('Factory reset');
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect([width, over]).toEqual([width, 0]);
  }
  expect(complaints).toEqual([]);
}, 60_000);

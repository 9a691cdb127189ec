// The page Name and certificate in a real browser, with a played box behind it: a name with DuckDNS, trying again, a certificate of
// one's own. What a real box does of it is tested in `src/network/`.

import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildWeb } from '../scripts/build-web.ts';
import { startWebFixture, type WebFixture } from './fixtures/web-api.ts';
import { firstSettings } from './fixtures/web-api-data.ts';
import { goodToken, namedBox, namelessBox, troubledBox, wrongToken } from './fixtures/web-api-network.ts';
import { passphrase } from './fixtures/web-api-sealed.ts';
import { openBrowser } from './support/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-remote-'));
const patienceMs = 45_000;
const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n';
const chain = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
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
  box.network.view = namelessBox();
  box.settings = firstSettings();
  (box.asked as string[]).length = 0;
  page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refusal is shown on the page; the browser notes it here, too.
    const isRefusal = message.text().includes('status of 400');
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await box?.close();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const open = async (path = '/settings/remote') => {
  await page.goto(`${box.url}${path}`);
  if (path === '/settings/remote') await page.getByRole('heading', { name: 'Name and certificate' }).waitFor();
};
const button = (name: string) => page.getByRole('button', { name, exact: true });
const press = (name: string) => button(name).click();
const said = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: patienceMs });
const gone = (text: string | RegExp) =>
  page.getByText(text).first().waitFor({ state: 'detached', timeout: patienceMs });
const asked = (what: string) => box.asked.filter((line) => line.startsWith(what));
const dialog = () => page.getByRole('dialog', { name: 'Is it you?' });
async function showThatItIsMe(): Promise<void> {
  await dialog().getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await press('Open');
}
async function fillIn(name: string, token: string): Promise<void> {
  await page.getByLabel('Provider', { exact: true }).selectOption('DuckDNS (free)');
  await page.getByLabel('Your name at DuckDNS').fill(name);
  await page.getByLabel('Token', { exact: true }).fill(token);
}
const withName = () => {
  box.network.view = namedBox();
  box.settings = {
    ...{ ...box.settings, secretsSet: ['mail.password', 'remote.token'] },
    remote: { ...box.settings.remote, provider: 'duckdns', domain: 'my-house', token: goodToken },
  };
};
const choose = (label: RegExp, text: string) =>
  page.getByLabel(label).setInputFiles({ name: 'file.pem', mimeType: 'text/plain', buffer: Buffer.from(text) });

test('the settings lead to it, and a box without a name says where it is at home', async () => {
  await open('/settings');
  await page.getByRole('link', { name: 'Name and certificate A name for the box, and HTTPS without warnings' }).click();
  await said('The box has no name on the internet. At home you reach it at');
  await said('Made by the box itself.');
  expect(await button('Try now').count()).toBe(0);
  expect(await button('Get it now').count()).toBe(0);
}, 60_000);

test('a name with DuckDNS: what is empty is marked, the passphrase is asked for, and the token is never seen again', async () => {
  await open();
  await page.getByLabel('Provider', { exact: true }).selectOption('DuckDNS (free)');
  await press('Save');
  await said('Type the name that you added at duckdns.org.');
  await said('Paste the token that duckdns.org shows you.');
  expect(await dialog().count()).toBe(0);
  await fillIn('my-house', goodToken);
  await press('Save');
  await showThatItIsMe();
  await page.getByRole('heading', { name: 'my-house.duckdns.org' }).waitFor({ timeout: patienceMs });
  await said('DuckDNS has taken the address.');
  const [saved = ''] = asked('PUT /api/v1/settings/remote');
  expect(JSON.parse(saved.slice(saved.indexOf('{')))).toMatchObject({
    ...{ provider: 'duckdns', domain: 'my-house', token: goodToken, points: 'outside', certificate: true },
    proof: box.vault.signIn,
  });
  expect(box.settings.remote.token).toBe(goodToken);
  const seen = await page.evaluate(() => [
    document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input')].map((input) => input.value),
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  ]);
  expect(seen.filter((text) => text.includes(goodToken))).toEqual([]);
  expect(await page.getByLabel('Token', { exact: true }).getAttribute('placeholder')).toContain('Set.');
}, 90_000);

test('a token that DuckDNS does not know is said with advice; another one and Try now put it right', async () => {
  await open();
  await fillIn('my-house', wrongToken);
  await press('Save');
  await showThatItIsMe();
  const alert = page.getByRole('alert').filter({ hasText: 'DuckDNS does not know this name with this token.' });
  await alert.waitFor({ timeout: patienceMs });
  await alert.getByText('Copy the token from duckdns.org again').waitFor();
  await said('The name my-house.duckdns.org could not be set. What to do is below.');
  await press('Try now');
  await alert.waitFor();
  expect(asked('POST /api/v1/network/name/update')).toEqual(['POST /api/v1/network/name/update {}']);
  await page.getByLabel('Token', { exact: true }).fill(goodToken);
  await press('Save');
  await alert.waitFor({ state: 'detached', timeout: patienceMs });
  await press('Try now');
  await said('Just now');
  await said('In 5 minutes');
}, 90_000);

test('a certificate on its way says what it waits for, and the page notices by itself when it is there', async () => {
  withName();
  box.network.view = { name: namedBox().name, certificate: namelessBox().certificate! };
  await open();
  await press('Get it now');
  await said('Waiting until the name server answers.');
  await said('The certificate for my-house.duckdns.org is on its way.');
  expect(await button('Get it now').isDisabled()).toBe(true);
  box.network.view = namedBox();
  await said('· browsers trust it.');
  expect(await page.locator('.remote-state').textContent()).toBe(
    'Your box is at https://my-house.duckdns.org · browsers trust it.',
  );
  await said('From outside it works once your router passes port 443 on to the box');
  await said('Let’s Encrypt E7');
  await page.getByText('Open it on a phone').click();
  await page.getByRole('img', { name: 'QR code of https://my-house.duckdns.org' }).waitFor();
}, 90_000);

test('an own certificate is refused in the box’s words, taken when it is right, and removed again', async () => {
  withName();
  await open();
  await page.getByText('Use your own certificate').click();
  expect(await button('Use it').isDisabled()).toBe(true);
  await choose(/^Certificate, with the chain/, 'hello');
  await choose(/^Its private key/, key);
  await press('Use it');
  await showThatItIsMe();
  await page.getByRole('alert').getByText('The first file holds no certificate.').waitFor({ timeout: patienceMs });
  await choose(/^Certificate, with the chain/, chain.repeat(2000));
  await press('Use it');
  await said('These files are too large to be a certificate and its key.');
  await choose(/^Certificate, with the chain/, chain);
  await press('Use it');
  await said('Your own. The box does not renew it');
  const sent = asked('PUT /api/v1/network/certificate/own').map((line) => JSON.parse(line.slice(line.indexOf('{'))));
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual({ certificate: chain, key, proof: box.vault.signIn });
  expect(await page.content()).not.toContain('MC4CAQAw');
  expect(await button('Use it').isDisabled()).toBe(true);
  await press('Remove it');
  await page
    .getByRole('dialog', { name: 'Remove your certificate?' })
    .getByRole('button', { name: 'Remove it' })
    .click();
  await gone('Your own. The box does not renew it');
  expect(asked('DELETE /api/v1/network/certificate/own')).toHaveLength(1);
}, 90_000);

test('without a mouse: everything is reached by the tab key in reading order, and the choices by arrows', async () => {
  withName();
  await page.setViewportSize({ width: 1280, height: 900 });
  await open();
  await said('· browsers trust it.');
  await page.locator('#main').focus();
  const reached: string[] = [];
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    const what = await page.evaluate(() => {
      const now = document.activeElement as HTMLElement | null;
      if (!now?.closest('#main')) return '';
      const label = (now as HTMLInputElement).labels?.[0]?.textContent;
      return (label || now.textContent || '').trim().replace(/\s+/g, ' ');
    });
    if (what === '') break;
    reached.push(what);
    if (what === 'Use your own certificate') await page.keyboard.press('Enter');
  }
  expect(reached).toEqual([
    'Settings',
    ...['https://my-house.duckdns.org', 'Copy the address', 'Open it on a phone'],
    ...['Provider', 'How to get name and token', 'Your name at DuckDNS', 'Token'],
    'Here, from anywhere (needs a forwarded port in your router)',
    ...['Get a certificate that browsers trust', 'Details'],
    ...['Try now', 'Renew it now', 'Fingerprint', 'Use your own certificate'],
    'Certificate, with the chain behind it (often called fullchain.pem)',
    'Its private key (often called privkey.pem)',
  ]);
  await page.getByLabel(/^Here, from anywhere/).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.getByLabel('That address').waitFor();
}, 60_000);

test('at no width does anything stick out, also with everything unfolded and the longest name, and no page complains', async () => {
  withName();
  for (const view of [namelessBox(), troubledBox(), namedBox(`${'a'.repeat(60)}.duckdns.org`)]) {
    box.network.view = view;
    for (const width of [320, 390, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await open();
      await page.getByRole('heading', { name: 'Certificate', exact: true }).waitFor();
      await page.evaluate(() => {
        for (const fold of document.querySelectorAll('details')) fold.open = true;
      });
      await page.getByLabel(/^Its private key/).waitFor();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([view.name.hostName, width, over]).toEqual([view.name.hostName, width, 0]);
    }
  }
  expect(complaints).toEqual([]);
}, 90_000);

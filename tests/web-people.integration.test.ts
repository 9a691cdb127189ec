// Everything about people and keys in a real browser, as one story: claim, recovery sheet, somebody added and removed, a forgotten
// passphrase, a second factor. What is in a keyring is tested in `src/vault/`; what the box refuses, in `src/http/`.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startBox, type TestBox } from './support/box.ts';
import { openBrowser } from './support/browser.ts';

const first = 'a quiet night in the yard';
/** Stretching a passphrase takes a second, and ten on a machine that is busy with other tests. */
const patienceMs = 45_000;
const second = 'another evening by the gate';
let box: TestBox;
let browser: Browser;
let page: Page;
let ana: Page;
let words: readonly string[] = [];
let wordsBefore: readonly string[] = [];
let anasPassphrase = '';
/** Everything that pages sent to the box. */
const sent: string[] = [];
const complaints: string[] = [];

async function visitor(): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const opened = await context.newPage();
  opened.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('request', (request) =>
    sent.push(`${request.method()} ${decodeURIComponent(request.url())} ${request.postData() ?? ''}`),
  );
  return opened;
}

const press = (on: Page, name: string) => on.getByRole('button', { name, exact: true }).click();
const type = (on: Page, label: string, text: string) => on.getByLabel(label, { exact: true }).fill(text);
const said = (on: Page, text: string | RegExp) => on.getByText(text).first().waitFor({ timeout: patienceMs });

async function signIn(on: Page, name: string, passphrase: string): Promise<void> {
  await type(on, 'Your name', name);
  await type(on, 'Passphrase', passphrase);
  await press(on, 'Sign in');
}
const signOut = async (on: Page) => {
  await on.goto(`${box.http}/account`);
  await press(on, 'Sign out');
  await on.getByRole('button', { name: 'Sign in' }).waitFor();
};
/** The words of the places that are asked for. */
async function answerCheck(on: Page, right: boolean): Promise<void> {
  for (const field of await on.locator('.sheet-check .field').all()) {
    const place = Number(/\d+/.exec((await field.locator('label').textContent()) ?? '')?.[0]);
    await field.locator('input').fill(right ? (words[place - 1] ?? '') : (words[place % 15] ?? ''));
  }
  await press(on, 'That is it');
}

beforeAll(async () => {
  [browser, box] = await Promise.all([openBrowser(), startBox()]);
  [page, ana] = await Promise.all([visitor(), visitor()]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await box?.stop();
}, 120_000);

test('claiming: a weak passphrase and a wrong code are told apart, then keys are made and the sheet is shown', async () => {
  await page.goto(box.http);
  await type(page, 'Claim code', 'AAAA-AAAA');
  await type(page, 'Your name', 'Robin');
  await type(page, 'Passphrase', 'robin robin');
  await press(page, 'Claim this box');
  await page.getByRole('alert').getByText('This is little more than a name').waitFor();
  await type(page, 'Passphrase', first);
  await press(page, 'Claim this box');
  await said(page, 'Making your keys. This takes a few seconds.');
  await said(page, 'That is not the claim code');
  await type(page, 'Claim code', ` ${box.claimCode?.toLowerCase().replace('-', ' ')}`);
  await press(page, 'Claim this box');
  await page.getByRole('heading', { name: 'Keep this recovery sheet' }).waitFor({ timeout: patienceMs });
  const items = await page.getByRole('list', { name: 'Recovery words' }).getByRole('listitem').allTextContents();
  words = items.map((text) => text.replace(/[^a-z]/g, ''));
  expect(new Set(words).size).toBeGreaterThan(12);
  expect(items.map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  await page.getByRole('img', { name: 'The same key as a QR code' }).waitFor();
}, 120_000);

test('on paper there is the sheet alone, on one page, black on white', async () => {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const name of ['Print it', 'I have it, go on']) {
    expect(await page.locator('button', { hasText: name }).isVisible()).toBe(false);
  }
  const ink = await page.locator('.sheet').evaluate((sheet) => {
    const { color, backgroundColor } = getComputedStyle(sheet);
    return [color, backgroundColor];
  });
  expect(ink).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
  for (const format of ['A4', 'Letter']) {
    const pdf = (await page.pdf({ format })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  }
  await page.emulateMedia({ media: null, colorScheme: null });
}, 120_000);

test('the sheet is checked by two of its words, which are not on the page then', async () => {
  await press(page, 'I have it, go on');
  const shown = ((await page.locator('#app').textContent()) ?? '').toLowerCase();
  expect(words.filter((word) => new RegExp(`\\b${word}\\b`).test(shown) && word.length > 5)).toEqual([]);
  await answerCheck(page, false);
  await said(page, /That is not word \d+ of this sheet/);
  await press(page, 'Show the words again');
  await said(page, 'Keep this recovery sheet');
  await press(page, 'I have it, go on');
  await answerCheck(page, true);
  await page.getByRole('heading', { name: 'Nothing to watch yet' }).waitFor();
  await page.goto(`${box.http}/account`);
  await said(page, 'Owner. Sees everything');
  expect(await page.getByText('Do you have your recovery sheet?').count()).toBe(0);
}, 120_000);

test('after a reload the keys are asked for again; a wrong passphrase is told, the right one opens', async () => {
  await page.goto(`${box.http}/settings/people`);
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  expect(await page.getByRole('button', { name: 'Add somebody' }).isDisabled()).toBe(true);
  await type(page, 'Passphrase', 'not what it was at all');
  await press(page, 'Open');
  await said(page, 'That passphrase is not right.');
  await type(page, 'Passphrase', first);
  await press(page, 'Open');
  await page.getByRole('heading', { name: 'Locked' }).waitFor({ state: 'detached', timeout: patienceMs });
}, 120_000);

test('cookies and storage copied out of the browser sign in, and open nothing', async () => {
  const copied = await browser.newContext({ storageState: await page.context().storageState() });
  const thief = await copied.newPage();
  await thief.goto(`${box.http}/settings/people`);
  await thief.getByRole('heading', { name: 'Locked' }).waitFor();
  const kept = await thief.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(first);
  // One word may happen to be part of something else.
  expect(words.filter((word) => kept.toLowerCase().includes(word)).length).toBeLessThan(3);
  await copied.close();
}, 120_000);

test('somebody is added with a suggested passphrase, comes in, and sees neither settings nor status', async () => {
  await press(page, 'Add somebody');
  await type(page, 'Name', 'Ana');
  await page.getByRole('radio', { name: /^Viewer/ }).check();
  await press(page, 'Suggest one');
  anasPassphrase = await page.getByLabel('First passphrase').inputValue();
  await press(page, 'Add');
  await page
    .getByRole('dialog', { name: 'Ana can come in' })
    .getByText(anasPassphrase)
    .waitFor({ timeout: patienceMs });
  await press(page, 'Done');
  await said(page, 'Viewer · not here yet');

  await ana.goto(`${box.http}/settings`);
  await signIn(ana, 'Ana', anasPassphrase);
  await said(ana, 'This page is not for you');
  expect(await ana.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts()).toEqual([
    'Live',
    'Recordings',
  ]);
  await ana.getByRole('link', { name: 'Recordings', exact: true }).click();
  await said(ana, 'Nothing was recorded yet');
  expect(await ana.getByRole('button', { name: 'Select' }).count()).toBe(0);
}, 120_000);

test('a passphrase is changed by its owner: the one until now must be right, and is worth nothing afterwards', async () => {
  await ana.getByRole('link', { name: 'You: Ana' }).click();
  await press(ana, 'Change the passphrase');
  await type(ana, 'Passphrase until now', second);
  await type(ana, 'New passphrase', 'seven herons on one leg');
  await press(ana, 'Change it');
  await said(ana, 'That passphrase is not right.');
  await type(ana, 'Passphrase until now', anasPassphrase);
  await press(ana, 'Change it');
  await said(ana, 'The passphrase is changed');
  await signOut(ana);
  await signIn(ana, 'Ana', anasPassphrase);
  await said(ana, 'Name or passphrase is wrong.');
  await signIn(ana, 'Ana', 'seven herons on one leg');
  await said(ana, 'Viewer. Sees live pictures');
}, 120_000);

test('removing says what cannot be taken back, and signs the person out', async () => {
  await page.getByRole('button', { name: 'Remove Ana' }).click();
  await page.getByRole('dialog', { name: 'Remove Ana?' }).getByText('may have been copied').waitFor();
  await press(page, 'Remove');
  await said(page, 'Ana is removed');
  await page.getByText('Viewer ·').waitFor({ state: 'detached' });
  await ana.reload();
  await ana.getByRole('button', { name: 'Sign in' }).waitFor();
  const { people } = await page.evaluate(async () => ({ people: await (await fetch('/api/v1/people')).json() }));
  expect(people).toMatchObject([{ name: 'Robin', role: 'owner' }]);
}, 120_000);

test('a new sheet takes the place of the old one, and reminds until it is looked after', async () => {
  await page.getByRole('link', { name: 'You: Robin' }).click();
  await press(page, 'Make a new recovery sheet');
  await press(page, 'Make it');
  await page.getByRole('heading', { name: 'Keep this recovery sheet' }).waitFor({ timeout: patienceMs });
  const items = await page.getByRole('list', { name: 'Recovery words' }).getByRole('listitem').allTextContents();
  const newer = items.map((text) => text.replace(/[^a-z]/g, ''));
  expect(newer).not.toEqual(words as string[]);
  [wordsBefore, words] = [words, newer];
  await press(page, 'I will do it later');
  await said(page, 'Do you have your recovery sheet?');
  await page.goto(`${box.http}/status`);
  await page.getByRole('link', { name: 'Look after the recovery sheet' }).click();
  await press(page, 'I have it');
  await page.getByText('Do you have your recovery sheet?').waitFor({ state: 'detached' });
}, 120_000);

test('a second factor: its code is asked for when signing in, and a wrong one is told', async () => {
  await press(page, 'Switch it on');
  // The page was loaded anew: a session alone switches nothing on.
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByLabel('Passphrase', { exact: true }).fill(first);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  await said(page, 'The recordings themselves are protected by the passphrase alone');
  await page.getByRole('img', { name: 'QR code for an authenticator' }).waitFor({ timeout: patienceMs });
  const totp = new TOTP({ secret: ((await page.locator('.factor code').textContent()) ?? '').replaceAll(' ', '') });
  await type(page, 'The code that it shows', '000000');
  await page.locator('.factor').getByRole('button', { name: 'Switch it on' }).click();
  await said(page, 'That code is not right');
  await type(page, 'The code that it shows', totp.generate());
  await page.locator('.factor').getByRole('button', { name: 'Switch it on' }).click();
  await said(page, 'On. Signing in asks for a code');
  await signOut(page);
  await signIn(page, 'Robin', first);
  await type(page, 'Code from your authenticator', '000000');
  await press(page, 'Sign in');
  await said(page, 'That code is not right, or was used already');
  // A code is good once: the next one.
  await type(page, 'Code from your authenticator', totp.generate({ timestamp: Date.now() + 30_000 }));
  await press(page, 'Sign in');
  await page.getByRole('heading', { name: 'You', exact: true }).waitFor({ timeout: patienceMs });
}, 120_000);

test('a forgotten passphrase: the words open, in capitals and with a slip mended, and only the new passphrase counts', async () => {
  await signOut(page);
  await page.getByRole('link', { name: 'I forgot my passphrase' }).click();
  await type(
    page,
    'Words of the sheet',
    words.map((word, i) => (i === 6 ? `${word}xx` : word.toUpperCase())).join(', '),
  );
  await type(page, 'New passphrase', second);
  await said(page, `Word 7, “${words[6]}xx”, is not on the list.`);
  await press(page, 'Open with the sheet');
  await said(page, 'Type all 15 words first.');
  await press(page, words[6] ?? '');
  await said(page, 'All 15 words.');
  await press(page, 'Open with the sheet');
  await said(page, 'You are in, and the new passphrase counts');
  // The vault is open: no passphrase is asked for.
  await page.getByRole('link', { name: 'You: Robin' }).click();
  await said(page, 'A code from an authenticator on your phone');
  await page.getByRole('link', { name: 'People' }).click();
  await said(page, 'Robin (you)');
  expect(await page.getByRole('heading', { name: 'Locked' }).count()).toBe(0);
  await signOut(page);
  await signIn(page, 'Robin', first);
  await said(page, 'Name or passphrase is wrong.');
  await signIn(page, 'Robin', second);
  await page.getByRole('heading', { name: 'You', exact: true }).waitFor({ timeout: patienceMs });
}, 120_000);

test('words in the wrong order and a sheet that was replaced are told apart', async () => {
  await page.goto(`${box.http}/recover`);
  await type(page, 'New passphrase', second);
  await type(page, 'Words of the sheet', [words[1], words[0], ...words.slice(2)].join(' '));
  await press(page, 'Open with the sheet');
  await said(page, 'The recovery words are not right.');
  await type(page, 'Words of the sheet', wordsBefore.join(' '));
  await press(page, 'Open with the sheet');
  await said(page, 'belongs to another box or was replaced');
}, 120_000);

test('every field and button of these pages has a name, and what has the focus can be seen', async () => {
  for (const path of ['/account', '/settings/people', '/recover']) {
    await page.goto(box.http + path);
    await page.locator('h1').first().waitFor();
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('input:not([aria-hidden]), textarea, button, a[href]')]
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
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }
}, 120_000);

test('no passphrase and no recovery word ever left the page, or stands in the log of the box', () => {
  const bodies = sent.filter((request) => request.startsWith('P') || request.startsWith('D'));
  expect(bodies.length).toBeGreaterThan(15);
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z]+/g, ' ');
  const told = [...sent, box.log()];
  expect(told.filter((text) => /nightjar1:/i.test(text))).toEqual([]);
  const sheets = [words, wordsBefore].map((sheet) => sheet.slice(0, 2).join(' '));
  for (const secret of [first, second, anasPassphrase, 'seven herons', ...sheets]) {
    expect(told.filter((text) => bare(text).includes(secret))).toEqual([]);
  }
});

test('no page broke the content security policy or complained on the console', () => {
  // A refusal that a test asked for is reported by the browser itself.
  expect(complaints.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
});

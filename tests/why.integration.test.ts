// Why did this trigger? Asked of a real box with a real camera: the event is confirmed in colour, its difference picture is kept
// sealed, mailed and shown; and it goes with its recording.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { PNG } from 'pngjs';
import { readMail, startServer } from '../src/alerts/fixture-server.ts';
import type { EventView, RecordingPage } from '../src/http/api.ts';
import { eventually, owner, startBox } from './support/box.ts';
import { openBrowser } from './support/browser.ts';
import { openedBytes } from './support/opened.ts';
import { startRtsp } from './support/rtsp.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 30_000);
afterAll(() => browser.close());

const RED = [226, 20, 60];

test('a visitor: confirmed, drawn, mailed with both pictures, shown in the page, and gone with the recording', async () => {
  await using camera = await startRtsp('--visitor', '12', '--noise', '--size', '1280x720');
  await using server = await startServer();
  await using box = await startBox();
  const client = await box.claim();
  const { mail } = await client.json<{ mail: object }>('/api/v1/settings');
  const smtp = { host: '127.0.0.1', port: server.port, security: 'none', from: 'box@example.org' };
  await client.json('/api/v1/settings/mail', {
    method: 'PUT',
    json: { ...mail, enabled: true, ...smtp, to: ['me@example.org'], proof: client.proof },
  });
  await client.json('/api/v1/cameras', {
    method: 'POST',
    json: {
      name: 'Yard',
      source: { kind: 'rtsp', url: camera.url },
      motion: { mergeGapS: 1 },
      record: { postRollS: 1 },
      alerts: { coolDownS: 0, attachDifference: true },
    },
  });

  const event = await eventually(
    'an event with its difference picture',
    async () => (await client.json<EventView[]>('/api/v1/events')).find((e) => e.difference && e.endMs),
    60_000,
  );
  expect(event.confirmed).toBe(true);
  expect(event.changed!.percent).toBeGreaterThan(0.1);
  expect(event.changed!.percent).toBeLessThan(30);

  const answer = await client.fetch(`/api/v1/events/${event.id}/difference`);
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('cache-control')).toStartWith('private');
  const png = PNG.sync.read(Buffer.from(await openedBytes(client, `/api/v1/events/${event.id}/difference`)));
  expect([png.width, png.height]).toEqual([320, 180]);
  let marked = 0;
  for (let i = 0; i < png.data.length; i += 4) if (RED.every((v, c) => png.data[i + c] === v)) marked++;
  // What the box says is what it has drawn, less what the frame around it covers.
  expect(Math.abs((100 * marked) / (320 * 180) - event.changed!.percent)).toBeLessThan(1);
  expect((await fetch(`${box.http}/api/v1/events/${event.id}/difference`)).status).toBe(401);
  expect((await client.fetch('/api/v1/events/nobody/difference')).status).toBe(404);

  // A machine so busy that a look takes more than two seconds sends that mail without it.
  const parts = await eventually(
    'a mail with both pictures',
    async () => {
      const mails = await Promise.all(server.received.map((received) => readMail(received.raw)));
      return mails.find((m) => m.parts.some((p) => p.type === 'image/png'))?.parts;
    },
    60_000,
  );
  const pictures = parts.filter((p) => p.type.startsWith('image/'));
  expect(pictures.map((p) => [p.type, p.cid, p.disposition])).toEqual([
    ['image/jpeg', '<picture@nightjar>', 'inline'],
    ['image/png', '<difference@nightjar>', 'inline'],
  ]);
  expect(pictures[1]!.name).toMatch(/^yard-.*-difference\.png$/);
  const html = Buffer.from(parts.find((p) => p.type === 'text/html')!.base64, 'base64').toString();
  expect(html).toContain('cid:difference@nightjar');
  PNG.sync.read(Buffer.from(pictures[1]!.base64, 'base64'));

  const { recordings } = await client.json<RecordingPage>('/api/v1/recordings?reason=motion&limit=10');
  const recording = recordings.find((r) => r.id === event.recordingId)!;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const [name, value] = client.cookie.split('=') as [string, string];
  await context.addCookies([{ name, value, url: box.http }]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${box.http}/recordings/${recording.id}`);
  // The session alone shows nothing.
  await page.getByLabel('Passphrase', { exact: true }).fill(owner.passphrase);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('Why did this trigger?').click();
  await page
    .getByText(
      /^Something changed in [\d.]+ % of the picture, first seen .+, (near the .+ edge|near the .+ corner|in the middle)\.$/,
    )
    .first()
    .waitFor();
  const shown = page.getByAltText('What differs, in red').first();
  await eventually('the difference picture to be shown', async () =>
    (await shown.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)) === 320 ? true : undefined,
  );
  expect(await page.getByAltText('The moment in which most was to be seen').count()).toBe(1);
  expect(complaints).toEqual([]);
  const { SCREENSHOTS } = process.env;
  if (SCREENSHOTS) {
    for (const width of [390, 1280]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${SCREENSHOTS}/why-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
  await context.close();

  await eventually('the recording to end', async () =>
    (await client.json<{ endMs?: number }>(`/api/v1/recordings/${recording.id}`)).endMs ? true : undefined,
  );
  await client.json(`/api/v1/recordings/${recording.id}`, { method: 'DELETE' });
  expect((await client.fetch(`/api/v1/events/${event.id}/difference`)).status).toBe(404);
}, 150_000);

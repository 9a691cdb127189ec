// Tuning on the real box, with a real camera through which somebody faint walks: over HTTP, and in a real browser by touch
// and by mouse.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import type {
  CameraView,
  ErrorBody,
  MotionSettings,
  TuningFrame,
  TuningOpened,
  TuningReplay,
} from '../src/http/api.ts';
import { EventReader } from '../web/tuning/event-stream.ts';
import { readGreyPictures } from '../web/tuning/grey-pictures.ts';
import { type Client, eventually, startBox, type TestBox } from './support/box.ts';
import { openBrowser } from './support/browser.ts';
import { type RtspCamera, startRtsp } from './support/rtsp.ts';

let box: TestBox;
let owner: Client;
let browser: Browser;
let rtsp: RtspCamera;
const complaints: string[] = [];

const yard = () => owner.json<CameraView>('/api/v1/cameras/yard');
const save = (motion: Partial<MotionSettings>) =>
  owner.json<CameraView>('/api/v1/cameras/yard', { method: 'PUT', json: { motion } });

beforeAll(async () => {
  [rtsp, box, browser] = await Promise.all([
    // 28 grey levels: plain at sensitivity 50, which asks for 12, and nothing at 1, which asks for 37 and more.
    startRtsp('--visitor', '8', '--faint', '28', '--noise', '--size', '640x360', '--fps', '15'),
    startBox(),
    openBrowser(),
  ]);
  owner = await box.claim();
  const source = { kind: 'rtsp', url: rtsp.url };
  const motion = { mergeGapS: 1 };
  await owner.json('/api/v1/cameras', { method: 'POST', json: { name: 'Yard', source, motion } });
  await owner.json('/api/v1/cameras', { method: 'POST', json: { name: 'Gate', source: { kind: 'demo' } } });
  await eventually('the camera to be live', async () => ((await yard()).health.state === 'live' ? true : undefined));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await box?.stop();
  await rtsp?.stop();
}, 20_000);

interface Tuning extends Disposable {
  readonly frames: readonly TuningFrame[];
  readonly viewer: string;
  replay(motion: Partial<MotionSettings>): Promise<Response>;
  leave(): void;
}

/** Tunes a camera until it is disposed of, as a page does. */
async function tune(id: string): Promise<Tuning | { readonly error: ErrorBody['error']; readonly status: number }> {
  const abort = new AbortController();
  const answer = await fetch(`${box.http}/api/v1/cameras/${id}/tuning`, {
    headers: { cookie: owner.cookie },
    signal: abort.signal,
  });
  if (!answer.ok || !answer.body) return { error: ((await answer.json()) as ErrorBody).error, status: answer.status };
  const frames: TuningFrame[] = [];
  const opened = Promise.withResolvers<TuningOpened>();
  const { body } = answer;
  void (async () => {
    const reader = new EventReader();
    try {
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        for (const { name, data } of reader.push(text)) {
          if (name === 'opened') opened.resolve(data as TuningOpened);
          if (name === 'frame') frames.push(data as TuningFrame);
        }
      }
    } catch {
      // It was left.
    }
  })();
  const { viewer } = await opened.promise;
  const replay = (motion: Partial<MotionSettings>) =>
    owner.fetch(`/api/v1/cameras/${id}/tuning/replay`, { method: 'POST', json: { viewer, motion } });
  return { frames, viewer, replay, leave: () => abort.abort(), [Symbol.dispose]: () => abort.abort() };
}
async function tuned(id: string): Promise<Tuning> {
  const tuning = await tune(id);
  if (!('frames' in tuning)) throw new Error(`${id} cannot be tuned: ${tuning.error.message}`);
  return tuning;
}

test('what detection sees comes picture by picture, and the pictures are kept meanwhile', async () => {
  using tuning = await tuned('yard');
  const moving = await eventually('the visitor', () => tuning.frames.find((f) => f.moving));
  expect([moving.width, moving.height]).toEqual([320, 180]);
  expect(moving.blobs.length).toBeGreaterThan(0);
  const { columns, rows, side, marks, restless } = moving.cells!;
  expect([columns * side, rows * side]).toEqual([320, expect.any(Number)] as never);
  expect([marks.length, restless.length]).toEqual([columns * rows, columns * rows]);
  expect(/[^A]/.test(marks)).toBe(true);
  const toMs = tuning.frames.at(-1)!.atMs + 1;
  const fromMs = tuning.frames.at(-5)!.atMs;
  const answer = await owner.fetch(`/api/v1/cameras/yard/tuning/frames?from=${fromMs}&to=${toMs}`);
  const pictures = readGreyPictures(await answer.arrayBuffer());
  expect(pictures.map((p) => p.atMs)).toEqual(
    tuning.frames.filter((f) => f.atMs >= fromMs && f.atMs < toMs).map((f) => f.atMs),
  );
  expect(new Set(pictures[0]!.grey).size).toBeGreaterThan(20);
}, 40_000);

test('the seconds before are there at once', async () => {
  using tuning = await tuned('yard');
  const since = await eventually('a picture from before', async () => {
    const answer = await tuning.replay((await yard()).settings.motion);
    const { fromMs } = (await answer.json()) as TuningReplay;
    const firstMs = tuning.frames[0]?.atMs;
    return fromMs !== undefined && firstMs !== undefined && firstMs - fromMs > 2000 ? firstMs - fromMs : undefined;
  });
  expect(since).toBeGreaterThan(2000);
}, 40_000);

test('with less sensitivity the same minutes have fewer visits, and nothing is saved by trying', async () => {
  using tuning = await tuned('yard');
  const { motion } = (await yard()).settings;
  const ask = async (sensitivity: number) =>
    (await (await tuning.replay({ ...motion, sensitivity })).json()) as TuningReplay;
  const usual = await eventually('a visit in the replay', async () => {
    const answer = await ask(50);
    return answer.draft.length > 0 ? answer : undefined;
  });
  expect(usual.draft).toEqual(usual.saved);
  expect(usual.steps.some((step) => step.moving && step.blobs.length > 0)).toBe(true);
  const blind = await ask(1);
  expect(blind.draft).toEqual([]);
  expect(blind.saved.length).toBeGreaterThan(0);
  expect((await yard()).settings.motion.sensitivity).toBe(50);
}, 60_000);

test('a draft that cannot be used is refused by the name of its field', async () => {
  using tuning = await tuned('yard');
  const { motion } = (await yard()).settings;
  const points = [{ x: 0, y: 0 }];
  const answer = await tuning.replay({ ...motion, sensitivity: 500, zones: [{ name: 'Z', points }] });
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as ErrorBody;
  expect(error.issues?.map((i) => i.path).sort()).toEqual(['motion.sensitivity', 'motion.zones.0.points']);
}, 20_000);

test('who is not signed in sees and tries nothing, a stream token included', async () => {
  const { token } = await owner.json<{ token: string }>('/api/v1/stream-tokens', {
    method: 'POST',
    json: { name: 'Kitchen', cameraId: 'yard', proof: owner.proof },
  });
  const path = `${box.http}/api/v1/cameras/yard/tuning`;
  const json = { origin: box.http, 'content-type': 'application/json' };
  const statuses = await Promise.all([
    fetch(path),
    fetch(`${path}?token=${token}`),
    fetch(`${path}/frames?from=0&to=9999999999999&token=${token}`),
    fetch(`${path}/replay`, { method: 'POST', headers: json, body: '{"viewer":"v","motion":{}}' }),
  ]);
  expect(statuses.map((s) => s.status)).toEqual([401, 401, 401, 401]);
});

test('one camera is tuned at a time; the next one may, once nobody looks, and the first one’s pictures are gone', async () => {
  const first = await tuned('yard');
  await eventually('pictures', () => (first.frames.length > 3 ? true : undefined));
  expect(await tune('gate')).toMatchObject({ status: 409, error: { message: expect.stringContaining('Yard') } });
  expect(await tune('attic')).toMatchObject({ status: 404 });
  first.leave();
  const second = await eventually('the other camera to be let in', async () => {
    const tuning = await tune('gate');
    return 'frames' in tuning ? tuning : undefined;
  });
  const gone = await owner.fetch('/api/v1/cameras/yard/tuning/frames?from=0&to=9999999999999');
  expect(gone.status).toBe(409);
  second.leave();
}, 40_000);

const shapes = [
  { name: '390 px by touch', viewport: { width: 390, height: 844 }, hasTouch: true },
  { name: '1280 px by mouse', viewport: { width: 1280, height: 800 }, hasTouch: false },
] as const;

/** Shares of the drawing over the picture that are not see-through, and that hide the picture. Undefined: nothing was drawn yet. */
const drawing = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.tune-overlay');
    if (!canvas?.width) return undefined;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let [marked, hidden] = [0, 0];
    for (let i = 3; i < data.length; i += 4) {
      if (data[i]! > 0) marked++;
      if (data[i] === 255) hidden++;
    }
    return { marked: (marked * 4) / data.length, hidden: (hidden * 4) / data.length };
  });

for (const { name, viewport, hasTouch } of shapes) {
  test(`what is seen is drawn, a draft is compared with what is saved, and saving keeps it, at ${name}`, async () => {
    await save({ sensitivity: 50 });
    const context = await browser.newContext({ viewport, hasTouch });
    const [key, value] = owner.cookie.split('=') as [string, string];
    await context.addCookies([{ name: key, value, url: box.http }]);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${name}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
    const press = async (x: number, y: number) =>
      hasTouch ? await page.touchscreen.tap(x, y) : await page.mouse.click(x, y);
    await page.goto(box.http);
    await page.getByRole('link', { name: 'Tune motion of Yard' }).click();
    await page.getByRole('heading', { name: 'Tune motion: Yard' }).waitFor();

    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main :is(input, button, a[href], [role="slider"], [role="img"])')]
        .filter((element) => {
          const label = (element as HTMLInputElement).labels?.[0]?.textContent;
          return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim() === '';
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect(unnamed).toEqual([]);

    // Nobody is there, somebody walks, nobody is there.
    const drawn = (what: string, is: (share: number) => boolean) =>
      eventually(what, async () => (is((await drawing(page))?.marked ?? -1) ? true : undefined), 40_000);
    await drawn('an empty drawing', (share) => share === 0);
    await drawn('marks on the visitor', (share) => share > 0.003);
    await drawn('an empty drawing again', (share) => share === 0);

    const bars = (lane: 'saved' | 'draft') => page.locator(`.replay-${lane} .replay-bar`);
    await bars('draft').first().waitFor({ timeout: 40_000 });
    const slider = page.getByLabel('Sensitivity', { exact: true });
    await slider.evaluate((element) => element.scrollIntoView({ block: 'center' }));
    const track = await slider.boundingBox();
    if (!track) throw new Error('there is no slider');
    await press(track.x + 3, track.y + track.height / 2);
    expect(await slider.getAttribute('aria-valuetext')).toBe('1');
    await page.getByText(/With these settings: no visits\. Saved settings: \d+ visits?/).waitFor({ timeout: 40_000 });
    expect(await bars('draft').count()).toBe(0);
    expect(await bars('saved').count()).toBeGreaterThan(0);
    expect((await yard()).settings.motion.sensitivity).toBe(50);

    // A visit of the past, as the camera saw it: the kept picture covers all of the live one.
    const bar = await bars('saved').first().boundingBox();
    if (!bar) throw new Error('there is no visit to look at');
    await press(bar.x + bar.width / 2, bar.y + bar.height / 2);
    await page.getByText(/^Replay \d/).waitFor();
    await eventually('the kept picture', async () => ((await drawing(page))?.hidden === 1 ? true : undefined));
    const scrub = page.getByRole('slider', { name: 'Moment in the last minutes' });
    const before = await scrub.getAttribute('aria-valuenow');
    await scrub.focus();
    await page.keyboard.press('ArrowRight');
    expect(Number(await scrub.getAttribute('aria-valuenow'))).toBe(Number(before) + 1);
    await page.getByRole('button', { name: 'Back to live' }).click();

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Yard is saved').waitFor();
    await page.reload();
    await page.getByLabel('Sensitivity', { exact: true }).waitFor();
    expect(await page.getByLabel('Sensitivity', { exact: true }).getAttribute('aria-valuetext')).toBe('1');
    expect((await yard()).settings.motion.sensitivity).toBe(1);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(viewport.width);
    await context.close();
  }, 120_000);
}

test('the page broke no rule of its own and complained about nothing', () => {
  expect(complaints).toEqual([]);
});

// The whole way, with real sealed files in a folder: what is recorded before the time is known, and while the clock steps, stands at
// its right time in the end, also in a catalog that is made anew from the files. What to believe of a clock is in `dating.test.ts`.

import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { useNativeCurves } from '../vault/fixture-native.ts';
import type { Boot } from './boot.ts';
import { catalogPath, type Library, openLibrary } from './library.ts';
import { opened, sampleFragment, sampleSealing, sampleStream } from './sample-footage.ts';

useNativeCurves();

const HOUR = 3_600_000;
const SINCE_BOOT_MS = 20_000;
let folder = '';
let clock: ManualClock;
let synchronised: boolean | null;
const boot: Boot = {
  id: 'boot-1',
  sinceBootMs: (monotonicMs) => monotonicMs + SINCE_BOOT_MS,
  wallSynchronised: () => synchronised,
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-honest-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = () =>
  openLibrary({ dataFolder: folder, clock, log: silentLog, sealing: sampleSealing, cameraName: (id) => id, boot });

const beginRecording = (library: Library) =>
  library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['motion'] });
const endRecording = (library: Library, id: string) =>
  library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false });

/** Records one segment of so many seconds; answers when it began on the monotonic clock. */
async function record(
  library: Library,
  recordingId: string,
  seconds: number,
  after: (second: number) => unknown = () => {},
) {
  const startMonotonicMs = clock.monotonicMs();
  const writer = await library.sink.openSegment({
    ...{ recordingId, cameraId: 'door', startMs: clock.wallMs(), startMonotonicMs },
    stream: sampleStream,
  });
  for (let second = 1; second <= seconds; second++) {
    await clock.advance(1000);
    await writer.append(sampleFragment(second), second * 1000, { key: true });
    await after(second);
  }
  await writer.finish();
  return startMonotonicMs;
}

/** Every row, but for what no file tells in the open (see `rebuild-equal.test.ts`). */
function rows() {
  const db = new Database(catalogPath(folder), { readonly: true });
  const of = (table: string) =>
    db
      .query<Record<string, unknown>, []>(`SELECT * FROM ${table}`)
      .all()
      .map(({ mail: _, zones: __, changedPercent: ___, changedX: ____, changedY: _____, ...row }) => row)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const all = { recordings: of('recordings'), segments: of('segments'), stills: of('stills'), events: of('events') };
  db.close();
  return all;
}

async function rebuiltRows() {
  for (const suffix of ['', '-wal', '-shm']) rmSync(catalogPath(folder) + suffix, { force: true });
  await (await open()).close();
  return rows();
}

const files = () =>
  readdirSync(join(folder, 'recordings'), { recursive: true })
    .map(String)
    .filter((f) => f.endsWith('.nj'));

test('what was recorded in 1970 stands at its right time once the time is known, and in a catalog made anew', async () => {
  clock = new ManualClock(SINCE_BOOT_MS);
  synchronised = false;
  const library = await open();
  const id = beginRecording(library);
  const first = await record(library, id, 2);
  const moment = { startMs: 0, peakMs: 0 };
  const second = await record(library, id, 4, (s) => {
    if (s === 1) moment.startMs = clock.wallMs();
    if (s === 2) moment.peakMs = clock.wallMs();
    if (s === 3) library.recordEvent({ id: 'e1', cameraId: 'door', ...moment, endMs: clock.wallMs(), level: 40 });
  });
  await library.addStill(id, new Uint8Array([1, 2, 3]), clock.wallMs());
  await endRecording(library, id);
  expect(library.isTimeKnown()).toBe(false);
  expect(library.recording(id)).toMatchObject({ timeUnknown: true });
  const before = files();

  const told: { readonly id: string; readonly startMs: number }[] = [];
  library.listen((name, data) => {
    if (name === 'recording' || name === 'event') told.push(data as { id: string; startMs: number });
  });
  const trueNowMs = Date.UTC(2026, 6, 1, 12);
  clock.stepWallMs(trueNowMs - clock.wallMs());
  const offsetMs = trueNowMs - clock.monotonicMs();
  synchronised = true;
  await clock.advance(5000);

  expect(library.isTimeKnown()).toBe(true);
  expect(library.segments(id).map((segment) => segment.startMs)).toEqual([first + offsetMs, second + offsetMs]);
  const startMs = first + offsetMs;
  expect(library.recording(id)).toMatchObject({ startMs, endMs: startMs + 6000, hasStill: true });
  expect(library.recording(id)?.timeUnknown).toBeUndefined();
  expect(library.event('e1')).toMatchObject({
    ...{ startMs: second + 1000 + offsetMs, peakMs: second + 2000 + offsetMs, endMs: second + 3000 + offsetMs },
    recordingId: id,
  });
  expect(told.map((one) => [one.id, one.startMs])).toEqual([
    [id, startMs],
    ['e1', second + 1000 + offsetMs],
  ]);
  expect(files()).toEqual(before);
  await library.close();
  const wasKept = rows();
  expect(wasKept.segments).toHaveLength(2);
  expect(wasKept.events).toHaveLength(1);
  expect(wasKept.stills).toHaveLength(1);
  expect(await rebuiltRows()).toEqual(wasKept);
});

test.each([
  ['back', -HOUR],
  ['forward', HOUR],
])(
  'a clock that goes an hour %s while a camera records loses nothing, and lays nothing over another',
  async (_, byMs) => {
    clock = new ManualClock(Date.UTC(2026, 6, 1, 12));
    synchronised = true;
    const library = await open();
    const id = beginRecording(library);
    const contents: Uint8Array[] = [];
    for (const step of [0, 1, 2, 3]) {
      await record(library, id, 5, (second) => {
        if (step === 1 && second === 3) clock.stepWallMs(byMs);
      });
    }
    await endRecording(library, id);
    const segments = library.segments(id);
    for (const { id: segmentId, bytes } of segments) {
      const sealed = library.bytesOf(segmentId)!;
      contents.push(await opened(await new Response(sealed.stream(0, bytes)).bytes()));
    }
    const whole = Buffer.concat([sampleStream.init, ...[1, 2, 3, 4, 5].map((n) => sampleFragment(n))]);
    expect(contents.map((content) => Buffer.from(content).equals(whole))).toEqual([true, true, true, true]);
    const ends = segments.map((segment) => segment.startMs + segment.durationMs);
    expect(segments.slice(1).map((segment, i) => segment.startMs >= ends[i]!)).toEqual([true, true, true]);
    // what is recorded now is at the present time
    expect(ends.at(-1)).toBe(clock.wallMs());
    expect((await library.check()).problems).toEqual([]);
    await library.close();
    const wasKept = rows();
    expect(files()).toHaveLength(4);
    expect(await rebuiltRows()).toEqual(wasKept);
  },
);

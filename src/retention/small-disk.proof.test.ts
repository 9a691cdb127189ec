// An hour of fast recording on a real file system that is full in a minute: three cameras of 1 Mb/s on 32 MB, as cameras of 8 Mb/s are to
// 256 MB, 1.35 GB through the library, with retention beside it on a card that takes two seconds for each removal. Time is made up, files
// are real. Mounting needs root, as in CI; where it is not permitted this test fails and says so.

import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../base/child.ts';
import { ManualClock, sleep } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { verify } from '../commands/verify.ts';
import type { Boot } from '../library/boot.ts';
import { type Library, openLibrary, recordingsFolder } from '../library/library.ts';
import { opened, sampleBox, sampleSealing, sampleStream } from '../library/sample-footage.ts';
import { isSegmentPath } from '../store/layout.ts';
import { hex } from '../vault/bytes.ts';
import { useNativeCurves } from '../vault/fixture-native.ts';
import { createSweeper } from './sweeper.ts';

useNativeCurves();

const DISK_BYTES = 32e6;
const KEEP_FREE_MB = 6;
const REMOVAL_MS = 2000;
const SEGMENT_S = 10;
const RECORDING_S = 300;
const HOUR_S = 3600;
const STEP_S = 2;
/** 1 Mb/s, in fragments of two seconds. */
const FRAGMENT_BYTES = 250_000;
const CAMERAS = ['door', 'yard', 'gate'];
/** Real time. Longer than any disk takes for a step of a few megabytes, however busy the machine. */
const STUCK_MS = 60_000;

let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-small-disk-'));
  const { code, stderr } = await runChild(['mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]);
  if (code !== 0) throw new Error(`this test needs a file system of its own, and may not mount one: ${stderr}`);
});
afterEach(async () => {
  await runChild(['umount', '-l', folder]);
  rmSync(folder, { recursive: true, force: true });
});
const free = () => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** The machine stays on when the library is opened again. */
const boot: Boot = { id: 'boot', sinceBootMs: (monotonicMs) => monotonicMs, wallSynchronised: () => null };

/** The same buffer under another name: no two fragments are alike. */
const buffer = Buffer.concat([
  sampleBox('moof', new Uint8Array(60)),
  sampleBox('mdat', new Uint8Array(FRAGMENT_BYTES)),
]);
const NAME_AT = 8;
const NAME_BYTES = 32;
const nameOf = (cameraId: string, startMs: number, ms: number) => `${cameraId} ${startMs} +${ms}`;
function fragment(name: string): Uint8Array {
  buffer.write(name.padEnd(NAME_BYTES), NAME_AT, 'latin1');
  return buffer;
}
/** The names of the fragments in a segment, from its file, opened with the owner's key. Throws where anything is damaged or missing. */
async function namesIn(library: Library, segmentId: string): Promise<string[]> {
  const kept = library.bytesOf(segmentId)!;
  const file = await kept.open();
  const content = Buffer.from(await opened(await file.read(0, kept.bytes).finally(() => file.close())));
  const names: string[] = [];
  for (let at = sampleStream.init.length; at < content.length; at += buffer.length) {
    const name = content.toString('latin1', at + NAME_AT, at + NAME_AT + NAME_BYTES);
    names.push(at + buffer.length <= content.length ? name.trim() : `${name.trim()}, cut`);
  }
  return names;
}

/** What became of the fragments of the hour, by name. */
interface Hour {
  readonly handedOver: string[];
  readonly removed: string[];
  readonly refused: unknown[];
  leastFree: number;
}

/** One camera: each step records its next two seconds. A recording is five minutes. */
function createCamera(library: Library, clock: ManualClock, cameraId: string, hour: Hour) {
  let recordingId = '';
  let segment:
    | { readonly writer: Awaited<ReturnType<Library['sink']['openSegment']>>; readonly startMs: number }
    | undefined;
  const end = async () => {
    await segment?.writer.finish();
    segment = undefined;
    if (recordingId) await library.sink.closeRecording(recordingId, { endMs: clock.wallMs(), interrupted: false });
    recordingId = '';
  };
  const record = async (atS: number) => {
    const startMs = clock.wallMs();
    if (atS % RECORDING_S === 0) {
      await end();
      recordingId = library.sink.openRecording({ cameraId, startMs, reasons: ['continuous'] });
    }
    if (atS % SEGMENT_S === 0) {
      await segment?.writer.finish();
      const about = { recordingId, cameraId, startMs, startMonotonicMs: clock.monotonicMs() };
      segment = { writer: await library.sink.openSegment({ ...about, stream: sampleStream }), startMs };
    }
    const ms = ((atS % SEGMENT_S) + STEP_S) * 1000;
    const name = nameOf(cameraId, segment!.startMs, ms);
    hour.handedOver.push(name);
    await segment!.writer.append(fragment(name), ms, { key: true });
  };
  return { end, step: (atS: number) => record(atS).catch((error) => void hour.refused.push(error)) };
}

/** The library on a card that takes its time to remove, and how to wait for what is really under way. */
function onSlowCard(library: Library, clock: ManualClock, hour: Hour) {
  const ended = new AbortController();
  let underWay: Promise<unknown> = Promise.resolve();
  const remove = async (...[ids, why]: Parameters<Library['removeSegments']>) => {
    for (const id of ids)
      hour.removed.push(
        ...(await namesIn(library, id).catch((error) => [`removed, and could not be opened: ${error}`])),
      );
    return await library.removeSegments(ids, why);
  };
  const slow: Library = {
    ...library,
    async removeSegments(ids, why) {
      await sleep(clock, REMOVAL_MS, ended.signal);
      const removal = remove(ids, why);
      underWay = removal.catch(() => {});
      return await removal;
    },
  };
  /** So that made-up time does not run away from what the disk does in real time. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      await clock.advance(250);
      await underWay;
      await new Promise((resolve) => setImmediate(resolve));
      hour.leastFree = Math.min(hour.leastFree, free());
    }
  };
  return { slow, pass, end: () => ended.abort() };
}

async function unlessStuck<T>(what: string, step: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`stuck: ${what}`)), STUCK_MS);
  });
  return await Promise.race([step, stuck]).finally(() => clearTimeout(timer));
}

interface Placed {
  readonly id: string;
  readonly cameraId: string;
  readonly startMs: number;
}
const keptIn = (library: Library): readonly Placed[] =>
  CAMERAS.flatMap((camera) => library.oldestRemovable(camera, 10_000)).map(({ id, cameraId, startMs }) => {
    return { id, cameraId, startMs };
  });

test('an hour of three fast cameras on a small disk: no fragment is refused, lost or stuck, room is there before it is needed, and all reach back equally far', async () => {
  const clock = new ManualClock();
  const hour: Hour = { handedOver: [], removed: [], refused: [], leastFree: Number.POSITIVE_INFINITY };
  const shared = { dataFolder: folder, clock, log: silentLog, sealing: sampleSealing, boot };
  const open = () => openLibrary({ ...shared, cameraName: (id) => id });
  const keptNames: string[] = [];
  let left: readonly Placed[] = [];
  {
    await using library = await open();
    const { slow, pass, end } = onSlowCard(library, clock, hour);
    const settings = () => ({ keepFreeMB: KEEP_FREE_MB, maxAgeDays: 0, camera: () => undefined });
    await using sweeper = createSweeper({
      library: slow,
      freeBytes: async () => free(),
      settings,
      clock,
      log: silentLog,
    });
    // before the sweeper is closed: it waits for its removal, and no time passes any more
    using _atLast = { [Symbol.dispose]: end };
    const cameras = CAMERAS.map((cameraId) => createCamera(library, clock, cameraId, hour));
    for (let atS = 0; atS < HOUR_S; atS += STEP_S) {
      // one after the other, as they share a buffer; their segments end at the same moment all the same
      for (const camera of cameras) await unlessStuck(`recording at ${atS} s`, camera.step(atS));
      await unlessStuck(`retention at ${atS} s`, pass(STEP_S * 1000));
    }
    for (const camera of cameras) await unlessStuck('the end', camera.end());
    await pass(60_000);
    expect([sweeper.isFull(), free() >= KEEP_FREE_MB * 1e6]).toEqual([false, true]);
    left = keptIn(library);
    for (const { id } of left) keptNames.push(...(await namesIn(library, id)));
    expect((await library.check({ deep: true })).problems).toEqual([]);
  }
  // every fragment was taken; it is there, or retention has removed it whole, and never both
  expect([hour.refused, hour.handedOver.length]).toEqual([[], (CAMERAS.length * HOUR_S) / STEP_S]);
  expect([...hour.removed, ...keptNames].sort()).toEqual(hour.handedOver.sort());
  expect(hour.leastFree).toBeGreaterThanOrEqual(KEEP_FREE_MB * 1e6);
  // what is left is the newest, of each camera equally much
  const segments = (cameraId: string) => left.filter((s) => s.cameraId === cameraId).map((s) => s.startMs);
  const endMs = clock.wallMs() - 60_000;
  const most = Math.max(...CAMERAS.map((cameraId) => segments(cameraId).length));
  expect(most).toBeGreaterThan(3);
  for (const cameraId of CAMERAS) {
    const own = segments(cameraId);
    expect(own).toEqual(own.map((_, i) => endMs - (own.length - i) * SEGMENT_S * 1000));
    expect(own.length).toBeGreaterThanOrEqual(most - 1);
  }
  // files and rows agree, also after a start
  const files = readdirSync(recordingsFolder(folder), { recursive: true }).map(String).filter(isSegmentPath);
  {
    await using library = await open();
    expect([keptIn(library), files.length]).toEqual([left, left.length]);
    expect(library.recordings({ limit: 1000 }).filter((r) => r.endMs === undefined)).toEqual([]);
    expect((await library.check()).problems).toEqual([]);
  }
  // and to who asks whether something was stolen, all that is gone went on purpose
  const said: string[] = [];
  const io = {
    out: (text: string) => void said.push(text),
    err: (text: string) => void said.push(text),
    env: {},
    isTerminal: false,
  };
  const code = await verify([folder, '--device-key', hex(sampleSealing.device.publicKey)], io);
  expect([code, said.join('\n')]).toEqual([0, expect.stringMatching(/removed/)]);
}, 300_000);

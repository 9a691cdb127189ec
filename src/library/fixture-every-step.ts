// Lets the story go wrong at one step of the disk or the catalog, starts again, and holds the folder to every promise, for tests.

import { cpSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { type FailAt, FailingDisk, type PowerCut } from '../store/failing-disk.ts';
import { type LookedAt, type Proof, proveFolder } from './fixture-proof.ts';
import {
  bootOf,
  FRAGMENT_MS,
  isStoryFootage,
  liveStory,
  noPromises,
  openStory,
  type Promises,
  proofKeys,
  recordAgain,
} from './fixture-story.ts';
import { catalogPath, type Library, recordingsFolder } from './library.ts';

/** error, full: the step fails once, with EIO or ENOSPC. killed: the process is gone. power cut: and so is what was not fsynced. */
export type After = 'error' | 'full' | 'killed' | `power cut, ${PowerCut}`;
export const everyAfter: readonly After[] = [
  ...(['error', 'full', 'killed'] as const),
  ...(['power cut, lost', 'power cut, zeros', 'power cut, names'] as const),
];

/** One interval between fsyncs and one fragment; the rest of the promised two seconds is for a slow disk. */
export const MOST_LOST_MS = 1500;

/**
 * In memory where there is room: what an fsync keeps is played by the failing disk, a real one only takes time. A small
 * `/dev/shm` is left to the tests of full disks.
 */
const memory = existsSync('/dev/shm') ? statfsSync('/dev/shm') : undefined;
const scratch = memory && memory.blocks * memory.bsize > 256 * 1024 * 1024 ? '/dev/shm' : tmpdir();
const newFolder = () => mkdtempSync(join(scratch, 'nightjar-every-step-'));

export interface Outlived {
  /** Empty when every promise was kept. */
  readonly faults: readonly string[];
  /** How many steps the story had, up to where it stopped. */
  readonly steps: number;
  readonly lostMs: number;
  readonly proof: Proof;
}

/** Lives until a step fails, and starts again. With a step that the story does not reach, nothing fails. */
export async function outlive(step: number, after: After, looked: LookedAt): Promise<Outlived> {
  const dataFolder = newFolder();
  const clock = new ManualClock();
  const isError = after === 'error' || after === 'full';
  const failAt: FailAt = { step, how: isError ? 'error' : 'stop', code: after === 'full' ? 'ENOSPC' : 'EIO' };
  await install(dataFolder, clock);
  await using disk = new FailingDisk(recordingsFolder(dataFolder), failAt);
  const promises = noPromises();
  const library = await openStory(dataFolder, clock, { files: disk.layer, beforeWrite: rowStep(disk) });
  await liveStory(library, clock, promises, () => !disk.stopped);
  if (isError) await library.close();
  const steps = disk.steps.length;
  const told = `step ${step} (${disk.steps[step - 1] ?? 'none'}), ${after}`;
  if (after.startsWith('power cut')) disk.cutPower(after.slice('power cut, '.length) as PowerCut);

  const faults: string[] = [];
  // the machine is switched on again, but for a fault that the process outlives
  const boot = bootOf(after.startsWith('power cut') ? 'boot-2' : 'boot-1');
  const again = await openStory(dataFolder, clock, { boot });
  faults.push(...(await again.check({ deep: true })).problems.map((problem) => JSON.stringify(problem)));
  const { broken, lostMs } = held(promises, again);
  faults.push(...broken);
  await clock.advance(1000);
  await recordAgain(again, clock);
  const listed = listOf(again);
  await again.close();
  const proof = await proveFolder(dataFolder, proofKeys, isStoryFootage, looked);
  faults.push(...proof.faults);
  if (proof.refused > (isError ? MOST_LOST_MS / FRAGMENT_MS : 0)) faults.push(`${proof.refused} fragments are missing`);

  // and once more from nothing but the files; each step with one of the six
  if (step % everyAfter.length === everyAfter.indexOf(after)) {
    rmSync(catalogPath(dataFolder));
    const rebuilt = await openStory(dataFolder, clock, { boot });
    const relisted = listOf(rebuilt);
    if (relisted !== listed) faults.push(`rebuilt from its files:\n${relisted}\ninstead of\n${listed}`);
    await rebuilt.close();
    const { faults: left } = await proveFolder(dataFolder, proofKeys, isStoryFootage, looked);
    faults.push(...left.map((fault) => `rebuilt: ${fault}`));
  }
  await library.close().catch(() => {});
  rmSync(dataFolder, { recursive: true });
  return { faults: faults.map((fault) => `${told}: ${fault}`), steps, lostMs, proof };
}

let installed: string | undefined;
/** A box that was started once: what fails is its work, not its first start. */
async function install(dataFolder: string, clock: ManualClock): Promise<void> {
  if (installed === undefined) {
    installed = newFolder();
    await (await openStory(installed, clock)).close();
    process.once('exit', () => rmSync(installed!, { recursive: true, force: true }));
  }
  cpSync(installed, dataFolder, { recursive: true });
}

/** A row is a step like any other; a full disk is told as SQLite's is. */
export const rowStep = (disk: FailingDisk) => (what: string) => {
  try {
    disk.step(`row: ${what}`);
  } catch (cause) {
    throw (cause as { code?: string }).code === 'ENOSPC'
      ? new NightjarError('no-space', `cannot write the catalog: the disk is full`, { cause })
      : cause;
  }
};

function held({ handed, removed, asked, stills, events }: Promises, library: Library) {
  const broken: string[] = [];
  let lostMs = 0;
  for (const [id, ms] of handed) {
    if (asked.has(id)) continue;
    const lost = ms - (library.recording(id)?.durationMs ?? 0);
    lostMs = Math.max(lostMs, lost);
    if (lost > MOST_LOST_MS) broken.push(`${lost} ms of what was handed over are lost`);
  }
  for (const id of removed) if (library.recording(id)) broken.push('a recording that was removed is there again');
  for (const id of stills) {
    const recording = library.recording(id);
    if (recording && !recording.hasStill) broken.push('a still that was kept is gone');
  }
  for (const id of events) if (!library.event(id)) broken.push(`event ${id} is gone`);
  for (const { endMs } of library.recordings({ limit: 100 })) if (endMs === undefined) broken.push('a recording runs');
  return { broken, lostMs };
}

/** That a crash ended a recording is not in its files when it came after the last of them was finished. */
const listOf = (library: Library): string =>
  library
    .recordings({ limit: 100 })
    .map((r) => [r.id, r.cameraId, r.startMs, r.endMs, r.durationMs, r.bytes, r.hasStill].join(' '))
    .sort()
    .join('\n');

/** Every step of the story in turn, or every so many. Answers what was wrong, and how often it went on. */
export async function outliveAll(after: After, every = 1, from = 1) {
  const looked: LookedAt = new Map();
  const faults: string[] = [];
  let [runs, lostMs] = [0, 0];
  for (let step = from; ; step += every) {
    const outlived = await outlive(step, after, looked);
    faults.push(...outlived.faults);
    lostMs = Math.max(lostMs, outlived.lostMs);
    runs++;
    if (outlived.steps < step) return { faults, runs, lostMs, steps: outlived.steps };
  }
}

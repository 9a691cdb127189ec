// Whatever step fails, and whether the process dies there or the power goes: after the next start files and catalog agree, and
// every promise that was made is kept.

import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type FailAt, FailingDisk } from '../store/failing-disk.ts';
import { catalogPath, type Library, type LibraryOptions, openLibrary, recordingsFolder } from './library.ts';
import { recordSegment, sampleSealing } from './sample-footage.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
/**
 * In memory where there is room: what an fsync keeps is played by the failing disk, a real one only takes time. A small
 * `/dev/shm` is left to the tests of full disks.
 */
const memory = existsSync('/dev/shm') ? statfsSync('/dev/shm') : undefined;
const scratch = memory && memory.blocks * memory.bsize > 256 * 1024 * 1024 ? '/dev/shm' : tmpdir();
function newFolder(): string {
  const folder = mkdtempSync(join(scratch, 'nightjar-survival-'));
  folders.push(folder);
  return folder;
}

const boot = { id: 'boot-1', sinceBootMs: (ms: number) => ms, wallSynchronised: () => true };
const open = (dataFolder: string, clock = new ManualClock(), more: Partial<LibraryOptions> = {}) =>
  openLibrary({ dataFolder, clock, log: silentLog, sealing: sampleSealing, cameraName: (id) => id, boot, ...more });

interface Story {
  /** Recordings whose end was confirmed, and their length. */
  readonly kept: Map<string, number>;
  readonly removed: Set<string>;
}

/** A day in the life: records, is looked at, and cleaned up. Every promise that is kept is noted in `story`. */
async function live(library: Library, clock: ManualClock, story: Story): Promise<void> {
  const attempt = async <T>(action: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await action();
    } catch {
      return undefined;
    }
  };
  const clip = async (seconds: readonly number[]) => {
    const id = await attempt(() =>
      library.sink.openRecording({ cameraId: 'door', startMs: clock.wallMs(), reasons: ['motion'] }),
    );
    if (!id) return undefined;
    let confirmedMs = 0;
    for (const fragments of seconds) {
      const done = await attempt(async () => {
        await recordSegment(library, clock, id, fragments);
        return true;
      });
      if (done) confirmedMs += fragments * 1000;
      else await clock.advance(10_000);
      story.kept.set(id, confirmedMs);
    }
    await attempt(() => library.sink.closeRecording(id, { endMs: clock.wallMs(), interrupted: false }));
    return id;
  };
  const remove = async (id: string | undefined) => {
    if (!id) return;
    const lengthMs = story.kept.get(id);
    story.kept.delete(id);
    if ((await attempt(() => library.removeRecordings([id]))) === 1) story.removed.add(id);
    else if (library.recording(id) && lengthMs !== undefined) story.kept.delete(id);
  };
  const first = await clip([2, 0, 1]);
  const at = clock.wallMs();
  await attempt(() => library.recordEvent({ id: 'e', cameraId: 'door', startMs: at - 1000, peakMs: at, level: 9 }));
  if (first) await attempt(() => library.addStill(first, new Uint8Array([1, 2, 3]), at));
  await clip([2]);
  if (first) await attempt(() => library.addStill(first, new Uint8Array([4]), at + 1));
  await remove(first);
  await clip([1, 1]);
}

type After = 'error' | 'full' | 'killed' | 'power cut';

/** Lives until step n fails, starts again and holds it to every promise. True when the story is shorter than that. */
async function outlive(step: number, after: After): Promise<boolean> {
  const folder = newFolder();
  const clock = new ManualClock();
  const failAt: FailAt = {
    step,
    how: after === 'error' || after === 'full' ? 'error' : 'stop',
    code: after === 'full' ? 'ENOSPC' : 'EIO',
  };
  await (await open(folder, clock)).close(); // an installed box: what fails is its work, not its first start
  await using disk = new FailingDisk(recordingsFolder(folder), failAt);
  const story: Story = { kept: new Map(), removed: new Set() };
  const library = await open(folder, clock, { files: disk.layer, beforeWrite: disk.step });
  await live(library, clock, story);
  if (failAt.how === 'error') await library.close();
  if (after === 'power cut') disk.cutPower();

  const told = `step ${step} (${disk.steps[step - 1] ?? 'none'}), ${after}`;
  const again = await open(folder, clock);
  expect(`${told}: ${JSON.stringify(await again.check().then((report) => report.problems))}`).toBe(`${told}: []`);
  for (const [id, lengthMs] of story.kept) {
    expect(`${told}: ${(again.recording(id)?.durationMs ?? 0) >= lengthMs}`).toBe(`${told}: true`);
  }
  for (const id of story.removed) expect(`${told}: ${again.recording(id)?.id}`).toBe(`${told}: undefined`);
  for (const { id, endMs } of again.recordings({ limit: 100 }))
    expect(`${told} ${id} ${endMs === undefined ? 'runs' : 'ended'}`).toBe(`${told} ${id} ended`);

  // and once more from nothing but the files
  const rows = lengthsOf(again);
  await again.close();
  rmSync(catalogPath(folder));
  const rebuilt = await open(folder, clock);
  expect({ told, rows: lengthsOf(rebuilt) }).toEqual({ told, rows });
  await rebuilt.close();
  return disk.steps.length < step;
}

const lengthsOf = (library: Library) =>
  library
    .recordings({ limit: 100 })
    .map(({ id, startMs, endMs, durationMs, bytes }) => ({ id, startMs, endMs, durationMs, bytes }));

/** Is killed at a step, and at every step of the start after it; the start after that one must be clean. */
async function outliveTwice(step: number): Promise<void> {
  for (let again = 1; ; again++) {
    const folder = newFolder();
    const clock = new ManualClock();
    await (await open(folder, clock)).close();
    await using first = new FailingDisk(recordingsFolder(folder), { step, how: 'stop' });
    const library = await open(folder, clock, { files: first.layer, beforeWrite: first.step });
    await live(library, clock, { kept: new Map(), removed: new Set() });
    first.cutPower();
    await using second = new FailingDisk(recordingsFolder(folder), { step: again, how: 'stop' });
    const stopped = await open(folder, clock, { files: second.layer, beforeWrite: second.step }).catch(() => undefined);
    second.cutPower();
    const told = `step ${step} (${first.steps[step - 1]}), then ${again} (${second.steps[again - 1] ?? 'none'})`;
    await using third = await open(folder, clock);
    expect({ told, problems: (await third.check()).problems }).toEqual({ told, problems: [] });
    expect(third.recordings({ limit: 100 }).filter((r) => r.endMs === undefined)).toEqual([]);
    if (stopped && second.steps.length < again) return;
  }
}

for (const after of ['error', 'full', 'killed', 'power cut'] as const) {
  test(`files and catalog agree after every step that can fail: ${after}`, async () => {
    let step = 1;
    while (!(await outlive(step, after))) step++;
    // recording, a still, removing: if the story got shorter, it would prove less
    expect(step).toBeGreaterThan(60);
  }, 60_000);
}

test('a power cut during the start after a power cut is survived too', async () => {
  for (let step = 3; step <= 84; step += 3) await outliveTwice(step);
}, 60_000);

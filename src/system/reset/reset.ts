// A factory reset, at boot and before anything else of ours runs: note the request where it outlives what follows → overwrite key
// material → mark the partition as empty → let the card forget its blocks → a new file system → drop the request. A power cut
// anywhere in between finds the request, or the mark, and the next boot goes on.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Places } from '../../base/places.ts';
import { blankWord, whileWritable, writeDurably } from '../boot/bootfs.ts';
import type { DiskReport } from '../boot/report.ts';
import { makeDataAnew, markForMaking, missingOf, planFor } from '../disk/data-partition.ts';
import { DATA } from '../disk/data-plan.ts';
import type { RootDisk } from '../disk/root-disk.ts';
import { readSuperblock } from '../disk/superblock.ts';
import type { DiskTools } from '../disk/tools.ts';
import { overwriteBeginning, overwriteKeyMaterial } from './destroy.ts';
import { bootFileNames, pageRequestPath, RESET_ARGUMENT, RESET_FILE, type ResetBy, resetFilesOf } from './request.ts';

export interface ResetParts {
  readonly places: Places;
  readonly disk: RootDisk | undefined;
  readonly tools: DiskTools;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ResetOutcome {
  /** The disk after it; undefined when nothing was destroyed, and the boot goes on as if nobody had asked. */
  readonly disk?: DiskReport;
  readonly problems: readonly string[];
}

const NOT_DONE =
  'The factory reset was not done: the card cannot be written by the box. Its lock may be on, or it is worn out.';

/** `mounted`: the data partition is mounted already (the page's request was found on it). Never throws. */
export async function factoryReset(by: ResetBy, parts: ResetParts, mounted: boolean): Promise<ResetOutcome> {
  const { places, disk, tools, log } = parts;
  log.warn(
    `factory reset, asked for by ${by === 'page' ? 'the page' : by === 'file' ? 'a file on the card' : 'a boot argument'}`,
  );
  const plan = await planFor(disk, tools);
  // Nothing of ours on it: a reset is not the word to destroy what somebody else put there.
  if (plan.kind === 'none') return { disk: missingOf(plan), problems: [] };
  const noted = await noteRequest(by, parts);
  // A request that cannot be dropped afterwards would empty the box at every start.
  if (!noted && by !== 'page') return { problems: [NOT_DONE] };
  const problems: string[] = [];
  try {
    if (disk) problems.push(...(await destroy(disk, parts, mounted)));
    const made = await makeDataAnew(disk, { tools, log, folder: places.data });
    if (made.kind === 'missing') return { disk: made, problems };
    if (noted) await dropRequest(parts);
    return { disk: made, problems };
  } catch (error) {
    const message = 'The factory reset was begun and could not be finished. It goes on at the next start.';
    problems.push(message);
    return { disk: { kind: 'missing', reason: 'unreadable', message, detail: describeError(error) }, problems };
  }
}

/** Copies the request to bootfs. False when bootfs cannot be written. */
async function noteRequest(by: ResetBy, { places, tools, log }: ResetParts): Promise<boolean> {
  try {
    await whileWritable(places.bootfs, tools, () => {
      const there = resetFilesOf(bootFileNames(places.bootfs));
      for (const name of there) rmSync(join(places.bootfs, name), { recursive: true });
      writeDurably(join(places.bootfs, RESET_FILE), `${by}\n`);
    });
    return true;
  } catch (error) {
    log.error('the reset cannot be noted on the start partition', { detail: describeError(error) });
    return false;
  }
}

async function dropRequest({ places, tools }: ResetParts): Promise<void> {
  await whileWritable(places.bootfs, tools, () => {
    // The word first: the file alone is what the next boot needs to go on.
    blankWord(join(places.bootfs, 'cmdline.txt'), RESET_ARGUMENT);
    for (const name of resetFilesOf(bootFileNames(places.bootfs)))
      rmSync(join(places.bootfs, name), { recursive: true });
  });
}

async function destroy(disk: RootDisk, parts: ResetParts, mounted: boolean): Promise<readonly string[]> {
  const { places, tools, clock, log } = parts;
  const partition = disk.partition(DATA);
  const problems: string[] = [];
  // Not mountable means not readable by anybody without effort; the mark and the discard below still hold.
  if (mounted || (await tools.mountData(partition, places.data)).code === 0) {
    const { files, bytes, left } = overwriteKeyMaterial(
      [places.box, places.preset, places.system, places.update, places.health],
      { clock },
    );
    log.info('keys and settings are overwritten', { files, bytes, left: left.length });
    if (left.length > 0) problems.push(`${left.length} files could not be overwritten before they were deleted.`);
    rmSync(pageRequestPath(places), { force: true });
    const unmounted = await tools.unmount(places.data);
    if (unmounted.code !== 0) throw new Error(`the data partition is in use (${unmounted.said})`);
  }
  // No entry yet: nothing to mark, to forget, to overwrite.
  if (!(await markForMaking(disk, tools))) return problems;
  if ((await tools.discard(partition)).code !== 0) {
    const bytes = overwriteBeginning(partition, { clock, bytes: readSuperblock(partition)?.bytes ?? 0 });
    log.info('the card cannot forget its blocks; the first of them are overwritten', { bytes });
  }
  return problems;
}

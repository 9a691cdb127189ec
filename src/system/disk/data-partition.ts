// Carries out the plan for the data partition, so that a power cut after any step is made good by the next boot doing the same
// again, and reports what came of it. Never throws, and never makes a file system over one that could still be read.

import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { DiskDeed, DiskReport } from '../boot/report.ts';
import { type CheckVerdict, judgeCheck } from './check-verdict.ts';
import {
  DATA,
  type DataPlan,
  LEAST_GROWTH_BYTES,
  MAKING_TYPE,
  planData,
  READY_TYPE,
  SECTOR_BYTES,
} from './data-plan.ts';
import { parseTable } from './partition-table.ts';
import type { RootDisk } from './root-disk.ts';
import { readSuperblock } from './superblock.ts';
import type { DiskTools } from './tools.ts';

export interface DataParts {
  readonly tools: DiskTools;
  readonly log: Log;
  /** Where it is mounted. */
  readonly folder: string;
}

type Missing = Extract<DiskReport, { kind: 'missing' }>;
type Step = Missing | undefined;

/** The plan for the disk as it is now. `undefined` disk: root is on none. */
export async function planFor(disk: RootDisk | undefined, tools: DiskTools): Promise<DataPlan> {
  if (!disk) return noDisk('The card that the box started from was not found.', 'root is on no disk');
  const read = await tools.readTable(disk.device);
  const table = parseTable(read.stdout);
  if (!table) return noDisk('The card’s table of contents cannot be read.', read.said);
  return planData(disk, table);
}

/** Makes, grows, checks and mounts the data partition as planned. */
export async function prepareData(disk: RootDisk | undefined, parts: DataParts): Promise<DiskReport> {
  try {
    const plan = await planFor(disk, parts.tools);
    if (plan.kind === 'none' || !disk) return missingOf(plan);
    return plan.kind === 'make'
      ? await makeAndMount(disk, plan, [{ kind: 'made' }], parts)
      : await checkAndMount(disk, plan, parts);
  } catch (error) {
    return unreadable(describeError(error));
  }
}

/** What a reset does once nothing of the old is worth keeping: an empty partition, whatever is there now. */
export async function makeDataAnew(disk: RootDisk | undefined, parts: DataParts): Promise<DiskReport> {
  try {
    const plan = await planFor(disk, parts.tools);
    if (plan.kind === 'none' || !disk) return missingOf(plan);
    return await makeAndMount(disk, { start: plan.start, sectors: roomOf(plan) }, [{ kind: 'made' }], parts);
  } catch (error) {
    return unreadable(describeError(error));
  }
}

/** Marks the partition as holding nothing that counts: whatever happens now, the next boot makes it anew. */
export async function markForMaking(disk: RootDisk, tools: DiskTools): Promise<boolean> {
  return (await tools.writeType(disk.device, DATA, MAKING_TYPE)).code === 0;
}

async function makeAndMount(
  disk: RootDisk,
  at: { readonly start: number; readonly sectors: number },
  did: readonly DiskDeed[],
  parts: DataParts,
): Promise<DiskReport> {
  const { tools, log } = parts;
  const partition = disk.partition(DATA);
  log.info(`making the data partition ${partition}`);
  const entry = await writeEntry(disk, { ...at, type: MAKING_TYPE }, tools);
  if (entry) return entry;
  const made = await tools.makeFileSystem(partition, at.sectors * SECTOR_BYTES);
  if (made.code !== 0) return cannotWrite(made.said);
  const ready = await tools.writeType(disk.device, DATA, READY_TYPE);
  if (ready.code !== 0) return cannotWrite(ready.said);
  return await mount(disk, did, parts, false);
}

async function checkAndMount(
  disk: RootDisk,
  plan: Extract<DataPlan, { kind: 'use' }>,
  parts: DataParts,
): Promise<DiskReport> {
  const { tools, log } = parts;
  const partition = disk.partition(DATA);
  if (plan.growTo !== undefined) {
    log.info(`the card is larger than before: ${partition} grows`);
    const entry = await writeEntry(disk, { start: plan.start, sectors: plan.growTo, type: READY_TYPE }, tools);
    // Not grown is no reason to record nothing; the next boot tries again.
    if (entry) log.warn('the data partition could not be grown', { detail: entry.detail });
  }
  let verdict = judgeCheck(await tools.check(partition));
  // Twice: what the first round moves, the second finds in its place.
  let outOfTime = false;
  for (let round = 0; round < 2 && stillWrong(verdict) && !outOfTime; round++) {
    log.warn('the data partition is damaged; mending it', { detail: verdict.detail });
    const mended = await tools.mend(partition);
    // What took too long once would do so again, until the unit's own limit ends the boot step and nobody hears why.
    outOfTime = mended.code === null;
    verdict = judgeCheck(mended);
    if (verdict.kind === 'clean') verdict = { kind: 'mended', detail: 'a second look found nothing wrong' };
  }
  if (verdict.kind === 'no-file-system') {
    const holds = await whatIsThere(partition, tools);
    if (holds !== undefined) return unreadable(`${verdict.detail} (${holds})`);
    log.error('nothing could be read from the data partition; making it anew', { detail: verdict.detail });
    const at = { start: plan.start, sectors: roomOf(plan) };
    return await makeAndMount(disk, at, [{ kind: 'made-anew', detail: verdict.detail }], parts);
  }
  // Not everything is mended, but what can be read is worth more than none; the kernel stops writing where it meets an error.
  const left = verdict.kind === 'damaged' ? 'not everything could be mended: ' : '';
  const did = verdict.kind === 'clean' ? [] : [{ kind: 'mended' as const, detail: `${left}${verdict.detail}` }];
  return await mount(disk, did, parts, !outOfTime);
}

/** Mounts, and when that fails mends once more if the check had been content; then lets the file system fill its partition. */
async function mount(
  disk: RootDisk,
  did: readonly DiskDeed[],
  parts: DataParts,
  mayMend: boolean,
): Promise<DiskReport> {
  const { tools, folder } = parts;
  const partition = disk.partition(DATA);
  const mounted = await tools.mountData(partition, folder);
  if (mounted.code !== 0) {
    if (!mayMend) return unreadable(mounted.said);
    const verdict = judgeCheck(await tools.mend(partition));
    if (verdict.kind !== 'mended') return unreadable(mounted.said);
    return await mount(disk, [...did, { kind: 'mended', detail: verdict.detail }], parts, false);
  }
  const grown = await fill(disk, parts);
  return {
    kind: 'ready',
    partition,
    bytes: readSuperblock(partition)?.bytes ?? 0,
    did: grown ? [...did, grown] : did,
  };
}

/** Judged by the file system's own size: growing that a power cut ended goes on here, although the table needs nothing. */
async function fill(disk: RootDisk, { tools, log }: DataParts): Promise<DiskDeed | undefined> {
  const partition = disk.partition(DATA);
  const plan = await planFor(disk, tools);
  const before = readSuperblock(partition);
  if (plan.kind !== 'use' || !before || plan.sectors * SECTOR_BYTES - before.bytes < LEAST_GROWTH_BYTES)
    return undefined;
  const ran = await tools.growFileSystem(partition);
  const after = readSuperblock(partition);
  if (ran.code !== 0) log.warn('the data partition could not be grown', { detail: ran.said });
  if (!after || after.bytes <= before.bytes) return undefined;
  return { kind: 'grown', fromBytes: before.bytes, toBytes: after.bytes };
}

async function writeEntry(
  disk: RootDisk,
  entry: { readonly start: number; readonly sectors: number; readonly type: string },
  tools: DiskTools,
): Promise<Step> {
  const wrote = await tools.writeEntry(disk.device, { number: DATA, ...entry });
  if (wrote.code !== 0) return cannotWrite(wrote.said);
  const told = await tools.tellKernel(disk.device, DATA);
  return told.code === 0 ? undefined : cannotWrite(told.said);
}

/** Words for what stands in the way of making it anew; undefined when there is nothing at all to be lost. */
async function whatIsThere(partition: string, tools: DiskTools): Promise<string | undefined> {
  try {
    if (readSuperblock(partition)) return 'there is a file system, but it cannot be checked';
  } catch (error) {
    return `it cannot be read: ${describeError(error)}`;
  }
  const known = await tools.identify(partition);
  if (known.code === 2) return undefined;
  return known.code === 0 ? `it holds ${/^TYPE=(.*)$/m.exec(known.stdout)?.[1] ?? 'something'}` : known.said;
}

const stillWrong = (verdict: CheckVerdict): verdict is Extract<CheckVerdict, { kind: 'damaged' | 'no-file-system' }> =>
  verdict.kind === 'damaged' || verdict.kind === 'no-file-system';

const roomOf = (plan: Exclude<DataPlan, { kind: 'none' }>): number =>
  plan.kind === 'use' ? (plan.growTo ?? plan.sectors) : plan.sectors;

const noDisk = (message: string, detail: string): DataPlan => ({ kind: 'none', reason: 'no-disk', message, detail });

export const missingOf = (plan: DataPlan): Missing =>
  plan.kind === 'none' ? { ...plan, kind: 'missing' } : unreadable('there is no disk');

const unreadable = (detail: string): Missing => ({
  kind: 'missing',
  reason: 'unreadable',
  message:
    'The recordings on this card cannot be read, and could not be mended. Nothing was deleted. Try another card; to start over ' +
    'with this one, put an empty file named nightjar-reset on it with a computer: that destroys everything recorded.',
  detail,
});

const cannotWrite = (detail: string): Missing => ({
  kind: 'missing',
  reason: 'unreadable',
  message: 'The card cannot be written to. It is worn out, or its lock is on. Flash the image onto a new card.',
  detail,
});

// What happens before anything else of ours, as root: a factory reset that was asked for, the data partition, its folders, the box's
// name, nightjar.toml; then the report of it. Nothing here may fail the boot: whatever goes wrong is a sentence in the report, and
// the box comes up with as much as it has.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Places } from '../../base/places.ts';
import { type Account, dataFolders, makeDataFolders, parseAccounts } from '../disk/data-folders.ts';
import { prepareData } from '../disk/data-partition.ts';
import { findRootDisk, type RootDisk } from '../disk/root-disk.ts';
import { diskTools, type RunTool } from '../disk/tools.ts';
import { pageAsksForReset, type ResetBy, readAskedOutside } from '../reset/request.ts';
import { factoryReset } from '../reset/reset.ts';
import { whileWritable } from './bootfs.ts';
import { findHostName, giveHostName, NAMELESS } from './host-name.ts';
import { type BootReport, type DiskReport, readBootReport } from './report.ts';

export interface BootParts {
  readonly places: Places;
  /** The root under which /proc, /sys, /dev and /etc/passwd are looked for. */
  readonly kernel: string;
  readonly run: RunTool;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes nightjar.toml from bootfs to `places.preset`; `setup/` knows how. */
  readonly takePreset: (options: {
    readonly places: Places;
    readonly owner?: Account;
    readonly whileWritable: (write: () => void) => Promise<void>;
  }) => Promise<{ readonly presetTaken: boolean; readonly problems: readonly string[] }>;
}

/** Never throws. A second call in the same boot returns what the first found. */
export async function boot(parts: BootParts): Promise<BootReport> {
  const { places, kernel, clock, log } = parts;
  const problems: string[] = [];
  const attempt = async <T>(doing: string, otherwise: T, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      log.error(`${doing} failed`, { detail: describeError(error) });
      problems.push(`${doing} failed (${describeError(error)}).`);
      return otherwise;
    }
  };
  const bootId = await attempt('Reading the boot’s id', '', () => lineOf(kernel, 'proc/sys/kernel/random/boot_id'));
  const before = readBootReport(places.bootReport);
  if (before && bootId !== '' && before.bootId === bootId) {
    log.info('this boot was seen to already');
    return before;
  }
  const { disk, reset } = await readyDisk(parts, problems);
  let presetTaken = false;
  if (disk.kind === 'ready') {
    await attempt('Making the folders', undefined, () => {
      problems.push(...makeDataFolders(dataFolders(places), join(kernel, 'etc/passwd')));
    });
    const taken = await attempt('Reading nightjar.toml', { presetTaken: false, problems: [] }, () => takePreset(parts));
    presetTaken = taken.presetTaken;
    problems.push(...taken.problems);
  }
  const rememberAt = join(places.system, 'host-name');
  const hostName = await attempt('Naming the box', NAMELESS, () => findHostName({ root: kernel, rememberAt, clock }));
  await attempt('Setting the box’s name', undefined, () => giveHostName(hostName, kernel));
  const report: BootReport = { disk, hostName, ...(reset ? { reset } : {}), presetTaken, problems, bootId };
  await attempt('Writing down what the start found', undefined, () => writeReport(places.bootReport, report));
  return report;
}

async function readyDisk(
  parts: BootParts,
  problems: string[],
): Promise<{ readonly disk: DiskReport; readonly reset?: { readonly by: ResetBy } }> {
  const { places, kernel, clock, log } = parts;
  const tools = diskTools(parts.run);
  const folder = places.data;
  try {
    const root: RootDisk | undefined = findRootDisk(kernel);
    const resetFor = async (by: ResetBy, mounted: boolean) => {
      const outcome = await factoryReset(by, { places, disk: root, tools, clock, log }, mounted);
      problems.push(...outcome.problems);
      return outcome.disk && { disk: outcome.disk, ...(outcome.disk.kind === 'ready' ? { reset: { by } } : {}) };
    };
    const outside = readAskedOutside(places.bootfs, lineOf(kernel, 'proc/cmdline'));
    const done = outside && (await resetFor(outside, false));
    if (done) return done;
    const disk = await prepareData(root, { tools, log, folder });
    if (disk.kind === 'missing' || !pageAsksForReset(places)) return { disk };
    return (await resetFor('page', true)) ?? { disk };
  } catch (error) {
    return {
      disk: {
        kind: 'missing',
        reason: 'no-disk',
        message: 'The card that the box started from was not found. Switch the box off and on again.',
        detail: describeError(error),
      },
    };
  }
}

function takePreset({ places, kernel, run, takePreset }: BootParts) {
  const owner = parseAccounts(readFileSync(join(kernel, 'etc/passwd'), 'utf8')).get('nightjar');
  const tools = diskTools(run);
  return takePreset({
    places,
    ...(owner ? { owner } : {}),
    whileWritable: (write) => whileWritable(places.bootfs, tools, write),
  });
}

/** Whole or not at all, and readable by everybody: `run` and the rescue page are not root. */
function writeReport(path: string, report: BootReport): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(`${path}.new`, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

const lineOf = (kernel: string, path: string): string => readFileSync(join(kernel, path), 'utf8').trim();

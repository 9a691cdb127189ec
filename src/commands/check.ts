// `nightjar check`: proves that what is kept is whole, in words its owner understands, and mends it when asked to.

import { existsSync } from 'node:fs';
import { openDeviceKey, readDeviceKey } from '../access/device-key.ts';
import { systemClock } from '../base/clock.ts';
import { NightjarError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { Catalog } from '../catalog/catalog.ts';
import { isDamage } from '../catalog/database.ts';
import { type CheckReport, checkShelf, type Problem } from '../library/check.ts';
import { datesOf } from '../library/dating.ts';
import { catalogPath, openLibrary, openStore, recordingsFolder } from '../library/library.ts';
import { lockDataFolder } from '../library/lock.ts';
import type { Sealing } from '../store/sealing.ts';
import { deviceKeyOf } from '../vault/signed.ts';
import { type Command, readOptions } from './command.ts';

const usage = `usage: nightjar check --data DIR [--deep] [--repair] [--json]

Checks that every recording in the data folder is whole and in the catalog.
  --data DIR   the data folder
  --deep       look through every file and hold it against what the box signed; reads all that is kept
  --repair     mend what can be mended; nothing that can be played is ever deleted
  --json       print the report as JSON
Exit code: 0 all is well, or was mended; 1 problems are left; 2 wrong use.`;

type Report = CheckReport & { readonly catalog: 'ok' | 'missing' | 'damaged'; readonly running: boolean };

export const check: Command = async (argv, io) => {
  const { values } = readOptions(argv, {
    data: { type: 'string' },
    deep: { type: 'boolean' },
    repair: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    io.out(usage);
    return 0;
  }
  if (typeof values.data !== 'string') throw new NightjarError('invalid', '--data DIR is missing');
  if (!existsSync(values.data)) throw new NightjarError('invalid', `there is no folder ${values.data}`);
  const repair = values.repair === true;
  const report = await checkFolder(values.data, { repair, deep: values.deep === true });
  io.out(values.json ? JSON.stringify(report) : words(report, repair));
  return report.catalog === 'ok' && report.problems.every((problem) => problem.repaired) ? 0 : 1;
};

interface How {
  readonly repair: boolean;
  readonly deep: boolean;
}

async function checkFolder(dataFolder: string, { repair, deep }: How): Promise<Report> {
  let lock: Disposable | undefined;
  try {
    lock = lockDataFolder(dataFolder);
  } catch (error) {
    if (!(error instanceof NightjarError) || error.kind !== 'conflict') throw error;
    if (repair) {
      throw new NightjarError('conflict', 'Nightjar is running on this folder; stop it before you repair', {
        cause: error,
      });
    }
  }
  using _ = lock;
  const isRunning = lock === undefined;
  const log = silentLog;
  if (repair) return await repairFolder(dataFolder, deep);

  const none = { segments: 0, bytes: 0, problems: [], running: isRunning };
  if (!existsSync(catalogPath(dataFolder))) {
    const isFresh = !existsSync(`${dataFolder}/recordings`);
    return { ...none, catalog: isFresh ? 'ok' : 'missing' };
  }
  let catalog: Catalog | undefined;
  try {
    catalog = new Catalog({ path: catalogPath(dataFolder), how: 'read' });
    if (catalog.damage() !== undefined) return { ...none, catalog: 'damaged' };
    const dating = datesOf(recordingsFolder(dataFolder));
    const report = await checkShelf(
      { catalog, store: openStore({ dataFolder, clock: systemClock, sealing: readingOnly(dataFolder) }), dating, log },
      { isRunning, deep },
    );
    return { ...report, catalog: 'ok', running: isRunning };
  } catch (error) {
    if (isDamage(error)) return { ...none, catalog: 'damaged' };
    throw error;
  } finally {
    catalog?.close();
  }
}

/** A folder whose box has no key yet, or lost it, can be looked at all the same: nothing is signed then. */
const readingOnly = (dataFolder: string): Sealing => ({
  publicKey: () => undefined,
  device: readDeviceKey(dataFolder) ?? deviceKeyOf(new Uint8Array(32)),
});

/** Opening the library finishes what was interrupted and rebuilds the catalog; the check then mends the rest. */
async function repairFolder(dataFolder: string, deep: boolean): Promise<Report> {
  // what is mended is signed with the box's key; nothing is recorded, so nobody is sealed to
  const device = openDeviceKey(dataFolder, () => existsSync(`${dataFolder}/vault.json`));
  await using library = await openLibrary({
    dataFolder,
    clock: systemClock,
    log: silentLog,
    sealing: { publicKey: () => undefined, device },
    cameraName: (id) => id,
  });
  return { ...(await library.check({ repair: true, deep })), catalog: 'ok', running: false };
}

function words({ segments, bytes, problems, catalog, running }: Report, repair: boolean): string {
  const lines: string[] = [];
  if (catalog === 'missing') {
    lines.push('The catalog is missing. The next start of Nightjar, or --repair, makes it anew from the recordings.');
  }
  if (catalog === 'damaged') {
    lines.push(
      'The catalog is damaged. --repair makes it anew from the recordings; the damaged one is kept beside it.',
    );
  }
  lines.push(...problems.map((problem) => `${problem.path}: ${problem.message}${ending(problem, repair)}`));
  const left = problems.filter((problem) => !problem.repaired).length;
  const size = `${segments} ${segments === 1 ? 'file' : 'files'}, ${(bytes / 1e9).toFixed(2)} GB`;
  if (problems.length === 0 && catalog === 'ok') lines.push(`All is well: ${size}.`);
  else if (problems.length > 0) {
    lines.push(`${count(problems.length)} found, ${problems.length - left} mended. ${size} are in the catalog.`);
  }
  // what was changed stays as it is: nothing can bring back what was recorded
  if (!repair && problems.some(({ kind }) => kind !== 'changed')) {
    lines.push(running ? 'Stop Nightjar, then run this again with --repair.' : 'Run this again with --repair to mend.');
  }
  return lines.join('\n');
}

const count = (n: number) => (n === 1 ? '1 problem' : `${n} problems`);
const ending = ({ repaired }: Problem, repair: boolean) => (repaired ? ' (mended)' : repair ? ' (not mended)' : '');

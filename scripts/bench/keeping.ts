// A data folder with 100,000 sealed files in it, as a box leaves it: how long a start takes after a clean stop and after a kill, and
// how long it takes to see that every file is there and has its size. Each start and each check is a process of its own.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Catalog } from '../../src/catalog/catalog.ts';
import { catalogPath, openLibrary, recordingsFolder } from '../../src/library/library.ts';
import { recordClip, sampleSealing } from '../../src/library/sample-footage.ts';
import { fill } from './catalog-fill.ts';

export interface KeepingTimes {
  /** From the call of `openLibrary` until recording may begin. */
  readonly cleanStartMs: readonly number[];
  /** Of eight cameras, each with a file half written. */
  readonly killedStartMs: readonly number[];
  /** With `torn` files half written, as no kill leaves them. */
  readonly worseStartMs: readonly number[];
  readonly torn: number;
  /** Presence and size of every file. */
  readonly checkMs: readonly number[];
  readonly checkCpuMs: readonly number[];
  readonly problems: number;
}

/** What `keeping-child.ts` prints. */
export interface ChildAnswer {
  readonly ms: number;
  readonly cpuMs: number;
  readonly segments: number;
  readonly problems: number;
}

export async function keepingTimes(segments: number, torn = 300): Promise<KeepingTimes> {
  const root = mkdtempSync(join(tmpdir(), 'nightjar-bench-keeping-'));
  const dataFolder = join(root, 'data');
  const times = async (what: 'start' | 'check', count: number) => {
    const answers: ChildAnswer[] = [];
    for (let i = 0; i < count; i++) answers.push(await answerOf(what, dataFolder));
    return answers;
  };
  try {
    await makeFolder(dataFolder, segments);
    const clean = await times('start', 5);
    const checks = await times('check', 3);
    let kept = segments;
    const killed = async (files: number) => {
      await dieIn(dataFolder, files, kept - segments);
      const [start] = await times('start', 1);
      kept += files;
      if (start?.segments !== kept) throw new Error(`${start?.segments} segments after a kill, and not ${kept}`);
      return start.ms;
    };
    const killedStartMs = [await killed(8), await killed(8), await killed(8), await killed(8), await killed(8)];
    const worseStartMs = [await killed(torn), await killed(torn), await killed(torn)];
    checks.push(...(await times('check', 1)));
    return {
      cleanStartMs: clean.map(({ ms }) => ms),
      killedStartMs,
      worseStartMs,
      torn,
      checkMs: checks.map(({ ms }) => ms),
      checkCpuMs: checks.map(({ cpuMs }) => cpuMs),
      problems: Math.max(...checks.map(({ problems }) => problems)),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const child = (what: string, ...given: readonly string[]) =>
  Bun.spawn([process.execPath, join(import.meta.dir, 'keeping-child.ts'), what, ...given], {
    stdout: 'pipe',
    stderr: 'inherit',
  });

async function answerOf(what: 'start' | 'check', dataFolder: string): Promise<ChildAnswer> {
  const running = child(what, dataFolder);
  const said = await new Response(running.stdout).text();
  if ((await running.exited) !== 0) throw new Error(`"${what}" failed`);
  return JSON.parse(said) as ChildAnswer;
}

/** Records so many files at once, and dies in the middle of them. */
async function dieIn(dataFolder: string, torn: number, before: number): Promise<void> {
  const running = child('die', dataFolder, String(torn), String(before));
  await running.exited;
  if (running.signalCode !== 'SIGKILL') throw new Error('it did not die as it should');
}

/** Every file is a whole sealed one, a copy of one small recording under a name of its own: only names and sizes are looked at. */
async function makeFolder(dataFolder: string, segments: number): Promise<void> {
  const clock = new ManualClock(Date.UTC(2025, 0, 1));
  const cameraName = (id: string) => id;
  const library = await openLibrary({ dataFolder, clock, log: silentLog, cameraName, sealing: sampleSealing });
  await recordClip(library, clock);
  await library.close();
  const folder = recordingsFolder(dataFolder);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sample = readFileSync(join(folder, names.find((name) => name.endsWith('.nj'))!));
  rmSync(dataFolder, { recursive: true });
  mkdirSync(dataFolder, { recursive: true });
  const folders = new Set<string>();
  const made = (path: string) => {
    const file = join(folder, path);
    if (!folders.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    folders.add(dirname(file));
    writeFileSync(file, sample);
  };
  fill(catalogPath(dataFolder), segments, { bytes: sample.length, made });
  const catalog = new Catalog({ path: catalogPath(dataFolder) });
  catalog.markFilled();
  catalog.close();
}

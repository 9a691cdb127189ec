// What `nightjar choose-slot` does at every start of the service: takes the step that the record asks for, checks that what it
// names may run, and falls back until something may. Whatever is wrong, the image's own executable is left.

import { describeError } from '../../base/errors.ts';
import type { UpdateFiles } from './files.ts';
import type { Machine } from './manifest.ts';
import { emptyRecord, type Kept, type Running, type Slot, type UpdateRecord } from './record.ts';
import { bringSettingsBack, keepSettings } from './settings-copy.ts';
import { executableOf, faultOfSlot, loadRecord, saveRecord } from './slots.ts';
import { type Start, type StartFacts, starting, unusable, withoutTrial } from './trial.ts';

export interface ChooseOptions extends StartFacts {
  readonly files: UpdateFiles;
  /** `places.update`. */
  readonly folder: string;
  /** `places.box`: whose settings are kept for the way back. */
  readonly box: string;
  /** `places.factory`. */
  readonly factory: string;
  readonly keys: readonly Uint8Array[];
  readonly machine: Machine;
  /** One line for the journal. */
  readonly say: (line: string) => void;
}

export interface Chosen {
  readonly run: Running;
  readonly executable: string;
}

/** Never throws. After it resolves, the start of a trial is noted on the disk. */
export async function chooseSlot(options: ChooseOptions): Promise<Chosen> {
  const { folder, factory, say } = options;
  try {
    const run = await chosen(options);
    return { run, executable: run === 'factory' ? factory : executableOf(folder, run) };
  } catch (error) {
    say(`the image's own executable runs, because updates cannot be read: ${describeError(error)}`);
    return { run: 'factory', executable: factory };
  }
}

async function chosen(options: ChooseOptions): Promise<Running> {
  const { files, folder, say } = options;
  const loaded = await loadRecord(files, folder);
  if (loaded === 'unreadable') say('the record of updates is damaged: the image’s own executable runs');
  const before = loaded === undefined || loaded === 'unreadable' ? emptyRecord : loaded;
  const start = await usable(starting(before, options), options);
  const run = await noted(before, start, options);
  if (run !== 'factory') await files.makeExecutable(executableOf(folder, run));
  return run;
}

/** The first of what the record offers whose files are what was signed. */
async function usable(first: Start, options: ChooseOptions): Promise<Start> {
  let start = first;
  while (start.run !== 'factory') {
    const kept = keptIn(start.record, start.run);
    const fault = kept ? await faultOfSlot(options.files, options.folder, kept, options) : 'nobody knows of it';
    if (!fault) break;
    options.say(`what is in slot ${start.run} does not run: ${fault}`);
    start = unusable(start.record, start.run, options);
  }
  return start;
}

/** Writes down what was decided. A trial whose start cannot be written down does not begin. */
async function noted(before: UpdateRecord, start: Start, options: ChooseOptions): Promise<Running> {
  if (JSON.stringify(before) === JSON.stringify(start.record)) return start.run;
  try {
    await mindSettings(before, start.record, options);
    await saveRecord(options.files, options.folder, start.record);
    if (start.record.last !== before.last && start.record.last) options.say(start.record.last.message);
    return start.run;
  } catch (error) {
    options.say(`the record of updates cannot be written: ${describeError(error)}`);
    if (start.record.trial?.slot !== start.run) return start.run;
    return (await usable(withoutTrial(start.record), options)).run;
  }
}

/** Always before the record says that it was done, so that a power cut leads to doing it again. */
async function mindSettings(before: UpdateRecord, after: UpdateRecord, options: ChooseOptions): Promise<void> {
  const { files, folder, box, say } = options;
  if (after.trial?.starts.length === 1) await keepSettings(files, folder, box);
  if (before.trial && !after.trial && before.trial.starts.length > 0 && (await bringSettingsBack(files, folder, box))) {
    say('the settings are again as they were before the update, in the format of the version before');
  }
}

const keptIn = ({ trial, good, previous }: UpdateRecord, slot: Slot): Kept | undefined =>
  [trial, good, previous].find((kept) => kept?.slot === slot);

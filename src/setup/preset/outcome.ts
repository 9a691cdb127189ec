// What came of nightjar.toml, kept for the page until the next one is read.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../base/durable.ts';

export interface PresetProblem {
  /** From 1, in characters. */
  readonly line: number;
  readonly column: number;
  /** Dotted path, '' for the file as a whole. Never a value. */
  readonly path: string;
  readonly message: string;
}

export interface PresetOutcome {
  /** Sections that were taken, as written in the file. */
  readonly taken: readonly string[];
  readonly problems: readonly PresetProblem[];
}

const pathIn = (folder: string) => join(folder, 'outcome.json');

/** Undefined where no file was ever read, or when the note is damaged. */
export function readOutcome(folder: string): PresetOutcome | undefined {
  if (!existsSync(pathIn(folder))) return undefined;
  try {
    return JSON.parse(readFileSync(pathIn(folder), 'utf8')) as PresetOutcome;
  } catch {
    return undefined;
  }
}

export const keepOutcome = (folder: string, outcome: PresetOutcome): void =>
  replaceFile(pathIn(folder), `${JSON.stringify(outcome, null, 2)}\n`);

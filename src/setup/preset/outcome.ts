// What came of nightjar.toml, kept for the page until the next one is read.

import { join } from 'node:path';
import { replaceFile } from '../../base/durable.ts';
import { z } from '../../config/zod.ts';
import { readBounded } from './bounded-file.ts';

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

const place = z.number().int().positive();
const outcome: z.ZodType<PresetOutcome> = z.object({
  taken: z.array(z.string()),
  problems: z.array(z.object({ line: place, column: place, path: z.string(), message: z.string() })),
});

/** Undefined where no file was ever read, or when the note is damaged: it is shown to everybody, before they sign in. */
export function readOutcome(folder: string): PresetOutcome | undefined {
  try {
    const bytes = readBounded(pathIn(folder));
    return bytes && outcome.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}

export const keepOutcome = (folder: string, outcome: PresetOutcome): void =>
  replaceFile(pathIn(folder), `${JSON.stringify(outcome, null, 2)}\n`);

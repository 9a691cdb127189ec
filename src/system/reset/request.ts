// Where a factory reset can be asked for, and what is asked now. Three ways in: the page (a file on the data partition), a file
// on bootfs, and a word on the kernel's command line. Before anything is destroyed the request is copied to bootfs, because
// two of the three are gone half way through; so the file there may also say on whose behalf it stands.

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../base/durable.ts';
import type { Places } from '../../base/places.ts';

export const RESET_FILE = 'nightjar-reset';
export const RESET_ARGUMENT = 'nightjar.reset';

export type ResetBy = 'page' | 'file' | 'argument';

/** Who asks for a reset with what stands on bootfs and on the kernel's command line; undefined when nobody does. */
export function askedOutside(bootFiles: readonly string[], noted: string, commandLine: string): ResetBy | undefined {
  if (resetFilesOf(bootFiles).length > 0) return noted === 'page' || noted === 'argument' ? noted : 'file';
  return commandLine.split(/\s+/).some(asksForReset) ? 'argument' : undefined;
}

/** Windows hides endings and its editor adds one; FAT does not tell large letters from small. */
export const resetFilesOf = (names: readonly string[]): readonly string[] =>
  names.filter((name) => [RESET_FILE, `${RESET_FILE}.txt`].includes(name.toLowerCase()));

const asksForReset = (word: string): boolean => {
  const [name, value = '1'] = word.split('=');
  return name === RESET_ARGUMENT && /^(1|yes|true|on)$/.test(value);
};

/** Names on bootfs; none when it is not there. */
export function bootFileNames(bootfs: string): readonly string[] {
  try {
    return readdirSync(bootfs);
  } catch {
    return [];
  }
}

/** Reads bootfs and the command line. A bootfs that is not there asks for nothing. */
export function readAskedOutside(bootfs: string, commandLine: string): ResetBy | undefined {
  const names = bootFileNames(bootfs);
  return askedOutside(names, noteIn(bootfs, resetFilesOf(names)[0]), commandLine);
}

/** The first word in the file; nothing in a folder of that name, which asks as well as a file does. */
function noteIn(bootfs: string, name: string | undefined): string {
  try {
    return name === undefined ? '' : readFileSync(join(bootfs, name), 'latin1').slice(0, 16).trim();
  } catch {
    return '';
  }
}

/** The page's request, in the folder that `run` may write to. */
export const pageRequestPath = (places: Pick<Places, 'request'>): string => join(places.request, 'reset');

/** Notes that the next boot shall destroy everything; on the disk when it returns. The caller then restarts the box. */
export function askForReset(places: Pick<Places, 'request'>): void {
  replaceFile(pageRequestPath(places), 'page\n');
}

/** Whether the page's request stands. A link of that name is not followed: the folder is the service's. */
export const pageAsksForReset = (places: Pick<Places, 'request'>): boolean =>
  lstatSync(pageRequestPath(places), { throwIfNoEntry: false })?.isFile() === true;

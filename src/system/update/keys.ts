// The release keys of the image and the kind of machine this is: read once at the start.

import { readFileSync } from 'node:fs';
import { type Machine, readReleaseKeys } from './manifest.ts';

/** None when the file is missing or cannot be read: then no update is taken. */
export function loadReleaseKeys(path: string): readonly Uint8Array[] {
  try {
    return readReleaseKeys(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
}

export const thisMachine = (): Machine => (process.arch === 'arm64' ? 'arm64' : 'amd64');

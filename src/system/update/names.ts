// What the files of a release are called: people, `make release` and the release address find them by it.

import type { Machine } from './manifest.ts';

export const updateFileName = (version: string, machine: Machine): string => `nightjar-${version}-${machine}.update`;

/** The head of the newest release by itself. */
export const headFileName = (machine: Machine): string => `nightjar-${machine}.release`;

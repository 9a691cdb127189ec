// The record of restarts on the data partition, `restarts.json`, and the note in memory of what is wrong right now. Three
// programs write the record, one after the other: the service, the command that systemd runs after its end, and the rescue page.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DurableJsonFile } from '../../base/durable-json.ts';
import { describeError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Places } from '../../base/places.ts';
import { noRestarts, parseRestarts, type RestartRecord } from './restarts.ts';

export interface RestartFile {
  readonly record: RestartRecord;
  /** False when the disk did not take the last change, which then holds for this program only. */
  readonly isKept: boolean;
  change(next: (record: RestartRecord) => RestartRecord): void;
}

/** Reads it anew. Never throws: without a disk there is an empty record that is not kept. */
export function openRestartFile(folder: string, log: Log): RestartFile {
  const file = new DurableJsonFile<RestartRecord>({ path: `${folder}/restarts.json`, parse: parseRestarts });
  let isKept = true;
  let record = noRestarts;
  try {
    record = file.read() ?? noRestarts;
  } catch (error) {
    isKept = false;
    log.warn('the record of restarts cannot be read', { error: describeError(error) });
  }
  return {
    get record() {
      return record;
    },
    get isKept() {
      return isKept;
    },
    change(next) {
      const changed = next(record);
      if (changed === record) return;
      record = changed;
      try {
        file.write(record);
        isKept = true;
      } catch (error) {
        isKept = false;
        log.warn('a restart could not be written down', { error: describeError(error) });
      }
    },
  };
}

/** For this program only, and not told of as lost: on somebody's own Linux. */
export function restartsInMemory(): RestartFile {
  let record = noRestarts;
  return {
    get record() {
      return record;
    },
    isKept: true,
    change(next) {
      record = next(record);
    },
  };
}

/** Beside the path of the chosen executable, in memory: it is needed most when the disk fails. Gone after a restart of the box. */
export const unwellPlace = (places: Pick<Places, 'executable'>): string => `${dirname(places.executable)}/unwell`;

/** `because`: a clause; undefined when all is well again. Never throws: nothing hangs on it. */
export function noteUnwell(path: string, because: string | undefined): void {
  try {
    if (because === undefined) rmSync(path, { force: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, because, { mode: 0o600 });
    }
  } catch {
    // The sentence is then one clause shorter.
  }
}

export function readUnwell(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, 200).trim() || undefined;
  } catch {
    return undefined;
  }
}

// What nightjar.toml says that only root may carry out, and that only root may keep: who signs in by SSH, and the country whose
// Wi-Fi rules hold. Written by the first step of the boot from the card itself, never from what the service could have written;
// ssh.service and nightjar-country.service begin with these files.

import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileSteps, replaceFile, syncFolder } from '../../base/durable.ts';
import type { NetworkPreset } from './schema.ts';

export interface SystemSteps extends FileSteps {
  remove(path: string): void;
}

/**
 * Lays what the file says over what was kept; what it is silent about stays. An empty list of keys takes all of them away. May be
 * done twice. `system` is `places.system`; throws what the disk says.
 */
export function keepForSystem(system: string, { ssh, country }: NetworkPreset, steps: SystemSteps): void {
  if (ssh) keepKeys(join(system, 'ssh/authorized_keys'), ssh.keys, steps);
  // As systemd reads a file of variables.
  if (country !== undefined) replaceFile(join(system, 'country'), `COUNTRY=${country}\n`, steps);
}

function keepKeys(path: string, keys: readonly string[], steps: SystemSteps): void {
  const folder = dirname(path);
  if (keys.length === 0) {
    if (!existsSync(folder)) return;
    steps.remove(path);
    syncFolder(folder, steps);
    return;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // sshd refuses keys in a folder that others may write to.
  chmodSync(folder, 0o700);
  syncFolder(dirname(folder), steps);
  const lines = ['# Written by the box from nightjar.toml. Change it there.', ...keys];
  replaceFile(path, `${lines.join('\n')}\n`, steps);
}

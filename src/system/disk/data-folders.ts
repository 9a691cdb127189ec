// The folders of the data partition, with owner and mode, put right at every boot. A folder whose owner has changed (the image
// numbered its users anew) is handed over with all that is in it.

import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../base/errors.ts';
import type { Places } from '../../base/places.ts';

export interface DataFolder {
  readonly path: string;
  /** A name in /etc/passwd. */
  readonly owner: string;
  readonly mode: number;
}

export const dataFolders = (places: Places): readonly DataFolder[] => [
  { path: places.data, owner: 'root', mode: 0o755 },
  ...[places.box, places.update, places.preset, places.request, places.health].map((path) => ({
    path,
    owner: 'nightjar',
    mode: 0o700,
  })),
  { path: places.system, owner: 'root', mode: 0o755 },
  { path: join(places.system, 'network'), owner: 'root', mode: 0o700 },
  { path: join(places.system, 'NetworkManager'), owner: 'root', mode: 0o755 },
  // The clock's last time and the random seed: /var/lib/systemd, bound here.
  { path: join(places.system, 'systemd'), owner: 'root', mode: 0o755 },
];

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Users of an /etc/passwd, by name. */
export function parseAccounts(passwd: string): ReadonlyMap<string, Account> {
  const accounts = new Map<string, Account>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && uid && gid) accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}

/** Makes what is missing and puts right what is not. Returns a sentence for each folder that could not be had. */
export function makeDataFolders(folders: readonly DataFolder[], passwdPath = '/etc/passwd'): readonly string[] {
  const accounts = parseAccounts(readFileSync(passwdPath, 'utf8'));
  const problems: string[] = [];
  for (const { path, owner, mode } of folders) {
    const account = accounts.get(owner);
    if (!account) {
      problems.push(`The folder ${path} has no owner: there is no user ${owner} on this system.`);
      continue;
    }
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const now = lstatSync(path);
      if (!now.isDirectory()) {
        problems.push(`${path} is not a folder.`);
        continue;
      }
      if (now.uid !== account.uid || now.gid !== account.gid) handOver(path, account, owner !== 'root');
      if ((now.mode & 0o7777) !== mode) chmodSync(path, mode);
    } catch (error) {
      problems.push(`The folder ${path} could not be made ready: ${describeError(error)}.`);
    }
  }
  return problems;
}

/** Never follows a link: what is inside was written by a user with fewer rights than ours. */
function handOver(path: string, { uid, gid }: Account, withAllInIt: boolean): void {
  if (withAllInIt) {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) handOver(inner, { uid, gid }, true);
      else lchownSync(inner, uid, gid);
    }
  }
  chownSync(path, uid, gid);
}

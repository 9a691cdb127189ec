// What nightjar.toml said about the network, kept for the network room: `network.json`, readable by the box alone. `waiting` names
// the parts that nobody has taken up yet. SSH keys are not among them and the country is only to be shown: both are root's, who
// took them from the card (`system-parts.ts`).

import { join } from 'node:path';
import { replaceFile } from '../../base/durable.ts';
import { z } from '../../config/zod.ts';
import { readBounded } from './bounded-file.ts';
import { countrySetting, type NetworkPreset, networkParts } from './schema.ts';

const partName = z.enum(['wifi', 'hotspot']);
export type NetworkName = z.infer<typeof partName>;

const networkFile = z.object({
  country: countrySetting.optional(),
  wifi: networkParts.wifi.optional(),
  hotspot: networkParts.hotspot.optional(),
  waiting: z.array(partName).default([]),
});
export type NetworkFile = Omit<NetworkPreset, 'ssh'> & { readonly waiting: readonly NetworkName[] };

const pathIn = (folder: string) => join(folder, 'network.json');

/** Empty where there is none, or when it is damaged or no file. */
export function readNetworkFile(folder: string): NetworkFile {
  try {
    return networkFile.parse(JSON.parse(new TextDecoder().decode(readBounded(pathIn(folder))))) as NetworkFile;
  } catch {
    return { waiting: [] };
  }
}

/** Lays what is new over what was kept. Throws what the disk says. */
export function addToNetworkFile(folder: string, { ssh: _, ...preset }: NetworkPreset): void {
  const before = readNetworkFile(folder);
  const waiting = new Set([...before.waiting, ...partName.options.filter((name) => preset[name] !== undefined)]);
  keep(folder, { ...before, ...preset, waiting: [...waiting] });
}

/** Somebody has taken the part up. */
export function takenUp(folder: string, name: NetworkName): void {
  const before = readNetworkFile(folder);
  keep(folder, { ...before, waiting: before.waiting.filter((one) => one !== name) });
}

const keep = (folder: string, file: NetworkFile) => replaceFile(pathIn(folder), `${JSON.stringify(file, null, 2)}\n`);

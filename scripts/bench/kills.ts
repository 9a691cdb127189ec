// Hundreds of kills in one folder: see `tests/support/kills.ts`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kills, killTimeAndAgain } from '../../tests/support/kills.ts';

export async function killMany(wanted: number, seed: number): Promise<Kills> {
  // Ctrl-C: after the kill under way it is looked at what is there, and told
  let stopped = false;
  process.once('SIGINT', () => {
    stopped = true;
  });
  const dataFolder = mkdtempSync(join(tmpdir(), 'nightjar-kills-'));
  try {
    return await killTimeAndAgain({ dataFolder, seed, goesOn: (kills) => kills < wanted && !stopped });
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

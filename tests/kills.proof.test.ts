// As many kills as fit into half a minute; `make bench ARGS='--only kills'` makes three hundred.

import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killTimeAndAgain } from './support/kills.ts';

const FOR_MS = 35_000;

test('a box killed at any moment while three cameras record and retention runs loses at most two seconds, and nothing it had kept', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'nightjar-kills-'));
  const seed = Math.floor(Math.random() * 2 ** 31);
  const startedMs = performance.now();
  try {
    const goesOn = (kills: number) => kills < 6 || performance.now() - startedMs < FOR_MS;
    const { faults, kills, lostMs, recovered, restarts, removed } = await killTimeAndAgain({
      dataFolder,
      seed,
      goesOn,
    });
    expect(faults).toEqual([]);
    // the kills hit what they were meant to hit
    expect(kills).toBeGreaterThanOrEqual(6);
    expect({ seed, lost: lostMs.length > 5 }).toEqual({ seed, lost: true });
    expect(Math.max(...lostMs)).toBeLessThanOrEqual(2000);
    expect([recovered > 0, restarts > 0, removed > 0]).toEqual([true, true, true]);
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}, 120_000);

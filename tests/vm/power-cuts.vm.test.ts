// The plug is pulled while the box records, ten times, at moments nobody chose.

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RtspCamera } from '../support/rtsp.ts';
import { patience, startVm } from '../support/vm.ts';
import {
  addYard,
  caughtUp,
  checkedClean,
  claimedDisk,
  MINUTES,
  recordingsOf,
  recordsAgain,
  signInTo,
  startYard,
} from '../support/vm-box.ts';
import { overlay } from '../support/vm-disk.ts';

const CUTS = Number(process.env.NIGHTJAR_CUTS ?? 10);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-cuts-'));
let camera: RtspCamera;
beforeAll(async () => {
  camera = await startYard();
});
afterAll(async () => {
  await camera?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test(
  `after each of ${CUTS} power cuts the box records again by itself, what it kept is whole, and at most two seconds are lost`,
  async () => {
    const disk = await overlay(await claimedDisk(), join(folder, 'disk.qcow2'));
    const seed = Math.floor(Math.random() * 2 ** 31);
    const moment = random(seed);
    const rounds: { readonly againAtS: number; readonly lostMs?: number; readonly complaints: string }[] = [];
    let known = new Set<string>();
    /** By the box's own clock. */
    let cutAtMs: number | undefined;
    for (let cut = 0; cut <= CUTS; cut++) {
      await using vm = await startVm({ disk });
      const owner = await signInTo(vm);
      if (cut === 0) await addYard(owner, camera);
      const { uptimeS } = await recordsAgain(vm, owner, known);
      const recordings = await recordingsOf(owner);
      if (cutAtMs !== undefined) {
        const last = recordings.find((r) => r.startMs < cutAtMs!);
        rounds.push({
          againAtS: uptimeS,
          ...(last?.endMs === undefined ? {} : { lostMs: cutAtMs - last.endMs }),
          complaints: await checkedClean(vm),
        });
        console.log(`cut ${cut}: recorded again at ${uptimeS.toFixed(1)} s, lost ${rounds.at(-1)?.lostMs} ms`);
      }
      if (cut === CUTS) break;
      await caughtUp(vm);
      await Bun.sleep(1000 + moment() * 8000);
      known = new Set((await recordingsOf(owner)).map((r) => r.id));
      const askedMs = Date.now();
      const boxMs = Number(await vm.run('date +%s%3N'));
      const sinceMs = Date.now();
      await vm.cutPower();
      // the middle of asking is when the box said its time
      cutAtMs = boxMs + (Date.now() - (askedMs + sinceMs) / 2);
    }
    expect({ seed, complaints: rounds.map((r) => r.complaints).filter(Boolean) }).toEqual({ seed, complaints: [] });
    expect({ seed, rounds: rounds.length, lost: rounds.filter((r) => r.lostMs !== undefined).length }).toEqual({
      seed,
      rounds: CUTS,
      lost: CUTS,
    });
    expect(Math.max(...rounds.map((r) => r.againAtS))).toBeLessThanOrEqual(60 * patience);
    expect(Math.max(...rounds.map((r) => r.lostMs ?? 0))).toBeLessThanOrEqual(2000);
  },
  (CUTS + 3) * 3 * MINUTES,
);

/** 0–1, the same again for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Kills a recording process at random moments, time and again in the same folder, and holds what is left to every promise. What it did
// follows from a seed, but for the machine's own timing.

import { join } from 'node:path';
import { spawnChild } from '../../src/base/child.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { type LookedAt, proveFolder } from '../../src/library/fixture-proof.ts';
import { openLibrary } from '../../src/library/library.ts';
import { device, vaultKeys, vaultPair } from '../../src/vault/fixture-file.ts';
import { isKillFootage, randomOf } from './kill-footage.ts';

export interface Kills {
  readonly kills: number;
  /** Of those, how many hit while the process was still putting in order what the kill before had left. */
  readonly whileStarting: number;
  /** For each camera and each kill that hit it recording: what it had seen and is not there afterwards. */
  readonly lostMs: readonly number[];
  /** Most that one chain's verdicts named at once: retention removes the older ones. */
  readonly recovered: number;
  readonly restarts: number;
  /** Files that were opened, read to their end and held against what was handed over and signed. */
  readonly looked: number;
  readonly removed: number;
  /** Empty when every promise was kept. */
  readonly faults: readonly string[];
}

export interface KillOptions {
  readonly dataFolder: string;
  readonly seed: number;
  /** Asked before each kill. */
  readonly goesOn: (kills: number) => boolean;
}

/** Longest time from starting the process, or from its being ready, to killing it. */
const MOST_STARTING_MS = 1000;
const MOST_RECORDING_MS = 2000;
/** The library dates a segment by the time since switching on: some ms away from the wall clock. Segments begin 300 ms apart. */
const SAME_START_MS = 50;

export async function killTimeAndAgain({ dataFolder, seed, goesOn }: KillOptions): Promise<Kills> {
  const random = randomOf(seed);
  const looked: LookedAt = new Map();
  const faults: string[] = [];
  const lostMs: number[] = [];
  const looksAt = new Set<string>();
  /** Since it was last looked: segments under way when the kill came, and those that were finished. */
  let unfinished: readonly Seen[] = [];
  let finished: readonly Seen[] = [];
  let [kills, whileStarting, recovered, restarts, made, kept] = [0, 0, 0, 0, 0, 0];
  while (goesOn(kills) && faults.length === 0) {
    const said = await killOnce(
      dataFolder,
      Math.floor(random() * 2 ** 31),
      random() < 1 / 4 ? 'started' : 'ready',
      random(),
    );
    kills++;
    if (!said.isReady) whileStarting++;
    unfinished = [...unfinished, ...said.unfinished];
    finished = [...finished, ...said.finished];
    // every third is followed by another, which finds everything as the kill has left it
    if (random() < 1 / 3 && goesOn(kills)) continue;

    const sealing = { publicKey: () => vaultPair.publicKey, device };
    const library = await openLibrary({
      dataFolder,
      clock: systemClock,
      log: silentLog,
      cameraName: (id) => id,
      sealing,
    });
    faults.push(...(await library.check()).problems.map((problem) => JSON.stringify(problem)));
    await library.close();
    const proof = await proveFolder(
      dataFolder,
      { vault: vaultKeys, devicePublicKey: device.publicKey },
      isKillFootage,
      looked,
    );
    faults.push(...proof.faults);
    const durationOf = ({ cameraId, startMs }: Seen) =>
      proof.segments.find((s) => s.cameraId === cameraId && Math.abs(s.startMs - startMs) <= SAME_START_MS)?.durationMs;
    for (const seen of unfinished) {
      const { cameraId } = seen;
      const lost = seen.mediaMs - (durationOf(seen) ?? 0);
      lostMs.push(lost);
      if (lost > 2000) faults.push(`${cameraId}: ${lost} ms of what it had seen are lost`);
    }
    for (const seen of finished) {
      const { cameraId, mediaMs } = seen;
      // what retention or the owner removed is gone; the chain would tell if it had not been noted
      const still = durationOf(seen);
      if (still !== undefined && still < mediaMs)
        faults.push(`${cameraId}: ${mediaMs - still} ms of a finished segment are lost`);
    }
    [unfinished, finished] = [[], []];
    for (const { path } of proof.segments) looksAt.add(path);
    recovered = Math.max(recovered, proof.chain.recovered ?? 0);
    restarts = Math.max(restarts, proof.chain.restart ?? 0);
    const highest = new Map(proof.segments.map(({ cameraId, sequence }) => [cameraId, sequence]));
    made = [...highest.values()].reduce((sum, sequence) => sum + sequence, 0);
    kept = proof.segments.length;
  }
  return {
    ...{ kills, whileStarting, lostMs, recovered, restarts, looked: looksAt.size, removed: made - kept },
    faults: faults.map((fault) => `kill ${kills}, seed ${seed}: ${fault}`),
  };
}

interface Seen {
  readonly cameraId: string;
  readonly startMs: number;
  readonly mediaMs: number;
}

async function killOnce(dataFolder: string, seed: number, after: 'started' | 'ready', share: number) {
  const script = join(import.meta.dir, '../fixtures/kill-recorder.ts');
  await using child = spawnChild([process.execPath, script, dataFolder, String(seed)]);
  const running = new Map<string, Seen>();
  const finished: Seen[] = [];
  let isReady = false;
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  const drained = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop()!;
      for (const [word, cameraId, startMs, mediaMs] of lines.map((line) => line.split(' '))) {
        if (word === 'ready') {
          isReady = true;
          becomeReady();
        }
        const seen = { cameraId: cameraId!, startMs: Number(startMs), mediaMs: Number(mediaMs) };
        if (word === 'seen') running.set(cameraId!, seen);
        if (word === 'finished') {
          running.delete(cameraId!);
          finished.push(seen);
        }
      }
    }
  })();
  const errors = new Response(child.stderr).text();
  if (after === 'ready') await Promise.race([ready, child.exited]);
  const afterMs = share * (after === 'ready' ? MOST_RECORDING_MS : MOST_STARTING_MS);
  await Promise.race([Bun.sleep(afterMs), child.exited]);
  process.kill(child.pid, 'SIGKILL');
  const { signal } = await child.exited;
  await drained;
  if (signal !== 'SIGKILL') throw new Error(`the recording process ended by itself: ${await errors}`);
  return { unfinished: [...running.values()], finished, isReady };
}

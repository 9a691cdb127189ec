import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnChild } from '../base/child.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { openLibrary } from './library.ts';
import { sampleSealing } from './sample-footage.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a process killed at any moment loses nothing it had promised, ten times in a row', async () => {
  const promised = new Map<string, number>();
  const gone = new Set<string>();
  const unsure = new Set<string>();
  let interrupted = 0;
  for (let round = 0; round < 10; round++) {
    await using child = spawnChild([process.execPath, join(import.meta.dir, 'fixture-recorder.ts'), folder]);
    const { promise: atWork, resolve: isAtWork } = Promise.withResolvers<void>();
    const drained = (async () => {
      let rest = '';
      const decoder = new TextDecoder();
      for await (const bytes of child.stdout) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
        rest = lines.pop()!;
        for (const [word, id, ms] of lines.map((line) => line.split(' '))) {
          if (word === 'kept') {
            promised.set(id!, Number(ms));
            isAtWork();
          }
          if (word === 'removing') unsure.add(id!);
          if (word === 'removed') gone.add(id!);
        }
      }
    })();
    const errors = new Response(child.stderr).text();
    await Promise.race([atWork, child.exited.then(async () => Promise.reject(new Error(await errors)))]);
    await Bun.sleep(Math.random() * 300);
    process.kill(child.pid, 'SIGKILL');
    expect((await child.exited).signal).toBe('SIGKILL');
    await drained;

    await using library = await openLibrary({
      dataFolder: folder,
      clock: systemClock,
      log: silentLog,
      sealing: sampleSealing,
      cameraName: (id) => id,
    });
    expect((await library.check()).problems).toEqual([]);
    for (const [id, ms] of promised) {
      if (unsure.has(id) || ms === 0) continue;
      expect(`${id} ${(library.recording(id)?.durationMs ?? 0) >= ms}`).toBe(`${id} true`);
    }
    for (const id of gone) expect(library.recording(id)).toBeUndefined();
    const recordings = library.recordings({ limit: 10_000 });
    expect(recordings.filter((r) => r.endMs === undefined)).toEqual([]);
    interrupted = recordings.filter((r) => r.interrupted).length;
  }
  // the kills hit what they were meant to hit
  expect(promised.size).toBeGreaterThanOrEqual(10);
  expect(interrupted).toBeGreaterThan(3);
}, 60_000);

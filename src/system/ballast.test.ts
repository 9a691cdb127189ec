import { afterEach, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { LogBook } from '../base/log.ts';
import { type Ballast, openBallast } from './ballast.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});
const MB = 1024 * 1024;

/** A disk on which others have left so much room to the box; what the ballast takes is taken off. */
function disk(roomBytes: number, totalBytes = 64 * MB) {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-ballast-'));
  folders.push(dataDir);
  const path = join(dataDir, 'ballast');
  const clock = new ManualClock();
  const logs = new LogBook({ clock, write() {} });
  const size = () => (existsSync(path) ? statSync(path).size : 0);
  const state = { roomBytes };
  const open = () => {
    const space = () => ({ totalBytes, freeBytes: Math.max(0, state.roomBytes - size()) });
    return openBallast({ dataDir, clock, log: logs.log('storage'), space });
  };
  return { state, clock, open, path, size, said: () => logs.recent().map((line) => line.message) };
}
const LOOK_MS = 600_000;

/** A start and a stop. Answers what there was of it while the box started. */
async function run(box: ReturnType<typeof disk>, meanwhile?: (ballast: Ballast) => Promise<void>) {
  const ballast = box.open();
  const atStart = box.size();
  await ballast.hold();
  await meanwhile?.(ballast);
  await ballast.close();
  expect(ballast.bytes()).toBe(box.size());
  return atStart;
}

test('room is set aside where there is enough: a thirty-second part of a small disk, 16 MB of a large one', async () => {
  const small = disk(40 * MB);
  await run(small);
  expect(small.size()).toBe(2 * MB);
  // Blocks, not a hole.
  expect(statSync(small.path).blocks * 512).toBeGreaterThanOrEqual(2 * MB);
  expect(statSync(small.path).mode & 0o777).toBe(0o600);
  expect(small.said()).toEqual(['room is set aside for a start on a full disk']);
  const large = disk(1000 * MB, 64_000 * MB);
  await run(large);
  expect(large.size()).toBe(16 * MB);
});

test('a start without room has it, and what the start does not need is set aside again', async () => {
  const box = disk(40 * MB);
  await run(box);
  box.state.roomBytes = 2 * MB;
  expect(await run(box)).toBe(0);
  expect(box.size()).toBe(1.75 * MB);
  expect(box.said()[1]).toContain('is given up');
  // Again and again, as nobody makes room: there is some for each start.
  for (let start = 0; start < 5; start++) {
    box.state.roomBytes = box.size();
    expect(await run(box)).toBe(0);
  }
  expect(box.size()).toBeGreaterThan(512 * 1024);
});

test('a start with room leaves it alone', async () => {
  const box = disk(40 * MB);
  await run(box);
  expect(await run(box)).toBe(2 * MB);
  expect(box.said()).toHaveLength(1);
});

test('it becomes whole when there is room again, not before, and in ten minutes at the soonest', async () => {
  const box = disk(40 * MB);
  await run(box);
  box.state.roomBytes = 2 * MB;
  await run(box, async (ballast) => {
    box.state.roomBytes = 3.9 * MB;
    await box.clock.advance(LOOK_MS);
    box.state.roomBytes = 4 * MB;
    await box.clock.advance(LOOK_MS - 1);
    await Bun.sleep(0);
    expect(box.size()).toBe(1.75 * MB);
    await box.clock.advance(1);
    while (ballast.bytes() < 2 * MB) await Bun.sleep(0);
  });
});

test('a start that ended too soon to take the room back costs the next one nothing', async () => {
  const box = disk(40 * MB);
  await run(box);
  box.state.roomBytes = 2 * MB;
  await box.open().close();
  expect(box.size()).toBe(0);
  await run(box);
  expect(box.size()).toBe(1.75 * MB);
});

test('the last bytes of a disk are left to who needs them', async () => {
  const box = disk(200_000);
  await run(box);
  expect(box.size()).toBe(0);
});

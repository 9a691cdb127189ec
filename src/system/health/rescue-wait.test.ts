import { expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { situationOf } from './rescue.ts';
import { waitForRestart } from './rescue-wait.ts';
import { openRestartFile } from './restart-file.ts';

function waiting(restart: () => Promise<void> = async () => {}) {
  const clock = new ManualClock();
  const restarts = openRestartFile(mkdtempSync(join(tmpdir(), 'nightjar-rescue-')), silentLog);
  const orders: number[] = [];
  const wait = waitForRestart({
    situation: situationOf({ boot: undefined, record: restarts.record, isKept: true }),
    restarts,
    power: {
      restart() {
        orders.push(clock.monotonicMs() / 1000);
        return restart();
      },
    },
    moment: () => ({ bootId: 'a', sinceBootMs: clock.monotonicMs() }),
    clock,
    log: silentLog,
  });
  return { clock, restarts, orders, wait };
}

test('the restart is noted before it is ordered, so that the next wait is longer', async () => {
  const it = waiting();
  await it.clock.advance(9_000);
  expect([it.wait.leftMs(), it.orders.length, it.restarts.record.rebootsInARow]).toEqual([1000, 0, 0]);
  await it.clock.advance(1_000);
  expect([it.wait.leftMs(), it.orders]).toEqual([0, [10]]);
  expect(it.restarts.record).toMatchObject({ rebootsInARow: 1, run: { hasEnded: true } });
  expect(it.restarts.record.restarts.map((one) => one.kind)).toEqual(['reboot']);
});

test('a restart that is refused is said, and ordered again; it counts once', async () => {
  const it = waiting(async () => {
    throw new Error('not allowed');
  });
  await it.clock.advance(251_000);
  expect(it.orders).toEqual([10, 130, 250]);
  expect(it.wait.problem()).toBe('the system refused it.');
  expect(it.restarts.record.rebootsInARow).toBe(1);
});

test('nothing is ordered after it was closed', async () => {
  const it = waiting();
  it.wait.close();
  await it.clock.advance(60_000);
  expect(it.orders).toEqual([]);
});

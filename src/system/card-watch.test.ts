import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { LogBook } from '../base/log.ts';
import type { Card } from './card.ts';
import { watchCard } from './card-watch.ts';

const HOUR = 3_600_000;

/** A machine whose card takes 500 MB an hour, of which 400 are ours in the first six hours of a run, and none later. */
function machine(dataDir = mkdtempSync(join(tmpdir(), 'nightjar-card-'))) {
  const clock = new ManualClock();
  const log = new LogBook({ clock, write: () => {} }).log('storage');
  const hours = () => clock.monotonicMs() / HOUR;
  let hasCard = true;
  const start = (bootId: string) => {
    const [startedAtHours, boot] = [hours(), { id: bootId, sinceBootMs: () => clock.monotonicMs() }];
    const card = (): Card | undefined =>
      hasCard ? { device: 'mmcblk0', kind: 'sd', bytes: 32e9, writtenBytes: hours() * 500e6 } : undefined;
    return watchCard({
      dataDir,
      boot,
      ownBytes: () => Math.min(6, hours() - startedAtHours) * 400e6,
      clock,
      log,
      card,
    });
  };
  return { dataDir, clock, start, takeCard: () => (hasCard = false), file: join(dataDir, 'card.json') };
}

test('it is written down every six hours and at the stop, and at no other time', async () => {
  const { clock, start, file } = machine();
  const watch = start('a');
  const written: number[] = [];
  let last = '';
  for (let hour = 1; hour <= 13; hour++) {
    await clock.advance(HOUR);
    watch.life();
    const now = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (now !== last) written.push(hour);
    last = now;
  }
  expect(written).toEqual([6, 12]);
  await watch.close();
  expect(readFileSync(file, 'utf8')).not.toBe(last);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('what a card takes is known over a stop, and counted once', async () => {
  const { clock, start } = machine();
  const first = start('a');
  expect(first.life()).toEqual({ kind: 'sd', enduranceBytes: 16e12 });
  await clock.advance(6 * HOUR);
  first.life();
  await clock.advance(6 * HOUR);
  await first.close();
  await clock.advance(3 * HOUR);
  const second = start('a');
  const life = second.life();
  expect(life?.bytesPerDay).toBeCloseTo(12e9, -3);
  expect(life?.ownBytesPerDay).toBeCloseTo(4.8e9, -3);
  expect(life?.yearsLeft).toBeCloseTo((16e12 - 7.5e9) / 12e9 / 365.25, 5);
  await second.close();
});

test('without a card nothing is said and nothing written', async () => {
  const { clock, start, takeCard, file } = machine();
  takeCard();
  const watch = start('a');
  await clock.advance(7 * HOUR);
  expect(watch.life()).toBeUndefined();
  await watch.close();
  expect(existsSync(file)).toBe(false);
});

test('a ledger that cannot be read or written stops nothing', async () => {
  const { dataDir, clock, start, file } = machine();
  writeFileSync(file, '{"card": 7');
  const watch = start('a');
  await clock.advance(2 * HOUR);
  // where the new one would be made
  mkdirSync(join(dataDir, 'card.json.new'));
  await clock.advance(5 * HOUR);
  await watch.close();
  expect(watch.life()?.bytesPerDay).toBeCloseTo(12e9, -3);
});

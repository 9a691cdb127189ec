import { expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { LogBook, silentLog } from '../base/log.ts';
import { SettingsStore } from '../config/store.ts';
import type { CardLife } from '../system/card-life.ts';
import type { Cameras } from './cameras.ts';
import { createStatus } from './status.ts';

const clock = new ManualClock();

/** A box without cameras, on this card. */
const statusOn = (card: CardLife | undefined) =>
  createStatus({
    version: '1',
    store: new SettingsStore({ dataDir: mkdtempSync(join(tmpdir(), 'nightjar-status-')), env: {}, log: silentLog }),
    cameras: { list: () => [] } as unknown as Cameras,
    logs: new LogBook({ clock, write: () => {} }),
    clock,
    disk: async () => ({ totalBytes: 64e9, freeBytes: 30e9 }),
    keepFreeBytes: () => 2e9,
    card: () => card,
    keeping: () => ({ bytes: 20e9, bytesLastDay: 0, full: false }),
    outbox: () => ({ waiting: 0 }),
    addresses: () => [],
    tlsFingerprint: () => undefined,
  }).status();

const warnings = async (card: CardLife | undefined) =>
  (await statusOn(card)).notices.filter((notice) => notice.level === 'warn').map((notice) => notice.message);

test('a memory that says it is nearly worn out is a warning; a forecast is none', async () => {
  expect(await warnings({ kind: 'emmc', reserve: 'urgent' })).toEqual([
    'The memory that holds the recordings says that it is nearly worn out.',
  ]);
  expect(await warnings({ kind: 'sd', bytesPerDay: 12e9, enduranceBytes: 16e12, yearsLeft: 0 })).toEqual([]);
  expect(await warnings(undefined)).toEqual([]);
});

test('where there is no card, or nothing is told of it, nothing is said', async () => {
  const life = { kind: 'sd', enduranceBytes: 16e12 } as const;
  expect((await statusOn(life)).disk.card).toEqual(life);
  expect((await statusOn(undefined)).disk).not.toHaveProperty('card');
});

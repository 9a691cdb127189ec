import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../base/log.ts';
import { migrate } from './migrate.ts';
import { defaultSettings, SETTINGS_VERSION, settings } from './settings.ts';
import { SettingsStore } from './store.ts';

const camera = (id: string, motion?: unknown) => ({
  id,
  name: id,
  source: { kind: 'demo' },
  ...(motion === undefined ? {} : { motion }),
});
const motions = (value: unknown) => settings.parse(migrate(value)).cameras.map(({ motion }) => motion);

test('the pause after which a visit is over keeps its value under its new name, camera by camera', () => {
  const old = {
    version: 1,
    cameras: [camera('yard', { coolDownS: 5, sensitivity: 70 }), camera('door', { coolDownS: 30 }), camera('attic')],
  };
  expect(motions(old).map((m) => [m.mergeGapS, m.coolDownS, m.sensitivity])).toEqual([
    [5, 0, 70],
    [30, 0, 50],
    [5, 0, 50],
  ]);
});

test('a file without a version is taken all the way', () => {
  expect(motions({ cameras: [camera('yard', { coolDownS: 9 })] })[0]).toMatchObject({ mergeGapS: 9, coolDownS: 0 });
});

test('a file that knows both words already, or a current one, is left as it is', () => {
  const both = { coolDownS: 60, mergeGapS: 8 };
  expect(motions({ version: 1, cameras: [camera('yard', both)] })[0]).toMatchObject(both);
  expect(motions({ version: SETTINGS_VERSION, cameras: [camera('yard', { coolDownS: 60 })] })[0]).toMatchObject({
    mergeGapS: 5,
    coolDownS: 60,
  });
  expect(migrate(defaultSettings())).toEqual(defaultSettings());
});

test('a box of before quotas and warnings keeps what it has, and gets defaults that change nothing it records', () => {
  const old = { version: 2, storage: { keepFreeMB: 500, maxAgeDays: 9 }, cameras: [camera('yard')] };
  const now = settings.parse(migrate(old));
  expect(now.storage).toEqual({ keepFreeMB: 500, maxAgeDays: 9, warnAtPercent: [90], warnBelowDays: 1 });
  expect(now.cameras[0]?.keep).toEqual({ quotaGB: 0, maxAgeDays: 0, thinAfterDays: 0 });
});

test.each([[{ version: 1, cameras: 'none' }], [{ version: 1, cameras: [null, 3, { motion: [] }] }], [{ version: 1 }]])(
  'what is no settings file is handed on to be refused in words, not broken off: %j',
  (value) => {
    expect(migrate(value)).toEqual({ ...value, version: SETTINGS_VERSION } as never);
  },
);

test('an older file is migrated on the disk of a box, too, and its cameras’ alerts keep their own cool-down', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-settings-'));
  const path = join(dataDir, 'settings.json');
  writeFileSync(
    path,
    JSON.stringify({ version: 1, cameras: [{ ...camera('yard', { coolDownS: 7 }), alerts: { coolDownS: 90 } }] }),
  );
  const store = new SettingsStore({ dataDir, env: {}, log: silentLog });
  expect(store.recovered).toBeUndefined();
  expect(store.current.cameras[0]).toMatchObject({ motion: { mergeGapS: 7, coolDownS: 0 }, alerts: { coolDownS: 90 } });
  store.changeCamera('yard', { name: 'Yard' });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    version: SETTINGS_VERSION,
    cameras: [{ motion: { mergeGapS: 7, coolDownS: 0 } }],
  });
});

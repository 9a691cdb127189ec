import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../base/log.ts';
import { placesUnder } from '../../base/places.ts';
import { noteUnwell, openRestartFile, readUnwell, unwellPlace } from './restart-file.ts';
import { noRestarts } from './restarts.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'nightjar-restarts-'));

test('what one program noted, the next one reads', () => {
  const place = folder();
  openRestartFile(place, silentLog).change((record) => ({ ...record, rebootsInARow: 4 }));
  expect(openRestartFile(place, silentLog).record.rebootsInARow).toBe(4);
  expect(statSync(join(place, 'restarts.json')).mode & 0o777).toBe(0o600);
});

test('a cut file costs nothing: the last good copy stands', () => {
  const place = folder();
  openRestartFile(place, silentLog).change((record) => ({ ...record, camerasLive: 2 }));
  writeFileSync(join(place, 'restarts.json'), '{"restarts":[');
  expect(openRestartFile(place, silentLog).record.camerasLive).toBe(2);
});

test('a disk that takes nothing is told, and what was noted holds for this program', () => {
  const file = openRestartFile('/proc/nowhere', silentLog);
  expect([file.record, file.isKept]).toEqual([noRestarts, true]);
  file.change((record) => ({ ...record, rebootsInARow: 1 }));
  expect([file.record.rebootsInARow, file.isKept]).toEqual([1, false]);
});

test('a change that changes nothing is not written', () => {
  const place = folder();
  openRestartFile(place, silentLog).change((record) => record);
  expect(readdirSync(place)).toEqual([]);
});

test('what is wrong is one short line, and gone when all is well', () => {
  const path = unwellPlace(placesUnder(folder()));
  noteUnwell(path, 'the disk does not answer');
  expect(readUnwell(path)).toBe('the disk does not answer');
  noteUnwell(path, 'x'.repeat(1000));
  expect(readUnwell(path)).toHaveLength(200);
  noteUnwell(path, undefined);
  expect(readUnwell(path)).toBeUndefined();
  noteUnwell('/proc/nowhere/unwell', 'the disk does not answer');
});

import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../base/log.ts';
import { placesUnder } from '../base/places.ts';
import { noteUnwell, openRestartFile, unwellPlace } from '../system/health/restart-file.ts';
import { ended, noteEnd } from './ended.ts';

test('what was wrong when the watchdog stopped the service stands in the record', () => {
  const places = placesUnder(mkdtempSync(join(tmpdir(), 'nightjar-ended-')));
  mkdirSync(places.health, { recursive: true });
  noteUnwell(unwellPlace(places), 'the disk does not answer');
  noteEnd(places, { result: 'watchdog', status: 'KILL' }, silentLog);
  const { restarts, run } = openRestartFile(places.health, silentLog).record;
  expect(restarts).toMatchObject([
    { kind: 'watchdog', message: 'Nightjar stood still, because the disk does not answer, and was stopped.' },
  ]);
  expect(run?.hasEnded).toBe(true);
});

test('by hand it does nothing and says what it is for', async () => {
  const said: string[] = [];
  const io = {
    out: (text: string) => said.push(text),
    err: (text: string) => said.push(text),
    env: {},
    isTerminal: false,
  };
  expect(await ended([], io)).toBe(2);
  expect(said.join()).toStartWith('usage: nightjar ended');
});

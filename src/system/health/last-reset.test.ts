import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasResetByWatchdog } from './last-reset.ts';

function chips(...states: readonly (string | undefined)[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-watchdog-'));
  states.forEach((state, i) => {
    mkdirSync(join(folder, `watchdog${i}`));
    if (state !== undefined) writeFileSync(join(folder, `watchdog${i}`, 'bootstatus'), `${state}\n`);
  });
  return folder;
}

test('a watchdog that reset the machine says so; one that does not know, or is not there, says nothing', () => {
  expect(wasResetByWatchdog(chips('32'))).toBe(true);
  expect(wasResetByWatchdog(chips('0', '33'))).toBe(true);
  expect(wasResetByWatchdog(chips('0', undefined))).toBe(false);
  expect(wasResetByWatchdog(chips('garbage'))).toBe(false);
  expect(wasResetByWatchdog('/nowhere')).toBe(false);
});

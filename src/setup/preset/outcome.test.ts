import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepOutcome, readOutcome } from './outcome.ts';

const inFolder = () => mkdtempSync(join(tmpdir(), 'nightjar-outcome-'));

test('what came of the file is read as it was kept', () => {
  const folder = inFolder();
  const outcome = {
    taken: ['box', 'mail'],
    problems: [{ line: 3, column: 1, path: 'wifi.ssid', message: 'Missing.' }],
  };
  keepOutcome(folder, outcome);
  expect(readOutcome(folder)).toEqual(outcome);
});

test.each(['', 'null', '[]', '{"taken":3}', '{"taken":[],"problems":[{}]}', '{"taken":["box"]'])(
  'a note that is none keeps nobody from signing in: %p',
  (text) => {
    const folder = inFolder();
    writeFileSync(join(folder, 'outcome.json'), text);
    expect(readOutcome(folder)).toBeUndefined();
  },
);

test('a folder or a pipe of its name is neither waited for nor an error', () => {
  const [first, second] = [inFolder(), inFolder()];
  mkdirSync(join(first, 'outcome.json'));
  Bun.spawnSync(['mkfifo', join(second, 'outcome.json')]);
  expect([readOutcome(first), readOutcome(second)]).toEqual([undefined, undefined]);
});

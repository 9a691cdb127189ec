import { expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileSteps, systemFileSteps } from './durable.ts';
import { DurableJsonFile, parseJson } from './durable-json.ts';

const parse = (value: unknown): { n: number } => {
  if (typeof (value as { n?: unknown })?.n !== 'number') throw new Error('n must be a number');
  return value as { n: number };
};
const inFolder = () => join(mkdtempSync(join(tmpdir(), 'nightjar-json-')), 'settings.json');

test('what was written is read back, and only its owner may read the file', () => {
  const path = inFolder();
  new DurableJsonFile({ path, parse }).write({ n: 1 });
  expect(new DurableJsonFile({ path, parse }).read()).toEqual({ n: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file cut at any byte falls back to the last good copy and says so', () => {
  const path = inFolder();
  new DurableJsonFile({ path, parse }).write({ n: 7 });
  const whole = readFileSync(path, 'utf8').trimEnd();
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.slice(0, length));
    const file = new DurableJsonFile({ path, parse });
    expect(file.read()).toEqual({ n: 7 });
    expect(file.source).toBe('last-good');
    expect(file.problem).toMatch(/empty|cut off/);
  }
});

test('where the refused one cannot be kept aside, as on a full disk, the last good copy counts all the same', () => {
  const path = inFolder();
  new DurableJsonFile({ path, parse }).write({ n: 7 });
  writeFileSync(path, 'garbage');
  mkdirSync(`${path}.rejected`);
  expect(new DurableJsonFile({ path, parse }).read()).toEqual({ n: 7 });
});

test.each([
  ['a pipe', (path: string) => void Bun.spawnSync(['mkfifo', path]), 'it is no file'],
  ['a folder', (path: string) => mkdirSync(path), 'it is no file'],
  ['larger than memory', (path: string) => truncateSync(path, 2 ** 42), 'the file is too large'],
])('what is %s is not waited for, read or copied: the last good copy counts', (_, make, problem) => {
  const path = inFolder();
  new DurableJsonFile({ path, parse }).write({ n: 7 });
  if (problem === 'it is no file') rmSync(path);
  make(path);
  const file = new DurableJsonFile({ path, parse });
  expect(file.read()).toEqual({ n: 7 });
  expect(file.problem).toBe(problem);
  expect(existsSync(`${path}.rejected`)).toBe(false);
});

test('a value that is refused is kept aside, so that the owner can look at it', () => {
  const path = inFolder();
  const file = new DurableJsonFile({ path, parse });
  file.write({ n: 7 });
  writeFileSync(path, '{"n": "seven"}');
  expect(file.read()).toEqual({ n: 7 });
  expect(file.problem).toBe('n must be a number');
  expect(readFileSync(`${path}.rejected`, 'utf8')).toBe('{"n": "seven"}');
});

test('a file edited by hand becomes the last good copy once it was read', () => {
  const path = inFolder();
  const file = new DurableJsonFile({ path, parse });
  file.write({ n: 1 });
  writeFileSync(path, '{"n": 2}');
  expect(file.read()).toEqual({ n: 2 });
  writeFileSync(path, '');
  expect(file.read()).toEqual({ n: 2 });
});

test('stopping at any step of a write leaves the old value or the new one, never neither', () => {
  for (let stopAt = 0; stopAt < 20; stopAt++) {
    const path = inFolder();
    new DurableJsonFile({ path, parse }).write({ n: 1 });
    let step = 0;
    const stopped = (): void => {
      if (step++ === stopAt) throw new Error('power cut');
    };
    const steps: FileSteps = {
      open: (...a) => {
        stopped();
        return systemFileSteps.open(...a);
      },
      write: (fd, bytes) => {
        if (step++ === stopAt) {
          systemFileSteps.write(fd, bytes.subarray(0, bytes.length >> 1));
          throw new Error('power cut');
        }
        systemFileSteps.write(fd, bytes);
      },
      fsync: (fd) => {
        stopped();
        systemFileSteps.fsync(fd);
      },
      close: (fd) => systemFileSteps.close(fd),
      rename: (...a) => {
        stopped();
        systemFileSteps.rename(...a);
      },
    };
    try {
      new DurableJsonFile({ path, parse, steps }).write({ n: 2 });
    } catch {}
    expect([1, 2]).toContain(new DurableJsonFile({ path, parse }).read()?.n ?? -1);
    expect(existsSync(path)).toBe(true);
  }
});

test.each([
  ['{"a": 1,}', 'this is not JSON at line 1, column 9'],
  ['{\n  "a": 1\n  "b": 2\n}', 'this is not JSON at line 3, column 3'],
  ['{"a": [1, 2', 'the file is cut off at line 1, column 12'],
  ['{"a": tru', 'the file is cut off at line 1, column 10'],
  ['{"a": maybe}', 'this is not JSON at line 1, column 7'],
  ['', 'the file is empty'],
  ['{} {}', 'this is not JSON at line 1, column 4'],
])('%j is refused with its place', (text, message) => {
  expect(() => parseJson(text)).toThrow(message);
});

test('a good file is read as it is also when the disk is too full to refresh its copy', () => {
  const path = inFolder();
  new DurableJsonFile({ path, parse }).write({ n: 7 });
  writeFileSync(path, '{"n": 8}');
  const full: FileSteps = {
    ...systemFileSteps,
    write() {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    },
  };
  const file = new DurableJsonFile({ path, parse, steps: full });
  expect([file.read(), file.source, file.problem]).toEqual([{ n: 8 }, 'file', undefined]);
});

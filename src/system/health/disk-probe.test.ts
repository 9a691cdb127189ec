import { expect, test } from 'bun:test';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, systemClock } from '../../base/clock.ts';
import { createDiskProbe } from './disk-probe.ts';
import { proven } from './proof.ts';

function disk() {
  const clock = new ManualClock();
  let written = 0;
  let writes = 0;
  let answer: () => Promise<void> = async () => {};
  const probe = createDiskProbe({
    folder: '/data',
    writtenBytes: () => written,
    clock,
    write: () => {
      writes++;
      return answer();
    },
  });
  return {
    clock,
    probe,
    record() {
      written += 1000;
    },
    answers: (next: () => Promise<void>) => {
      answer = next;
    },
    get writes() {
      return writes;
    },
  };
}
const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

test('while nothing is recorded, it is written to once a minute and no more', async () => {
  const it = disk();
  for (let s = 0; s < 600; s += 10) {
    expect(await it.probe()).toEqual(proven);
    await it.clock.advance(10_000);
  }
  expect(it.writes).toBe(10);
});

test('what is recorded is proof enough', async () => {
  const it = disk();
  await it.probe();
  for (let s = 0; s < 600; s += 10) {
    it.record();
    await it.clock.advance(10_000);
    expect(await it.probe()).toEqual(proven);
  }
  expect(it.writes).toBe(1);
});

test('a full disk has answered', async () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const it = disk();
    it.answers(failing(code));
    expect(await it.probe()).toEqual(proven);
  }
});

test('a disk that refuses has nothing to show, at every look, until it takes something again', async () => {
  const it = disk();
  it.answers(failing('EROFS'));
  for (let look = 0; look < 3; look++) {
    expect(await it.probe()).toEqual({ ok: false, because: 'the disk can no longer be written' });
    await it.clock.advance(10_000);
  }
  it.answers(async () => {});
  expect(await it.probe()).toEqual(proven);
});

test('a disk that does not answer is waited for, and no second write is sent after the first', async () => {
  const it = disk();
  const { promise, resolve } = Promise.withResolvers<void>();
  it.answers(() => promise);
  for (let look = 0; look < 3; look++) {
    const asked = it.probe();
    await it.clock.advance(5000);
    expect(await asked).toEqual({ ok: false, because: 'the disk does not answer' });
  }
  expect(it.writes).toBe(1);
  resolve();
  expect(await it.probe()).toEqual(proven);
});

test('the file it writes is small, and its owner’s alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-alive-'));
  expect(await createDiskProbe({ folder, clock: systemClock })()).toEqual(proven);
  const { size, mode } = statSync(join(folder, 'alive'));
  expect([size, mode & 0o777]).toEqual([37, 0o600]);
  const gone = createDiskProbe({ folder: join(folder, 'gone'), clock: systemClock });
  expect((await gone()).ok).toBe(false);
});

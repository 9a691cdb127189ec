import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FileSteps, systemFileSteps } from '../base/durable.ts';
import type { Access } from './access.ts';
import {
  add,
  claimBody,
  claimedBox,
  home,
  logIn,
  newFolder,
  openBox,
  remove,
  removeFolders,
  reset,
  rewrap,
  sent,
  signedIn,
} from './fixture-access.ts';
import { rotated } from './fixture-keyring.ts';

// Names and keys lie in two files. Whatever step of whatever change is the last: after a restart it has happened or it has not.

setDefaultTimeout(60_000);
afterEach(removeFolders);

/** That the disk has it is not what is shown here; waiting for it would take minutes. */
const quick: FileSteps = { ...systemFileSteps, fsync() {} };

/** From the given step on nothing works: the power is gone, or the disk is full for good. */
function stepsUntil(last: number): { readonly steps: FileSteps; readonly taken: () => number } {
  let count = 0;
  const guarded =
    <A extends unknown[], R>(step: (...args: A) => R) =>
    (...args: A): R => {
      if (count >= last) throw Object.assign(new Error('gone'), { code: 'ENOSPC' });
      count++;
      return step(...args);
    };
  const { open, write, fsync, close, rename } = quick;
  const steps = { open: guarded(open), write: guarded(write), fsync: guarded(fsync), close, rename: guarded(rename) };
  return { steps, taken: () => count };
}

const canSignIn = (access: Access, name: string, id: string) =>
  ['first', 'second'].filter((passphrase, i) => logIn(access, name, id, passphrase, `198.51.100.${i}`).ok).join();

/** What can be seen of who may do what. */
const stateOf = (access: Access) => ({
  keys: access.keyring()?.vaultKeys.length,
  people: access.people().map(({ id, name, role, secondFactor }) => ({ id, name, role, secondFactor })),
  signIn: ['ada', 'bob', 'cid'].map((id) => canSignIn(access, id, id)),
});

/** Ada's box, in which Bob may look. */
function homeOfTwo(): string {
  const { access, dataDir } = claimedBox(newFolder(), undefined, { steps: quick });
  add(access, 'bob', 'viewer');
  access.close();
  return dataDir;
}

function copied(dataDir: string): string {
  const copy = newFolder();
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

const changes: readonly [string, (access: Access) => unknown][] = [
  ['adding somebody', (access) => add(access, 'cid', 'viewer')],
  ['removing somebody', (access) => remove(access, 'bob')],
  ['a reset', (access) => reset(access, signedIn(access, 'ada', 'ada').session, 'bob', 'second')],
  ['a new passphrase', (access) => rewrap(access, signedIn(access, 'ada', 'ada').session, 'second')],
  ['a new vault key', (access) => access.changeKeys(sent(access, rotated))],
];

for (const [what, change] of changes) {
  test(`${what} has happened or has not, whatever step was the last`, () => {
    const states = new Set<string>();
    const prepared = homeOfTwo();
    const old = stateOf(openBox(copied(prepared), undefined, { steps: quick }));
    let finished = false;
    for (let last = 0; !finished && last < 200; last++) {
      const dataDir = copied(prepared);
      const cut = stepsUntil(last);
      let threw = false;
      try {
        change(openBox(dataDir, undefined, { steps: cut.steps }));
      } catch {
        threw = true;
      }
      finished = cut.taken() < last;
      const after = stateOf(openBox(dataDir, undefined, { steps: quick }));
      expect(after.signIn[0], `ada after step ${last}`).not.toBe('');
      expect(JSON.stringify(after) === JSON.stringify(old), `step ${last}: what was refused has not happened`).toBe(
        threw,
      );
      states.add(JSON.stringify(after));
    }
    expect([finished, states.size]).toEqual([true, 2]);
  });
}

test('a claim has happened or has not, and a box that it did not reach can be claimed', () => {
  const outcomes = new Set<boolean>();
  let finished = false;
  for (let last = 0; !finished && last < 200; last++) {
    const dataDir = newFolder();
    const cut = stepsUntil(last);
    const first = openBox(dataDir, undefined, { steps: cut.steps });
    let threw = false;
    try {
      first.claim(claimBody(first), home);
    } catch {
      threw = true;
    }
    finished = cut.taken() < last;
    const again = openBox(dataDir, undefined, { steps: quick });
    expect(again.isClaimed(), `step ${last}`).toBe(!threw);
    if (threw) expect(again.claim(claimBody(again), home).ok).toBe(true);
    expect([logIn(again, 'Ada', 'ada').ok, again.keyring() !== undefined]).toEqual([true, true]);
    outcomes.add(threw);
  }
  expect([finished, outcomes.size]).toEqual([true, 2]);
});

test('the second factor that a reset takes off does not come back with the power', () => {
  const prepared = homeOfTwo();
  const path = join(prepared, 'access.json');
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  kept.people[1].totp = { secret: 'JBSWY3DPEHPK3PXP', lastUsedStep: 0 };
  writeFileSync(path, JSON.stringify(kept));
  const seen = new Set<boolean>();
  for (let last = 0, finished = false; !finished && last < 200; last++) {
    const dataDir = copied(prepared);
    const cut = stepsUntil(last);
    try {
      const cutBox = openBox(dataDir, undefined, { steps: cut.steps });
      reset(cutBox, signedIn(cutBox, 'Ada', 'ada').session, 'bob', 'second');
    } catch {}
    finished = cut.taken() < last;
    const after = openBox(dataDir, undefined, { steps: quick });
    const [first, second] = ['first', 'second'].map((passphrase) => logIn(after, 'bob', 'bob', passphrase));
    const isBefore = !first!.ok && first!.reason === 'second-factor' && !second!.ok && second!.reason === 'wrong';
    expect(isBefore !== (second!.ok && !first!.ok), `step ${last}`).toBe(true);
    seen.add(isBefore);
  }
  expect(seen.size).toBe(2);
});

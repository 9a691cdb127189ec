import { afterEach, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '../base/clock.ts';
import { type FileSteps, systemFileSteps } from '../base/durable.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { Access } from './access.ts';
import { deviceKeyPath, readDeviceKey } from './device-key.ts';
import { add, claimedBox, logIn, newFolder, openBox, removeFolders } from './fixture-access.ts';
import { madeKeyring, madeUp } from './fixture-keyring.ts';

// What holds when files of the data folder are damaged, lost, of another box, or cannot be written.

afterEach(removeFolders);

const fullDisk: FileSteps = {
  ...systemFileSteps,
  write() {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  },
};

test('on a full disk the owner still signs in', () => {
  const { dataDir } = claimedBox();
  const full = openBox(dataDir, undefined, { steps: fullDisk });
  expect(logIn(full, 'Ada', 'ada', 'first', '203.0.113.7').ok).toBe(true);
  expect(() => add(full, 'bob', 'viewer')).toThrow('could not be written');
  expect(full.people()).toHaveLength(1);
});

function logged(dataDir: string): { readonly access: Access; readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string) => void lines.push(message);
  const log: Log = { ...silentLog, warn: say, error: say };
  return { access: openBox(dataDir, undefined, { log }), lines };
}
const spoil = (dataDir: string, ...names: string[]) => {
  for (const name of names) writeFileSync(join(dataDir, name), '{"version":');
};
const lose = (dataDir: string, ...names: string[]) => {
  for (const name of names) rmSync(join(dataDir, name));
};
const everyKeyring = ['vault.json', 'vault.json.last-good', 'recordings/keyring.json'];

test('a damaged keyring is taken from its last good copy, then from the one beside the recordings', () => {
  for (const damaged of [everyKeyring.slice(0, 1), everyKeyring.slice(0, 2)]) {
    for (const harm of [spoil, lose]) {
      const { dataDir, access } = claimedBox();
      const before = access.keyring();
      harm(dataDir, ...damaged);
      const again = logged(dataDir);
      expect([again.access.keyring(), logIn(again.access, 'Ada', 'ada').ok]).toEqual([before, true]);
      expect(again.lines.join(' ')).toContain('vault.json');
      expect(logged(dataDir).lines).toEqual([]);
    }
  }
});

const closed: readonly [string, (dataDir: string) => void, string][] = [
  ['no keyring that can be read', (d) => spoil(d, ...everyKeyring), 'vault.json cannot be read'],
  ['no keyring left', (d) => lose(d, ...everyKeyring), 'vault.json cannot be read (it is gone)'],
  [
    'another device’s keyring',
    (d) => writeFileSync(join(d, 'vault.json'), JSON.stringify(madeKeyring(madeUp('x', 32)))),
    'another device.key',
  ],
  [
    'somebody else’s keyring',
    (d) =>
      writeFileSync(
        join(d, 'vault.json'),
        JSON.stringify(madeKeyring(Buffer.from(readDeviceKey(d)!.publicKey).toString('hex'), 'eve')),
      ),
    'do not belong together',
  ],
  [
    'no list of people that can be read',
    (d) => spoil(d, 'access.json', 'access.json.last-good'),
    'access.json and its last good copy cannot be read',
  ],
  [
    'a list of people of an earlier build',
    (d) => {
      const old = {
        version: 1,
        people: [{ id: 'x', name: 'Ada', passphraseHash: '$argon2id$x', createdAtMs: 0, knownAddresses: [] }],
        streamTokens: [],
      };
      for (const name of ['access.json', 'access.json.last-good']) writeFileSync(join(d, name), JSON.stringify(old));
    },
    'made by an earlier build',
  ],
];
for (const [what, harm, words] of closed) {
  test(`with ${what} nobody can sign in or claim the box, and the log says what to do`, () => {
    const { dataDir, cookie } = claimedBox();
    harm(dataDir);
    const { access, lines } = logged(dataDir);
    expect([access.isClaimed(), access.claimCode()]).toEqual([true, undefined]);
    expect([logIn(access, 'Ada', 'ada').ok, access.session(cookie)]).toEqual([false, undefined]);
    expect(lines.join('\n')).toContain(words);
    expect(lines.join('\n')).toContain('to claim the box anew');
    expect(() => access.createStreamToken('tv', null)).toThrow('damaged');
    // What could not be read stays, to be put right by hand.
    access.close();
    expect(openBox(dataDir).isClaimed()).toBe(true);
  });
}

test('a box whose list of people is damaged goes on sealing to its owner', () => {
  const { dataDir, access } = claimedBox();
  spoil(dataDir, 'access.json', 'access.json.last-good');
  expect(openBox(dataDir).sealing().publicKey()).toEqual(access.sealing().publicKey());
});

test('the copy beside the recordings is made good when it is lost or old, and tried again when it cannot be written', async () => {
  const { dataDir } = claimedBox();
  const copy = join(dataDir, 'recordings/keyring.json');
  const text = readFileSync(copy, 'utf8');
  rmSync(copy);
  openBox(dataDir);
  expect(readFileSync(copy, 'utf8')).toBe(text);
  rmSync(join(dataDir, 'recordings'), { recursive: true });
  writeFileSync(join(dataDir, 'recordings'), 'in the way');
  const clock = new ManualClock();
  expect(openBox(dataDir, clock).isClaimed()).toBe(true);
  rmSync(join(dataDir, 'recordings'));
  await clock.advance(60_000);
  expect(readFileSync(copy, 'utf8')).toBe(text);
});

test('the box’s key is made once, is nobody else’s to read, and is never replaced by itself', () => {
  const dataDir = newFolder();
  expect(readDeviceKey(dataDir)).toBeUndefined();
  const { access } = claimedBox(dataDir);
  const key = readDeviceKey(dataDir)!;
  expect(Buffer.from(key.publicKey).toString('hex')).toBe(access.deviceKey());
  expect(readFileSync(deviceKeyPath(dataDir))).toHaveLength(32);
  for (const content of ['', 'x'.repeat(31), '\0'.repeat(32)]) {
    writeFileSync(deviceKeyPath(dataDir), content);
    expect(() => openBox(dataDir)).toThrow('device.key in the data folder is damaged. Put it back from a copy');
  }
  rmSync(deviceKeyPath(dataDir));
  expect(() => openBox(dataDir)).toThrow('device.key is gone');
  expect(existsSync(deviceKeyPath(dataDir))).toBe(false);
  for (const name of readdirSync(dataDir)) if (/^(access|vault)/.test(name)) rmSync(join(dataDir, name));
  const anew = openBox(dataDir);
  expect([anew.isClaimed(), anew.deviceKey() === access.deviceKey()]).toEqual([false, false]);
});

import { beforeAll, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority, privateKeyPem } from '../../../tests/support/certificates.ts';
import { type FileSteps, systemFileSteps } from '../../base/durable.ts';
import { silentLog } from '../../base/log.ts';
import type { TlsCertificate } from './pem.ts';
import { certificateStorage, noRecord, type OrderRecord } from './storage.ts';

const NOW = Date.UTC(2026, 2, 1);
let first: TlsCertificate;
let second: TlsCertificate;

beforeAll(async () => {
  const authority = await makeAuthority(NOW);
  const issue = async (name: string) => {
    const { key, cert } = await authority.issue({ names: [name], fromMs: NOW, untilMs: NOW + 1e9 });
    return { key, cert: cert + authority.intermediate };
  };
  first = await issue('first.example');
  second = await issue('second.example');
});

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'nightjar-certificates-')), 'certificates');
const open = (folder: string, steps?: FileSteps) => certificateStorage(folder, silentLog, steps);
const nameIn = (kept: { readonly facts: { readonly names: readonly string[] } } | undefined) => kept?.facts.names[0];

/** Every step of a write fails in turn: what came before it is done, what comes after never happens. */
function failing(at: number): FileSteps {
  let step = 0;
  const counted = <A extends unknown[], R>(act: (...args: A) => R) => {
    return (...args: A): R => {
      if (step++ === at) throw Object.assign(new Error('no'), { code: 'ENOSPC' });
      return act(...args);
    };
  };
  return {
    open: counted(systemFileSteps.open),
    write: counted(systemFileSteps.write),
    fsync: counted(systemFileSteps.fsync),
    close: systemFileSteps.close,
    rename: counted(systemFileSteps.rename),
  };
}

test('what is kept is found again, and nobody but the box may read it', () => {
  const folder = newFolder();
  const kept = open(folder);
  expect([kept.automatic(), kept.own(), kept.account.read(), kept.record()]).toEqual([
    undefined,
    undefined,
    undefined,
    noRecord,
  ]);
  expect(existsSync(folder)).toBe(false);
  const account = privateKeyPem('p256');
  const record: OrderRecord = {
    of: 'abc',
    failures: 2,
    lastMs: NOW,
    notBeforeMs: NOW + 5,
    last: { kind: 'failed', atMs: NOW, message: 'No.', advice: 'Wait.' },
    told: { 'AA:BB': 'soon' },
  };
  expect(kept.keepAutomatic(first)).toBe(true);
  kept.keepOwn(second);
  kept.account.keep(account);
  kept.keepRecord(record);
  const again = open(folder);
  expect(again.automatic()?.pair).toEqual(first);
  expect(again.own()?.pair).toEqual(second);
  expect(again.account.read()).toBe(account);
  expect(again.record()).toEqual(record);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  again.dropOwn();
  again.dropOwn();
  again.account.forget();
  expect([again.own(), again.account.read(), nameIn(again.automatic())]).toEqual([
    undefined,
    undefined,
    'first.example',
  ]);
});

test('a write that fails at any step leaves the old certificate with its key, or the new one with its own', () => {
  for (let at = 0; ; at++) {
    const folder = newFolder();
    open(folder).keepAutomatic(first);
    open(folder).keepOwn(first);
    const cut = open(folder, failing(at));
    const isWritten = cut.keepAutomatic(second);
    const { pair } = open(folder).automatic()!;
    expect([first.key, second.key]).toContain(pair.key);
    expect(pair.cert).toBe(pair.key === first.key ? first.cert : second.cert);
    if (isWritten) {
      expect(pair).toEqual(second);
      expect(at).toBeGreaterThan(4);
      return;
    }
    expect(() => open(folder, failing(at)).keepOwn(second)).toThrow('the certificate could not be written');
    expect(open(folder).own()).toBeDefined();
  }
});

test('a file cut at any place is set aside: never a key without its certificate', () => {
  const folder = newFolder();
  open(folder).keepAutomatic(first);
  const path = join(folder, 'automatic.pem');
  const whole = readFileSync(path);
  const chain = whole.lastIndexOf('-----BEGIN');
  for (let length = 0; length < chain; length += 41) {
    rmSync(`${path}.damaged`, { force: true });
    writeFileSync(path, whole.subarray(0, length));
    expect(open(folder).automatic()).toBeUndefined();
    expect([existsSync(path), readFileSync(`${path}.damaged`).length]).toEqual([false, length]);
  }
});

test.each([
  ['garbage', (path: string) => writeFileSync(path, 'garbage')],
  ['a folder', (path: string) => mkdirSync(path)],
  ['a pipe', (path: string) => void Bun.spawnSync(['mkfifo', path])],
  ['far too large', (path: string) => writeFileSync(path, Buffer.alloc(500_000))],
])('%s in place of each file is set aside and does not come back', (_, make) => {
  const folder = newFolder();
  open(folder).keepAutomatic(first);
  const names = ['account-key.pem', 'automatic.pem', 'orders.json', 'own.pem'];
  for (const name of names) {
    rmSync(join(folder, name), { force: true });
    make(join(folder, name));
  }
  const read = () => {
    const kept = open(folder);
    return [kept.automatic(), kept.own(), kept.account.read(), kept.record()];
  };
  expect(read()).toEqual([undefined, undefined, undefined, noRecord]);
  expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.damaged`));
  expect(read()).toEqual([undefined, undefined, undefined, noRecord]);
});

test.each([
  ['another shape', '[]'],
  ['nothing', 'null'],
  ['times that are none', '{"of":"a","failures":"2","lastMs":null}'],
])('a record of %s counts as none', (_, text) => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, 'orders.json'), text);
  expect(open(folder).record()).toEqual(noRecord);
});

test('of a record, what makes no sense is left out', () => {
  const folder = newFolder();
  mkdirSync(folder);
  const text =
    '{"of":"a","failures":1,"lastMs":5,"notBeforeMs":"x","last":{"kind":"failed"},"told":{"A":"soon","B":3}}';
  writeFileSync(join(folder, 'orders.json'), text);
  expect(open(folder).record()).toEqual({ of: 'a', failures: 1, lastMs: 5, told: { A: 'soon' } });
});

// People on a real box, with real vaults: what a page does to claim, to let others in and out, and to come back in.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Keyring,
  LoginParameters,
  PersonView,
  RecoverChallenge,
  Role,
  SessionView,
  VaultView,
} from '../src/http/api.ts';
import { hex, unhex } from '../src/vault/bytes.ts';
import { keyIdHex, openSealedFor } from '../src/vault/key-pair.ts';
import { sealingKey } from '../src/vault/keyring.ts';
import { passphraseSecrets } from '../src/vault/passphrase.ts';
import { addPerson, removePerson, resetPerson, rotate, unlock, unlockWithRecovery } from '../src/vault/people.ts';
import { recoveryPair } from '../src/vault/recovery.ts';
import { cheapCost, type Owner, owner, startBox, type TestBox } from './support/box.ts';

setDefaultTimeout(60_000);

let box: TestBox;
let robin: Owner;

beforeAll(async () => {
  box = await startBox();
  robin = await box.claim();
  proof = hex((await unlock(robin.keyring, robin.unlocked.personId!, owner.passphrase)).signIn);
});
afterAll(async () => {
  await box[Symbol.asyncDispose]();
});

const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? '';
/** As somebody with this cookie, or nobody. */
const ask = (path: string, json?: unknown, cookie = '', method = json === undefined ? 'GET' : 'POST') =>
  fetch(`${box.http}${path}`, {
    method,
    headers: { origin: box.http, cookie, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
async function signIn(name: string, passphrase: string): Promise<Response> {
  const asked = (await (await ask('/api/v1/login/parameters', { name })).json()) as LoginParameters;
  const secrets = await passphraseSecrets(passphrase, asked, asked.personId);
  return ask('/api/v1/login', { name, signIn: hex(secrets.signIn) });
}
/** The owner's own secret, once more. */
let proof = '';
const vault = () => robin.json<VaultView>('/api/v1/vault');
async function letIn(id: string, role: Role, passphrase: string): Promise<PersonView> {
  const { keyring, revision } = await vault();
  const made = await addPerson(keyring, robin.unlocked, { id, role, passphrase }, true, undefined, cheapCost);
  const body = { name: id, personId: id, keyring: made.keyring, revision, signIn: hex(made.newcomer.signIn), proof };
  return robin.json<PersonView>('/api/v1/people', { method: 'POST', json: body });
}

test('the owner is in, and the passphrase is on the disk in no form', async () => {
  const session = await robin.json<SessionView>('/api/v1/session');
  expect(session).toMatchObject({ state: 'signed-in', person: { name: owner.name, role: 'owner' } });
  expect(session.deviceKey).toBe(robin.keyring.deviceKey);
  const again = await box.signIn();
  expect(again.unlocked.secrets.size).toBe(1);
  const copy = JSON.parse(readFileSync(join(box.dataDir, 'recordings/keyring.json'), 'utf8')) as Keyring;
  expect(copy).toEqual(robin.keyring);
  for (const name of ['access.json', 'vault.json', 'device.key']) {
    expect(existsSync(join(box.dataDir, name))).toBe(true);
    expect(readFileSync(join(box.dataDir, name), 'latin1')).not.toContain(owner.passphrase);
  }
});

test('a stolen cookie changes nobody and no key', async () => {
  const { keyring, revision } = await vault();
  const rotated = rotate(keyring, robin.unlocked, Date.now());
  const put = (given: object) => robin.fetch('/api/v1/vault', { method: 'PUT', json: { ...given, revision } });
  expect((await put({ keyring: rotated })).status).toBe(403);
  expect((await put({ keyring: rotated, proof: '00'.repeat(32) })).status).toBe(403);
  expect((await vault()).revision).toBe(revision);
});

test('a viewer opens what was recorded, changes nothing, and is out when removed', async () => {
  expect(await letIn('viv', 'viewer', 'eleven loud geese')).toMatchObject({ role: 'viewer' });
  const viv = cookieOf(await signIn('VIV', 'eleven loud geese'));
  const own = (await (await ask('/api/v1/vault', undefined, viv)).json()) as VaultView;
  const opened = await unlock(own.keyring, 'viv', 'eleven loud geese');
  expect([...opened.secrets.keys()]).toEqual([keyIdHex(sealingKey(robin.keyring))]);
  expect((await ask('/api/v1/recordings', undefined, viv)).status).toBe(200);
  expect((await ask('/api/v1/people', undefined, viv)).status).toBe(403);
  const { keyring, revision } = await vault();
  const without = removePerson(keyring, robin.unlocked, 'viv', Date.now());
  await robin.json('/api/v1/people/viv', { method: 'DELETE', json: { keyring: without, revision, proof } });
  expect((await ask('/api/v1/cameras', undefined, viv)).status).toBe(401);
  expect((await signIn('viv', 'eleven loud geese')).status).toBe(401);
  expect((await vault()).keyring.vaultKeys).toHaveLength(2);
});

test('the recovery key lets in, and gives a new passphrase that opens everything', async () => {
  const { id, challenge } = (await (await ask('/api/v1/recover', {})).json()) as RecoverChallenge;
  const pair = recoveryPair(robin.recoveryKey!);
  const answer = hex(openSealedFor(pair, unhex(challenge)!)!);
  const came = await ask('/api/v1/recover/answer', { id, answer });
  expect(came.status).toBe(200);
  const cookie = cookieOf(came);
  const { person } = (await came.json()) as SessionView;
  const { keyring, revision } = (await (await ask('/api/v1/vault', undefined, cookie)).json()) as VaultView;
  const by = unlockWithRecovery(keyring, robin.recoveryKey!);
  const made = await resetPerson(keyring, by, person!.id, 'nine wet foxes', undefined, cheapCost);
  const body = { keyring: made.keyring, revision, signIn: hex(made.person.signIn) };
  expect((await ask(`/api/v1/people/${person!.id}/reset`, body, cookie)).status).toBe(200);
  expect((await robin.fetch('/api/v1/cameras')).status).toBe(401);
  expect((await signIn(owner.name, owner.passphrase)).status).toBe(401);
  const back = await signIn(owner.name, 'nine wet foxes');
  expect(back.status).toBe(200);
  const after = (await (await ask('/api/v1/vault', undefined, cookieOf(back))).json()) as VaultView;
  expect((await unlock(after.keyring, person!.id, 'nine wet foxes')).secrets.size).toBe(2);
});

import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { hex, join } from './bytes.ts';
import { SealError, type SealFault } from './fault.ts';
import { device, fixedRandom, sampleHeader, summary } from './fixture-file.ts';
import { newKeyPair, sealFor } from './key-pair.ts';
import { boxIdOf, type Keyring, readKeyring, sealingKey, vouched } from './keyring.ts';
import { type Keys, openSealed } from './open.ts';
import { areSafe, newParameters, passphraseBytes, passphraseSecrets } from './passphrase.ts';
import {
  addPerson,
  changePassphrase,
  claimVault,
  pairsOf,
  removePerson,
  replaceRecovery,
  resetPerson,
  rotate,
  type Unlocked,
  unlock,
  unlockWithRecovery,
} from './people.ts';
import { beginSealed } from './seal.ts';
import { sourceOf } from './walk.ts';

setDefaultTimeout(30_000);

/** The smallest that is allowed: the cost itself is not what these tests are about. */
const cheap = { n: 16_384, r: 8, p: 1 };
const OWNER = 'three old owls';

async function faultOf(work: () => unknown): Promise<SealFault> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
  throw new Error('nothing went wrong');
}

const claimed = await claimVault({ id: 'ann', passphrase: OWNER }, device.publicKey, 1, fixedRandom('claim'), cheap);
const ann = await unlock(claimed.keyring, 'ann', OWNER);
const withBen = await addPerson(
  claimed.keyring,
  ann,
  { id: 'ben', role: 'viewer', passphrase: 'ben can look' },
  true,
  fixedRandom('ben'),
  cheap,
);

/** A file as the box seals it now. */
async function record(keyring: Keyring): Promise<Uint8Array> {
  const writer = await beginSealed(sampleHeader({ boxId: boxIdOf(keyring) }), { publicKeys: [sealingKey(keyring)] });
  return join(writer.head, (await writer.finish({ summary })).bytes);
}
const keysOf = (keyring: Keyring, who: Unlocked): Keys => ({
  kind: 'vault',
  boxId: boxIdOf(keyring),
  pair: pairsOf(who),
});
const opens = async (bytes: Uint8Array, keyring: Keyring, who: Unlocked) => {
  try {
    return (await openSealed(sourceOf(bytes), keysOf(keyring, who))).ending.how;
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
};

describe('a claimed vault', () => {
  test('opens with the passphrase of its owner, and with the recovery key', async () => {
    const { keyring, recoveryKey, owner } = claimed;
    const bytes = await record(keyring);
    expect(await opens(bytes, keyring, ann)).toBe('finished');
    expect(await opens(bytes, keyring, unlockWithRecovery(keyring, recoveryKey))).toBe('finished');
    expect(hex(ann.signIn)).toBe(hex(owner.signIn));
    expect(readKeyring(JSON.parse(JSON.stringify(keyring)))).toEqual(keyring);
  });

  test('says of a wrong passphrase, an unknown person and another recovery key what is wrong', async () => {
    const { keyring } = claimed;
    expect(await faultOf(() => unlock(keyring, 'ann', 'three old owl'))).toBe('wrong-passphrase');
    expect(await faultOf(() => unlock(keyring, 'eve', OWNER))).toBe('no-person');
    expect(await faultOf(() => unlockWithRecovery(keyring, fixedRandom('other')(16)))).toBe('wrong-recovery');
  });

  test('holds no secret in the open', () => {
    const text = JSON.stringify(claimed.keyring);
    for (const secret of [...ann.secrets.values(), claimed.recoveryKey, ann.signIn])
      expect(text).not.toContain(hex(secret));
  });
});

describe('passphrases', () => {
  test('are the same however they are typed: composed or not, wide letters, spaces', () => {
    const forms = ['Zoë  owl', ' Zoe\u0308 owl ', 'Zoë\u00a0owl', 'Ｚｏë\towl\n', 'Zoë\u3000owl'];
    expect(new Set(forms.map((form) => hex(passphraseBytes(form)))).size).toBe(1);
    expect(hex(passphraseBytes('zoë owl'))).not.toBe(hex(passphraseBytes('Zoë owl')));
  });

  test('a box that asks for less work than is safe, or for more memory than there is, gets nothing', async () => {
    const good = newParameters(fixedRandom('salt'), cheap);
    const bad = [
      { n: 2 },
      { n: 16_383 },
      { n: 2 ** 21 },
      { r: 1 },
      { r: 1024 },
      { p: 0 },
      { p: 17 },
      { p: 1.5 },
      { n: Number.NaN },
    ];
    for (const change of bad) {
      expect(await faultOf(() => passphraseSecrets(OWNER, { ...good, ...change }, 'ann'))).toBe('weak-parameters');
    }
    expect(await faultOf(() => passphraseSecrets(OWNER, { ...good, salt: '' }, 'ann'))).toBe('weak-parameters');
    expect(areSafe(newParameters())).toBe(true);
  });

  test('what signs in tells nothing of what unwraps, and differs from person to person', async () => {
    const parameters = newParameters(fixedRandom('salt'), cheap);
    const one = await passphraseSecrets(OWNER, parameters, 'ann');
    const other = await passphraseSecrets(OWNER, parameters, 'ben');
    expect(new Set([one.signIn, one.unwrap, other.signIn, other.unwrap].map(hex)).size).toBe(4);
  });

  test('changing one rewraps only: nothing else in the keyring is another', async () => {
    const before = withBen.keyring;
    const { keyring, person } = await changePassphrase(before, 'ben', 'ben can look', 'new words', undefined, cheap);
    const plain = (k: Keyring) => JSON.stringify({ ...k, people: k.people.map(({ wrapped: _, ...rest }) => rest) });
    expect(plain(keyring)).toBe(plain(before));
    expect(hex((await unlock(keyring, 'ben', 'new words')).signIn)).toBe(hex(person.signIn));
    expect(await faultOf(() => unlock(keyring, 'ben', 'ben can look'))).toBe('wrong-passphrase');
    expect(await faultOf(() => changePassphrase(keyring, 'ben', 'not it', 'x', undefined, cheap))).toBe(
      'wrong-passphrase',
    );
  });
});

describe('people', () => {
  test('each unwraps for themselves; who may see live pictures only opens nothing', async () => {
    const bytes = await record(withBen.keyring);
    const ben = await unlock(withBen.keyring, 'ben', 'ben can look');
    expect(await opens(bytes, withBen.keyring, ben)).toBe('finished');
    const newcomer = { id: 'kid', role: 'live-only', passphrase: 'only live' } as const;
    const { keyring } = await addPerson(withBen.keyring, ann, newcomer, true, undefined, cheap);
    const kid = await unlock(keyring, 'kid', 'only live');
    expect([kid.secrets.size, await opens(bytes, keyring, kid)]).toEqual([0, 'wrong-key']);
    expect(await faultOf(() => addPerson(keyring, kid, { ...newcomer, id: 'kid2' }, true))).toBe('not-allowed');
    expect(await faultOf(() => addPerson(keyring, ben, { ...newcomer, id: 'kid2' }, true))).toBe('not-allowed');
    // nobody's secret has to change for somebody who never had one
    expect(removePerson(keyring, ann, 'kid', 5).vaultKeys).toHaveLength(1);
  });

  test('who is removed opens what was recorded before, and nothing after; the others and the recovery key open all', async () => {
    const before = await record(withBen.keyring);
    const keyring = removePerson(withBen.keyring, ann, 'ben', 2);
    const after = await record(keyring);
    const ben = await unlock(withBen.keyring, 'ben', 'ben can look');
    expect([await opens(before, keyring, ben), await opens(after, keyring, ben)]).toEqual(['finished', 'wrong-key']);
    for (const who of [await unlock(keyring, 'ann', OWNER), unlockWithRecovery(keyring, claimed.recoveryKey)]) {
      expect([await opens(before, keyring, who), await opens(after, keyring, who)]).toEqual(['finished', 'finished']);
    }
    expect(await faultOf(() => removePerson(keyring, ann, 'ann', 3))).toBe('last-owner');
  });

  test('who is added for what comes opens nothing from before', async () => {
    const before = await record(claimed.keyring);
    const rotated = rotate(claimed.keyring, ann, 2);
    const owner = await unlock(rotated, 'ann', OWNER);
    const late = { id: 'late', role: 'viewer', passphrase: 'late words' } as const;
    const { keyring } = await addPerson(rotated, owner, late, false, undefined, cheap);
    const who = await unlock(keyring, 'late', 'late words');
    expect([await opens(before, keyring, who), await opens(await record(keyring), keyring, who)]).toEqual([
      'wrong-key',
      'finished',
    ]);
  });

  test('a box that adds a reader of its own, raises a role, or swaps the recovery key gets no secret', async () => {
    const { keyring } = withBen;
    const thief = newKeyPair();
    const [first, second] = keyring.people as [Keyring['people'][0], Keyring['people'][0]];
    const forged: Keyring[] = [
      { ...keyring, people: [...keyring.people, { ...second, id: 'eve', publicKey: hex(thief.publicKey) }] },
      { ...keyring, people: [first, { ...second, publicKey: hex(thief.publicKey) }] },
      { ...keyring, people: [first, { ...second, role: 'owner' }] },
      { ...keyring, people: [first] },
      { ...keyring, recovery: { ...keyring.recovery, publicKey: hex(thief.publicKey) } },
      { ...keyring, deviceKey: '11'.repeat(32) },
    ];
    for (const each of forged) expect(await faultOf(() => rotate(each, ann, 3))).toBe('changed-keyring');
    // it cannot vouch for the list itself either, as it does not hold the secret
    const guess = new Map([[keyring.vaultKeys[0]!.id, fixedRandom('guess')(32)]]);
    expect(await faultOf(() => rotate(vouched(forged[0]!, guess), ann, 3))).toBe('changed-keyring');
    expect(rotate(keyring, ann, 3).vaultKeys).toHaveLength(2);
  });

  test('a secret that is not the one of its key is noticed', async () => {
    const owner = claimed.keyring.people[0]!;
    const id = claimed.keyring.vaultKeys[0]!.id;
    const publicKey = Uint8Array.from(Buffer.from(owner.publicKey, 'hex'));
    const sealed = { [id]: hex(sealFor(publicKey, fixedRandom('other')(32))) };
    const changed = { ...claimed.keyring, people: [{ ...owner, sealed }] };
    expect(await faultOf(() => unlock(changed, 'ann', OWNER))).toBe('damaged-keyring');
  });
});

describe('recovery', () => {
  test('a forgotten passphrase: the recovery key gives the person a new one, and all they had', async () => {
    const bytes = await record(withBen.keyring);
    const by = unlockWithRecovery(withBen.keyring, claimed.recoveryKey);
    const { keyring } = await resetPerson(withBen.keyring, by, 'ann', 'found again', undefined, cheap);
    const owner = await unlock(keyring, 'ann', 'found again');
    expect(await opens(bytes, keyring, owner)).toBe('finished');
    expect(await faultOf(() => unlock(keyring, 'ann', OWNER))).toBe('wrong-passphrase');
    // and the list of people is vouched for again
    expect(rotate(keyring, owner, 9).vaultKeys).toHaveLength(2);
  });

  test('a new recovery key opens everything; the one before opens nothing more', async () => {
    const bytes = await record(claimed.keyring);
    const { keyring, recoveryKey } = replaceRecovery(claimed.keyring, ann);
    expect(await opens(bytes, keyring, unlockWithRecovery(keyring, recoveryKey))).toBe('finished');
    expect(await faultOf(() => unlockWithRecovery(keyring, claimed.recoveryKey))).toBe('wrong-recovery');
  });
});

describe('a keyring that comes from elsewhere', () => {
  test('is refused with words when any part of it is missing or of another kind', async () => {
    const good = JSON.parse(JSON.stringify(withBen.keyring)) as Record<string, unknown>;
    expect(await faultOf(() => readKeyring({ ...good, version: 2 }))).toBe('newer-version');
    const bad: unknown[] = [null, [], 'text', 4, {}, ...Object.keys(good).map((name) => ({ ...good, [name]: 7 }))];
    for (const name of Object.keys(good).filter((n) => n !== 'version')) {
      const text = JSON.stringify(good[name]);
      bad.push(
        { ...good, [name]: JSON.parse(text.replace(/[0-9a-f]{16,}/, 'zz')) },
        ...(name === 'people' ? [] : [{ ...good, [name]: [] }]),
      );
    }
    bad.push({ ...good, people: [(good.people as unknown[])[0], (good.people as unknown[])[0]] });
    for (const value of bad) {
      const fault = await faultOf(() => readKeyring(value));
      expect(['damaged-keyring', 'newer-version']).toContain(fault);
    }
  });
});

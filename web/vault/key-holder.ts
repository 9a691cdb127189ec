// Holds the keys of whoever opened the vault in this tab, and does with them what people ask for. Lives in the worker: nothing
// here is ever written down, and `lock` forgets it.

import type { Keyring, LoginParameters, Role, Wrapped } from '../../src/http/api.ts';
import { hex, type Random, systemRandom, unhex } from '../../src/vault/bytes.ts';
import { SealError } from '../../src/vault/fault.ts';
import { openSealedFor } from '../../src/vault/key-pair.ts';
import { boxIdOf, readKeyring } from '../../src/vault/keyring.ts';
import type { Keys } from '../../src/vault/open.ts';
import { chosenCost, passphraseSecrets } from '../../src/vault/passphrase.ts';
import {
  addPerson,
  changePassphrase,
  claimVault,
  pairsOf,
  refreshed,
  removePerson,
  replaceRecovery,
  resetPerson,
  rotate,
  type Unlocked,
  unlockWith,
  unlockWithRecovery,
} from '../../src/vault/people.ts';
import { readRecoveryKey, recoveryPair, recoveryText, recoveryWords } from '../../src/vault/recovery.ts';
import type { ChangedKeyring, NewVault, RecoverySheet, VaultState } from './client.ts';

export interface KeyHolderOptions {
  readonly nowMs: () => number;
  readonly random?: Random;
  /** Of new passphrases; tests take a cheaper one. */
  readonly cost?: typeof chosenCost;
}

export class KeyHolder {
  readonly #nowMs: () => number;
  readonly #random: Random;
  readonly #cost: typeof chosenCost;
  /** The secret that signs in, of whoever opened the vault: shows the box that a change of keys is theirs. */
  #signIn: string | undefined;
  /** What a sign-in left for `open`. */
  #stretched: { readonly personId: string; readonly unwrap: Uint8Array; readonly signIn: string } | undefined;
  #recoveryKey: Uint8Array | undefined;
  #unlocked: Unlocked | undefined;
  #keys: Extract<Keys, { kind: 'vault' }> | undefined;

  constructor({ nowMs, random = systemRandom, cost = chosenCost }: KeyHolderOptions) {
    this.#nowMs = nowMs;
    this.#random = random;
    this.#cost = cost;
  }

  get state(): VaultState {
    if (!this.#unlocked) return 'locked';
    return this.#unlocked.secrets.size > 0 ? 'open' : 'nothing';
  }

  /** What opens files; undefined while locked. */
  get keys(): Extract<Keys, { kind: 'vault' }> | undefined {
    return this.#keys;
  }

  async claim(passphrase: string, deviceKey: string): Promise<NewVault> {
    const publicKey = unhex(deviceKey, 32);
    if (!publicKey) throw new SealError('damaged-keyring', 'The box did not say who it is.');
    const id = this.#newPersonId();
    const owner = { id, passphrase };
    const made = await claimVault(owner, publicKey, this.#nowMs(), this.#random, this.#cost);
    this.#hold(made.keyring, made.unlocked);
    this.#signIn = hex(made.owner.signIn);
    return { keyring: made.keyring, signIn: this.#signIn, recovery: sheetOf(made.recoveryKey) };
  }

  async stretch(passphrase: string, parameters: LoginParameters): Promise<string> {
    const { unwrap, signIn } = await passphraseSecrets(passphrase, parameters, parameters.personId);
    this.#stretched?.unwrap.fill(0);
    this.#stretched = { personId: parameters.personId, unwrap, signIn: hex(signIn) };
    return this.#stretched.signIn;
  }

  open(given: Keyring, personId: string): void {
    const keyring = readKeyring(given);
    const stretched = this.#stretched;
    if (stretched?.personId !== personId) throw new SealError('wrong-passphrase');
    this.#hold(keyring, unlockWith(keyring, personId, stretched.unwrap));
    this.#signIn = stretched.signIn;
    stretched.unwrap.fill(0);
    this.#stretched = undefined;
  }

  answerChallenge(recovery: string, challenge: string): string {
    const key = readRecoveryKey(recovery);
    const sealed = unhex(challenge);
    const answer = sealed && openSealedFor(recoveryPair(key), sealed);
    if (!answer) throw new SealError('wrong-recovery');
    this.#recoveryKey = key;
    return hex(answer);
  }

  openWithRecovery(given: Keyring): void {
    const keyring = readKeyring(given);
    if (!this.#recoveryKey) throw new SealError('wrong-recovery');
    this.#hold(keyring, unlockWithRecovery(keyring, this.#recoveryKey));
    this.#signIn = undefined;
    this.#recoveryKey.fill(0);
    this.#recoveryKey = undefined;
  }

  lock(): void {
    for (const secret of this.#unlocked?.secrets.values() ?? []) secret.fill(0);
    this.#unlocked?.pair.secretKey.fill(0);
    this.#stretched?.unwrap.fill(0);
    this.#recoveryKey?.fill(0);
    this.#unlocked = undefined;
    this.#signIn = undefined;
    this.#stretched = undefined;
    this.#recoveryKey = undefined;
    this.#keys = undefined;
  }

  /** Undefined while locked, and after a recovery until there is a new passphrase: the box knows that session by the recovery key. */
  proof(): string | undefined {
    return this.#signIn;
  }

  /** Another owner may have changed the keys meanwhile: takes what the same person holds in this keyring. */
  refresh(given: Keyring): void {
    if (!this.#unlocked) return;
    const keyring = readKeyring(given);
    this.#hold(keyring, refreshed(keyring, this.#unlocked));
  }

  async changePassphrase(
    given: Keyring,
    personId: string,
    before: string,
    after: string,
  ): Promise<{ readonly current: string; readonly signIn: string; readonly wrapped: Wrapped }> {
    const keyring = readKeyring(given);
    const changed = await changePassphrase(keyring, personId, before, after, this.#random, this.#cost);
    const signIn = hex(changed.person.signIn);
    if (this.#unlocked?.personId === personId) this.#signIn = signIn;
    return { current: hex(changed.current), signIn, wrapped: changed.wrapped };
  }

  async addPerson(
    given: Keyring,
    { role, passphrase, earlier }: { readonly role: Role; readonly passphrase: string; readonly earlier: boolean },
  ): Promise<ChangedKeyring> {
    const id = this.#newPersonId();
    const known = readKeyring(given);
    // The present key opens what was recorded since it was made: who may not see the past gets one that has none.
    const isNewTime = role === 'viewer' && !earlier;
    const before = isNewTime ? rotate(known, this.#by(known), this.#nowMs(), this.#random) : known;
    const { keyring, newcomer } = await addPerson(
      before,
      this.#by(before),
      { id, role, passphrase },
      earlier,
      this.#random,
      this.#cost,
    );
    this.refresh(keyring);
    return { keyring, personId: id, signIn: hex(newcomer.signIn) };
  }

  removePerson(given: Keyring, personId: string): Keyring {
    const before = readKeyring(given);
    const keyring = removePerson(before, this.#by(before), personId, this.#nowMs(), this.#random);
    this.refresh(keyring);
    return keyring;
  }

  async resetPerson(given: Keyring, personId: string, passphrase: string): Promise<ChangedKeyring> {
    const before = readKeyring(given);
    const { keyring, person } = await resetPerson(
      before,
      this.#by(before),
      personId,
      passphrase,
      this.#random,
      this.#cost,
    );
    const signIn = hex(person.signIn);
    // Whoever came with the recovery key resets themselves first.
    const isSelf = this.#unlocked?.personId === personId || (!this.#unlocked?.personId && this.#signIn === undefined);
    if (isSelf) this.#signIn = signIn;
    return { keyring, personId, signIn };
  }

  replaceRecovery(given: Keyring): { readonly keyring: Keyring; readonly recovery: RecoverySheet } {
    const before = readKeyring(given);
    const { keyring, recoveryKey } = replaceRecovery(before, this.#by(before), this.#random);
    return { keyring, recovery: sheetOf(recoveryKey) };
  }

  /** What is held in this keyring, which may not be the one it was opened with: another owner, or a change that the box refused. */
  #by(keyring: Keyring): Unlocked {
    if (!this.#unlocked) throw new SealError('not-allowed', 'Type in your passphrase first.');
    return refreshed(keyring, this.#unlocked);
  }

  #hold(keyring: Keyring, unlocked: Unlocked): void {
    this.#unlocked = unlocked;
    this.#keys = { kind: 'vault', boxId: boxIdOf(keyring), pair: pairsOf(unlocked) };
  }

  /** `crypto.randomUUID` does not exist on plain http addresses. */
  #newPersonId(): string {
    return `p-${hex(this.#random(8))}`;
  }
}

function sheetOf(recoveryKey: Uint8Array): RecoverySheet {
  return { words: recoveryWords(recoveryKey), text: recoveryText(recoveryKey) };
}
